//! A directory, as `vastimg build --format dir` writes it. Symbolic links are told, not followed.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::{Context, Result};

use super::entries::{Content, Entries, Entry, EntryKind, join, text};

/// What is below a directory.
///
/// # Errors
/// When something cannot be read, or exceeds the bounds of [`super::entries`].
pub(super) fn read(root: &Path) -> Result<BTreeMap<String, Entry>> {
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
