//! How large a volume is and which width its table has: a pure function of what it has to hold.
//!
//! Clusters are 4 KiB at every size, a page of the VM, so the width follows from the size alone: FAT12 up to some 16 MiB,
//! FAT16 up to some 256 MiB, FAT32 beyond. All areas begin at multiples of 4 KiB, as mkfs.fat aligns them too.

use anyhow::{Result, bail};

use super::super::{ALIGNMENT, SECTOR};

/// Bytes and sectors in a cluster.
pub(super) const CLUSTER: u64 = 4096;
pub(super) const CLUSTER_SECTORS: u64 = CLUSTER / SECTOR;
/// Bytes in a directory entry.
pub(super) const SLOT: u64 = 32;
/// Slots of a root directory outside of the clusters, at the least, which is what most volumes have.
const ROOT_SLOTS: u64 = 512;
/// Readers tell the width by the number of clusters, and some are off by a few where it changes; the specification asks
/// to keep this far away.
const MARGIN: u64 = 16;

/// The width of a table's entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Width {
    Fat12,
    Fat16,
    Fat32,
}

impl Width {
    pub(super) fn bits(self) -> u64 {
        match self {
            Width::Fat12 => 12,
            Width::Fat16 => 16,
            Width::Fat32 => 32,
        }
    }

    /// The type byte in the partition table, in its form for sector numbers (LBA) where there is one.
    pub(super) fn partition_type(self) -> u8 {
        match self {
            Width::Fat12 => 0x01,
            Width::Fat16 => 0x0e,
            Width::Fat32 => 0x0c,
        }
    }

    /// The fewest and the most clusters, at which every reader sees this width.
    fn clusters(self) -> (u64, u64) {
        match self {
            Width::Fat12 => (1, 4084 - MARGIN),
            Width::Fat16 => (4085 + MARGIN, 65_524 - MARGIN),
            Width::Fat32 => (65_525 + MARGIN, 0x0fff_fff5 - MARGIN),
        }
    }

    /// Sectors before the first table (BPB_RsvdSecCnt).
    fn reserved(self) -> u64 {
        if self == Width::Fat32 { 32 } else { CLUSTER_SECTORS }
    }
}

/// What a volume has to hold.
#[derive(Clone, Copy, Debug)]
pub(super) struct Demand {
    /// Clusters without those of the root directory.
    pub(super) clusters: u64,
    /// Bytes of the root directory.
    pub(super) root_bytes: u64,
}

/// Sizes of the areas of a volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Geometry {
    pub(super) width: Width,
    /// Of the volume.
    pub(super) sectors: u32,
    /// Sectors before the first table.
    pub(super) reserved: u16,
    /// Sectors of each of the two tables.
    pub(super) table: u32,
    /// Slots of the root directory, zero where it is a chain of clusters.
    pub(super) root_slots: u16,
    /// Clusters in all.
    pub(super) clusters: u32,
}

/// Clusters for `bytes`.
pub(super) fn clusters(bytes: u64) -> u64 {
    bytes.div_ceil(CLUSTER)
}

/// The smallest volume of whole MiB for `demand`.
///
/// # Errors
/// When there is none: above 1 TiB.
pub(super) fn fit(demand: Demand) -> Result<Geometry> {
    let (_, most) = Width::Fat32.clusters();
    let last = most * CLUSTER_SECTORS / ALIGNMENT;
    // What the content alone takes is tried first; tables add 1 in 500, so the end is near.
    let first = (demand.clusters * CLUSTER_SECTORS / ALIGNMENT).max(1);
    for size in first..=last {
        let widths = [Width::Fat12, Width::Fat16, Width::Fat32];
        let found = widths.iter().find_map(|width| Geometry::of(size * ALIGNMENT, *width, demand));
        if let Some(geometry) = found {
            return Ok(geometry);
        }
    }
    bail!(
        "its content needs {} MiB, and a FAT volume with clusters of 4 KiB ends at 1 TiB; put less into it",
        demand.clusters.saturating_mul(CLUSTER) >> 20
    )
}

impl Geometry {
    /// A volume of `sectors` and `width` if it can be, and if it holds `demand`.
    fn of(sectors: u64, width: Width, demand: Demand) -> Option<Geometry> {
        let chained = width == Width::Fat32;
        let root_slots = (demand.root_bytes / SLOT).max(ROOT_SLOTS).next_multiple_of(CLUSTER / SLOT);
        let root_slots = if chained { 0 } else { root_slots };
        let room = sectors.checked_sub(width.reserved() + root_slots * SLOT / SECTOR)?;
        // The smallest t with t * 4096 >= ((room - 2 * t) / 8 + 2) * bits, as the table has two entries more than
        // there are clusters.
        let (bits, per_cluster) = (width.bits(), CLUSTER_SECTORS);
        let table = ((room + 2 * per_cluster) * bits)
            .div_ceil(SECTOR * 8 * per_cluster + 2 * bits)
            .next_multiple_of(4);
        let clusters = room.checked_sub(2 * table)? / per_cluster;
        let (fewest, most) = width.clusters();
        let wanted = demand.clusters + if chained { self::clusters(demand.root_bytes) } else { 0 };
        if !(fewest..=most).contains(&clusters) || clusters < wanted {
            return None;
        }
        Some(Geometry {
            width,
            sectors: u32::try_from(sectors).ok()?,
            reserved: u16::try_from(width.reserved()).ok()?,
            table: u32::try_from(table).ok()?,
            root_slots: u16::try_from(root_slots).ok()?,
            clusters: u32::try_from(clusters).ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn of(clusters: u64) -> Geometry {
        fit(Demand { clusters, root_bytes: 64 }).unwrap()
    }

    #[test]
    fn every_size_is_consistent_and_the_smallest() {
        let sizes = (0..70_000).step_by(7).chain((70_000..0x0ff0_0000).step_by(1_234_567));
        for wanted in sizes {
            let Geometry { width, sectors, reserved, table, root_slots, clusters } = of(wanted);
            let [sectors, table, clusters] = [sectors, table, clusters].map(u64::from);
            let system = u64::from(reserved) + 2 * table + u64::from(root_slots) * SLOT / SECTOR;
            assert_eq!((sectors % ALIGNMENT, system % CLUSTER_SECTORS), (0, 0), "{wanted}");
            assert_eq!(system + clusters * CLUSTER_SECTORS, sectors, "{wanted}");
            assert!(table * SECTOR * 8 >= (clusters + 2) * width.bits(), "{wanted}: the table is short");
            assert!(clusters >= wanted, "{wanted}");
            // A MiB has 256 clusters; where the width changes, one size is passed over.
            assert!(sectors == ALIGNMENT || clusters < wanted + 2 * 256 + 50, "{wanted}: {clusters}");
            let by_count = match clusters {
                ..4085 => Width::Fat12,
                4085..65_525 => Width::Fat16,
                _ => Width::Fat32,
            };
            assert_eq!(width, by_count, "{wanted}");
        }
    }

    #[test]
    fn widths_follow_from_the_size() {
        let mib = |clusters: u64| (of(clusters).width, u64::from(of(clusters).sectors) / ALIGNMENT);
        assert_eq!(mib(0), (Width::Fat12, 1));
        assert_eq!(mib(3800), (Width::Fat12, 15));
        assert_eq!(mib(3900), (Width::Fat16, 17));
        assert_eq!(mib(65_400), (Width::Fat16, 256));
        assert_eq!(mib(65_509), (Width::Fat32, 257));
        assert_eq!(mib(1 << 20).0, Width::Fat32);
    }

    #[test]
    fn a_crowded_root_has_its_slots() {
        let root = |slots: u64| fit(Demand { clusters: 0, root_bytes: slots * SLOT }).unwrap();
        assert_eq!((root(0).root_slots, root(512).root_slots, root(513).root_slots), (512, 512, 640));
        assert_eq!((root(65_408).width, root(65_408).root_slots), (Width::Fat12, 65_408));
        // Beyond what 16 bits count, the root has to be a chain.
        assert_eq!(root(65_536).width, Width::Fat32);
    }

    #[test]
    fn above_a_tebibyte_there_is_none() {
        let error = fit(Demand { clusters: 1 << 28, root_bytes: 32 }).unwrap_err().to_string();
        assert!(error.contains("1048576 MiB") && error.contains("1 TiB"), "{error}");
    }
}
