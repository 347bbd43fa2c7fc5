//! ISO 9660, as Linux mounts it: the primary tree with Rock Ridge where it has that, else Joliet's, else plain names.
//!
//! A directory is entered once: one that leads back to itself is an error. Continuation areas are followed as far as Linux
//! follows them. Limits: logical blocks of 2048 bytes, no interleaved files, the first session, no zisofs.
//! Sources: ECMA-119 (4th edition), the Joliet Specification of 1995, SUSP 1.10 and RRIP 1.10; Linux 4.18, fs/isofs, for
//! where readers differ.

mod descriptors;
mod place;
mod record;
mod rockridge;

use std::collections::HashSet;
use std::ops::Range;

use anyhow::{Context, Result, ensure};

use super::Volume;
use super::device::Device;
use super::entries::{Content, DEEPEST, Entries, Entry, EntryKind, MOST, join, plain};
use descriptors::Descriptors;
use place::Root;
use record::Record;
use rockridge::Fields;

pub(super) use descriptors::is_iso;

const SECTOR: u64 = 2048;

/// Bytes of one directory, and of all together. A record has 34 bytes and more.
const LARGEST_DIRECTORY: u64 = 16 << 20;
const DIRECTORIES: u64 = 64 << 20;

/// Extents of one file, of up to 4 GiB each.
const MOST_EXTENTS: usize = 64;

/// Which of the trees and names is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Names {
    /// With the bytes to skip at the beginning of each system use area.
    RockRidge(usize),
    Joliet,
    Plain,
}

/// Reads the volume.
///
/// # Errors
/// When it is damaged, or exceeds the bounds of [`super::entries`].
pub(super) fn read(device: &mut Device) -> Result<Volume> {
    let descriptors = Descriptors::read(device)?;
    let primary = descriptors.primary;
    let (root, names) = match (rockridge::skip(device, &primary)?, descriptors.joliet) {
        (Some(skip), _) => (primary, Names::RockRidge(skip)),
        (None, Some(joliet)) => (joliet, Names::Joliet),
        (None, None) => (primary, Names::Plain),
    };
    let mut walk =
        Walk { names, entries: Entries::default(), seen: HashSet::new(), left: DIRECTORIES, areas: 4 * MOST };
    let mut pending = vec![(String::new(), root)];
    while let Some((path, place)) = pending.pop() {
        let found = walk.directory(device, &path, place);
        pending.extend(found.with_context(|| format!("directory /{path} at byte {}", place.start()))?);
    }
    let format = match names {
        Names::RockRidge(_) => "ISO 9660 with Rock Ridge",
        Names::Joliet => "ISO 9660 with Joliet",
        Names::Plain => "ISO 9660 with plain names",
    };
    let mut volume = Volume::new(format, walk.entries.finish()?);
    volume.labels = descriptors.labels;
    volume.cut_off = Some(descriptors.length).filter(|length| *length > device.len());
    Ok(volume)
}

struct Walk {
    names: Names,
    entries: Entries,
    /// First sectors of directories.
    seen: HashSet<u32>,
    /// Bytes of directories that may still be read.
    left: u64,
    /// Continuation areas that may still be read.
    areas: usize,
}

impl Walk {
    /// Adds what a directory has, and returns the directories in it.
    fn directory(&mut self, device: &mut Device, above: &str, place: Root) -> Result<Vec<(String, Root)>> {
        ensure!(self.seen.insert(place.sector), "it is its own parent, or in two places");
        ensure!(above.split('/').count() <= DEEPEST, "more than {DEEPEST} levels of directories");
        let size = u64::from(place.bytes);
        ensure!(size <= LARGEST_DIRECTORY, "it has {size} bytes; no directory of a seed has so many");
        self.left = self.left.checked_sub(size).context("too many directories; no seed has so many")?;
        let bytes = device.bytes(place.start(), size as usize, "its records")?;
        let mut found = Vec::new();
        // Extents of a file that has several.
        let mut earlier: Vec<Range<u64>> = Vec::new();
        for record in record::all(&bytes, place.start()) {
            let record = record?;
            if record.is_self_or_parent() || record.is_associated() {
                continue;
            }
            let at = record.at;
            let fields = match self.names {
                Names::RockRidge(skip) => rockridge::fields(device, &record, skip, &mut self.areas)?,
                Names::Joliet | Names::Plain => Fields::default(),
            };
            // Linux finds it where its CL field is.
            if fields.relocated {
                continue;
            }
            let name = self.name(&record, &fields);
            let path = join(above, &name).with_context(|| format!("record at byte {at}"))?;
            let child = fields.child.map(|sector| relocated(device, sector)).transpose()?;
            if record.is_directory() || child.is_some() {
                found.push((path.clone(), child.unwrap_or(record.place())));
                self.entries.add(path, Entry::new(EntryKind::Directory, fields.permissions()), Some(at))?;
                continue;
            }
            let range = record.data();
            device.check(
                range.start,
                range.end - range.start,
                &format!("/{} (record at byte {at})", plain(&path)),
            )?;
            if range.start < range.end {
                earlier.push(range);
            }
            ensure!(
                earlier.len() <= MOST_EXTENTS,
                "record at byte {at}: a file of more than {MOST_EXTENTS} extents"
            );
            if record.continues() {
                continue;
            }
            let ranges = std::mem::take(&mut earlier);
            self.entries.add(path, entry(&fields, ranges)?, Some(at))?;
        }
        ensure!(earlier.is_empty(), "its last file is unfinished");
        Ok(found)
    }

    fn name(&self, record: &Record<'_>, fields: &Fields) -> String {
        match (self.names, &fields.name) {
            (Names::RockRidge(_), Some(name)) => super::entries::text(name),
            (Names::Joliet, _) => record.joliet_name(),
            (Names::RockRidge(_) | Names::Plain, _) => record.plain_name(),
        }
    }
}

fn entry(fields: &Fields, ranges: Vec<Range<u64>>) -> Result<Entry> {
    Ok(match fields.kind() {
        EntryKind::Symlink => Entry::symlink(fields.permissions(), &fields.target)?,
        EntryKind::File | EntryKind::Directory => {
            let size = ranges.iter().map(|range| range.end - range.start).sum();
            Entry::file(fields.permissions(), size, Content::Ranges(ranges))
        }
        EntryKind::Other => Entry::new(EntryKind::Other, fields.permissions()),
    })
}

/// The place of a directory that was too deep for ISO 9660, by its own first record.
fn relocated(device: &mut Device, sector: u32) -> Result<Root> {
    let start = u64::from(sector) * SECTOR;
    let bytes = device.bytes(start, SECTOR as usize, "a relocated directory")?;
    let own = record::all(&bytes, start).next();
    let own = own.with_context(|| format!("relocated directory at byte {start}: it has no records"))??;
    Ok(Root { sector, bytes: own.place().bytes })
}
