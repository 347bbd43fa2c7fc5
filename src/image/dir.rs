//! A directory, as `vastimg build --format dir` writes it. Symbolic links are told, not followed.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::{Context, Result, bail};

use super::entries::{Content, Entries, Entry, EntryKind, join, text};

/// What is below a directory.
///
/// # Errors
/// When something cannot be read, or exceeds the bounds of [`super::entries`].
pub(super) fn read(root: &Path) -> Result<BTreeMap<String, Entry>> {
    if let Some(image) = of_a_fleet(root) {
        let image = root.join(image);
        bail!("this is a folder of images, one for each host; name one of them, such as {}", image.display());
    }
    let mut entries = Entries::default();
    let mut pending = vec![(root.to_owned(), String::new())];
    while let Some((directory, above)) = pending.pop() {
        let context = || format!("reading directory {}", super::entries::plain(&directory.to_string_lossy()));
        for found in fs::read_dir(&directory).with_context(context)? {
            let found = found.with_context(context)?;
            let path = join(&above, &text(found.file_name().as_bytes()))?;
            let metadata = found.metadata().with_context(context)?;
            let mode = Some(metadata.permissions().mode() & 0o7777);
            let entry = if metadata.is_dir() {
                pending.push((found.path(), path.clone()));
                Entry::new(EntryKind::Directory, mode)
            } else if metadata.is_file() {
                Entry::file(mode, metadata.len(), Content::Path(found.path()))
            } else if metadata.is_symlink() {
                let target = fs::read_link(found.path()).with_context(context)?;
                Entry::symlink(mode, target.as_os_str().as_bytes())?
            } else {
                Entry::new(EntryKind::Other, mode)
            };
            entries.add(path, entry, None)?;
        }
    }
    entries.finish()
}

/// The first image that the index of a fleet names, where the directory has one and is no seed itself.
fn of_a_fleet(root: &Path) -> Option<String> {
    if root.join("user-data").exists() {
        return None;
    }
    let name = |entry: fs::DirEntry| entry.file_name().into_string().ok();
    let is_index = |name: &String| name.starts_with("index") && name.ends_with(".json");
    let indexes = fs::read_dir(root).ok()?.flatten().filter_map(name).filter(is_index);
    indexes.filter_map(|index| fs::read_to_string(root.join(index)).ok()).find_map(|text| {
        let index: serde_json::Value = serde_json::from_str(&text).ok()?;
        index["schema"].as_str()?.starts_with("vastimg/index/").then_some(())?;
        Some(index["images"][0]["file"].as_str()?.to_owned())
    })
}
