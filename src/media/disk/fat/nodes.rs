//! The entries of a partition as directories with children, checked against what FAT carries.

use std::collections::HashMap;

use anyhow::{Context, Result, bail, ensure};

use super::geometry::SLOT;
use super::names::{self, Short};
use crate::media::tree::{Entry, Payload};

/// Slots of 32 bytes in a directory: 2 MiB, where Linux stops reading.
const SLOT_LIMIT: u64 = 65_536;

/// UTF-16 units of a name in one slot.
pub(super) const UNITS: usize = 13;

#[derive(Debug)]
pub(super) struct Nodes<'t> {
    /// The root is the first; parents come before their children.
    pub(super) directories: Vec<Directory<'t>>,
    pub(super) files: Vec<File<'t>>,
}

#[derive(Debug, Default)]
pub(super) struct Directory<'t> {
    /// Index of the directory that holds this one; the root holds itself.
    pub(super) parent: usize,
    pub(super) children: Vec<Child<'t>>,
    /// Short names of the children.
    pub(super) shorts: Vec<Short>,
}

#[derive(Debug)]
pub(super) struct Child<'t> {
    pub(super) name: &'t str,
    pub(super) kind: Kind,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// Index into [`Nodes::directories`].
    Directory(usize),
    /// Index into [`Nodes::files`].
    File(usize),
}

#[derive(Debug)]
pub(super) struct File<'t> {
    pub(super) path: &'t str,
    pub(super) bytes: u32,
    pub(super) payload: &'t Payload,
}

/// Takes `entries` apart and checks them.
pub(super) fn collect<'t>(entries: &[(&'t str, &'t Entry)]) -> Result<Nodes<'t>> {
    let mut nodes = Nodes { directories: vec![Directory::default()], files: Vec::new() };
    let mut index = HashMap::from([("", 0)]);
    for (path, entry) in entries {
        let (above, name) = path.rsplit_once('/').unwrap_or(("", path));
        let parent = *index.get(above).with_context(|| format!("{path:?}: {above:?} is missing"))?;
        names::check(path, name)?;
        let kind = match entry {
            Entry::Directory { .. } => {
                let next = nodes.directories.len();
                index.insert(path, next);
                nodes.directories.push(Directory { parent, ..Directory::default() });
                Kind::Directory(next)
            }
            Entry::File { payload, .. } => {
                let bytes = u32::try_from(payload.len()).with_context(|| {
                    format!(
                        "{path:?}: it has {} bytes, and a file on FAT ends at 4 GiB - 1; split it",
                        payload.len()
                    )
                })?;
                nodes.files.push(File { path, bytes, payload });
                Kind::File(nodes.files.len() - 1)
            }
            Entry::Symlink { target } => bail!(
                "{path:?}: it is a symbolic link to {target:?}, and FAT has none; put the file itself there, \
                 or use --format iso"
            ),
        };
        nodes.directories[parent].children.push(Child { name, kind });
    }
    let paths: HashMap<usize, &str> = index.into_iter().map(|(path, index)| (index, path)).collect();
    for at in 0..nodes.directories.len() {
        let path = paths.get(&at).copied().unwrap_or_default();
        check_case(path, &nodes.directories[at])?;
        let slots = bytes(&nodes, at) / SLOT;
        ensure!(
            slots <= SLOT_LIMIT,
            "the directory {path:?}: its names need {slots} slots, and a directory on FAT has {SLOT_LIMIT}; \
             spread its files over several, or shorten their names"
        );
        let names: Vec<&str> = nodes.directories[at].children.iter().map(|child| child.name).collect();
        nodes.directories[at].shorts = names::shorts(&names);
    }
    Ok(nodes)
}

fn check_case(path: &str, directory: &Directory) -> Result<()> {
    let mut seen: HashMap<String, &str> = HashMap::new();
    for child in &directory.children {
        if let Some(other) = seen.insert(names::folded(child.name), child.name) {
            bail!(
                "{other:?} and {:?} in the directory {path:?}: they differ only in case, which FAT does not \
                 tell apart; rename one",
                child.name
            );
        }
    }
    Ok(())
}

/// The length of a directory: the label or the two entries for itself and its parent, then its children.
pub(super) fn bytes(nodes: &Nodes, directory: usize) -> u64 {
    let slots = |name: &str| name.encode_utf16().count().div_ceil(UNITS) + 1;
    let children =
        nodes.directories[directory].children.iter().map(|child| slots(child.name) as u64).sum::<u64>();
    (children + if directory == 0 { 1 } else { 2 }) * SLOT
}
