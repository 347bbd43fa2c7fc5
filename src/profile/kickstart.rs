//! The values below `kickstart:` as what they mean: where packages come from, partitions, and the system's own settings.
//!
//! Their names, kinds and defaults are in `templates/documents/ks.cfg.yaml`; here they are held against what EL 8's
//! installer takes, so that it never stops to ask. Sources: the RHEL 8 kickstart reference, RFC 3986, hier(7).

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use fluent_uri::Uri;
use serde::Serialize;

use super::filter::Placed;
use crate::catalogue::{Catalogue, Setting};
use crate::diagnostic::{Diagnostic, Place};

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

/// From checked values to their meaning; what has none is added to `found`.
pub(super) fn resolve(
    catalogue: &Catalogue,
    mut placed: BTreeMap<String, Placed>,
    found: &mut Vec<Diagnostic>,
) -> Result<Kickstart> {
    for (name, spec) in &catalogue.kickstart {
        if !placed.contains_key(name) {
            placed.insert(name.clone(), (spec.default_setting()?, None));
        }
    }
    let mut values = Values { placed, found };
    let source = match values.text("source")?.as_str() {
        "cdrom" => Source::Cdrom,
        url => Source::Url(values.checked("source", check_url(url).map(|()| url.to_owned()))),
    };
    let mut repositories = values.each("repositories", repository)?;
    values.unique("repositories", repositories.iter().map(|repository| &repository.name));
    if let Source::Url(url) = &source
        && let Some(mirror) = url.trim_end_matches('/').strip_suffix("BaseOS/x86_64/os")
        && !repositories.iter().any(|repository| repository.name == APPSTREAM)
    {
        let url = format!("{mirror}{APPSTREAM}/x86_64/os/");
        repositories.insert(0, Repository { name: APPSTREAM.to_owned(), url });
    }
    let partitions = values.each("partitions", partition)?;
    values.unique("partitions", partitions.iter().map(|partition| &partition.mount));
    if !partitions.is_empty() && !partitions.iter().any(|partition| partition.mount == "/") {
        values.refuse("partitions", "`partitions` must have one for /, such as /=20G+");
    }
    let lang = values.shaped("lang", "en_US.UTF-8", |text| {
        let language = text.split(['_', '.', '@']).next().unwrap_or_default();
        (2..=3).contains(&language.len()) && language.bytes().all(|b| b.is_ascii_lowercase())
    })?;
    let plain = |extra: &'static str| {
        move |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || extra.contains(c))
    };
    let keyboard = values.shaped("keyboard", "us or de-nodeadkeys", plain("_-"))?;
    let timezone = values.shaped("timezone", "UTC or Europe/Berlin", |text| {
        plain("_+-/")(text) && !text.starts_with('/') && !text.ends_with('/') && !text.contains("//")
    })?;
    let ntp = values.each("ntp", |server| {
        if server.chars().all(|c| c.is_ascii_alphanumeric() || ".:-".contains(c)) {
            Ok(server.to_owned())
        } else {
            Err(format!("{server:?} is neither a host name nor an address"))
        }
    })?;
    let kernel = values.shaped("kernel", "console=ttyS0,115200n8 quiet", plain(" ._:/@=,+-"))?;
    Ok(Kickstart {
        source,
        repositories,
        lang,
        keyboard,
        timezone,
        ntp,
        firewall: values.text("firewall")?,
        selinux: values.text("selinux")?,
        partitions,
        packages: values.words("packages")?,
        kernel,
    })
}

const APPSTREAM: &str = "AppStream";

/// Values by name, with what is wrong about them.
struct Values<'a> {
    placed: BTreeMap<String, Placed>,
    found: &'a mut Vec<Diagnostic>,
}

impl Values<'_> {
    fn text(&self, name: &str) -> Result<String> {
        match self.placed.get(name) {
            Some((Setting::Text(text), _)) => Some(text.clone()),
            _ => None,
        }
        .with_context(|| format!("reading kickstart.{name}: ks.cfg.yaml must have it, as text"))
    }

    fn words(&self, name: &str) -> Result<Vec<String>> {
        match self.placed.get(name) {
            Some((Setting::Words(words), _)) => Some(words.clone()),
            _ => None,
        }
        .with_context(|| format!("reading kickstart.{name}: ks.cfg.yaml must have it, as words"))
    }

    fn refuse(&mut self, name: &str, message: impl Into<String>) {
        let place: Option<Place> = self.placed.get(name).and_then(|(_, place)| place.clone());
        self.found.push(Diagnostic { message: message.into(), place, help: None });
    }

    /// The value, or an empty one that is never used, since something was found.
    fn checked<T: Default>(&mut self, name: &str, result: Result<T, String>) -> T {
        result.unwrap_or_else(|message| {
            self.refuse(name, format!("`{name}`: {message}"));
            T::default()
        })
    }

    fn each<T>(&mut self, name: &str, parse: impl Fn(&str) -> Result<T, String>) -> Result<Vec<T>> {
        let mut all = Vec::new();
        for word in self.words(name)? {
            let one = parse(&word).map(Some);
            all.extend(self.checked(name, one));
        }
        Ok(all)
    }

    fn shaped(&mut self, name: &str, example: &str, fits: impl Fn(&str) -> bool) -> Result<String> {
        let text = self.text(name)?;
        if !fits(&text) {
            self.refuse(name, format!("`{name}` must be one such as {example}, not {text:?}"));
        }
        Ok(text)
    }

    fn unique<'n>(&mut self, name: &str, names: impl Iterator<Item = &'n String>) {
        let mut seen = Vec::new();
        for one in names {
            if seen.contains(&one) {
                self.refuse(name, format!("`{name}` has {one} twice"));
            }
            seen.push(one);
        }
    }
}

/// An absolute http, https or ftp URL with a host: what `url` and `repo` take, without what would be a secret.
fn check_url(text: &str) -> Result<(), String> {
    let example = "such as https://mirror.example.com/rocky/8/BaseOS/x86_64/os/";
    let uri = Uri::parse(text).map_err(|_| format!("{text:?} is no URL; name one {example}"))?;
    if !["http", "https", "ftp"].iter().any(|scheme| uri.scheme().as_str().eq_ignore_ascii_case(scheme)) {
        return Err(format!("{text:?} is neither http, https nor ftp; name a URL {example}"));
    }
    let authority = uri.authority().filter(|authority| !authority.host().is_empty());
    let Some(authority) = authority else {
        return Err(format!("{text:?} has no host; name a URL {example}"));
    };
    if authority.userinfo().is_some() {
        return Err("has a user in the URL, which the installed system would keep for all to read".to_owned());
    }
    if uri.query().is_some() || uri.fragment().is_some() {
        return Err(format!("{text:?} has a query or fragment, below which there is no tree"));
    }
    Ok(())
}

/// `NAME=URL`.
fn repository(word: &str) -> Result<Repository, String> {
    let (name, url) = word.split_once('=').ok_or_else(|| format!("{word:?} is not NAME=URL"))?;
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c)) {
        return Err(format!("{name:?} is no repository's name of letters, digits, ., _ and -"));
    }
    check_url(url)?;
    Ok(Repository { name: name.to_owned(), url: url.to_owned() })
}

/// `MOUNT=SIZE[+][:FSTYPE]`.
fn partition(word: &str) -> Result<Partition, String> {
    let (mount, rest) =
        word.split_once('=').ok_or_else(|| format!("{word:?} is not MOUNT=SIZE, such as /data=50G"))?;
    let (size, fstype) = rest.split_once(':').unwrap_or((rest, if mount == "swap" { "swap" } else { "xfs" }));
    let components: Vec<&str> = mount.split('/').skip(1).collect();
    let path = mount.starts_with('/') && !components.iter().any(|name| matches!(*name, "." | ".."));
    if mount != "swap" && mount != "/" && (!path || components.contains(&"")) {
        return Err(format!("{mount:?} is neither an absolute path nor swap"));
    }
    if mount == "/boot/efi" {
        return Err(
            "/boot/efi is added by the installer where the firmware needs it; leave it out".to_owned()
        );
    }
    // The installer refuses these on partitions of their own, or the system does not boot without them.
    let inseparable = ["/bin", "/sbin", "/dev", "/etc", "/lib", "/lib64", "/proc", "/root", "/run", "/sys"];
    if let Some(part) =
        inseparable.iter().find(|part| mount == **part || mount.starts_with(&format!("{part}/")))
    {
        return Err(format!("{mount}: {part} cannot be on a partition of its own"));
    }
    if (mount == "swap") != (fstype == "swap") || !["xfs", "ext4", "swap"].contains(&fstype) {
        return Err(format!(
            "{fstype:?} is no file system for {mount}; use xfs or ext4, and swap for swap alone"
        ));
    }
    let grow = size.ends_with('+');
    let size = size.trim_end_matches('+');
    let (digits, unit) = size.split_at(size.char_indices().next_back().map_or(0, |(at, _)| at));
    let factor = match unit {
        "M" => 1,
        "G" => 1 << 10,
        "T" => 1 << 20,
        _ => 0,
    };
    let mib = digits.parse::<u64>().ok().and_then(|number| number.checked_mul(factor));
    // The installer's own upper bound is far above what a virtual disk has.
    match mib {
        Some(mib) if (1..=1 << 24).contains(&mib) => {
            Ok(Partition { mount: mount.to_owned(), size: Size { mib, grow }, fstype: fstype.to_owned() })
        }
        _ => Err(format!("{size:?} is no size from 1M to 16T, such as 512M or 20G")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partitions_have_a_mount_a_size_and_a_file_system() {
        let root =
            Partition { mount: "/".into(), size: Size { mib: 20480, grow: true }, fstype: "xfs".into() };
        assert_eq!(partition("/=20G+"), Ok(root));
        assert_eq!(partition("swap=512M").map(|p| (p.size.mib, p.fstype)), Ok((512, "swap".to_owned())));
        assert_eq!(
            partition("/data=1T:ext4").map(|p| (p.size.mib, p.fstype)),
            Ok((1 << 20, "ext4".to_owned()))
        );
        for word in [
            "/",
            "/=",
            "/=G",
            "/=20",
            "/=20g",
            "/=0G",
            "/=-1G",
            "/=99999999T",
            "data=1G",
            "/a/../b=1G",
            "/a//b=1G",
            "/boot/efi=1G",
            "/etc=1G",
            "/=1G:vfat",
            "swap=1G:xfs",
            "/=1G:swap",
            "\u{e9}=1G",
            "/=1\u{e9}",
            "/a/=1G",
        ] {
            assert!(partition(word).is_err(), "{word}");
        }
    }

    #[test]
    fn urls_are_absolute_and_hold_no_secret() {
        for url in ["http://a/", "https://mirror.example.com:8443/rocky/8/BaseOS/x86_64/os", "ftp://[::1]/x"]
        {
            assert_eq!(check_url(url), Ok(()));
        }
        for url in [
            "",
            "cd",
            "//a/b",
            "file:///x",
            "http://",
            "http:/a",
            "nfs://a/b",
            "http://u:p@a/",
            "http://a/?b",
            "http://a b/",
        ] {
            assert!(check_url(url).is_err(), "{url}");
        }
    }
}
