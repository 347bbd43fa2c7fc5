//! zip: stored and deflated entries, found by the central directory, with Unix modes and symbolic links.
//!
//! Each entry's local header must agree with the directory, and no two may overlap: zips that unpackers read differently
//! are made by hand. Limits: no zip64, no encryption, one disk. Source: PKWARE APPNOTE 6.3.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::ops::Range;

use anyhow::{Context, Result, bail, ensure};
use flate2::Crc;
use flate2::read::DeflateDecoder;

use super::allowance;
use super::device::{Device, Ranges};
use super::entries::{Content, Entries, Entry, EntryKind, LONGEST_TARGET, MOST, text};

const END: &[u8] = b"PK\x05\x06";
const END_LENGTH: usize = 22;
const CENTRAL: &[u8] = b"PK\x01\x02";
const CENTRAL_LENGTH: usize = 46;
const LOCAL: &[u8] = b"PK\x03\x04";
const LOCAL_LENGTH: usize = 30;
const LARGEST_DIRECTORY: u64 = 16 << 20;
/// Who made an entry: the upper byte of its version.
const UNIX: u16 = 3;

/// Lists.
///
/// # Errors
/// When it is damaged, would unpack to more than [`allowance`], or exceeds the bounds of [`super::entries`].
pub(super) fn read(device: &mut Device) -> Result<BTreeMap<String, Entry>> {
    let (count, place) = directory(device)?;
    let bytes = device.bytes(place.start, (place.end - place.start) as usize, "the directory")?;
    let mut entries = Entries::default();
    let mut rest = bytes.as_slice();
    let mut left = allowance(device.len());
    for _ in 0..count {
        let at = place.end - rest.len() as u64;
        let context = || format!("entry at byte {at}");
        let (found, after) = central(rest).with_context(context)?;
        rest = after;
        left = left.checked_sub(found.size).with_context(|| {
            format!(
                "entry at byte {at}: it unpacks to more than {} bytes; no seed of this size does",
                allowance(device.len())
            )
        })?;
        let packed = local(device, &found, &place).with_context(context)?;
        let (path, entry) = entry(device, &found, packed).with_context(context)?;
        entries.add(path, entry, Some(at))?;
    }
    ensure!(rest.is_empty(), "the directory has {} bytes after its {count} entries", rest.len());
    entries.finish()
}

/// How many entries there are, and where the directory is.
fn directory(device: &mut Device) -> Result<(usize, Range<u64>)> {
    let tail = END_LENGTH + usize::from(u16::MAX);
    let start = device.len().saturating_sub(tail as u64);
    let bytes = device.at_most(start, tail)?;
    let ends = |at: &usize| {
        let record = &bytes[*at..];
        record.starts_with(END)
            && record.len() >= END_LENGTH
            && END_LENGTH + usize::from(u16_at(record, 20)) == record.len()
    };
    let at = (0..bytes.len().saturating_sub(END_LENGTH - 1))
        .rev()
        .find(ends)
        .context("there is no end record; the zip is cut off or damaged")?;
    let record = &bytes[at..];
    let (disks, here, all) = (u16_at(record, 4) | u16_at(record, 6), u16_at(record, 8), u16_at(record, 10));
    let (length, offset) = (u64::from(u32_at(record, 12)), u64::from(u32_at(record, 16)));
    let end = start + at as u64;
    ensure!(disks == 0 && here == all, "end record at byte {end}: it is one of several disks");
    ensure!(all != u16::MAX && offset != u64::from(u32::MAX), "end record at byte {end}: zip64 is not read");
    ensure!(
        offset + length == end && length <= LARGEST_DIRECTORY && usize::from(all) <= MOST,
        "end record at byte {end}: a directory of {all} entries in {length} bytes at byte {offset} does not fit"
    );
    Ok((all.into(), offset..end))
}

/// An entry of the directory.
struct Central<'a> {
    unix: bool,
    flags: u16,
    method: u16,
    crc: u32,
    packed: u64,
    size: u64,
    /// The upper half of the external attributes.
    mode: u32,
    local: u64,
    name: &'a [u8],
}

fn central(bytes: &[u8]) -> Result<(Central<'_>, &[u8])> {
    ensure!(bytes.starts_with(CENTRAL) && bytes.len() >= CENTRAL_LENGTH, "no directory entry is there");
    let [name, extra, comment] = [28, 30, 32].map(|at| usize::from(u16_at(bytes, at)));
    let all = CENTRAL_LENGTH + name + extra + comment;
    ensure!(all <= bytes.len(), "it is longer than the directory");
    let central = Central {
        unix: u16_at(bytes, 4) >> 8 == UNIX,
        flags: u16_at(bytes, 8),
        method: u16_at(bytes, 10),
        crc: u32_at(bytes, 16),
        packed: u32_at(bytes, 20).into(),
        size: u32_at(bytes, 24).into(),
        mode: u32_at(bytes, 38) >> 16,
        local: u32_at(bytes, 42).into(),
        name: &bytes[CENTRAL_LENGTH..][..name],
    };
    ensure!(central.flags & 1 == 0, "it is encrypted");
    Ok((central, &bytes[all..]))
}

/// Where an entry's packed bytes are.
fn local(device: &mut Device, central: &Central<'_>, directory: &Range<u64>) -> Result<Range<u64>> {
    let header = device.bytes(central.local, LOCAL_LENGTH, "its local header")?;
    ensure!(header.starts_with(LOCAL), "at byte {} there is no local header of it", central.local);
    let (name, extra) = (u16_at(&header, 26), u16_at(&header, 28));
    let own = device.bytes(central.local + LOCAL_LENGTH as u64, name.into(), "its local name")?;
    ensure!(
        own == central.name && u16_at(&header, 8) == central.method,
        "the local header at byte {} is of another file",
        central.local
    );
    let start = central.local + LOCAL_LENGTH as u64 + u64::from(name) + u64::from(extra);
    let end = start + central.packed;
    ensure!(end <= directory.start, "its {} bytes at byte {start} reach into the directory", central.packed);
    Ok(start..end)
}

fn entry(device: &mut Device, central: &Central<'_>, packed: Range<u64>) -> Result<(String, Entry)> {
    const KIND: u32 = 0o170_000;
    let mode = central.unix.then_some(central.mode & 0o7777);
    let path = text(central.name);
    if let Some(path) = path.strip_suffix('/') {
        return Ok((path.to_owned(), Entry::new(EntryKind::Directory, mode)));
    }
    let content = match central.method {
        0 => {
            ensure!(central.packed == central.size, "stored, and yet of two sizes");
            Content::Ranges(vec![packed.clone()])
        }
        8 => Content::Deflated { packed: packed.clone(), crc: central.crc },
        other => bail!("packed by method {other}; only 0 (stored) and 8 (deflated) are read"),
    };
    let entry = match if central.unix { central.mode & KIND } else { 0 } {
        0o120_000 => {
            ensure!(central.size <= LONGEST_TARGET as u64, "a link's target has {} bytes", central.size);
            let mut target = Vec::new();
            let ranges = [packed];
            let mut reader = device.ranges(&ranges);
            if central.method == 0 {
                reader.read_to_end(&mut target)?;
            } else {
                Inflated::new(reader, central.size, central.crc).read_to_end(&mut target)?;
            }
            Entry::symlink(mode, &target)?
        }
        0o100_000 | 0 => Entry::file(mode, central.size, content),
        _ => Entry::new(EntryKind::Other, mode),
    };
    Ok((path, entry))
}

/// Unpacks one entry; its end is an error where length or checksum are not those of the directory.
pub(super) struct Inflated<'a> {
    inner: DeflateDecoder<Ranges<'a>>,
    crc: Crc,
    wanted: u32,
    left: u64,
}

impl<'a> Inflated<'a> {
    /// `size` and `wanted`: what the directory says.
    pub(super) fn new(packed: Ranges<'a>, size: u64, wanted: u32) -> Self {
        Inflated { inner: DeflateDecoder::new(packed), crc: Crc::new(), wanted, left: size }
    }
}

impl Read for Inflated<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let damaged = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
        let read = self.inner.read(buffer)?;
        self.left =
            self.left.checked_sub(read as u64).ok_or_else(|| damaged("it unpacks to more than it says"))?;
        self.crc.update(&buffer[..read]);
        if read == 0 {
            if self.left > 0 {
                return Err(damaged("it unpacks to less than it says"));
            }
            if self.crc.sum() != self.wanted {
                return Err(damaged("its checksum is not that of the directory; it is damaged"));
            }
        }
        Ok(read)
    }
}

/// Callers have checked the length.
fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).map_or(0, |bytes| u16::from_le_bytes([bytes[0], bytes[1]]))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from(u16_at(bytes, at)) | u32::from(u16_at(bytes, at + 2)) << 16
}
