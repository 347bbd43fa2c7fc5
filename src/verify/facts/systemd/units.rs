//! Which file a unit is read from, and under which names it is known. Source: load-fragment.c (load_from_path,
//! open_follow) and stat-util.c (null_or_empty) of systemd 239.

use std::fs;
use std::io;
use std::os::unix::fs::FileTypeExt;

use super::{SEARCH, name};
use crate::verify::facts::root::is_missing;
use crate::verify::facts::{Root, named};

/// As many links as systemd follows.
const MOST_LINKS: usize = 8;

/// A unit's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fragment {
    /// There is none.
    Missing,
    /// An empty file or a device: the unit does not start.
    Masked(String),
    /// There is one.
    File(String),
}

/// A unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unit {
    /// The name that was asked for, and those of the links that led to its file.
    pub(super) names: Vec<String>,
    /// Its file.
    pub(super) fragment: Fragment,
}

impl Unit {
    /// The name that systemd gives it, and its control group.
    pub(super) fn id(&self) -> &str {
        self.names.last().map_or("", String::as_str)
    }
}

/// Finds a unit: under its name, or for an instance under its template's.
pub(super) fn find(root: &Root, unit: &str) -> io::Result<Unit> {
    let template = name::template(unit);
    for wanted in [Some(unit), template.as_deref()].into_iter().flatten() {
        for base in SEARCH {
            let Some((names, path)) = follow(root, format!("{base}/{wanted}"))? else { continue };
            let mut all = vec![unit.to_owned()];
            for known in names.into_iter().filter(|known| name::is_valid(known)) {
                let known = match name::instance_of(unit) {
                    Some(instance) if name::is_template(&known) => name::instance(&known, instance),
                    _ => known,
                };
                if !all.contains(&known) {
                    all.push(known);
                }
            }
            let fragment = if is_mask(root, &path)? { Fragment::Masked(path) } else { Fragment::File(path) };
            return Ok(Unit { names: all, fragment });
        }
    }
    Ok(Unit { names: vec![unit.to_owned()], fragment: Fragment::Missing })
}

/// The names on the way to a path's end, and the end; none where there is nothing.
fn follow(root: &Root, mut path: String) -> io::Result<Option<(Vec<String>, String)>> {
    let mut names = Vec::new();
    for _ in 0..MOST_LINKS {
        names.extend(path.rsplit('/').next().map(str::to_owned));
        match link(root, &path) {
            Some(target) => path = target,
            None if is_there(root, &path)? => return Ok(Some((names, path))),
            None => return Ok(None),
        }
    }
    Err(named(&path)(io::Error::other("too many links")))
}

/// Where a link leads to, as a path of the tree; none where it is no link.
pub(super) fn link(root: &Root, path: &str) -> Option<String> {
    let (directory, last) = path.rsplit_once('/')?;
    let target = fs::read_link(root.locate(directory).ok()?.join(last)).ok()?;
    let target = target.to_str()?;
    Some(if target.starts_with('/') { target.to_owned() } else { format!("{directory}/{target}") })
}

/// Whether there is a file; /dev/null is in every system, if not in every tree.
fn is_there(root: &Root, path: &str) -> io::Result<bool> {
    if path == "/dev/null" {
        return Ok(true);
    }
    match fs::metadata(root.locate(path).map_err(named(path))?) {
        Ok(_) => Ok(true),
        Err(error) if is_missing(&error) || error.kind() == io::ErrorKind::PermissionDenied => Ok(false),
        Err(error) => Err(named(path)(error)),
    }
}

/// Whether the file says that there is nothing to read.
pub(super) fn is_mask(root: &Root, path: &str) -> io::Result<bool> {
    if path == "/dev/null" {
        return Ok(true);
    }
    let metadata = root.locate(path).and_then(fs::metadata).map_err(named(path))?;
    let kind = metadata.file_type();
    Ok(kind.is_char_device() || kind.is_block_device() || (kind.is_file() && metadata.len() == 0))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::os::unix::fs::symlink;
    use std::path::Path;

    use super::*;

    fn tree() -> (tempfile::TempDir, Root) {
        let tree = tempfile::tempdir().unwrap();
        let root = Root::new(tree.path());
        for base in ["etc/systemd/system", "usr/lib/systemd/system", "opt"] {
            fs::create_dir_all(tree.path().join(base)).unwrap();
        }
        (tree, root)
    }

    fn write(tree: &Path, path: &str) {
        fs::write(tree.join(path), "[Service]\n").unwrap();
    }

    #[test]
    fn links_are_followed_and_named() {
        let (tree, root) = tree();
        write(tree.path(), "usr/lib/systemd/system/ssh.service");
        let alias = tree.path().join("etc/systemd/system/sshd.service");
        symlink("/usr/lib/systemd/system/ssh.service", alias).unwrap();
        let found = find(&root, "sshd.service").unwrap();
        assert_eq!(found.names, ["sshd.service", "ssh.service"]);
        assert_eq!(found.id(), "ssh.service");
        assert_eq!(found.fragment, Fragment::File("/usr/lib/systemd/system/ssh.service".to_owned()));
        assert_eq!(find(&root, "ssh.service").unwrap().names, ["ssh.service"]);
    }

    #[test]
    fn a_link_that_leads_nowhere_leaves_it_to_the_next_directory() {
        let (tree, root) = tree();
        write(tree.path(), "usr/lib/systemd/system/a.service");
        symlink("/opt/lost.service", tree.path().join("etc/systemd/system/a.service")).unwrap();
        let found = find(&root, "a.service").unwrap();
        assert_eq!(found.fragment, Fragment::File("/usr/lib/systemd/system/a.service".to_owned()));
        assert_eq!(find(&root, "b.service").unwrap().fragment, Fragment::Missing);
    }

    #[test]
    fn instances_templates_masks_and_circles() {
        let (tree, root) = tree();
        write(tree.path(), "usr/lib/systemd/system/t@.service");
        let found = find(&root, "t@1.service").unwrap();
        assert_eq!((found.id(), found.names.len()), ("t@1.service", 1));
        symlink("/dev/null", tree.path().join("etc/systemd/system/t@1.service")).unwrap();
        assert!(matches!(find(&root, "t@1.service").unwrap().fragment, Fragment::Masked(_)));
        fs::write(tree.path().join("etc/systemd/system/m.service"), "").unwrap();
        assert!(matches!(find(&root, "m.service").unwrap().fragment, Fragment::Masked(_)));
        symlink("c.service", tree.path().join("etc/systemd/system/c.service")).unwrap();
        assert!(find(&root, "c.service").is_err());
    }
}
