//! Directory records (ECMA-119 9.1), and names as Linux makes them of identifiers.

use std::ops::Range;

use anyhow::{Result, bail};

use super::SECTOR;
use super::place::Root;
use crate::image::entries::text;

/// Bytes before the identifier.
const HEAD: usize = 33;

const DIRECTORY: u8 = 1 << 1;
const ASSOCIATED: u8 = 1 << 2;
const CONTINUES: u8 = 1 << 7;

/// A record.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record<'a> {
    /// Where the image has it.
    pub(super) at: u64,
    sector: u32,
    /// Sectors of an extended attribute record, before the data.
    attributes: u8,
    bytes: u32,
    flags: u8,
    id: &'a [u8],
    /// What follows the identifier.
    pub(super) system_use: &'a [u8],
}

/// The records of a directory whose bytes begin at `start`; none goes across a sector.
pub(super) fn all(bytes: &[u8], start: u64) -> impl Iterator<Item = Result<Record<'_>>> {
    let mut next = 0;
    std::iter::from_fn(move || {
        loop {
            let length = usize::from(*bytes.get(next)?);
            if length == 0 {
                // The rest of a sector that had no room for the next record.
                next = (next + 1).next_multiple_of(SECTOR as usize);
                continue;
            }
            let place = next..next + length;
            next += length;
            return Some(parse(bytes, place, start));
        }
    })
}

fn parse(bytes: &[u8], place: Range<usize>, start: u64) -> Result<Record<'_>> {
    let at = start + place.start as u64;
    let left = (SECTOR as usize - place.start % SECTOR as usize).min(bytes.len() - place.start);
    let length = place.end - place.start;
    if length > left || length <= HEAD {
        bail!("record at byte {at}: {length} bytes, where {} to {left} are possible", HEAD + 1);
    }
    let record = &bytes[place];
    let id = usize::from(record[32]);
    let Some(name) = record[HEAD..].get(..id).filter(|name| !name.is_empty()) else {
        bail!("record at byte {at}: an identifier of {id} bytes in a record of {length}");
    };
    // Identifiers of even length are followed by a byte that makes the next field even.
    let system_use = record.get((HEAD + id).next_multiple_of(2)..).unwrap_or_default();
    let number = |at: usize| u32::from_le_bytes([record[at], record[at + 1], record[at + 2], record[at + 3]]);
    if record[26] != 0 {
        bail!("record at byte {at}: an interleaved file, which is not read");
    }
    let (sector, bytes) = (number(2), number(10));
    Ok(Record { at, sector, attributes: record[1], bytes, flags: record[25], id: name, system_use })
}

impl Record<'_> {
    pub(super) fn is_directory(&self) -> bool {
        self.flags & DIRECTORY != 0
    }

    /// A second fork of the file before it.
    pub(super) fn is_associated(&self) -> bool {
        self.flags & ASSOCIATED != 0
    }

    /// Whether the next record has more of the same file.
    pub(super) fn continues(&self) -> bool {
        self.flags & CONTINUES != 0
    }

    pub(super) fn is_self_or_parent(&self) -> bool {
        matches!(self.id, [0 | 1])
    }

    /// As a directory.
    pub(super) fn place(&self) -> Root {
        Root { sector: self.sector.saturating_add(self.attributes.into()), bytes: self.bytes }
    }

    /// As a file.
    pub(super) fn data(&self) -> Range<u64> {
        let start = self.place().start();
        start..start + u64::from(self.bytes)
    }

    /// In lower case, without version 1 and without the dot of an empty extension (isofs_name_translate).
    pub(super) fn plain_name(&self) -> String {
        let id = self.id.strip_suffix(b".;1").or_else(|| self.id.strip_suffix(b";1")).unwrap_or(self.id);
        let spell = |byte: &u8| match byte {
            b';' | b'/' => b'.',
            other => other.to_ascii_lowercase(),
        };
        text(&id.iter().map(spell).collect::<Vec<_>>())
    }

    /// Without version 1 and without dots at the end (get_joliet_filename).
    pub(super) fn joliet_name(&self) -> String {
        let name = ucs2(self.id);
        let name = name.strip_suffix(";1").unwrap_or(&name);
        name.trim_end_matches('.').replace('/', "_")
    }
}

/// Big-endian UTF-16; what is none becomes U+FFFD.
pub(super) fn ucs2(bytes: &[u8]) -> String {
    let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
    String::from_utf16_lossy(&units)
}
