//! The tree as directories with children, checked against what readers of ISO 9660 show correctly.
//!
//! Each refusal here is a limit of the format or a wrong result seen in a common reader.

use std::collections::HashMap;

use anyhow::{Context, Result, bail, ensure};

use super::rockridge;
use crate::media::tree::{Entry, Payload, Tree};

/// In bytes. Linux shows Rock Ridge names beyond it mangled, whoever wrote them.
const NAME_LIMIT: usize = 248;
/// In bytes. libarchive misreads longer targets.
const TARGET_LIMIT: usize = 200;
/// Path tables count directories with 16 bits (ECMA-119 9.4.4).
const DIRECTORY_LIMIT: usize = u16::MAX as usize;

#[derive(Debug)]
pub(super) struct Nodes<'t> {
    /// The root is the first; parents come before their children.
    pub(super) directories: Vec<Directory<'t>>,
    pub(super) files: Vec<File<'t>>,
}

#[derive(Debug)]
pub(super) struct Directory<'t> {
    /// Index of the directory that holds this one; the root holds itself.
    pub(super) parent: usize,
    pub(super) mode: u32,
    pub(super) children: Vec<Child<'t>>,
}

impl Directory<'_> {
    /// Links to it: from its parent, from itself, and from each directory in it.
    pub(super) fn links(&self) -> u32 {
        let inside = self.children.iter().filter(|child| child.is_directory()).count();
        2 + inside as u32
    }
}

#[derive(Debug)]
pub(super) struct Child<'t> {
    pub(super) name: &'t str,
    pub(super) kind: Kind<'t>,
}

impl Child<'_> {
    pub(super) fn is_directory(&self) -> bool {
        matches!(self.kind, Kind::Directory(_))
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Kind<'t> {
    /// Index into [`Nodes::directories`].
    Directory(usize),
    /// Index into [`Nodes::files`].
    File(usize),
    /// With its target.
    Symlink(&'t str),
}

#[derive(Debug)]
pub(super) struct File<'t> {
    pub(super) path: &'t str,
    pub(super) mode: u32,
    /// Bytes, as the format counts them.
    pub(super) bytes: u32,
    pub(super) payload: &'t Payload,
}

/// Takes `tree` apart and checks it.
pub(super) fn collect(tree: &Tree) -> Result<Nodes<'_>> {
    let root = Directory { parent: 0, mode: 0o755, children: Vec::new() };
    let mut nodes = Nodes { directories: vec![root], files: Vec::new() };
    let mut index = HashMap::from([("", 0)]);
    for (path, entry) in tree.iter() {
        let (above, name) = path.rsplit_once('/').unwrap_or(("", path));
        let parent =
            *index.get(above).with_context(|| format!("laying out {path:?}: {above:?} is missing"))?;
        check_name(path, name)?;
        let kind = match entry {
            Entry::Directory { mode } => {
                let next = nodes.directories.len();
                ensure!(
                    next < DIRECTORY_LIMIT,
                    "laying out {path:?}: an ISO image holds {DIRECTORY_LIMIT} directories with the root, and this is \
                     one more; pack some of them into an archive"
                );
                index.insert(path, next);
                nodes.directories.push(Directory { parent, mode: *mode, children: Vec::new() });
                Kind::Directory(next)
            }
            Entry::File { mode, payload } => {
                let bytes = check_size(path, payload.len())?;
                nodes.files.push(File { path, mode: *mode, bytes, payload });
                Kind::File(nodes.files.len() - 1)
            }
            Entry::Symlink { target } => {
                check_target(path, target)?;
                Kind::Symlink(target)
            }
        };
        nodes.directories[parent].children.push(Child { name, kind });
    }
    nodes.directories.iter().try_for_each(check_case)?;
    Ok(nodes)
}

fn check_name(path: &str, name: &str) -> Result<()> {
    ensure!(
        name.len() <= NAME_LIMIT,
        "laying out {path:?}: its name has {} bytes, and Linux mangles Rock Ridge names over {NAME_LIMIT}; shorten it",
        name.len()
    );
    Ok(())
}

fn check_size(path: &str, bytes: u64) -> Result<u32> {
    u32::try_from(bytes).with_context(|| {
        format!(
            "laying out {path:?}: it has {bytes} bytes, and a file on an ISO image ends at 4 GiB - 1; split it, or use a \
             medium without that limit"
        )
    })
}

fn check_target(path: &str, target: &str) -> Result<()> {
    ensure!(
        !target.is_empty() && !target.chars().any(char::is_control),
        "laying out {path:?}: its target {target:?} is empty or has control characters; name a file"
    );
    ensure!(
        target.len() <= TARGET_LIMIT && rockridge::symlink(target).is_some(),
        "laying out {path:?}: its target of {} bytes is longer than {TARGET_LIMIT} or has too many components, and \
         common readers then show another one; use a shorter or an absolute path",
        target.len()
    );
    Ok(())
}

fn check_case(directory: &Directory) -> Result<()> {
    let mut seen: HashMap<String, &str> = HashMap::new();
    for child in &directory.children {
        if let Some(other) = seen.insert(child.name.to_lowercase(), child.name) {
            bail!(
                "laying out {other:?} and {:?} in one directory: they differ only in case, and Joliet readers open \
                 the wrong one; rename one",
                child.name
            );
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn children_find_their_directories() {
        let mut tree = Tree::default();
        // "a-b" sorts between "a" and "a/c".
        for path in ["a/c/d", "a-b", "a/e"] {
            tree.file(path, 0o644, b"x".as_slice()).unwrap();
        }
        let nodes = collect(&tree).unwrap();
        let names = |index: usize| -> Vec<&str> {
            nodes.directories[index].children.iter().map(|child| child.name).collect()
        };
        assert_eq!((names(0), names(1), names(2)), (vec!["a", "a-b"], vec!["c", "e"], vec!["d"]));
        assert_eq!((nodes.directories[2].parent, nodes.directories[1].links()), (1, 3));
    }

    #[test]
    fn a_file_ends_at_four_gibibytes_less_one() {
        assert_eq!(check_size("f", (1 << 32) - 1).unwrap(), u32::MAX);
        let error = check_size("f", 1 << 32).unwrap_err().to_string();
        assert!(error.contains("4294967296 bytes") && error.contains("split it"), "{error}");
    }
}
