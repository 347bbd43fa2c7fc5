//! Reading what a user names: whole files, with a way out for each reason why one cannot be read.

use std::fs::File;
use std::io::{self, ErrorKind, Read};

use anyhow::{Context, Result, anyhow, ensure};
use camino::Utf8Path;

const LARGEST: u64 = 16 << 20;

/// A file's bytes, a pipe's too. `what` says what it is to the user, for example "the key file".
///
/// # Errors
/// When it cannot be read: with its name, the reason, and what to do.
pub fn bytes(what: &str, path: &Utf8Path) -> Result<Vec<u8>> {
    bytes_within(what, path, LARGEST)
}

/// The same of what a program may have written.
///
/// # Errors
/// As [`bytes`].
pub fn bytes_within(what: &str, path: &Utf8Path, largest: u64) -> Result<Vec<u8>> {
    let read = || {
        let mut bytes = Vec::new();
        File::open(path)?.take(largest + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > largest {
            let message = format!("it is larger than {} MiB; is it the right file?", largest >> 20);
            return Err(io::Error::other(message));
        }
        Ok(bytes)
    };
    read().map_err(with_way_out).with_context(|| format!("reading {what} {path}"))
}

/// All of standard input.
///
/// # Errors
/// When it cannot be read, or is larger than a person's file.
pub fn standard_input() -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    io::stdin().lock().take(LARGEST + 1).read_to_end(&mut bytes).context("reading standard input")?;
    ensure!(bytes.len() as u64 <= LARGEST, "reading standard input: it is larger than 16 MiB; name a file");
    Ok(bytes)
}

/// Why something cannot be read, and what to do.
pub fn with_way_out(error: io::Error) -> anyhow::Error {
    let way_out = match error.kind() {
        ErrorKind::NotFound => "; check the path",
        ErrorKind::PermissionDenied => "; make it readable for you",
        ErrorKind::IsADirectory => "; name a file in it",
        _ => "",
    };
    anyhow!("{error}{way_out}")
}

/// A file's text.
///
/// # Errors
/// As [`bytes`]; and when it is not UTF-8.
pub fn text(what: &str, path: &Utf8Path) -> Result<String> {
    utf8(what, path, bytes(what, path)?)
}

/// What was read as text.
///
/// # Errors
/// When it is not UTF-8.
pub fn utf8(what: &str, path: &Utf8Path, bytes: Vec<u8>) -> Result<String> {
    ensure!(
        !is_utf_16(&bytes),
        "reading {what} {path}: it is UTF-16, not UTF-8 text; save it as UTF-8, which Excel calls \"CSV UTF-8\""
    );
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        anyhow!("reading {what} {path}: byte {at} is not UTF-8 text; save it as UTF-8, or name another file")
    })
}

/// Whether bytes begin as Windows programs begin UTF-16.
pub fn is_utf_16(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff])
}

/// Whether a file begins as text does. A tar begins with a name, and the zeros behind it.
///
/// # Errors
/// When it cannot be read.
pub fn is_text(path: &Utf8Path) -> Result<bool> {
    let mut head = Vec::new();
    File::open(path)
        .and_then(|file| file.take(1024).read_to_end(&mut head))
        .map_err(with_way_out)
        .with_context(|| format!("reading {path}"))?;
    let text = !head.contains(&0) && !head.starts_with(&[0x1f, 0x8b]) && !head.starts_with(b"PK");
    // What Excel calls Unicode text is told as what it is.
    Ok(text || is_utf_16(&head))
}
