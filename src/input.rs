//! Reading what a user names: whole files, with a way out for each reason why one cannot be read.

use std::fs;
use std::io::ErrorKind;

use anyhow::{Context, Result, anyhow};
use camino::Utf8Path;

/// A file's bytes. `what` says what it is to the user, for example "the key file".
///
/// # Errors
/// When it cannot be read: with its name, the reason, and what to do.
pub fn bytes(what: &str, path: &Utf8Path) -> Result<Vec<u8>> {
    fs::read(path)
        .map_err(|error| {
            let way_out = match error.kind() {
                ErrorKind::NotFound => "; check the path",
                ErrorKind::PermissionDenied => "; make it readable for you",
                ErrorKind::IsADirectory => "; name a file in it",
                _ => "",
            };
            anyhow!("{error}{way_out}")
        })
        .with_context(|| format!("reading {what} {path}"))
}

/// A file's text.
///
/// # Errors
/// As [`bytes`]; and when it is not UTF-8.
pub fn text(what: &str, path: &Utf8Path) -> Result<String> {
    String::from_utf8(bytes(what, path)?).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        anyhow!("reading {what} {path}: byte {at} is not UTF-8 text; save it as UTF-8, or name another file")
    })
}
