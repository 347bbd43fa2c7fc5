//! `--output`: a report replaces the one before as a whole. node_exporter and others read whenever they like, so it is
//! written beside it, under a name that nobody looks for, and renamed; when that fails, the old one stays.
//!
//! A link, a device or a FIFO is refused: renaming would put a file in the place of /dev/null.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Puts `text` at `path`, with the permissions of what is there.
///
/// # Errors
/// Those of the system; and where something is there that is no plain file.
pub fn replace(path: &Path, text: &str) -> io::Result<()> {
    let old = match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_file() => Some(metadata.permissions()),
        Ok(_) => return Err(io::Error::other("something is there that is not a plain file")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let (new, mut file) = beside(path)?;
    let write = || {
        if let Some(permissions) = old {
            file.set_permissions(permissions)?;
        }
        file.write_all(text.as_bytes())?;
        // Else a crash may leave the new name with nothing behind it.
        file.sync_all()?;
        fs::rename(&new, path)
    };
    let written = write();
    if written.is_err() {
        let _ = fs::remove_file(&new);
    }
    written
}

/// A new file in the same directory; one that is there already, a link among others, is never opened.
fn beside(path: &Path) -> io::Result<(PathBuf, File)> {
    let mut number = 0;
    loop {
        let new = path.with_file_name(format!(".vastimg-verify.{}.{number}.new", std::process::id()));
        match OpenOptions::new().write(true).create_new(true).open(&new) {
            Ok(file) => return Ok((new, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && number < 100 => number += 1,
            Err(error) => return Err(error),
        }
    }
}
