//! The boot sector: where tables, root directory and clusters are, and how wide the table's entries are.

use std::ops::Range;

use anyhow::{Result, ensure};

use super::names;
use super::numbers::{u16_at, u32_at};
use crate::image::device::Device;

/// How many bits a table entry has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Fat12,
    Fat16,
    Fat32,
}

impl Kind {
    pub(super) fn title(self) -> &'static str {
        match self {
            Kind::Fat12 => "FAT12",
            Kind::Fat16 => "FAT16",
            Kind::Fat32 => "FAT32",
        }
    }
}

/// What the boot sector says, as ranges of the image.
#[derive(Debug)]
pub(super) struct Boot {
    pub(super) kind: Kind,
    pub(super) label: Option<String>,
    /// The first table.
    pub(super) table: Range<u64>,
    /// The root directory of FAT12 and FAT16.
    pub(super) root: Range<u64>,
    /// That of FAT32.
    pub(super) root_cluster: Option<u32>,
    /// Where cluster 2 begins.
    pub(super) data: u64,
    /// Bytes in a cluster.
    pub(super) cluster: u64,
    /// Clusters are numbered from 2 up to this, exclusive.
    pub(super) clusters: u32,
}

/// Whether a first sector is that of a FAT volume, by the same fields that Linux's fat_read_bpb asks.
pub(in crate::image) fn is_fat(head: &[u8]) -> bool {
    if head.len() < 512 || head[510..512] != [0x55, 0xAA] {
        return false;
    }
    let sector = u16_at(head, 11);
    let (per_cluster, reserved, tables, media) = (head[13], u16_at(head, 14), head[16], head[21]);
    matches!(head[0], 0xEB | 0xE9)
        && sector.is_power_of_two()
        && (512..=4096).contains(&sector)
        && per_cluster.is_power_of_two()
        && reserved != 0
        && tables != 0
        && (media >= 0xF8 || media == 0xF0)
}

impl Boot {
    pub(super) fn read(device: &mut Device, place: &Range<u64>) -> Result<Self> {
        let at = place.start;
        let head = device.bytes(at, 512, "the boot sector")?;
        let sector = u64::from(u16_at(&head, 11));
        let cluster = sector * u64::from(head[13]);
        let either = |small: u64, large: u64| if small != 0 { small } else { large };
        let total = either(u16_at(&head, 19).into(), u32_at(&head, 32).into()) * sector;
        let wide = u16_at(&head, 22) == 0;
        let table_length = either(u16_at(&head, 22).into(), u32_at(&head, 36).into()) * sector;
        ensure!(
            at + total <= place.end,
            "boot sector at byte {at}: a volume of {total} bytes, but there are only {}; it is cut off",
            place.end - at
        );
        let table = at + u64::from(u16_at(&head, 14)) * sector;
        let root = table + u64::from(head[16]) * table_length;
        let root_end = root + u64::from(u16_at(&head, 17)) * 32;
        let data = root_end.next_multiple_of(sector.max(1));
        ensure!(
            cluster > 0 && table_length > 0 && data < at + total,
            "boot sector at byte {at}: its tables leave no room for files"
        );
        // As many as both the volume and the table have room for; two entries of the table are of no cluster.
        let count = (at + total - data) / cluster;
        let kind = match count {
            _ if wide => Kind::Fat32,
            ..=4084 => Kind::Fat12,
            _ => Kind::Fat16,
        };
        let entries = table_length * 8
            / match kind {
                Kind::Fat12 => 12,
                Kind::Fat16 => 16,
                Kind::Fat32 => 32,
            };
        let clusters = (count + 2).min(entries).min(0x0FFF_FFF7);
        ensure!(clusters > 2, "boot sector at byte {at}: it has no clusters");
        let (signature, label) = if wide { (66, 71) } else { (38, 43) };
        let label = (head[signature] == 0x29).then(|| names::label(&head[label..label + 11]));
        Ok(Boot {
            kind,
            // The word for "none".
            label: label.filter(|label| label != "NO NAME"),
            table: table..table + table_length,
            root: root..root_end,
            root_cluster: wide.then(|| u32_at(&head, 44)),
            data,
            cluster,
            clusters: u32::try_from(clusters).unwrap_or(2),
        })
    }

    /// The first cluster of a directory entry.
    pub(super) fn cluster(&self, record: &[u8]) -> u32 {
        let high = if self.kind == Kind::Fat32 { u32::from(u16_at(record, 20)) << 16 } else { 0 };
        high | u32::from(u16_at(record, 26))
    }
}
