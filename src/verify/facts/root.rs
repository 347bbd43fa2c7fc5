//! Reading files below a root directory: `/`, or another tree that `--root` names.
//!
//! Limits: regular files up to 1 MiB, and directories of up to 262144 names; a FIFO, a device or more than that is an
//! error and never a hang. Links are followed inside the root only, absolute ones from the root on, as they will be when
//! the tree is a system's root.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::{Component, Path, PathBuf};

const LARGEST: u64 = 1 << 20;
const MOST_LINKS: usize = 40;
const MOST_NAMES: usize = 1 << 18;
/// As in the kernel's include/uapi/asm-generic/fcntl.h, for x86-64.
pub(super) const O_NONBLOCK: i32 = 0o4000;

/// A tree to read.
#[derive(Clone, Debug)]
pub struct Root(PathBuf);

impl Root {
    /// The tree below `directory`.
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Root(directory.into())
    }

    /// Whether this is the running system, so that /proc, /sys and programs speak of it.
    pub fn is_live(&self) -> bool {
        self.0 == Path::new("/")
    }

    /// Where an absolute path of the tree is in reality, with every link on the way followed.
    ///
    /// # Errors
    /// When there are more links than a kernel would follow.
    pub fn locate(&self, path: &str) -> io::Result<PathBuf> {
        let mut pending: Vec<OsString> = components(Path::new(path));
        let mut real = self.0.clone();
        let mut depth = 0_usize;
        let mut links = 0;
        while let Some(component) = pending.pop() {
            if component == ".." {
                if depth > 0 {
                    real.pop();
                    depth -= 1;
                }
                continue;
            }
            let next = real.join(&component);
            match fs::read_link(&next) {
                Ok(target) => {
                    links += 1;
                    if links > MOST_LINKS {
                        return Err(io::Error::other("too many links"));
                    }
                    if target.is_absolute() {
                        real.clone_from(&self.0);
                        depth = 0;
                    }
                    pending.extend(components(&target));
                }
                Err(_) => {
                    real = next;
                    depth += 1;
                }
            }
        }
        Ok(real)
    }

    /// A path to open: below the system's own root the kernel follows the links itself.
    fn real(&self, path: &str) -> io::Result<PathBuf> {
        if self.is_live() { Ok(PathBuf::from(path)) } else { self.locate(path) }
    }

    /// A file's bytes.
    ///
    /// # Errors
    /// Those of the system; and for what is no regular file, or is too large.
    pub fn read_bytes(&self, path: &str) -> io::Result<Vec<u8>> {
        read_bounded(&self.real(path)?)
    }

    /// A file as text; bytes that are not UTF-8 become U+FFFD.
    ///
    /// # Errors
    /// As [`Root::read_bytes`].
    pub fn read(&self, path: &str) -> io::Result<String> {
        self.read_bytes(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    /// A file as text, where a missing one is no error.
    ///
    /// # Errors
    /// As [`Root::read_bytes`], but for a missing file or directory.
    pub fn read_if_there(&self, path: &str) -> io::Result<Option<String>> {
        match self.read(path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The configuration files of some directories with a name that `counts`, sorted bytewise by that name; one in an
    /// earlier directory hides those of its name in later ones, whatever it is.
    ///
    /// # Errors
    /// When a directory that is there cannot be listed.
    pub fn layered(&self, directories: &[&str], counts: fn(&str) -> bool) -> io::Result<Vec<String>> {
        let mut files: Vec<(String, usize)> = Vec::new();
        for (rank, directory) in directories.iter().enumerate() {
            for name in
                self.names(directory).map_err(named(directory))?.into_iter().filter(|name| counts(name))
            {
                // Programs of the system read it, and what it says is not known here.
                if name.contains(char::REPLACEMENT_CHARACTER) {
                    return Err(io::Error::other(format!("{directory}/{name}: its name is not UTF-8")));
                }
                files.push((name, rank));
            }
        }
        files.sort_unstable();
        files.dedup_by(|later, first| later.0 == first.0);
        Ok(files.into_iter().map(|(name, rank)| format!("{}/{name}", directories[rank])).collect())
    }

    /// Names in a directory, sorted bytewise; none where it is missing. Bytes that are not UTF-8 become U+FFFD, so that
    /// such a name can be seen but not opened.
    ///
    /// # Errors
    /// Those of the system, but for a missing directory; and where there are too many.
    pub fn names(&self, directory: &str) -> io::Result<Vec<String>> {
        let entries = match fs::read_dir(self.real(directory)?) {
            Ok(entries) => entries,
            Err(error) if is_missing(&error) => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut names = Vec::new();
        for entry in entries {
            if names.len() == MOST_NAMES {
                return Err(io::Error::other("more than 262144 names"));
            }
            names.push(entry?.file_name().to_string_lossy().into_owned());
        }
        names.sort_unstable();
        Ok(names)
    }
}

/// The bytes of a file outside of any tree, within the same limits.
///
/// # Errors
/// As [`Root::read_bytes`].
pub fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST {
        return Err(io::Error::other("larger than 1 MiB"));
    }
    Ok(bytes)
}

/// Opens a regular file and nothing else.
///
/// # Errors
/// Those of the system; and for what is no regular file.
pub fn open(path: &Path) -> io::Result<File> {
    // Asked before it is opened, since opening a device may do something; and not waiting for the writer of a FIFO that
    // came there in between.
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("not a regular file"));
    }
    OpenOptions::new().read(true).custom_flags(O_NONBLOCK).open(path)
}

/// How much of a system's configuration is taken in, by one of those that read it in full: a million lines in a hundred
/// files would fit into the bounds of each file, and not into memory.
#[derive(Debug)]
pub struct Allowance(usize);

impl Allowance {
    /// So many bytes, where each line counts for 64 more, and each file for 1024.
    pub fn new(bytes: usize) -> Self {
        Allowance(bytes)
    }

    /// Takes a file's text in.
    ///
    /// # Errors
    /// When it is too much, with the name of the file.
    pub fn take(&mut self, path: &str, text: &str) -> io::Result<()> {
        let lines = text.bytes().filter(|byte| *byte == b'\n').count();
        let left = self.0.checked_sub(text.len() + 64 * lines + 1024);
        self.0 =
            left.ok_or_else(|| io::Error::other(format!("{path}: with it, there is too much to read")))?;
        Ok(())
    }
}

/// The text of a configuration file; nothing for what is a mask, a directory, or a link that leads nowhere.
///
/// # Errors
/// For what cannot be read; for too much; and for a FIFO, which stops the boot's own reader.
pub fn text_of(root: &Root, path: &str, allowance: &mut Allowance) -> io::Result<String> {
    match root.read_if_there(path) {
        Ok(text) => {
            let text = text.unwrap_or_default();
            allowance.take(path, &text)?;
            Ok(text)
        }
        Err(error) => match root.locate(path).and_then(fs::metadata) {
            Ok(metadata) if metadata.is_dir() || metadata.file_type().is_char_device() => Ok(String::new()),
            Ok(metadata) if metadata.file_type().is_fifo() => Err(io::Error::other(format!(
                "{path} is a FIFO, for whose writer every boot waits; remove it"
            ))),
            _ => Err(named(path)(error)),
        },
    }
}

/// Puts the name of what was read before an error, which the system leaves out.
pub fn named(path: &str) -> impl FnOnce(io::Error) -> io::Error + '_ {
    move |error| io::Error::new(error.kind(), format!("{path}: {error}"))
}

/// Whether the error says that there is nothing.
pub fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// The components of a path, the last one first; `..` as it is.
fn components(path: &Path) -> Vec<OsString> {
    let mut all: Vec<OsString> = path
        .components()
        .filter_map(|component| match component {
            Component::Normal(name) => Some(name.to_owned()),
            Component::ParentDir => Some("..".into()),
            _ => None,
        })
        .collect();
    all.reverse();
    all
}
