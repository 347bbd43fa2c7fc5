//! FAT12, FAT16 and FAT32 with long names, as Linux's vfat reads them: for seeds by vastimg, by cloud-localds, and by
//! mkfs.vfat and mcopy.
//!
//! Every cluster belongs to one file: a chain that meets one again, its own or another's, is an error, so that reading ends
//! whatever the table says. Names are found in either case. Limits: the first table counts, times are not read.
//! Source: Microsoft's FAT specification of 2000 (fatgen103); Linux 4.18, fs/fat, for where readers differ.

mod boot;
mod names;
mod numbers;
mod table;

use std::ops::Range;

use anyhow::{Context, Result, ensure};

use super::device::Device;
use super::entries::{Content, DEEPEST, Entries, Entry, EntryKind, join, plain};
use super::{Label, Volume};
use boot::Boot;
use names::LongName;
use table::Table;

pub(super) use boot::is_fat;

/// Bytes of a directory entry, and of the largest directory (fatgen103, "FAT Directory Structure").
const ENTRY: usize = 32;
const LARGEST_DIRECTORY: u64 = 65_536 * ENTRY as u64;

const LABEL: u8 = 0x08;
const DIRECTORY: u8 = 0x10;
const LONG_NAME: u8 = 0x0F;

/// Reads the volume that lies at `place`.
///
/// # Errors
/// When it is damaged, or exceeds the bounds of [`super::entries`].
pub(super) fn read(device: &mut Device, place: &Range<u64>) -> Result<Volume> {
    let boot = Boot::read(device, place)?;
    let mut table = Table::new(&boot);
    let mut entries = Entries::default();
    let mut root_label = None;
    let root = match boot.root_cluster {
        Some(cluster) => {
            table.chain(device, cluster, LARGEST_DIRECTORY, true).context("the root directory")?
        }
        None => vec![boot.root.clone()],
    };
    let mut pending = vec![(String::new(), root)];
    while let Some((above, ranges)) = pending.pop() {
        let depth = above.split('/').count();
        let mut long = LongName::default();
        for (at, record) in records(device, &ranges).with_context(|| format!("directory /{above}"))? {
            let record = record.as_slice();
            let attributes = record[11];
            if record[0] == 0xE5 {
                long = LongName::default();
                continue;
            }
            if attributes & 0x3F == LONG_NAME {
                long.push(record);
                continue;
            }
            let long = std::mem::take(&mut long);
            if attributes & LABEL != 0 {
                if above.is_empty() && root_label.is_none() {
                    root_label = Some(names::label(&record[..11]));
                }
                continue;
            }
            if &record[..11] == b".          " || &record[..11] == b"..         " {
                continue;
            }
            let name = long.finish(record).unwrap_or_else(|| names::short(record));
            let path = join(&above, &name).with_context(|| format!("entry at byte {at}"))?;
            let context = || format!("/{} at byte {at}", plain(&path));
            let cluster = boot.cluster(record);
            let entry = if attributes & DIRECTORY != 0 {
                ensure!(depth < DEEPEST, "entry at byte {at}: more than {DEEPEST} levels of directories");
                let ranges = table.chain(device, cluster, LARGEST_DIRECTORY, true).with_context(context)?;
                pending.push((path.clone(), ranges));
                Entry::new(EntryKind::Directory, None)
            } else {
                let size = u32::from_le_bytes([record[28], record[29], record[30], record[31]]).into();
                let ranges = match size {
                    0 => Vec::new(),
                    size => table.chain(device, cluster, size, false).with_context(context)?,
                };
                Entry::file(None, size, Content::Ranges(ranges))
            };
            entries.add(path, entry, Some(at))?;
        }
    }
    let mut volume = Volume::new(boot.kind.title(), entries.finish()?);
    volume.any_case = true;
    // libblkid takes the root directory's label first, and the boot sector's unless it says that there is none.
    volume.labels.extend(root_label.map(|text| Label { place: "root directory", text }));
    volume.labels.extend(boot.label.map(|text| Label { place: "boot sector", text }));
    Ok(volume)
}

/// A directory's records and their places, up to the one that says that there are no more.
fn records(device: &mut Device, ranges: &[Range<u64>]) -> Result<Vec<(u64, [u8; ENTRY])>> {
    let mut records = Vec::new();
    for range in ranges {
        let bytes = device.bytes(range.start, (range.end - range.start) as usize, "its records")?;
        for (number, record) in bytes.as_chunks::<ENTRY>().0.iter().enumerate() {
            if record[0] == 0 {
                return Ok(records);
            }
            records.push((range.start + (number * ENTRY) as u64, *record));
        }
    }
    Ok(records)
}
