//! `--output`: a report replaces the one before as a whole. node_exporter and others read whenever they like, so it is
//! written beside it, under a name that nobody looks for, and renamed; when that fails, the old one stays.
//!
//! A link, a device or a FIFO is refused: renaming would put a file in the place of /dev/null.

use std::fs;
use std::io;
use std::path::Path;

use crate::verify::place::Placed;

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
    let directory = path.parent().unwrap_or(Path::new(""));
    Placed::new(directory, text, old)?.rename(path)
}
