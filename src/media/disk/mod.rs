//! A raw disk with a classic partition table (MBR) and FAT partitions. As a seed it has two, so that one image serves
//! both ways: CIDATA for cloud-init's NoCloud data source, OEMDRV with `/ks.cfg` for Rocky's installer (Anaconda).
//!
//! The file `ks.cfg` at the root of the tree goes to OEMDRV, and everything else to CIDATA. The payload is not carried
//! twice: both partitions are on one disk, and the kickstart's %post finds the payload on CIDATA by its digest.
//!
//! The layout is a pure function of tree and date; the bytes then leave front to back, so the output may be a pipe.
//! No partition is gathered in memory: only its directories, and its allocation table of at most 4 bytes for 4 KiB of
//! content. Payloads are read twice, as the volume ids are digests of them.
//!
//! Limits: FAT has no modes, owners and symbolic links. Links are refused; modes are dropped, and whoever mounts it sees
//! one for all, by default 0755, also where a file holds a secret. Its dates have no zone and are written as UTC. Linux
//! mounts without the option `utf8` may show `?` for characters beyond ASCII in names. One partition holds up to 1 TiB,
//! the disk up to 2 TiB. There is no boot code, so firmware must not try to boot from it.
//!
//! FAT is written here and not by the crate fatfs 0.3.6, which was tried: it needs a target to seek in, so the whole
//! partition in memory, leaves the hidden sectors at zero, gives `.x` a short name that fsck.vfat calls bad, and does not
//! size the root directory by its content.
//!
//! Sources: Microsoft's FAT specification of 2004 ("fatgen103", 1.03), ECMA-107, and the table's layout as in sfdisk(8).

mod fat;
mod mbr;

use std::io::{BufWriter, Write};

use anyhow::{Context, Result, ensure};

use super::tree::{Entry, Tree};
use super::{FileMedium, Options};
use crate::digest;

/// Bytes in a sector.
const SECTOR: u64 = 512;
/// Sectors in 1 MiB, of which the start and the size of each partition are multiples. It is also one cylinder of the
/// geometry that both table and volumes state, so mtools finds whole tracks.
const ALIGNMENT: u64 = 1024 * 1024 / SECTOR;
/// Heads and sectors per track of that geometry.
const HEADS: u32 = 64;
const TRACK: u32 = 32;

/// The kickstart that Anaconda looks for at the root of a volume labelled OEMDRV.
const KICKSTART: &str = "ks.cfg";

/// `.img`.
pub struct Disk;

impl FileMedium for Disk {
    fn extensions(&self) -> &'static [&'static str] {
        &["img", "raw"]
    }

    fn write(&self, tree: &Tree, options: &Options, out: &mut dyn Write) -> Result<()> {
        let kickstart =
            |(path, entry): &(&str, &Entry)| *path == KICKSTART && matches!(entry, Entry::File { .. });
        let (oemdrv, cidata): (Vec<_>, Vec<_>) = tree.iter().partition(kickstart);
        ensure!(
            !oemdrv.is_empty(),
            "writing the disk image: there is no file {KICKSTART} for its partition OEMDRV; a seed for cloud-init alone \
             is --format iso"
        );
        let partitions = [("CIDATA", cidata), ("OEMDRV", oemdrv)]
            .map(|(label, entries)| Partition { label: label.to_owned(), entries });
        write(&partitions, options.modified, out)
    }
}

/// One partition and what is on it.
#[derive(Clone, Debug)]
pub struct Partition<'t> {
    /// Volume label: 1 to 11 of `A`-`Z`, `0`-`9` and `_`.
    pub label: String,
    /// Entries by path, in the order of [`Tree::iter`]; it need not be a whole tree, but with each its directories.
    pub entries: Vec<(&'t str, &'t Entry)>,
}

impl<'t> Partition<'t> {
    /// With all of `tree`.
    pub fn new(label: &str, tree: &'t Tree) -> Self {
        Partition { label: label.to_owned(), entries: tree.iter().collect() }
    }
}

/// Writes a disk with `partitions`, one to four, in their order. All dates are `modified`, in seconds since 1970; those
/// before 1980 become the first moment of 1980. The image ends where the last partition does.
///
/// # Errors
/// Before the first byte is written: when the number of partitions, a label or the date cannot be recorded, when an entry
/// is a symbolic link, when a name, a file, a directory or the whole exceeds what the format carries, and when two names
/// in one directory differ only in case. Afterwards: when `out` fails.
pub fn write(partitions: &[Partition], modified: u64, out: &mut dyn Write) -> Result<()> {
    ensure!(
        (1..=mbr::SLOTS).contains(&partitions.len()),
        "laying out the disk image: its table holds 1 to {} partitions, and these are {}",
        mbr::SLOTS,
        partitions.len()
    );
    for (index, partition) in partitions.iter().enumerate() {
        ensure!(
            partitions[..index].iter().all(|other| other.label != partition.label),
            "laying out the disk image: two partitions are labelled {:?}, and readers would take either; rename one",
            partition.label
        );
    }
    let mut plans = Vec::new();
    let mut start = ALIGNMENT;
    for partition in partitions {
        let context = || format!("laying out partition {} of the disk image", partition.label);
        let plan = fat::plan(partition, modified).with_context(context)?;
        let begins = u32::try_from(start).context(TOO_LARGE).with_context(context)?;
        start += plan.sectors();
        plans.push((begins, plan));
    }
    ensure!(u32::try_from(start).is_ok(), TOO_LARGE);

    // Whoever makes the same disk again makes the same ids, and another content has others.
    let mut volumes = Vec::new();
    for ((start, plan), partition) in plans.iter().zip(partitions) {
        let id = fat::volume_id(partition, modified).context("reading the content of the disk image")?;
        volumes.push(fat::Volume { plan, id, start: *start });
    }
    let ids: Vec<u8> = volumes.iter().flat_map(|volume| volume.id.to_le_bytes()).collect();
    let rows: Vec<mbr::Row> = volumes.iter().map(fat::Volume::row).collect();

    let mut out = BufWriter::with_capacity(64 * 1024, out);
    let table = || "writing the partition table of the disk image";
    out.write_all(&mbr::encode(&rows, id_of(&ids))).with_context(table)?;
    fat::zeros(&mut out, (ALIGNMENT - 1) * SECTOR).with_context(table)?;
    for (volume, partition) in volumes.iter().zip(partitions) {
        fat::write(volume, &mut out)
            .with_context(|| format!("writing partition {} of the disk image", partition.label))?;
    }
    out.flush().context("writing the end of the disk image")
}

const TOO_LARGE: &str =
    "it would pass 2 TiB, which is as far as a classic partition table counts; put less into it";

/// A number that stands for `bytes`: the first four of their SHA-256, or one in place of zero, which means "none".
fn id_of(bytes: &[u8]) -> u32 {
    let digits = digest::sha256(bytes);
    u32::from_str_radix(&digits[..8], 16).unwrap_or(0).max(1)
}
