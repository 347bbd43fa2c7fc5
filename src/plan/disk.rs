//! The disk that an installation wipes, by a name that can be nothing else: no partition, no file system, no optical drive.
//!
//! Source: the kernel's naming of block devices (sd, vd, xvd, nvme, mmcblk) and udev's persistent names.

use std::fmt;

use anyhow::{Result, bail, ensure};

/// A whole disk, as the installer knows it: a kernel name such as `vda`, or one below `disk/by-id/` or `disk/by-path/`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Disk(String);

impl fmt::Display for Disk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Disk {
    /// A disk by the name that a user gives, with or without `/dev/`.
    ///
    /// # Errors
    /// When it names a partition, something that is never a whole disk, or nothing that Linux knows.
    pub fn named(text: &str) -> Result<Self> {
        let name = text.strip_prefix("/dev/").unwrap_or(text);
        let example = "name a whole disk, such as vda, sda, nvme0n1 or disk/by-id/virtio-SERIAL";
        ensure!(!name.is_empty(), "the name is empty; {example}");
        if let Some((kind, id)) = name.strip_prefix("disk/").and_then(|rest| rest.split_once('/')) {
            ensure!(
                ["by-id", "by-path"].contains(&kind),
                "{text}: {kind} names file systems and partitions, not disks; {example}"
            );
            let allowed = |c: char| c.is_ascii_alphanumeric() || "._:+@=-".contains(c);
            ensure!(
                !id.is_empty() && id.chars().all(allowed) && !matches!(id, "." | ".."),
                "{text}: {id:?} is no name below /dev/disk/{kind}; {example}"
            );
            if let Some((whole, number)) = id.rsplit_once("-part")
                && number.bytes().all(|b| b.is_ascii_digit())
            {
                bail!("{text} is a partition; give the whole disk, disk/{kind}/{whole}");
            }
            return Ok(Disk(name.to_owned()));
        }
        match kernel_name(name) {
            Some((_, "")) => Ok(Disk(name.to_owned())),
            Some((whole, _)) => {
                bail!("{text} is a partition; give the whole disk, {whole}")
            }
            None => bail!("{text} is no disk; {example}"),
        }
    }
}

fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

/// What follows `prefix` and a number.
fn number<'a>(prefix: &str, text: &'a str) -> Option<&'a str> {
    let rest = text.strip_prefix(prefix)?;
    let count = digits(rest);
    (count > 0).then(|| &rest[count..])
}

/// Splits a kernel name into the whole disk and what names a partition of it; none for anything else.
fn kernel_name(name: &str) -> Option<(&str, &str)> {
    // sda, vda, xvda and their partitions sda1
    for prefix in ["sd", "vd", "xvd"] {
        if let Some(rest) = name.strip_prefix(prefix) {
            let letters = rest.bytes().take_while(u8::is_ascii_lowercase).count();
            let (whole, partition) = name.split_at(prefix.len() + letters);
            let fits = (1..=3).contains(&letters) && digits(partition) == partition.len();
            return fits.then_some((whole, partition));
        }
    }
    // nvme0n1, mmcblk0 and their partitions nvme0n1p1
    let rest = match number("nvme", name) {
        Some(rest) => number("n", rest)?,
        None => number("mmcblk", name)?,
    };
    let (whole, partition) = name.split_at(name.len() - rest.len());
    let fits = partition.is_empty() || number("p", partition) == Some("");
    fits.then_some((whole, partition))
}

#[cfg(test)]
mod tests {
    use super::Disk;

    #[test]
    fn whole_disks_are_taken_in_each_of_their_forms() {
        for name in ["vda", "/dev/sda", "sdaa", "xvdb", "nvme0n1", "/dev/nvme10n2", "mmcblk0"] {
            assert_eq!(
                Disk::named(name).map(|disk| disk.to_string()).ok().as_deref(),
                name.rsplit('/').next(),
                "{name}"
            );
        }
        for name in
            ["disk/by-id/virtio-boot.1", "/dev/disk/by-path/pci-0000:00:04.0", "disk/by-id/wwn-0x5000-parted"]
        {
            assert!(Disk::named(name).is_ok(), "{name}");
        }
    }

    #[test]
    fn partitions_and_other_names_are_refused_and_the_whole_disk_is_named() {
        for (name, whole) in [
            ("vda1", "vda"),
            ("/dev/sdb12", "sdb"),
            ("nvme0n1p3", "nvme0n1"),
            ("mmcblk1p1", "mmcblk1"),
            ("disk/by-id/ata-x-part2", "disk/by-id/ata-x"),
        ] {
            let error = Disk::named(name).map_err(|error| error.to_string());
            assert_eq!(error, Err(format!("{name} is a partition; give the whole disk, {whole}")));
        }
        for name in [
            "",
            "/dev/",
            "/",
            "sd",
            "sd1",
            "sdA",
            "vda1x",
            "vda-1",
            "nvme0",
            "nvme0n",
            "nvmen1",
            "nvme0n1p",
            "sr0",
            "loop0",
            "dm-0",
            "md0",
            "mapper/x",
            "disk/by-label/x",
            "disk/by-uuid/x",
            "disk/by-id/",
            "disk/by-id/..",
            "disk/by-id/a b",
            "disk/by-id/a/b",
            "../vda",
            "vda vdb",
            "vda,vdb",
            "vda\n",
            "/dev//dev/vda",
            "all",
        ] {
            assert!(Disk::named(name).is_err(), "{name:?}");
        }
    }
}
