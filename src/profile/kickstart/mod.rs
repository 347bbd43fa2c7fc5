//! The values below `kickstart:` as what they mean: where packages come from, partitions, and the system's own settings.
//!
//! Their names, kinds and defaults are in `templates/documents/ks.cfg.yaml`; here they are held against what EL 8's
//! installer takes, so that it never stops to ask. Sources: the RHEL 8 kickstart reference, RFC 3986, hier(7).

mod resolve;
mod words;

use serde::Serialize;

pub(super) use resolve::resolve;

/// What the installer is to do, apart from the disk that it may wipe.
#[derive(Clone, Debug, Serialize)]
pub struct Kickstart {
    /// Where BaseOS is.
    pub source: Source,
    /// Repositories beside the source, names unique.
    pub repositories: Vec<Repository>,
    /// A locale.
    pub lang: String,
    /// A keyboard of the console.
    pub keyboard: String,
    /// As in /usr/share/zoneinfo.
    pub timezone: String,
    /// NTP servers; empty for the system's own.
    pub ntp: Vec<String>,
    /// `enabled` or `disabled`.
    pub firewall: String,
    /// `enforcing`, `permissive` or `disabled`.
    pub selinux: String,
    /// Empty for the installer's own layout.
    pub partitions: Vec<Partition>,
    /// Beside those of the fixes.
    pub packages: Vec<String>,
    /// Kernel arguments, separated by spaces.
    pub kernel: String,
}

/// Where BaseOS is.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// The medium that the installer was booted from.
    Cdrom,
    /// An installation tree, the place of a `.treeinfo`.
    Url(String),
}

/// A repository beside the source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Repository {
    /// Letters, digits, `.`, `_` and `-`.
    pub name: String,
    /// The directory that holds its `repodata`.
    pub url: String,
}

/// A partition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Partition {
    /// An absolute path, or `swap`.
    pub mount: String,
    /// How large.
    pub size: Size,
    /// `xfs`, `ext4` or `swap`.
    pub fstype: String,
}

/// The size of a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Size {
    /// In MiB, at least.
    pub mib: u64,
    /// Whether it takes what is left of the disk.
    pub grow: bool,
}
