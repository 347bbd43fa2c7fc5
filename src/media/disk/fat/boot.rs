//! The reserved sectors: the boot sector with the parameters of the volume (BPB), and for FAT32 the count of free
//! clusters (FSInfo) and copies of both.

use super::geometry::{CLUSTER_SECTORS, Width};
use super::{Volume, table};
use crate::media::disk::{HEADS, SECTOR, TRACK};

/// BPB_FSInfo, and BPB_BkBootSec, where the copies begin.
const INFORMATION: u16 = 1;
const BACKUP: u16 = 6;
/// BS_BootSig: id, label and type follow.
const EXTENDED: u8 = 0x29;
/// BS_DrvNum: the first hard disk.
const DRIVE: u8 = 0x80;
/// No version here, so that the same tree gives the same bytes with the next release.
const SYSTEM: &[u8; 8] = b"VASTIMG ";
const SIGNATURE: [u8; 2] = [0x55, 0xaa];

/// The reserved sectors of `volume`.
pub(super) fn encode(volume: &Volume) -> Vec<u8> {
    let geometry = volume.plan.geometry;
    let mut area = vec![0; usize::from(geometry.reserved) * SECTOR as usize];
    let boot = boot_sector(volume);
    put(&mut area, 0, &boot);
    if geometry.width == Width::Fat32 {
        let information = information_sector(volume);
        for (sector, bytes) in
            [(INFORMATION, &information), (BACKUP, &boot), (BACKUP + INFORMATION, &information)]
        {
            put(&mut area, usize::from(sector) * SECTOR as usize, bytes);
        }
    }
    area
}

fn boot_sector(volume: &Volume) -> Vec<u8> {
    let geometry = volume.plan.geometry;
    let chained = geometry.width == Width::Fat32;
    let (small, large) = match u16::try_from(geometry.sectors) {
        Ok(sectors) => (sectors, 0),
        Err(_) => (0, geometry.sectors),
    };
    let mut sector = vec![0; SECTOR as usize];
    // A jump over the parameters, by which readers know the sector; there is no code behind.
    put(&mut sector, 0, &[0xeb, if chained { 0x58 } else { 0x3c }, 0x90]);
    put(&mut sector, 3, SYSTEM);
    put(&mut sector, 11, &(SECTOR as u16).to_le_bytes());
    put(&mut sector, 13, &[CLUSTER_SECTORS as u8]);
    put(&mut sector, 14, &geometry.reserved.to_le_bytes());
    put(&mut sector, 16, &[2]);
    put(&mut sector, 17, &geometry.root_slots.to_le_bytes());
    put(&mut sector, 19, &small.to_le_bytes());
    put(&mut sector, 21, &[table::MEDIA]);
    put(&mut sector, 24, &(TRACK as u16).to_le_bytes());
    put(&mut sector, 26, &(HEADS as u16).to_le_bytes());
    put(&mut sector, 28, &volume.start.to_le_bytes());
    put(&mut sector, 32, &large.to_le_bytes());
    let rest = if chained {
        put(&mut sector, 36, &geometry.table.to_le_bytes());
        put(&mut sector, 44, &volume.plan.directories[0].first.to_le_bytes());
        put(&mut sector, 48, &INFORMATION.to_le_bytes());
        put(&mut sector, 50, &BACKUP.to_le_bytes());
        64
    } else {
        put(&mut sector, 22, &(geometry.table as u16).to_le_bytes());
        36
    };
    put(&mut sector, rest, &[DRIVE, 0, EXTENDED]);
    put(&mut sector, rest + 3, &volume.id.to_le_bytes());
    put(&mut sector, rest + 7, &volume.plan.label);
    let width = match geometry.width {
        Width::Fat12 => b"FAT12   ",
        Width::Fat16 => b"FAT16   ",
        Width::Fat32 => b"FAT32   ",
    };
    put(&mut sector, rest + 18, width);
    put(&mut sector, 510, &SIGNATURE);
    sector
}

fn information_sector(volume: &Volume) -> Vec<u8> {
    let plan = volume.plan;
    let free = plan.geometry.clusters - plan.used();
    // All ones: not known.
    let next = if free == 0 { u32::MAX } else { table::FIRST + plan.used() };
    let mut sector = vec![0; SECTOR as usize];
    put(&mut sector, 0, b"RRaA");
    put(&mut sector, 484, b"rrAa");
    put(&mut sector, 488, &free.to_le_bytes());
    put(&mut sector, 492, &next.to_le_bytes());
    put(&mut sector, 510, &SIGNATURE);
    sector
}

fn put(area: &mut [u8], position: usize, bytes: &[u8]) {
    area[position..][..bytes.len()].copy_from_slice(bytes);
}
