//! Names: short ones of eight and three letters, long ones in pieces of thirteen UTF-16 units before them.
//!
//! As Linux's vfat shows them: a long name counts when its pieces are whole and have the short name's checksum; a short one
//! is in capitals but for the bits by which Windows NT marks lower case.

use super::ENTRY;
use super::numbers::u16_at;
use crate::image::entries::{plain, text};

const PIECE: usize = 13;
const LAST: u8 = 0x40;
const MOST_PIECES: u8 = 20;

/// A long name, as its pieces come: the last first.
#[derive(Default)]
pub(super) struct LongName {
    units: Vec<u16>,
    /// The number of the piece that comes next, and their checksum.
    expected: Option<(u8, u8)>,
}

impl LongName {
    /// Takes a piece; one that does not continue those before it makes all of them void.
    pub(super) fn push(&mut self, record: &[u8]) {
        let (number, checksum) = (record[0], record[13]);
        let ordinal = number & !LAST;
        if number & LAST != 0 && (1..=MOST_PIECES).contains(&ordinal) {
            self.units = vec![0xFFFF; usize::from(ordinal) * PIECE];
        } else if self.expected != Some((ordinal, checksum)) || ordinal == 0 {
            *self = LongName::default();
            return;
        }
        let places = (1..11).step_by(2).chain((14..26).step_by(2)).chain((28..ENTRY).step_by(2));
        let start = (usize::from(ordinal) - 1) * PIECE;
        for (unit, at) in self.units[start..][..PIECE].iter_mut().zip(places) {
            *unit = u16_at(record, at);
        }
        self.expected = Some((ordinal - 1, checksum));
    }

    /// The name, where all pieces are there and of this short name.
    pub(super) fn finish(self, record: &[u8]) -> Option<String> {
        let (0, checksum) = self.expected? else { return None };
        let own = record[..11].iter().fold(0_u8, |sum, byte| sum.rotate_right(1).wrapping_add(*byte));
        if checksum != own {
            return None;
        }
        let end = self.units.iter().position(|unit| *unit == 0).unwrap_or(self.units.len());
        Some(String::from_utf16_lossy(&self.units[..end]))
    }
}

/// A short name in the case that the record asks for.
pub(super) fn short(record: &[u8]) -> String {
    let part = |range: std::ops::Range<usize>, lower: u8| {
        let mut bytes = record[range].to_vec();
        if record[12] & lower != 0 {
            bytes.make_ascii_lowercase();
        }
        bytes
    };
    let (mut stem, extension) = (part(0..8, 0x08), part(8..11, 0x10));
    // The first byte E5 would mean that the entry is free.
    if stem[0] == 0x05 {
        stem[0] = 0xE5;
    }
    let (stem, extension) = (text(stem.trim_ascii_end()), text(extension.trim_ascii_end()));
    if extension.is_empty() { stem } else { format!("{stem}.{extension}") }
}

/// A label.
pub(super) fn label(bytes: &[u8]) -> String {
    plain(&text(bytes.trim_ascii_end()))
}
