//! A plain directory: the tree as it is. It appears whole or not at all, by a rename.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};

use anyhow::{Context, Result};
use camino::Utf8Path;

use super::tree::{Entry, Tree};

/// Writes the tree into `directory`, which is there and empty.
///
/// # Errors
/// When writing fails; what was written stays for the caller to remove.
pub fn write(tree: &Tree, private: bool, directory: &Utf8Path) -> Result<()> {
    // What only its owner may read keeps nobody else out unless its modes say so too.
    let mask = if private { 0o700 } else { 0o777 };
    for (path, entry) in tree.iter() {
        let target = directory.join(path);
        let context = || format!("writing {target}");
        match entry {
            Entry::Directory { mode } => {
                fs::create_dir(&target).with_context(context)?;
                fs::set_permissions(&target, Permissions::from_mode(mode & mask)).with_context(context)?;
            }
            Entry::File { mode, payload } => {
                let mut file = File::create_new(&target).with_context(context)?;
                payload.copy_to(&mut file).with_context(context)?;
                file.set_permissions(Permissions::from_mode(mode & mask)).with_context(context)?;
            }
            Entry::Symlink { target: to } => symlink(to, &target).with_context(context)?,
        }
    }
    Ok(())
}
