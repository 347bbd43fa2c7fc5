//! A disk with an MBR: its primary partitions, of which those with a FAT volume are read.
//!
//! Limits: sectors of 512 bytes; extended partitions are not entered; a GPT disk is refused by name, for its MBR says
//! nothing. Source: the partition table as Linux reads it (block/partitions/msdos.c).

use anyhow::{Context, Result, bail, ensure};

use super::device::Device;
use super::{Volume, fat};

const SECTOR: u64 = 512;
const GPT: u8 = 0xEE;

/// The volumes of a disk; none where `head`, its first sector, is no MBR.
///
/// # Errors
/// When partitions overlap or leave the image, or a volume in one is damaged.
pub(super) fn read(device: &mut Device, head: &[u8]) -> Result<Option<Vec<Volume>>> {
    if head.get(510..512) != Some(&[0x55, 0xAA]) {
        return Ok(None);
    }
    let mut partitions = Vec::new();
    for (number, entry) in head[446..510].chunks_exact(16).enumerate() {
        let field = |at: usize| {
            u64::from(u32::from_le_bytes([entry[at], entry[at + 1], entry[at + 2], entry[at + 3]]))
        };
        let (active, kind, first, count) = (entry[0], entry[4], field(8), field(12));
        if kind == 0 && count == 0 {
            continue;
        }
        // A boot sector of something else ends in 55 AA too.
        if !matches!(active, 0 | 0x80) || kind == 0 || first == 0 || count == 0 {
            return Ok(None);
        }
        if kind == GPT {
            bail!("byte {}: a GPT disk, which is not read; vastimg writes an MBR", 446 + 16 * number);
        }
        partitions.push((number + 1, kind, first * SECTOR..(first + count) * SECTOR));
    }
    if partitions.is_empty() {
        return Ok(None);
    }
    let mut volumes = Vec::new();
    for (number, kind, place) in &partitions {
        let context = || format!("partition {number} at byte {}", place.start);
        device.check(place.start, place.end - place.start, &format!("partition {number}"))?;
        for (other, _, before) in partitions.iter().take_while(|(other, ..)| other != number) {
            ensure!(
                place.end <= before.start || place.start >= before.end,
                "partition {number} at byte {}: it overlaps partition {other}",
                place.start
            );
        }
        let boot = device.at_most(place.start, 512)?;
        volumes.push(if fat::is_fat(&boot) {
            fat::read(device, place).with_context(context)?
        } else {
            Volume::new(format!("no FAT volume (partition type {kind:02x})"), Default::default())
        });
    }
    Ok(Some(volumes))
}
