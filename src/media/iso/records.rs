//! Directory records (ECMA-119 9.1), and how a directory's records share its sectors (6.8.1.1).

use super::SECTOR;
use super::dates::Date;
use super::fields::{both_u16, both_u32};
use super::rockridge::{Region, SystemUse};

/// Bytes of a record before its identifier.
const HEADER: usize = 33;
/// The longest record: its length is one byte, and even.
const LIMIT: usize = 254;
/// The identifier of a directory in itself (7.6.2).
pub(super) const SELF: [u8; 1] = [0];
/// The identifier of its parent in it.
pub(super) const PARENT: [u8; 1] = [1];

/// Where something lies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Extent {
    pub(super) sector: u32,
    pub(super) bytes: u32,
}

/// What a record describes, by index.
#[derive(Clone, Copy, Debug)]
pub(super) enum Target {
    Directory(usize),
    File(usize),
    /// No data at all, as with symbolic links.
    Nothing,
}

/// One record, complete but for where its target lies.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) id: Vec<u8>,
    pub(super) target: Target,
    pub(super) system_use: SystemUse,
}

/// All records of one directory in their order, the first two for itself and for its parent.
#[derive(Debug)]
pub(super) struct Directory {
    pub(super) records: Vec<Record>,
    /// Lies right behind the directory, see [`Region`].
    pub(super) continuation: Region,
}

impl Record {
    /// Bytes.
    pub(super) fn len(&self) -> usize {
        (fixed_length(&self.id) + self.system_use.len()).next_multiple_of(2)
    }
}

/// Room for system use fields in a record with this identifier, in bytes.
pub(super) fn system_use_room(id: &[u8]) -> usize {
    LIMIT - fixed_length(id)
}

/// Header and identifier, padded to an even number of bytes.
fn fixed_length(id: &[u8]) -> usize {
    (HEADER + id.len()).next_multiple_of(2)
}

/// Bytes of a directory with records of these lengths: whole sectors, as no record crosses from one into the next.
/// Readers lose the files in a last sector that is not counted whole.
pub(super) fn directory_bytes(records: impl Iterator<Item = usize>) -> u64 {
    let end = records.fold(0, |at, length| place(at, length) + length as u64);
    end.next_multiple_of(SECTOR as u64)
}

/// Where a record of this length begins when the ones before it end at `at`.
pub(super) fn place(at: u64, length: usize) -> u64 {
    let next = at.next_multiple_of(SECTOR as u64);
    if at + length as u64 > next { next } else { at }
}

/// The bytes of a record.
pub(super) fn encode(id: &[u8], extent: Extent, directory: bool, date: Date, system_use: &[u8]) -> Vec<u8> {
    const DIRECTORY: u8 = 1 << 1;
    let length = (fixed_length(id) + system_use.len()).next_multiple_of(2);
    let mut bytes = Vec::with_capacity(length);
    bytes.extend([length as u8, 0]);
    bytes.extend(both_u32(extent.sector));
    bytes.extend(both_u32(extent.bytes));
    bytes.extend(date.short());
    // Flags, then file unit size and gap, which are for interleaved files, then the volume's number in its set.
    bytes.extend([if directory { DIRECTORY } else { 0 }, 0, 0]);
    bytes.extend(both_u16(1));
    bytes.push(id.len() as u8);
    bytes.extend(id);
    bytes.resize(fixed_length(id), 0);
    bytes.extend(system_use);
    bytes.resize(length, 0);
    bytes
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn a_root_record_has_34_bytes() {
        let date = Date::from_epoch(0).unwrap();
        let bytes = encode(&SELF, Extent { sector: 23, bytes: 2048 }, true, date, &[]);
        let mut expected = vec![34, 0];
        expected.extend(both_u32(23));
        expected.extend(both_u32(2048));
        expected.extend([70, 1, 1, 0, 0, 0, 0, 2, 0, 0, 1, 0, 0, 1, 1, 0]);
        assert_eq!(bytes, expected);
    }

    #[test]
    fn records_are_even_and_as_long_as_announced() {
        let date = Date::from_epoch(0).unwrap();
        for id in [b"A.;1".as_slice(), b"AB.;1"] {
            for length in [0, 7, 36] {
                let fields = vec![0xFF; length];
                let system_use =
                    SystemUse::place(std::slice::from_ref(&fields), 200, &mut Default::default());
                let record = Record { id: id.to_vec(), target: Target::Nothing, system_use };
                let bytes = encode(id, Extent::default(), false, date, &fields);
                assert_eq!((bytes.len(), bytes.len() % 2), (record.len(), 0));
                assert_eq!(usize::from(bytes[0]), bytes.len());
            }
        }
        assert_eq!(system_use_room(&SELF), 220);
    }

    #[test]
    fn no_record_crosses_a_sector() {
        assert_eq!(directory_bytes([34, 34].into_iter()), 2048);
        assert_eq!(directory_bytes(std::iter::repeat_n(256, 8)), 2048);
        assert_eq!(directory_bytes(std::iter::repeat_n(250, 9)), 4096);
        assert_eq!((place(1798, 250), place(1800, 250), place(2048, 250)), (1798, 2048, 2048));
    }
}
