//! What an image says of itself, and what is wrong with it: the data behind `vastimg inspect` and `vastimg validate`.
//!
//! One examination serves both. Secrets are told by their place and never by their value. Nothing of the image is run.
//!
//! A file that machines refuse, or would take for something else than it was built as, is a [`Finding`].

pub(crate) mod documents;
pub mod kickstart;
mod labels;
mod payload;
pub mod secrets;
mod sums;
mod text;
pub mod values;

use anyhow::Result;
use serde::Serialize;

use crate::documents::{GENERATOR, KICKSTART};
use crate::image::{EntryKind, Image, Kind, Label};
use crate::manifest;
use crate::media::nocloud_net::VENDOR_DATA;
use kickstart::Wipe;
use secrets::Secret;

/// Name and version of the JSON form.
pub const SCHEMA: &str = "vastimg/inspection/1";

/// The labels by which cloud-init and Anaconda find their volumes.
pub const CIDATA: [&str; 2] = ["CIDATA", "cidata"];
/// As [`CIDATA`].
pub const OEMDRV: &str = "OEMDRV";

/// What an image is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// A seed that vastimg wrote.
    VastimgSeed,
    /// A NoCloud seed that vastimg did not write.
    NocloudSeed,
    /// A kickstart on a volume labelled OEMDRV that vastimg did not write.
    Kickstart,
    /// An image with something else.
    NoSeed,
    /// Not an image that vastimg knows.
    NoImage,
}

/// Everything that is known of an image.
#[derive(Debug, Serialize)]
pub struct Inspection {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// Its name, as the user gave it.
    pub image: String,
    /// What kind of image it is.
    pub kind: Kind,
    /// Its length in bytes; none for a directory.
    pub size: Option<u64>,
    /// What is in it.
    pub what: What,
    /// The same for a person: "a seed that vastimg wrote".
    pub title: String,
    /// Its file systems; one for an archive.
    pub volumes: Vec<VolumeReport>,
    /// What the documents say; none where there is no seed.
    pub seed: Option<Seed>,
    /// Where user-data, meta-data, network-config and ks.cfg hold secrets.
    pub secrets: Vec<Secret>,
    /// Whether it wipes a disk.
    pub wipes: Wipe,
    /// What is wrong with it; none where it is as it should be.
    pub findings: Vec<Finding>,
}

/// A file system, or all of an archive.
#[derive(Debug, Serialize)]
pub struct VolumeReport {
    /// Such as `ISO 9660 with Rock Ridge`.
    pub format: String,
    /// Its labels; the first is the one by which Linux knows it.
    pub labels: Vec<Label>,
    /// How many files it has.
    pub count: usize,
    /// Bytes of all files.
    pub bytes: u64,
    /// What is in it, directories left out; empty where there is no seed.
    pub files: Vec<FileReport>,
}

/// A file, link or other entry.
#[derive(Debug, Serialize)]
pub struct FileReport {
    /// Relative path.
    pub path: String,
    /// What it is.
    pub kind: EntryKind,
    /// Bytes.
    pub size: u64,
    /// Four octal digits; none where the container has no modes, as FAT.
    pub mode: Option<String>,
    /// Of a file, 64 hexadecimal digits; none where it could not be read, which is a finding.
    pub sha256: Option<String>,
    /// Where a symbolic link points.
    pub target: Option<String>,
    /// How it stands to the manifest; none for what the manifest does not speak of.
    pub manifest: Option<State>,
}

impl FileReport {
    /// Whether it only saves cloud-init from asking a server for it again and again.
    pub(crate) fn says_nothing(&self) -> bool {
        self.kind == EntryKind::File && self.path == VENDOR_DATA && self.size == 0
    }
}

/// How a file stands to the manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It has the digest that the manifest says.
    Same,
    /// It has another.
    Differs,
    /// It is payload, and the manifest does not name it.
    Unnamed,
}

/// What the documents of a seed say.
#[derive(Debug, Default, Serialize)]
pub struct Seed {
    /// Of meta-data.
    pub hostname: Option<String>,
    /// Of meta-data.
    pub instance_id: Option<String>,
    /// Of the manifest, as all that follows: the profile's name.
    pub profile: Option<String>,
    /// Program and version that wrote it, by its own word; the verifier in it would be of that version.
    pub generator: Option<String>,
    /// The VAST user.
    pub user: Option<String>,
    /// Whether the verifier in it is the one that this program would put there; none where it has none.
    pub own_verifier: Option<bool>,
    /// The fixes, in the order in which they are applied, with their values; those of older seeds are not known.
    pub fixes: Vec<manifest::Fix>,
    /// How many files the manifest names.
    pub payload: usize,
    /// How many of them are there and have their digest.
    pub payload_same: usize,
    /// Whether user-data holds a password or its hash; none where that cannot be told.
    pub password: Option<bool>,
}

impl Seed {
    /// Whether this very version wrote it, and what it would write is known.
    fn is_of_this_version(&self) -> bool {
        self.generator.as_deref() == Some(GENERATOR)
    }
}

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The file in the image; none where it is the image as a whole.
    pub path: Option<String>,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// Whether it is of a document's text, of which `vastimg validate` says more.
    #[serde(skip)]
    pub of_text: bool,
}

/// Findings as they are collected.
#[derive(Debug, Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn of(&mut self, path: &str, message: impl Into<String>) {
        self.0.push(Finding { path: Some(path.to_owned()), message: message.into(), of_text: false });
    }

    fn of_text(&mut self, path: &str, message: impl Into<String>) {
        self.0.push(Finding { path: Some(path.to_owned()), message: message.into(), of_text: true });
    }

    fn whole(&mut self, message: impl Into<String>) {
        self.0.push(Finding { path: None, message: message.into(), of_text: false });
    }
}

/// Examines an image. `name` is how the user calls it. What is wrong in it, or cannot be read, is a finding.
pub fn examine(name: &str, image: &mut Image) -> Inspection {
    let mut findings = Findings::default();
    let home = labels::home(image);
    let documents = documents::read(image, home, &mut findings);
    let what = what(image, &documents);
    let mut volumes: Vec<VolumeReport> = image.volumes.iter().map(summary).collect();
    let wipes = kickstart::judge(image, what);
    let mut seed = None;
    let mut secrets = Vec::new();
    match what {
        What::NoImage => findings.whole(Kind::Unknown.title()),
        What::NoSeed => {
            labels::check(image, &mut findings);
            if findings.0.is_empty() {
                findings.whole(title(image, what));
            }
        }
        What::VastimgSeed | What::NocloudSeed | What::Kickstart => {
            let password;
            (secrets, password) = secrets::of_documents(image, home);
            labels::check(image, &mut findings);
            let mut found = documents.seed;
            payload::list(image, &mut volumes, &mut findings);
            let manifest = payload::manifest(image, what, &mut findings);
            if let Some((volume, manifest)) = manifest {
                payload::compare(image, volume, &manifest, &mut volumes, &mut found, &mut findings);
            }
            documents::check(image, home, what, &found, &mut findings);
            found.password = password;
            seed = Some(found);
        }
    }
    kickstart::compare(&volumes, &mut findings.0);
    kickstart::hold_against_payload(image, &volumes, &mut findings);
    if let (What::VastimgSeed, Some(seed)) = (what, &seed) {
        sums::check(image, &volumes, seed, &mut findings);
    }
    Inspection {
        schema: SCHEMA,
        image: name.to_owned(),
        kind: image.kind,
        size: image.size,
        what,
        title: title(image, what),
        volumes,
        seed,
        secrets,
        wipes,
        findings: findings.0,
    }
}

/// What people write or change, by name and as text: user-data and network-config of the volume that cloud-init reads, and
/// every ks.cfg that is not the same as another.
pub fn written(image: &mut Image) -> Vec<(&'static str, Result<String>)> {
    let home = labels::home(image);
    let mut found: Vec<(&'static str, Result<String>)> = Vec::new();
    for path in ["user-data", "network-config"] {
        found.extend(documents::text(image, home, path).map(|text| (path, text)));
    }
    let mut seen: Vec<String> = Vec::new();
    for volume in 0..image.volumes.len() {
        match documents::text(image, volume, KICKSTART) {
            Some(Ok(text)) if seen.contains(&text) => {}
            Some(text) => {
                seen.extend(text.as_ref().ok().cloned());
                found.push((KICKSTART, text));
            }
            None => {}
        }
    }
    found
}

/// Lists what is in an image that is no seed, which [`examine`] leaves out.
pub fn list(image: &mut Image, inspection: &mut Inspection) {
    if inspection.volumes.iter().all(|volume| volume.files.is_empty()) {
        let mut findings = Findings::default();
        payload::list(image, &mut inspection.volumes, &mut findings);
        inspection.findings.append(&mut findings.0);
    }
}

fn what(image: &Image, documents: &documents::Documents) -> What {
    if image.kind == Kind::Unknown {
        return What::NoImage;
    }
    let own = documents.seed.instance_id.as_deref().is_some_and(|id| id.starts_with(documents::OWN_ID));
    if own || image.volumes.iter().any(|volume| volume.has_below("vastimg")) {
        return What::VastimgSeed;
    }
    let labelled = |volume: &crate::image::Volume, wanted: &[&str]| {
        !image.kind.labelled() || volume.labels.iter().any(|label| wanted.contains(&label.text.as_str()))
    };
    if image.volumes.iter().any(|volume| {
        labelled(volume, &CIDATA)
            && (volume.file("user-data").is_some() || volume.file("meta-data").is_some())
    }) {
        return What::NocloudSeed;
    }
    if image.volumes.iter().any(|volume| labelled(volume, &[OEMDRV]) && volume.file(KICKSTART).is_some()) {
        return What::Kickstart;
    }
    What::NoSeed
}

fn title(image: &Image, what: What) -> String {
    match what {
        What::VastimgSeed => "a seed that vastimg wrote".to_owned(),
        What::NocloudSeed => "a NoCloud seed that vastimg did not write".to_owned(),
        What::Kickstart => "a kickstart that vastimg did not write".to_owned(),
        What::NoImage => Kind::Unknown.title().to_owned(),
        What::NoSeed if image.kind.labelled() => {
            let labels: Vec<_> =
                image.volumes.iter().map(|volume| volume.label().unwrap_or("none")).collect();
            let labels = labels.join(", ");
            match labels::expected(image) {
                Some(path) => format!("no seed: label {labels}, but no {path}"),
                None => format!("no seed: label {labels}"),
            }
        }
        What::NoSeed => "no seed: it has neither user-data and meta-data nor a ks.cfg".to_owned(),
    }
}

fn summary(volume: &crate::image::Volume) -> VolumeReport {
    let files = || volume.entries.values().filter(|entry| entry.kind == EntryKind::File);
    VolumeReport {
        format: volume.format.clone(),
        labels: volume.labels.clone(),
        count: files().count(),
        bytes: files().map(|entry| entry.size).sum(),
        files: Vec::new(),
    }
}
