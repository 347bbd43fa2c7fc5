//! Finished images, read safely: what kind of image a file is by its content, and what is in it.
//!
//! Whatever the bytes are, reading ends, in bounded time and memory, with an image or with an error that says where and
//! what. The readers are own code, small and bounded, and no crate's: `fatfs` follows a cluster chain that leads back to
//! itself for ever, and the maintained ISO 9660 readers are release candidates. Of `tar` only the headers are used.
//!
//! Bounds: [`entries::MOST`] entries, [`entries::DEEPEST`] levels; an archive unpacks to no more than [`allowance`] says;
//! no byte belongs to two files, unless both are the same bytes (hard links). Links are never followed.
//!
//! | container | what is read |
//! |---|---|
//! | [`iso`] | ISO 9660: Rock Ridge, else Joliet, else plain names |
//! | [`fat`] | FAT12, FAT16 and FAT32 with long names, without a partition table |
//! | [`mbr`] | a disk whose primary partitions are such volumes |
//! | [`tar`] | tar, plain or in gzip |
//! | [`zip`] | zip, stored or deflated |
//! | [`dir`] | a directory |

pub mod device;
pub mod dir;
pub mod entries;
pub mod fat;
pub mod iso;
pub mod mbr;
mod read;
pub mod tar;
pub mod zip;

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::FileTypeExt;

use anyhow::{Context, Result, bail};
use camino::Utf8Path;
use serde::Serialize;

use crate::input::with_way_out;
use device::{Device, ReadSeek};
pub use entries::{Entry, EntryKind};

/// Kinds of images.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// ISO 9660.
    Iso,
    /// One FAT volume without a partition table.
    Fat,
    /// A disk with an MBR.
    Disk,
    /// tar, plain or gzipped.
    Tar,
    /// zip.
    Zip,
    /// A directory.
    Dir,
    /// None of these.
    Unknown,
}

impl Kind {
    /// What a person calls it.
    pub fn title(self) -> &'static str {
        match self {
            Kind::Iso => "ISO 9660 image",
            Kind::Fat => "FAT volume",
            Kind::Disk => "disk image with an MBR",
            Kind::Tar => "tar archive",
            Kind::Zip => "zip archive",
            Kind::Dir => "directory",
            Kind::Unknown => "not an image that vastimg knows",
        }
    }

    /// Whether its volumes have labels, by which machines find it.
    pub fn labelled(self) -> bool {
        matches!(self, Kind::Iso | Kind::Fat | Kind::Disk)
    }
}

/// A label, and the place that has it: a volume may have two that differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Label {
    /// For example `Joliet volume descriptor`.
    pub place: &'static str,
    /// Without the spaces that fill it up; control characters are escaped.
    pub text: String,
}

/// One file system, or all of an archive.
#[derive(Debug)]
pub struct Volume {
    /// Its labels; the first is the one by which Linux (libblkid) knows it.
    pub labels: Vec<Label>,
    /// Such as `ISO 9660 with Rock Ridge`, or `FAT16`.
    pub format: String,
    /// Whether names are found in either case, as on FAT.
    pub any_case: bool,
    /// What it says of its own length in bytes, where it does and that is more than there is.
    pub cut_off: Option<u64>,
    /// By path: relative, `/` between components, the root not among them.
    pub entries: BTreeMap<String, Entry>,
}

impl Volume {
    fn new(format: impl Into<String>, entries: BTreeMap<String, Entry>) -> Self {
        Volume { labels: Vec::new(), format: format.into(), any_case: false, cut_off: None, entries }
    }

    /// The label by which Linux knows it.
    pub fn label(&self) -> Option<&str> {
        self.labels.first().map(|label| label.text.as_str())
    }

    /// A file at a path, as a machine that mounts the volume finds it; the path is as it is on the volume.
    pub fn file(&self, path: &str) -> Option<(&str, &Entry)> {
        let found = match self.entries.get_key_value(path) {
            Some(found) => Some(found),
            None if self.any_case => self.entries.iter().find(|(name, _)| name.eq_ignore_ascii_case(path)),
            None => None,
        };
        found.filter(|(_, entry)| entry.kind == EntryKind::File).map(|(name, entry)| (name.as_str(), entry))
    }

    /// Whether anything lies in a directory of the root.
    pub fn has_below(&self, directory: &str) -> bool {
        let prefix = format!("{directory}/");
        self.entries.range(prefix.clone()..).next().is_some_and(|(path, _)| path.starts_with(&prefix))
    }
}

/// An image that was opened.
#[derive(Debug)]
pub struct Image {
    /// What it is.
    pub kind: Kind,
    /// Its length in bytes; none for a directory.
    pub size: Option<u64>,
    /// What is in it; none where it is unknown.
    pub volumes: Vec<Volume>,
    device: Option<Device>,
    /// Of ranges that were digested: hard links are read once.
    digests: HashMap<Vec<std::ops::Range<u64>>, String>,
}

/// How many bytes an archive of `packed` bytes may unpack to: 32 times as many and 16 MiB, and never more than 4 GiB.
/// Scripts and programs shrink to a third; a thousandth is what bombs are made of.
pub fn allowance(packed: u64) -> u64 {
    (packed.saturating_mul(32)).saturating_add(16 << 20).min(4 << 30)
}

/// Opens a file, block device or directory.
///
/// # Errors
/// When it cannot be read, or is damaged or hostile: with the place in it.
pub fn open(path: &Utf8Path) -> Result<Image> {
    let context = || format!("reading image {path}");
    if path == "-" {
        bail!("reading image -: standard input cannot be searched; write it to a file first");
    }
    let metadata = fs::metadata(path).map_err(with_way_out).with_context(context)?;
    if metadata.is_dir() {
        let entries = dir::read(path.as_std_path()).with_context(context)?;
        let volumes = vec![Volume::new("directory", entries)];
        return Ok(Image { kind: Kind::Dir, size: None, volumes, device: None, digests: HashMap::new() });
    }
    // Opening a pipe would wait for a writer.
    if !metadata.is_file() && !metadata.file_type().is_block_device() {
        bail!("reading image {path}: neither a file, a disk nor a directory; name an image");
    }
    let file = File::open(path).map_err(with_way_out).with_context(context)?;
    from_reader(Box::new(file)).with_context(context)
}

/// Reads an image from anything that can be searched.
///
/// # Errors
/// As [`open`].
pub fn from_reader(reader: Box<dyn ReadSeek>) -> Result<Image> {
    let mut device = Device::new(reader)?;
    let (kind, volumes) = recognise(&mut device).map_err(damaged)?;
    Ok(Image { kind, size: Some(device.len()), volumes, device: Some(device), digests: HashMap::new() })
}

/// What an image is damaged by, or made to harm with; as opposed to one that the system does not let anybody read.
#[derive(Debug)]
pub struct Damaged(String);

impl fmt::Display for Damaged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Damaged {}

fn damaged(error: anyhow::Error) -> anyhow::Error {
    // Libraries name raw what they could not read.
    let told = entries::plain(&format!("{error:#}"));
    let of_the_system = |cause: &io::Error| {
        !matches!(
            cause.kind(),
            ErrorKind::UnexpectedEof | ErrorKind::InvalidData | ErrorKind::InvalidInput | ErrorKind::Other
        )
    };
    if error.chain().filter_map(|cause| cause.downcast_ref()).any(of_the_system) {
        return anyhow::anyhow!("{told}");
    }
    Damaged(told).into()
}

/// By content: what is at the places where each format has its mark.
fn recognise(device: &mut Device) -> Result<(Kind, Vec<Volume>)> {
    let head = device.at_most(0, 512)?;
    if head.starts_with(&[0x1f, 0x8b]) {
        let entries = tar::read(device, true)?;
        return Ok((Kind::Tar, vec![Volume::new("tar in gzip", entries)]));
    }
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return Ok((Kind::Zip, vec![Volume::new("zip", zip::read(device)?)]));
    }
    // Before FAT and MBR: an ISO image that also boots from a USB stick has an MBR.
    if iso::is_iso(device)? {
        return Ok((Kind::Iso, vec![iso::read(device)?]));
    }
    if fat::is_fat(&head) {
        let all = 0..device.len();
        return Ok((Kind::Fat, vec![fat::read(device, &all)?]));
    }
    if let Some(volumes) = mbr::read(device, &head)? {
        return Ok((Kind::Disk, volumes));
    }
    if head.get(257..262) == Some(b"ustar") {
        let entries = tar::read(device, false)?;
        return Ok((Kind::Tar, vec![Volume::new("tar", entries)]));
    }
    Ok((Kind::Unknown, Vec::new()))
}
