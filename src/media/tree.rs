//! The tree of files that a medium carries: relative UTF-8 paths in byte order, with modes and payloads.
//!
//! A tree is complete before a medium sees it, so that layouts are pure functions of it. Payloads are handed over by
//! [`Payload::copy_to`] and never need to be in memory at once.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::Arc;

use anyhow::{Result, ensure};

/// The content of one file. Cloning shares the bytes.
#[derive(Clone, Debug)]
pub struct Payload {
    bytes: Arc<Cow<'static, [u8]>>,
    common: bool,
}

impl Payload {
    /// What other media of the same run carry as well. A medium that can puts it first, so that media which differ in a
    /// few small files begin alike.
    pub fn common(bytes: impl Into<Cow<'static, [u8]>>) -> Self {
        Payload { bytes: Arc::new(bytes.into()), common: true }
    }

    /// Whether other media of the same run carry it as well.
    pub fn is_common(&self) -> bool {
        self.common
    }

    /// Length in bytes.
    pub fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// Whether there are no bytes at all.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The content.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The content, to be read from its beginning.
    pub fn reader(&self) -> impl io::Read + '_ {
        io::Cursor::new(&**self.bytes)
    }

    /// Whether both are common and the same, or neither is and they have the same length.
    fn is_alike(&self, other: &Payload) -> bool {
        let same = || Arc::ptr_eq(&self.bytes, &other.bytes) || self.bytes == other.bytes;
        self.common == other.common && self.len() == other.len() && (!self.common || same())
    }

    /// Writes the whole content to `out`.
    pub fn copy_to(&self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(&self.bytes)
    }
}

impl From<Cow<'static, [u8]>> for Payload {
    fn from(bytes: Cow<'static, [u8]>) -> Self {
        Payload { bytes: Arc::new(bytes), common: false }
    }
}

impl From<String> for Payload {
    fn from(text: String) -> Self {
        Payload::from(text.into_bytes())
    }
}

impl From<Vec<u8>> for Payload {
    fn from(bytes: Vec<u8>) -> Self {
        Payload::from(Cow::Owned(bytes))
    }
}

impl From<&'static [u8]> for Payload {
    fn from(bytes: &'static [u8]) -> Self {
        Payload::from(Cow::Borrowed(bytes))
    }
}

/// One entry of a [`Tree`]. Modes are the permission bits alone (`0o755`), without the file type.
#[derive(Clone, Debug)]
pub enum Entry {
    /// A directory.
    Directory {
        /// Permission bits.
        mode: u32,
    },
    /// A regular file.
    File {
        /// Permission bits.
        mode: u32,
        /// Content.
        payload: Payload,
    },
    /// A symbolic link.
    Symlink {
        /// Where it points, as it will be read: relative to its own directory, or absolute.
        target: String,
    },
}

impl Entry {
    fn is_alike(&self, other: &Entry) -> bool {
        match (self, other) {
            (Entry::Directory { mode }, Entry::Directory { mode: other }) => mode == other,
            (Entry::Symlink { target }, Entry::Symlink { target: other }) => target == other,
            (Entry::File { mode, payload }, Entry::File { mode: other_mode, payload: other }) => {
                mode == other_mode && payload.is_alike(other)
            }
            _ => false,
        }
    }
}

/// Entries by path. Parents come before their children, since `a` sorts before `a/b`.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    entries: BTreeMap<String, Entry>,
}

impl Tree {
    /// Adds an entry at `path` (relative, `/` between components), and the directories above it as 0755.
    ///
    /// # Errors
    /// When the path is absolute, has an empty, `.` or `..` component, a NUL or a control character, when it is there
    /// already, or when something above it is not a directory.
    pub fn insert(&mut self, path: &str, entry: Entry) -> Result<()> {
        for component in path.split('/') {
            ensure!(
                !matches!(component, "" | "." | "..") && !component.chars().any(char::is_control),
                "adding {path:?} to the medium: not a plain relative path"
            );
        }
        ensure!(!self.entries.contains_key(path), "adding {path:?} to the medium: it is there already");
        for (at, _) in path.match_indices('/') {
            let parent =
                self.entries.entry(path[..at].to_owned()).or_insert(Entry::Directory { mode: 0o755 });
            ensure!(
                matches!(parent, Entry::Directory { .. }),
                "adding {path:?} to the medium: {:?} is not a directory",
                &path[..at]
            );
        }
        self.entries.insert(path.to_owned(), entry);
        Ok(())
    }

    /// Adds a regular file.
    ///
    /// # Errors
    /// As [`Tree::insert`].
    pub fn file(&mut self, path: &str, mode: u32, payload: impl Into<Payload>) -> Result<()> {
        let payload = payload.into();
        self.insert(path, Entry::File { mode, payload })
    }

    /// Whether both are the same but for the contents of files that are not common, and these have the same lengths.
    pub fn is_alike(&self, other: &Tree) -> bool {
        self.entries.len() == other.entries.len()
            && self
                .iter()
                .zip(other.iter())
                .all(|((path, entry), (other_path, other))| path == other_path && entry.is_alike(other))
    }

    /// All entries in byte order of their paths, directories included, the root not.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Entry)> {
        self.entries.iter().map(|(path, entry)| (path.as_str(), entry))
    }
}
