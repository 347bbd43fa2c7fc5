//! Rock Ridge: names, modes and symbolic links from the system use fields of a record (SUSP 1.10, RRIP 1.10).
//!
//! Bounds as Linux has them (fs/isofs/rock.c): 32 continuation areas for a record, none across a block.

use anyhow::{Context, Result, ensure};

use super::SECTOR;
use super::place::Root;
use super::record::{self, Record};
use crate::image::device::Device;
use crate::image::entries::{EntryKind, LONGEST_TARGET};

const MOST_AREAS: usize = 32;
const LONGEST_NAME: usize = 255;
const KIND: u32 = 0o170_000;

/// What the fields of one record say.
#[derive(Debug, Default)]
pub(super) struct Fields {
    /// NM.
    pub(super) name: Option<Vec<u8>>,
    /// PX: permission bits with the file type.
    mode: Option<u32>,
    /// SL, its components joined.
    pub(super) target: Vec<u8>,
    /// CL: the sector of a directory that lies elsewhere.
    pub(super) child: Option<u32>,
    /// RE: it is here for another place.
    pub(super) relocated: bool,
    /// Whether the next component of a link goes on with the last.
    goes_on: bool,
}

impl Fields {
    pub(super) fn permissions(&self) -> Option<u32> {
        self.mode.map(|mode| mode & 0o7777)
    }

    /// Without a mode, a file.
    pub(super) fn kind(&self) -> EntryKind {
        match self.mode.map(|mode| mode & KIND) {
            None | Some(0o100_000) => EntryKind::File,
            Some(0o120_000) => EntryKind::Symlink,
            Some(0o040_000) => EntryKind::Directory,
            Some(_) => EntryKind::Other,
        }
    }
}

/// Whether the root directory's first record says that fields are in use; if so, how many bytes precede them elsewhere.
pub(super) fn skip(device: &mut Device, root: &Root) -> Result<Option<usize>> {
    let bytes = device.bytes(root.start(), SECTOR as usize, "the root directory")?;
    let Some(own) = record::all(&bytes, root.start()).next().transpose()? else { return Ok(None) };
    match own.system_use {
        [b'S', b'P', 7, 1, 0xBE, 0xEF, skip, ..] => {
            // What has other fields than Rock Ridge's gives its files no modes.
            Ok(fields(device, &own, 0, &mut { MOST_AREAS + 1 })?.mode.map(|_| usize::from(*skip)))
        }
        _ => Ok(None),
    }
}

/// The fields of a record. `areas` is how many continuation areas may still be read for the whole image.
pub(super) fn fields(
    device: &mut Device,
    record: &Record<'_>,
    skip: usize,
    areas: &mut usize,
) -> Result<Fields> {
    let mut found = Fields::default();
    let mut area = record.system_use.get(skip..).unwrap_or_default().to_vec();
    for _ in 0..=MOST_AREAS {
        let next = scan(&mut found, &area).with_context(|| format!("record at byte {}", record.at))?;
        let Some([block, offset, length]) = next else { return Ok(found) };
        ensure!(
            u64::from(offset) + u64::from(length) <= SECTOR,
            "record at byte {}: a continuation area of {length} bytes goes across a block",
            record.at
        );
        *areas = areas.checked_sub(1).context("too many continuation areas; no seed has so many")?;
        let at = u64::from(block) * SECTOR + u64::from(offset);
        area = device.bytes(at, length as usize, "a continuation area")?;
    }
    anyhow::bail!("record at byte {}: more than {MOST_AREAS} continuation areas", record.at)
}

/// Reads the fields of one area; returns where they continue: block, offset, length.
fn scan(found: &mut Fields, area: &[u8]) -> Result<Option<[u32; 3]>> {
    let mut rest = area;
    let mut next = None;
    while let [a, b, length, _version, ..] = *rest {
        let length = usize::from(length);
        // Padding.
        if a == 0 || length < 4 {
            break;
        }
        ensure!(length <= rest.len(), "a field of {length} bytes, where {} are left", rest.len());
        let (field, after) = rest.split_at(length);
        rest = after;
        let data = &field[4..];
        let number = |at: usize| -> Option<u32> {
            Some(u32::from_le_bytes([
                *data.get(at)?,
                *data.get(at + 1)?,
                *data.get(at + 2)?,
                *data.get(at + 3)?,
            ]))
        };
        match &[a, b] {
            b"ST" => break,
            b"CE" => {
                let places = [number(0), number(8), number(16)];
                if let [Some(block), Some(offset), Some(length)] = places {
                    next = Some([block, offset, length]);
                }
            }
            b"PX" => found.mode = number(0).or(found.mode),
            b"NM" => {
                let name = found.name.get_or_insert_default();
                name.extend(data.get(1..).unwrap_or_default());
                ensure!(name.len() <= LONGEST_NAME, "a name of more than {LONGEST_NAME} bytes");
            }
            b"SL" => link(found, data.get(1..).unwrap_or_default())?,
            b"CL" => found.child = number(0),
            b"RE" => found.relocated = true,
            _ => {}
        }
    }
    Ok(next)
}

/// Appends the components of one SL field.
fn link(found: &mut Fields, mut components: &[u8]) -> Result<()> {
    const CONTINUES: u8 = 1;
    while let [flags, length, rest @ ..] = components {
        let length = usize::from(*length);
        ensure!(length <= rest.len(), "a link's component of {length} bytes, where {} are left", rest.len());
        let (text, after) = rest.split_at(length);
        components = after;
        let target = &mut found.target;
        if !found.goes_on && !target.is_empty() && !target.ends_with(b"/") {
            target.push(b'/');
        }
        match flags & !CONTINUES {
            2 => target.push(b'.'),
            4 => target.extend(b".."),
            8 => {
                target.clear();
                target.push(b'/');
            }
            _ => target.extend(text),
        }
        found.goes_on = flags & CONTINUES != 0;
        ensure!(target.len() <= LONGEST_TARGET, "a link's target of more than {LONGEST_TARGET} bytes");
    }
    Ok(())
}
