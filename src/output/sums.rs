//! SHA256SUMS beside images, in the form of sha256sum(1): `sha256sum --check SHA256SUMS` holds them against it.
//!
//! Lines that somebody else wrote stay as they are; a file that is not of that form is refused before anything is written.

use std::collections::BTreeMap;
use std::fs;
use std::io;

use anyhow::{Context, Result, ensure};
use camino::Utf8Path;

use super::write_file;

/// Its name.
pub const NAME: &str = "SHA256SUMS";

/// Digests by file name; none takes the line away.
pub type Changes<'a> = BTreeMap<&'a str, Option<&'a str>>;

/// Adds, replaces and takes away lines. The caller holds the directory's lock.
pub(super) fn change(directory: &Utf8Path, changes: &Changes<'_>) -> Result<()> {
    let text = read(directory)?;
    let mut lines: BTreeMap<&str, String> = text
        .lines()
        .filter_map(|line| Some((name_in(line)?, line.to_owned())))
        .filter(|(name, _)| !changes.contains_key(name))
        .collect();
    for (name, digest) in changes {
        if let Some(digest) = digest {
            lines.insert(name, format!("{digest}  {name}"));
        }
    }
    write_file(&directory.join(NAME), true, false, |out| {
        lines.values().try_for_each(|line| Ok(writeln!(out, "{line}")?))
    })
    .map(drop)
}

/// The text of the one in a directory; nothing where there is none.
///
/// # Errors
/// When it cannot be read, or is something else.
pub(super) fn read(directory: &Utf8Path) -> Result<String> {
    let path = directory.join(NAME);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(String::new()),
        Err(error) => return Err(error).with_context(|| format!("reading {path}")),
    };
    for line in text.lines() {
        let digest = line.split(' ').next().unwrap_or_default();
        ensure!(
            digest.len() == 64 && digest.bytes().all(|b| b.is_ascii_hexdigit()) && name_in(line).is_some(),
            "reading {path}, where the image's digest goes: {line:.60?} is no line of sha256sum; move that file, or use -o to write elsewhere"
        );
    }
    Ok(text)
}

/// The file that a line speaks of.
fn name_in(line: &str) -> Option<&str> {
    line.split_once(' ').map(|(_, name)| name.strip_prefix([' ', '*']).unwrap_or(name))
}
