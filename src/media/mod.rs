//! Media: how the finished tree of a seed becomes one file or directory. A medium knows nothing of VAST.
//!
//! | medium | for |
//! |---|---|
//! | [`cidata`] | attaching to a VM: ISO 9660 labelled CIDATA |
//! | [`disk`] | the same, and Rocky's installer: a raw disk with FAT partitions CIDATA and OEMDRV |
//! | [`tar`] | hosts that exist already: unpack, run `vastimg/prepare.sh` |
//! | [`zip`] | the same, for sites whose tools take zip |
//! | [`dir`] | looking at it, or any other tool |

pub mod cidata;
pub mod dir;
pub mod disk;
pub mod iso;
pub mod tar;
pub mod tree;
pub mod zip;

use std::io::Write;

use anyhow::{Result, bail};
use camino::Utf8Path;

use tree::Tree;

/// What is the same for every medium.
#[derive(Clone, Debug)]
pub struct Options {
    /// The one time that every entry has, in seconds since 1970 (SOURCE_DATE_EPOCH); nothing else may vary.
    pub modified: u64,
    /// Whether it holds a secret, so that only its owner may read it.
    pub private: bool,
}

/// A medium that is one file.
pub trait FileMedium {
    /// What its file name ends in, without the dot.
    fn extension(&self) -> &'static str;

    /// Writes it from beginning to end.
    ///
    /// # Errors
    /// When the tree does not fit the format, or writing fails.
    fn write(&self, tree: &Tree, options: &Options, out: &mut dyn Write) -> Result<()>;
}

/// Every kind of medium.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// [`cidata`].
    Iso,
    /// [`disk`].
    Disk,
    /// [`tar`].
    Tar,
    /// [`zip`].
    Zip,
    /// [`dir`].
    Dir,
}

impl Format {
    /// The writer, unless it is a directory.
    pub fn file_medium(self) -> Option<&'static dyn FileMedium> {
        match self {
            Format::Iso => Some(&cidata::Cidata),
            Format::Disk => Some(&disk::Disk),
            Format::Tar => Some(&tar::TarGz),
            Format::Zip => Some(&zip::Zip),
            Format::Dir => None,
        }
    }

    /// The name of the medium of `profile`, where the user gives none.
    pub fn default_name(self, profile: &str) -> String {
        match self.file_medium() {
            Some(medium) => format!("vast-{profile}.{}", medium.extension()),
            None => format!("vast-{profile}"),
        }
    }
}

/// The format that a file name asks for; none for a name without an extension.
///
/// # Errors
/// When the extension is that of no medium.
pub fn format_of(path: &Utf8Path) -> Result<Option<Format>> {
    let name = path.file_name().unwrap_or_default().to_ascii_lowercase();
    let known = [
        ("iso", Format::Iso),
        ("img", Format::Disk),
        ("raw", Format::Disk),
        ("tar.gz", Format::Tar),
        ("tgz", Format::Tar),
        ("zip", Format::Zip),
    ];
    for (extension, format) in known {
        if name.ends_with(&format!(".{extension}")) {
            return Ok(Some(format));
        }
    }
    if let Some(extension) = path.extension() {
        bail!(
            "-o {path}: no format is named {extension:?}; end the name in .iso, .img, .tar.gz or .zip, or say which with --format"
        );
    }
    Ok(None)
}
