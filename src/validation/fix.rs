//! A fix's folder: its fix.yaml, and what that names in the folder.

use anyhow::Result;
use camino::Utf8Path;

use crate::catalogue::{Fix, Folder};
use crate::diagnostic::{Diagnostic, Diagnostics};

/// Everything that is wrong with a folder.
///
/// # Errors
/// When it cannot be read.
pub(super) fn examine(folder: &Utf8Path) -> Result<Vec<Diagnostic>> {
    let id = match folder.file_name() {
        Some(name) => name.to_owned(),
        // `.` has a name only where it really is.
        None => folder.canonicalize_utf8()?.file_name().unwrap_or_default().to_owned(),
    };
    let folder = Folder::read(folder)?;
    Ok(match Fix::parse_strictly(&id, folder) {
        Ok(_) => Vec::new(),
        Err(error) => Diagnostics::of(&error),
    })
}
