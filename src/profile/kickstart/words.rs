//! The words that have a form of their own: URLs, `NAME=URL`, `MOUNT=SIZE[+][:FSTYPE]`. Sources: RFC 3986, hier(7).

use fluent_uri::Uri;

use super::{Partition, Repository, Size};

/// An absolute http, https or ftp URL with a host: what `url` and `repo` take, without what would be a secret.
pub(super) fn check_url(text: &str) -> Result<(), String> {
    let example = "such as https://mirror.example.com/rocky/8/BaseOS/x86_64/os/";
    let uri = Uri::parse(text).map_err(|_| format!("{text:?} is no URL; name one {example}"))?;
    // The installer compares it as it is, and so in lower case.
    if !["http", "https", "ftp"].contains(&uri.scheme().as_str()) {
        return Err(format!("{text:?} is neither http, https nor ftp; name a URL {example}"));
    }
    let authority = uri.authority().filter(|authority| !authority.host().is_empty());
    let Some(authority) = authority else {
        return Err(format!("{text:?} has no host; name a URL {example}"));
    };
    if authority.userinfo().is_some() {
        return Err(format!(
            "{SECRET}, which the installed system would keep for all to read; use one without"
        ));
    }
    if authority.port_to_u16().is_err() {
        return Err(format!("{text:?} has a port that is none"));
    }
    if text.to_ascii_lowercase().ends_with(".iso") {
        return Err(format!("{text:?} is an image; the installer takes the tree that is in it, {example}"));
    }
    if uri.query().is_some() || uri.fragment().is_some() {
        return Err(format!("{text:?} has a query or fragment, below which there is no tree"));
    }
    Ok(())
}

/// What a message says of a value that is not to be shown.
pub(super) const SECRET: &str = "has a user in the URL";

/// `NAME=URL`.
pub(super) fn repository(word: &str) -> Result<Repository, String> {
    let (name, url) = word.split_once('=').ok_or_else(|| format!("{word:?} is not NAME=URL"))?;
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c)) {
        return Err(format!("{name:?} is no repository's name of letters, digits, ., _ and -"));
    }
    check_url(url)?;
    Ok(Repository { name: name.to_owned(), url: url.to_owned() })
}

/// `MOUNT=SIZE[+][:FSTYPE]`.
pub(super) fn partition(word: &str) -> Result<Partition, String> {
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
    let inseparable = [
        "/bin",
        "/sbin",
        "/dev",
        "/etc",
        "/lib",
        "/lib64",
        "/lost+found",
        "/mnt",
        "/proc",
        "/root",
        "/run",
        "/sys",
    ];
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
    let size = size.strip_suffix('+').unwrap_or(size);
    let (digits, unit) = size.split_at(size.char_indices().next_back().map_or(0, |(at, _)| at));
    let factor = match unit {
        "M" => 1,
        "G" => 1 << 10,
        "T" => 1 << 20,
        _ => 0,
    };
    let number = digits.parse::<u64>().ok().filter(|_| digits.bytes().all(|b| b.is_ascii_digit()));
    let mib = number.and_then(|number| number.checked_mul(factor));
    let fewest = match mount {
        "/" => 8 << 10,
        "/boot" => 512,
        _ => 1,
    };
    if let Some(mib) = mib.filter(|mib| (1..fewest).contains(mib)) {
        return Err(format!("{mount} of {mib} MiB cannot hold the system; give it {fewest} MiB at least"));
    }
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
            "/mnt=1G",
            "/lost+found=1G",
            "/=20G++",
            "/=+20G",
            "/=1G",
            "/boot=100M",
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
            "HTTPS://a/",
            "http://a:99999/",
            "http://a/rocky.iso",
        ] {
            assert!(check_url(url).is_err(), "{url}");
        }
    }
}
