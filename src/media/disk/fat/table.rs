//! The file allocation table: one entry for each cluster, with the number of the next one.

use super::Plan;
use super::geometry::{Geometry, Width};
use crate::media::disk::SECTOR;

/// The number of the first cluster; the two entries before it are for the table itself.
pub(super) const FIRST: u32 = 2;

/// BPB_Media of a disk that is not removable.
pub(super) const MEDIA: u8 = 0xf8;

/// Clusters in one piece.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Chain {
    pub(super) first: u32,
    pub(super) clusters: u32,
}

/// The table of a volume, which lies there twice.
pub(super) fn encode(plan: &Plan) -> Vec<u8> {
    let Geometry { width, table, .. } = plan.geometry;
    let mut bytes = vec![0; (u64::from(table) * SECTOR) as usize];
    // The upper four bits of FAT32 are no part of an entry.
    let end = if width == Width::Fat32 { 0x0fff_ffff } else { (1 << width.bits()) - 1 };
    put(&mut bytes, width, 0, end & !0xff | u32::from(MEDIA));
    // Also says that the volume was unmounted and has no errors.
    put(&mut bytes, width, 1, end);
    for chain in plan.directories.iter().chain(&plan.files) {
        for cluster in chain.first..chain.first + chain.clusters {
            let last = cluster + 1 == chain.first + chain.clusters;
            put(&mut bytes, width, cluster, if last { end } else { cluster + 1 });
        }
    }
    bytes
}

/// Sets the entry of `cluster`, which is zero.
fn put(bytes: &mut [u8], width: Width, cluster: u32, value: u32) {
    let at = cluster as usize;
    match width {
        Width::Fat12 => {
            // Two entries share the middle one of three bytes.
            let value = (value as u16) << if cluster.is_multiple_of(2) { 0 } else { 4 };
            let [low, high] = value.to_le_bytes();
            bytes[at + at / 2] |= low;
            bytes[at + at / 2 + 1] |= high;
        }
        Width::Fat16 => bytes[2 * at..][..2].copy_from_slice(&(value as u16).to_le_bytes()),
        Width::Fat32 => bytes[4 * at..][..4].copy_from_slice(&value.to_le_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_of_each_width() {
        let encoded = |width| {
            let mut bytes = [0; 8];
            put(&mut bytes, width, 0, 0x123);
            put(&mut bytes, width, 1, 0xabc);
            bytes
        };
        assert_eq!(encoded(Width::Fat12), [0x23, 0xc1, 0xab, 0, 0, 0, 0, 0]);
        assert_eq!(encoded(Width::Fat16), [0x23, 0x01, 0xbc, 0x0a, 0, 0, 0, 0]);
        assert_eq!(encoded(Width::Fat32), [0x23, 0x01, 0, 0, 0xbc, 0x0a, 0, 0]);
    }
}
