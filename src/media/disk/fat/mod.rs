//! One FAT volume: FAT12, FAT16 or FAT32 by its size, with long names (VFAT), and just as large as its content needs.
//!
//! In order of sectors: reserved ones with the boot sector; two equal allocation tables; the root directory, where it is
//! no chain of clusters; then clusters of 4 KiB, with the directories before the files, each in one piece.
//!
//! Source: Microsoft's FAT specification of 2004, here with the names of its fields.

mod boot;
mod date;
mod geometry;
mod names;
mod nodes;
mod records;
mod table;
mod writer;

use std::fmt::Write as _;
use std::io;

use anyhow::{Result, ensure};

use super::{Partition, id_of, mbr};
use crate::digest;
use crate::media::tree::Entry;
use date::Date;
use geometry::{Demand, Geometry, Width};
use nodes::Nodes;
use table::Chain;

pub(super) use writer::{write, zeros};

/// A volume without its place on the disk.
#[derive(Debug)]
pub(super) struct Plan<'t> {
    label: [u8; 11],
    date: Date,
    nodes: Nodes<'t>,
    geometry: Geometry,
    /// Of each directory. That of a root outside of the clusters is empty.
    directories: Vec<Chain>,
    /// Of each file.
    files: Vec<Chain>,
}

/// A volume with its place and its identity.
#[derive(Debug)]
pub(super) struct Volume<'p, 't> {
    pub(super) plan: &'p Plan<'t>,
    /// Volume id (BS_VolID), which readers show as the UUID.
    pub(super) id: u32,
    /// Its first sector on the disk (BPB_HiddSec).
    pub(super) start: u32,
}

/// Lays out the volume of `partition`.
pub(super) fn plan<'t>(partition: &Partition<'t>, modified: u64) -> Result<Plan<'t>> {
    let label = label(&partition.label)?;
    let date = Date::from_epoch(modified)?;
    let nodes = nodes::collect(&partition.entries)?;

    let lengths = |index: usize| nodes::bytes(&nodes, index);
    let below: u64 = (1..nodes.directories.len()).map(|index| geometry::clusters(lengths(index))).sum();
    let content: u64 = nodes.files.iter().map(|file| geometry::clusters(u64::from(file.bytes))).sum();
    let geometry = geometry::fit(Demand { clusters: below + content, root_bytes: lengths(0) })?;

    let mut free = table::FIRST;
    let mut take = |bytes: u64| {
        let chain = Chain { first: free, clusters: geometry::clusters(bytes) as u32 };
        free += chain.clusters;
        // What has no cluster is recorded to begin at zero.
        if chain.clusters == 0 { Chain::default() } else { chain }
    };
    let chained =
        |index: usize| if index == 0 && geometry.width != Width::Fat32 { 0 } else { lengths(index) };
    let directories = (0..nodes.directories.len()).map(|index| take(chained(index))).collect();
    let files = nodes.files.iter().map(|file| take(u64::from(file.bytes))).collect();
    Ok(Plan { label, date, nodes, geometry, directories, files })
}

impl Plan<'_> {
    /// Sectors of the volume.
    pub(super) fn sectors(&self) -> u64 {
        u64::from(self.geometry.sectors)
    }

    /// Clusters that are in use.
    fn used(&self) -> u32 {
        self.directories.iter().chain(&self.files).map(|chain| chain.clusters).sum()
    }
}

impl Volume<'_, '_> {
    /// Its row in the partition table.
    pub(super) fn row(&self) -> mbr::Row {
        let Geometry { width, sectors, .. } = self.plan.geometry;
        mbr::Row { kind: width.partition_type(), start: self.start, sectors }
    }
}

/// A digest of all that is recorded of `partition`.
pub(super) fn volume_id(partition: &Partition, modified: u64) -> io::Result<u32> {
    let mut text = format!("{} {modified}\n", partition.label);
    for (path, entry) in &partition.entries {
        let content = match entry {
            Entry::File { payload, .. } => digest::sha256_of(&mut payload.reader())?,
            _ => String::new(),
        };
        let _ = writeln!(text, "{path} {content}");
    }
    Ok(id_of(text.as_bytes()))
}

/// The label as both the boot sector and the root directory have it, filled with spaces.
fn label(label: &str) -> Result<[u8; 11]> {
    let plain = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    ensure!(
        (1..=11).contains(&label.len()) && label.chars().all(plain),
        "the label {label:?} is not 1 to 11 of A-Z, 0-9 and _, as which every reader shows it; use CIDATA for cloud-init \
         or OEMDRV for Anaconda"
    );
    let mut field = [b' '; 11];
    field[..label.len()].copy_from_slice(label.as_bytes());
    Ok(field)
}
