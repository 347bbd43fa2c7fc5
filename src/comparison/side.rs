//! A side of a comparison: what an image says of itself, and its files by path, read when they are asked for.
//!
//! A seed that is still in memory is written to an ISO image in memory and read like any other, so that no difference can
//! come from there being two ways to fill a side. Files of several volumes are one list; where two have a path and not the
//! same bytes, the second's is told with its label. A file that cannot be read is an error: whether it is the same is not
//! known. Bounds: those of `image` and `inspection`, and [`BUDGET`].

use std::collections::BTreeMap;
use std::io::Cursor;

use anyhow::{Context, Result, bail};

use super::{About, FileState};
use crate::documents::KICKSTART;
use crate::image::entries::plain;
use crate::image::{self, EntryKind, Image, Kind};
use crate::inspection::{self, FileReport, Inspection, Seed};
use crate::media::iso;
use crate::media::tree::Tree;

/// Bytes that are read for contents. A compressed tar is unpacked from its beginning for every file.
const BUDGET: u64 = 2 << 30;

/// Names at the root that machines find in either case on FAT.
const DOCUMENTS: [&str; 4] = ["user-data", "meta-data", "network-config", KICKSTART];

/// An image as one side of a comparison.
#[derive(Debug)]
pub struct Side {
    name: String,
    image: Image,
    pub(super) inspection: Inspection,
    /// Whether it is on a medium, rather than in memory.
    pub(super) on_medium: bool,
    pub(super) files: BTreeMap<String, File>,
    /// What reading any one file costs at least.
    cost: u64,
    left: u64,
}

/// A file of a side.
#[derive(Debug)]
pub(super) struct File {
    volume: usize,
    own: String,
    pub(super) state: FileState,
}

impl Side {
    /// An image that was opened; `name` is how the user calls it.
    ///
    /// # Errors
    /// When it is no image, or a file in it cannot be read.
    pub fn of_image(name: &str, mut image: Image) -> Result<Self> {
        let mut inspection = inspection::examine(name, &mut image);
        if image.kind == Kind::Unknown {
            bail!("reading image {name}: {}", Kind::Unknown.title());
        }
        inspection::list(&mut image, &mut inspection);
        let mut files: BTreeMap<String, File> = BTreeMap::new();
        for (volume, report) in inspection.volumes.iter().enumerate() {
            let any_case = image.volumes.get(volume).is_some_and(|volume| volume.any_case);
            for file in report.files.iter().filter(|file| !file.says_nothing()) {
                if file.kind == EntryKind::File && file.sha256.is_none() {
                    let path = plain(&file.path);
                    let why = inspection.findings.iter().find(|f| f.path.as_ref() == Some(&file.path));
                    let why = why.map(|finding| plain(&finding.message)).unwrap_or_default();
                    return Err(anyhow::anyhow!("{path}: {why}"))
                        .with_context(|| format!("reading image {name}"));
                }
                let document =
                    DOCUMENTS.into_iter().find(|name| any_case && name.eq_ignore_ascii_case(&file.path));
                let mut path = document.unwrap_or(&file.path).to_owned();
                let state = state(file);
                if let Some(other) = files.get(&path) {
                    if other.state.sha256 == state.sha256 && other.state.target == state.target {
                        continue;
                    }
                    let label = report.labels.first().map_or("another volume", |label| &label.text);
                    path = format!("{path} on {label}");
                }
                files.insert(path, File { volume, own: file.path.clone(), state });
            }
        }
        let all = inspection.volumes.iter().map(|volume| volume.bytes).sum();
        let cost = if image.kind == Kind::Tar { all } else { 0 };
        Ok(Side { name: name.to_owned(), image, inspection, on_medium: true, files, cost, left: BUDGET })
    }

    /// A seed that is on no medium yet.
    ///
    /// # Errors
    /// When it would not fit one.
    pub fn of_tree(name: &str, tree: &Tree) -> Result<Self> {
        let mut bytes = Vec::new();
        let volume = iso::Volume { label: "CIDATA".to_owned(), modified: 0 };
        iso::write(tree, &volume, &mut bytes).with_context(|| format!("laying out {name}"))?;
        let image = image::from_reader(Box::new(Cursor::new(bytes)))?;
        Ok(Side { on_medium: false, ..Side::of_image(name, image)? })
    }

    /// What its documents say.
    pub fn seed(&self) -> Option<&Seed> {
        self.inspection.seed.as_ref()
    }

    /// What it is as a whole.
    pub fn inspection(&self) -> &Inspection {
        &self.inspection
    }

    /// What a comparison says of it.
    pub(super) fn about(&self) -> About {
        let mut labels: Vec<String> =
            self.inspection.volumes.iter().flat_map(|v| &v.labels).map(|label| label.text.clone()).collect();
        labels.dedup();
        About {
            name: self.name.clone(),
            what: self.inspection.what,
            title: if self.on_medium {
                self.inspection.title.clone()
            } else {
                "as vastimg would build it now".to_owned()
            },
            medium: self.on_medium.then_some(self.inspection.kind),
            labels: if self.on_medium { labels } else { Vec::new() },
        }
    }

    /// The digest of a file.
    pub(super) fn sha256(&self, path: &str) -> Option<&str> {
        self.files.get(path)?.state.sha256.as_deref()
    }

    /// A file's bytes; none where it has no such file, it is larger than `most`, or too much was read before.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(&mut self, path: &str, most: u64) -> Result<Option<Vec<u8>>> {
        let Some(file) = self.files.get(path).filter(|file| file.state.kind == EntryKind::File) else {
            return Ok(None);
        };
        let cost = self.cost.max(file.state.size);
        if file.state.size > most || cost > self.left {
            return Ok(None);
        }
        self.left -= cost;
        let bytes = self.image.read(file.volume, &file.own, most);
        bytes.map(Some).with_context(|| format!("reading image {}", self.name))
    }

    /// A file as text; none where it is not, or [`Side::read`] gives none.
    ///
    /// # Errors
    /// As [`Side::read`].
    pub fn text(&mut self, path: &str, most: u64) -> Result<Option<String>> {
        let text = self.read(path, most)?.and_then(|bytes| String::from_utf8(bytes).ok());
        Ok(text.filter(|text| !text.contains('\0')))
    }
}

fn state(file: &FileReport) -> FileState {
    FileState {
        kind: file.kind,
        size: file.size,
        mode: file.mode.clone().filter(|_| file.kind != EntryKind::Symlink),
        sha256: file.sha256.clone(),
        target: file.target.clone(),
    }
}
