//! Entries of an image, and the bounds that hold for all containers: how many, how deep, with what names.
//!
//! A name that would leave the directory into which an image is unpacked is refused, and so is one with control characters,
//! which a terminal would obey. Bytes that are not UTF-8 are shown as `\xNN`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Range;
use std::path::PathBuf;

use anyhow::{Result, bail, ensure};
use serde::Serialize;

use crate::diagnostic::turns;

/// Entries in one volume. Rocky's DVD has 8000.
pub const MOST: usize = 20_000;

/// Components of a path.
pub const DEEPEST: usize = 64;

/// Bytes of all paths together, and of one link's target.
const NAMES: usize = 8 << 20;
pub(super) const LONGEST_TARGET: usize = 4096;
const LONGEST_PATH: usize = 4096;

/// Kinds of entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum EntryKind {
    /// A directory.
    Directory,
    /// A regular file.
    File,
    /// A symbolic link.
    Symlink,
    /// A device, pipe or socket, or a hard link in a tar.
    Other,
}

impl EntryKind {
    /// What a person calls it.
    pub fn title(self) -> &'static str {
        match self {
            EntryKind::Directory => "a directory",
            EntryKind::File => "a file",
            EntryKind::Symlink => "a symbolic link",
            EntryKind::Other => "neither a file nor a directory",
        }
    }
}

/// One entry.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What it is.
    pub kind: EntryKind,
    /// Bytes of a file; 0 for others.
    pub size: u64,
    /// Permission bits, where the container has them.
    pub mode: Option<u32>,
    /// Where a symbolic link points; control characters are escaped.
    pub target: Option<String>,
    pub(super) content: Content,
}

impl Entry {
    pub(super) fn new(kind: EntryKind, mode: Option<u32>) -> Self {
        Entry { kind, size: 0, mode, target: None, content: Content::None }
    }

    pub(super) fn file(mode: Option<u32>, size: u64, content: Content) -> Self {
        Entry { kind: EntryKind::File, size, mode, target: None, content }
    }

    pub(super) fn symlink(mode: Option<u32>, target: &[u8]) -> Result<Self> {
        ensure!(
            target.len() <= LONGEST_TARGET,
            "a link's target has {} bytes; that is too long",
            target.len()
        );
        let target = Some(plain(&text(target)));
        Ok(Entry { kind: EntryKind::Symlink, size: 0, mode, target, content: Content::None })
    }
}

/// Where a file's bytes are.
#[derive(Clone, Debug)]
pub(super) enum Content {
    /// Nowhere.
    None,
    /// On the image.
    Ranges(Vec<Range<u64>>),
    /// On the image, deflated.
    Deflated { packed: Range<u64>, crc: u32 },
    /// In the stream that the image unpacks to, at this byte; digested on the way past.
    Stream { gzip: bool, at: u64, sha256: String },
    /// In a file of its own.
    Path(PathBuf),
}

/// Entries as they are collected.
#[derive(Debug, Default)]
pub(super) struct Entries {
    map: BTreeMap<String, Entry>,
    names: usize,
}

impl Entries {
    /// Adds one. `offset` is where the image has it, for the error; none in a directory.
    pub(super) fn add(&mut self, path: String, entry: Entry, offset: Option<u64>) -> Result<()> {
        let at = offset.map(|offset| format!(" at byte {offset}")).unwrap_or_default();
        check(&path).map_err(|error| anyhow::anyhow!("entry{at}: {error}"))?;
        self.names += path.len();
        ensure!(
            self.map.len() < MOST && self.names <= NAMES,
            "entry{at}: there are more than {MOST} entries, or {} MiB of names; no seed has so many",
            NAMES >> 20
        );
        ensure!(!self.map.contains_key(&path), "entry{at}: {path} is there twice");
        self.map.insert(path, entry);
        Ok(())
    }

    /// Replaces what is there, as the last of several does in a tar.
    pub(super) fn replace(&mut self, path: String, entry: Entry, offset: u64) -> Result<()> {
        self.map.remove(&path);
        self.add(path, entry, Some(offset))
    }

    /// All of them, when nothing lies below what is no directory, and no two files share a byte.
    pub(super) fn finish(self) -> Result<BTreeMap<String, Entry>> {
        for path in self.map.keys() {
            for (at, _) in path.match_indices('/') {
                let above = self.map.get(&path[..at]).map(|entry| entry.kind);
                ensure!(
                    above.is_none_or(|kind| kind == EntryKind::Directory),
                    "{path} lies below {}, which is no directory",
                    &path[..at]
                );
            }
        }
        disjoint(&self.map)?;
        Ok(self.map)
    }
}

/// Refuses files that share bytes, unless they are the same bytes. Files that share some and differ in others would be
/// read many times over.
fn disjoint(map: &BTreeMap<String, Entry>) -> Result<()> {
    struct Extent<'a> {
        range: &'a Range<u64>,
        file: &'a [Range<u64>],
        path: &'a str,
    }
    let mut extents = Vec::new();
    for (path, entry) in map {
        let file = match &entry.content {
            Content::Ranges(ranges) => ranges.as_slice(),
            Content::Deflated { packed, .. } => std::slice::from_ref(packed),
            _ => &[],
        };
        extents.extend(file.iter().map(|range| Extent { range, file, path }));
    }
    extents.sort_by_key(|extent| (extent.range.start, extent.range.end));
    for pair in extents.windows(2) {
        if let [a, b] = pair {
            let same = a.range == b.range && a.file == b.file && a.path != b.path;
            ensure!(
                same || b.range.start >= a.range.end,
                "{} and {} share bytes from byte {}; that is no image that a tool writes",
                a.path,
                b.path,
                b.range.start
            );
        }
    }
    Ok(())
}

/// Refuses a path that would leave the image or that a terminal would obey.
fn check(path: &str) -> Result<()> {
    let shown = plain(&path.chars().take(200).collect::<String>());
    ensure!(path.len() <= LONGEST_PATH, "the name \"{shown}\"... has {} bytes; that is too long", path.len());
    if path.chars().any(|c| c.is_control()) {
        bail!("the name \"{shown}\" has a control character in it");
    }
    ensure!(path.split('/').count() <= DEEPEST, "the name \"{shown}\" has more than {DEEPEST} levels");
    for component in path.split('/') {
        ensure!(
            !matches!(component, "" | "." | ".."),
            "the name \"{shown}\" is no plain relative path; unpacked, it could land elsewhere"
        );
    }
    Ok(())
}

/// A directory's path and a name in it.
pub(super) fn join(directory: &str, name: &str) -> Result<String> {
    ensure!(!name.contains('/'), "the name \"{}\" has a slash in it", plain(name));
    Ok(if directory.is_empty() { name.to_owned() } else { format!("{directory}/{name}") })
}

/// Bytes as text, those that are not UTF-8 as `\xNN`.
pub(super) fn text(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            let _ = write!(text, "\\x{byte:02x}");
        }
    }
    text
}

/// Text that a terminal shows and does not obey: control characters, and those that turn the direction of a line, are
/// escaped.
pub fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() || turns(c) {
            plain.extend(c.escape_unicode());
        } else {
            plain.push(c);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    fn add(path: &str) -> Result<()> {
        Entries::default().add(path.to_owned(), Entry::new(EntryKind::File, None), Some(7))
    }

    #[test]
    fn names_that_leave_or_command_are_refused_with_their_place() {
        for path in ["../x", "a/../b", "/etc/x", "a//b", "", ".", "a\x1b[2J", "a\0", "a\n", "a\u{9b}b"] {
            let error = add(path).unwrap_err().to_string();
            assert!(error.starts_with("entry at byte 7: "), "{error}");
            assert!(!error.chars().any(char::is_control), "{error:?}");
        }
        for path in ["a", "..a/b..", "a b", "caf\u{e9}", "-x"] {
            add(path).unwrap();
        }
        assert!(add(&"a/".repeat(DEEPEST)).is_err() && add(&"a".repeat(5000)).is_err());
    }

    #[test]
    fn nothing_lies_below_a_file_and_files_share_no_bytes() {
        let file = |range: Range<u64>| {
            let size = range.end - range.start;
            Entry::file(None, size, Content::Ranges(std::iter::once(range).collect()))
        };
        let finish = |list: &[(&str, Range<u64>)]| {
            let mut entries = Entries::default();
            for (path, range) in list {
                entries.add((*path).to_owned(), file(range.clone()), None).unwrap();
            }
            entries.finish().map(drop).map_err(|error| error.to_string())
        };
        assert!(finish(&[("a", 0..4), ("a/b", 4..8)]).unwrap_err().contains("below a"));
        assert!(finish(&[("a", 0..4), ("b", 3..8)]).unwrap_err().contains("from byte 3"));
        finish(&[("a", 0..4), ("b", 4..8), ("c", 0..4)]).unwrap();
    }

    #[test]
    fn what_a_terminal_would_obey_is_escaped() {
        assert_eq!(plain("a\x1b[2J\u{202e}b\u{e9}"), "a\\u{1b}[2J\\u{202e}b\u{e9}");
        assert_eq!(text(b"a\xff\xc3\xa9"), "a\\xff\u{e9}");
    }
}
