//! What no reader looks at, or what all of them forgive: order of records, path tables, both halves of numbers, and
//! extents that share a sector.

use std::collections::BTreeMap;
use std::ops::Range;

const SECTOR: usize = 2048;

/// A directory record.
struct Record<'a> {
    id: &'a [u8],
    sector: u32,
    bytes: u32,
    directory: bool,
}

/// A directory found by walking: its sector, its parent's position in the path table, its identifier.
struct Found<'a> {
    sector: u32,
    parent: u16,
    id: &'a [u8],
}

/// Walks both trees of `image` from their descriptors.
pub(crate) fn check(image: &[u8]) {
    let mut extents = BTreeMap::new();
    for (descriptor, kind, unit) in [(16, 1, 1), (17, 2, 2)] {
        let descriptor = &image[descriptor * SECTOR..][..SECTOR];
        assert_eq!(descriptor[..6], [&[kind], b"CD001".as_slice()].concat());
        let root = record(&descriptor[156..]);
        let found = walk(image, &root, unit, &mut extents);
        check_path_tables(image, descriptor, &found, &mut extents);
    }
    assert_eq!(image[18 * SECTOR..][..6], *b"\xffCD001");
    let mut end = 19;
    for (sector, sectors) in extents {
        assert!(sector >= end, "sector {sector} is in two extents");
        end = sector + sectors;
    }
    assert!(end as usize * SECTOR <= image.len(), "an extent lies behind the end");
}

/// Directories level by level, which is the order of path tables.
fn walk<'a>(
    image: &'a [u8],
    root: &Record<'a>,
    unit: usize,
    extents: &mut BTreeMap<u32, u32>,
) -> Vec<Found<'a>> {
    let mut found = vec![(Found { sector: root.sector, parent: 1, id: root.id }, root.bytes)];
    let mut at = 0;
    while at < found.len() {
        let (Found { sector, parent, .. }, bytes) = found[at];
        at += 1;
        extents.insert(sector, bytes.div_ceil(SECTOR as u32));
        let records = records(image, sector, bytes);
        assert_eq!((records[0].id, records[0].sector, records[0].bytes), (&[0][..], sector, bytes));
        assert_eq!((records[1].id, records[1].sector), (&[1][..], found[usize::from(parent) - 1].0.sector));
        let names: Vec<&[u8]> = records[2..].iter().map(|record| without_version(record.id, unit)).collect();
        assert!(names.is_sorted(), "records are not in order: {names:?}");
        for record in &records[2..] {
            if record.directory {
                found.push((Found { sector: record.sector, parent: at as u16, id: record.id }, record.bytes));
            } else if record.bytes > 0 {
                extents.insert(record.sector, record.bytes.div_ceil(SECTOR as u32));
            }
        }
    }
    found.into_iter().map(|(found, _)| found).collect()
}

fn check_path_tables(image: &[u8], descriptor: &[u8], found: &[Found], extents: &mut BTreeMap<u32, u32>) {
    let bytes = both_u32(&descriptor[132..]);
    let number = |bytes: &[u8], little: bool| {
        let bytes: Vec<u8> = if little { bytes.iter().rev().copied().collect() } else { bytes.to_vec() };
        bytes.iter().fold(0, |sum, byte| sum << 8 | u32::from(*byte))
    };
    for (position, little) in [(140, true), (148, false)] {
        let sector = number(&descriptor[position..][..4], little);
        extents.insert(sector, bytes.div_ceil(SECTOR as u32));
        let mut table = &image[sector as usize * SECTOR..][..bytes as usize];
        for directory in found {
            let length = usize::from(table[0]);
            let row = (number(&table[2..6], little), number(&table[6..8], little), &table[8..8 + length]);
            assert_eq!(row, (directory.sector, u32::from(directory.parent), directory.id));
            table = &table[(8 + length).next_multiple_of(2)..];
        }
        assert!(table.is_empty(), "a path table is longer than its directories");
    }
}

fn records(image: &[u8], sector: u32, bytes: u32) -> Vec<Record<'_>> {
    let mut records = Vec::new();
    for sector in image[sector as usize * SECTOR..][..bytes as usize].chunks(SECTOR) {
        let mut rest: Range<usize> = 0..SECTOR;
        while rest.start < SECTOR && sector[rest.start] != 0 {
            records.push(record(&sector[rest.clone()]));
            rest.start += usize::from(sector[rest.start]);
        }
        assert!(sector[rest].iter().all(|byte| *byte == 0), "records with a gap between them");
    }
    records
}

fn record(bytes: &[u8]) -> Record<'_> {
    let length = usize::from(bytes[0]);
    assert!(length.is_multiple_of(2) && length <= bytes.len(), "a record of {length} bytes");
    assert_eq!(bytes[28..32], [1, 0, 0, 1], "the number of the volume");
    let id = &bytes[33..][..usize::from(bytes[32])];
    let directory = bytes[25] == 2;
    assert!(directory || bytes[25] == 0, "flags {:#x}", bytes[25]);
    Record { id, sector: both_u32(&bytes[2..]), bytes: both_u32(&bytes[10..]), directory }
}

fn both_u32(bytes: &[u8]) -> u32 {
    let little = u32::from_le_bytes(bytes[..4].try_into().unwrap());
    assert_eq!(bytes[4..8], little.to_be_bytes(), "halves differ");
    little
}

fn without_version(id: &[u8], unit: usize) -> &[u8] {
    // Joliet's identifiers have none.
    if unit == 1 { id.strip_suffix(b";1").unwrap_or(id) } else { id }
}
