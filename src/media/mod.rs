//! Media: how the finished tree of a seed becomes one file or directory. A medium knows nothing of VAST.
//!
//! | medium | for |
//! |---|---|
//! | [`cidata`] | attaching to a VM: ISO 9660 labelled CIDATA |
//! | [`oemdrv`] | Rocky's installer: ISO 9660 labelled OEMDRV, with a kickstart |
//! | [`disk`] | both ways: a raw disk with FAT partitions CIDATA and OEMDRV |
//! | [`tar`] | hosts that exist already: unpack, run `vastimg/prepare.sh` |
//! | [`zip`] | the same, for sites whose tools take zip |
//! | [`dir`] | looking at it, or any other tool |
//! | [`nocloud_net`] | VMs that take their seed from a web server: a directory to serve |

pub mod cidata;
pub mod dir;
pub mod disk;
pub mod iso;
pub mod nocloud_net;
pub mod oemdrv;
pub mod tar;
pub mod tree;
pub mod zip;

use std::borrow::Cow;
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
    /// What its file name may end in, without the dot, the usual one first.
    fn extensions(&self) -> &'static [&'static str];

    /// Writes it from beginning to end.
    ///
    /// # Errors
    /// When the tree does not fit the format, or writing fails.
    fn write(&self, tree: &Tree, options: &Options, out: &mut dyn Write) -> Result<()>;

    /// Where the content of each file of the tree lies in it, in bytes from its beginning, in the order of the tree; none
    /// where other bytes depend on the contents, as where these are compressed, or a digest of them is recorded.
    ///
    /// # Errors
    /// When the tree does not fit the format.
    fn places(&self, _tree: &Tree, _options: &Options) -> Result<Option<Vec<u64>>> {
        Ok(None)
    }
}

/// Every kind of medium.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// [`cidata`].
    Iso,
    /// [`oemdrv`].
    Oemdrv,
    /// [`disk`].
    Disk,
    /// [`tar`].
    Tar,
    /// [`zip`].
    Zip,
    /// [`dir`].
    Dir,
    /// [`nocloud_net`].
    NocloudNet,
}

/// Whether a medium carries a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carried {
    /// It is of no use without.
    Always,
    /// Where there is one.
    WhereGiven,
    /// It is for something else.
    Never,
}

impl Format {
    /// All of them.
    pub const ALL: [Format; 7] = [
        Format::Iso,
        Format::Oemdrv,
        Format::Disk,
        Format::Tar,
        Format::Zip,
        Format::Dir,
        Format::NocloudNet,
    ];

    /// The writer, unless it is a directory.
    pub fn file_medium(self) -> Option<&'static dyn FileMedium> {
        match self {
            Format::Iso => Some(&cidata::Cidata),
            Format::Oemdrv => Some(&oemdrv::Oemdrv),
            Format::Disk => Some(&disk::Disk),
            Format::Tar => Some(&tar::TarGz),
            Format::Zip => Some(&zip::Zip),
            Format::Dir | Format::NocloudNet => None,
        }
    }

    /// The format of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// Whether it carries the kickstart of an installer.
    pub fn kickstart(self) -> Carried {
        match self {
            Format::Oemdrv | Format::Disk => Carried::Always,
            // For looking at, and for other ways to an installer.
            Format::Dir => Carried::WhereGiven,
            Format::Iso | Format::Tar | Format::Zip | Format::NocloudNet => Carried::Never,
        }
    }

    /// As `--format` names it.
    pub fn name(self) -> &'static str {
        match self {
            Format::Iso => "iso",
            Format::Oemdrv => "oemdrv",
            Format::Disk => "disk",
            Format::Tar => "tar",
            Format::Zip => "zip",
            Format::Dir => "dir",
            Format::NocloudNet => "nocloud-net",
        }
    }

    /// What it is for, in a line.
    pub fn about(self) -> &'static str {
        match self {
            Format::Iso => "ISO 9660 labelled CIDATA, to attach to a VM",
            Format::Oemdrv => "ISO 9660 labelled OEMDRV with a kickstart, for Rocky's installer",
            Format::Disk => "Raw disk with both, in two FAT partitions CIDATA and OEMDRV",
            Format::Tar => "tar.gz, to unpack on a host that exists",
            Format::Zip => "zip, likewise",
            Format::Dir => "A plain directory",
            Format::NocloudNet => "A directory for a web server, from which VMs take their seed by HTTP",
        }
    }

    /// Whether it is a directory, and not one file.
    pub fn is_directory(self) -> bool {
        self.file_medium().is_none()
    }

    /// The tree of a seed with what this medium has beside it.
    ///
    /// # Errors
    /// When the tree has something else at that place.
    pub fn complete(self, tree: &Tree) -> Result<Cow<'_, Tree>> {
        match self {
            Format::NocloudNet => nocloud_net::complete(tree).map(Cow::Owned),
            _ => Ok(Cow::Borrowed(tree)),
        }
    }

    /// The name of the medium of `profile`, where the user gives none.
    pub fn default_name(self, profile: &str) -> String {
        // Both are ISO images, and mean very different things to a machine that boots.
        let purpose = match self {
            Format::Oemdrv => "-oemdrv",
            Format::NocloudNet => "-net",
            _ => "",
        };
        match self.file_medium().and_then(|medium| medium.extensions().first()) {
            Some(extension) => format!("vast-{profile}{purpose}.{extension}"),
            None => format!("vast-{profile}{purpose}"),
        }
    }
}

/// The formats that a file name may ask for, the likeliest first; none for a name without an extension.
///
/// # Errors
/// When the extension is that of no medium.
pub fn formats_of(path: &Utf8Path) -> Result<Vec<Format>> {
    let name = path.file_name().unwrap_or_default().to_ascii_lowercase();
    let extensions = |format: Format| format.file_medium().map_or(&[][..], FileMedium::extensions);
    let ends_in = |extension: &&str| name.ends_with(&format!(".{extension}"));
    let asked: Vec<Format> =
        Format::ALL.into_iter().filter(|format| extensions(*format).iter().any(ends_in)).collect();
    if let (true, Some(extension)) = (asked.is_empty(), path.extension()) {
        let mut known: Vec<&str> = Format::ALL.into_iter().flat_map(extensions).copied().collect();
        known.dedup();
        bail!(
            "-o {path}: no format is named {extension:?}; end the name in .{}, or say which with --format",
            known.join(", .")
        );
    }
    Ok(asked)
}
