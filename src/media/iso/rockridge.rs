//! System use fields: POSIX names, modes, dates and symbolic links beside the ISO 9660 records of the primary tree.
//!
//! SUSP 1.10 (IEEE P1281) frames them: two letters, length, version, data. RRIP 1.10 (IEEE P1282) defines those for
//! POSIX; this version rather than 1.12, as its shorter `PX` is what every reader has met. No field needs its
//! continue flag: names and link targets that would are refused before. What a record has no room for goes to a
//! continuation area, and none of these crosses a sector, since Linux rejects those that do.

use super::SECTOR;
use super::dates::Date;
use super::fields::both_u32;

/// Bytes of a `CE` field.
const CE_LENGTH: usize = 28;

/// System use fields of one record.
#[derive(Debug, Default)]
pub(super) struct SystemUse {
    /// Fields in the record itself, without the `CE` that leads to the others.
    inline: Vec<u8>,
    continued: Option<Continued>,
}

#[derive(Debug)]
struct Continued {
    /// Bytes from the start of the region.
    offset: usize,
    length: usize,
}

impl SystemUse {
    /// Puts `fields` into `room` bytes of a record, and those that find no place there into `region`.
    pub(super) fn place(fields: &[Vec<u8>], room: usize, region: &mut Region) -> SystemUse {
        let total: usize = fields.iter().map(Vec::len).sum();
        if total <= room {
            return SystemUse { inline: fields.concat(), continued: None };
        }
        let (mut inline, mut rest) = (Vec::new(), Vec::new());
        for field in fields {
            // Fields keep their order: nothing goes inline behind one that did not.
            if rest.is_empty() && inline.len() + field.len() + CE_LENGTH <= room {
                inline.extend_from_slice(field);
            } else {
                rest.extend_from_slice(field);
            }
        }
        let continued = Some(Continued { offset: region.add(&rest), length: rest.len() });
        SystemUse { inline, continued }
    }

    /// Bytes in the record.
    pub(super) fn len(&self) -> usize {
        self.inline.len() + if self.continued.is_some() { CE_LENGTH } else { 0 }
    }

    /// The bytes in the record, given the sector where the region begins.
    pub(super) fn encode(&self, region: u32) -> Vec<u8> {
        let mut bytes = self.inline.clone();
        if let Some(Continued { offset, length }) = &self.continued {
            let block = region + (offset / SECTOR) as u32;
            let numbers = [block, (offset % SECTOR) as u32, *length as u32];
            bytes.extend(field(b"CE", &numbers.map(both_u32).concat()));
        }
        bytes
    }
}

/// The sectors that hold the continuation areas of one directory. They must follow the directory at once: libarchive,
/// which reads front to back, has named the files before it sees an area that lies farther off.
#[derive(Debug, Default)]
pub(super) struct Region {
    pub(super) bytes: Vec<u8>,
}

impl Region {
    /// Adds an area and returns its offset.
    fn add(&mut self, area: &[u8]) -> usize {
        let used = self.bytes.len() % SECTOR;
        if used + area.len() > SECTOR {
            self.bytes.resize(self.bytes.len() + SECTOR - used, 0);
        }
        let offset = self.bytes.len();
        self.bytes.extend_from_slice(area);
        offset
    }
}

/// The first field of the root directory (SUSP 5.3): fields are in use, and none skips bytes.
pub(super) fn indicator() -> Vec<u8> {
    field(b"SP", &[0xBE, 0xEF, 0])
}

/// The extension in use (SUSP 5.5). RRIP 4.3 prescribes the three texts.
pub(super) fn extension() -> Vec<u8> {
    const ID: &str = "RRIP_1991A";
    const DESCRIPTOR: &str =
        "THE ROCK RIDGE INTERCHANGE PROTOCOL PROVIDES SUPPORT FOR POSIX FILE SYSTEM SEMANTICS";
    const SOURCE: &str = "PLEASE CONTACT DISC PUBLISHER FOR SPECIFICATION SOURCE.  SEE PUBLISHER IDENTIFIER IN PRIMARY \
                          VOLUME DESCRIPTOR FOR CONTACT INFORMATION.";
    let mut data = vec![ID.len() as u8, DESCRIPTOR.len() as u8, SOURCE.len() as u8, 1];
    data.extend([ID, DESCRIPTOR, SOURCE].concat().bytes());
    field(b"ER", &data)
}

/// Mode with the file type, links, and owner and group 0 (RRIP 4.1.1).
pub(super) fn attributes(mode: u32, links: u32) -> Vec<u8> {
    field(b"PX", &[mode, links, 0, 0].map(both_u32).concat())
}

/// The date of modification (RRIP 4.1.6). Readers take the record's date, the same one, for the others.
pub(super) fn modified(date: Date) -> Vec<u8> {
    const MODIFY: u8 = 1 << 1;
    field(b"TF", &[&[MODIFY], date.short().as_slice()].concat())
}

/// The real name (RRIP 4.1.4) of at most 250 bytes.
pub(super) fn name(name: &str) -> Vec<u8> {
    field(b"NM", &[&[0], name.as_bytes()].concat())
}

/// The target of a symbolic link (RRIP 4.1.3), or nothing when it exceeds one field. Repeated slashes and one at the
/// end have no form here and are left out.
pub(super) fn symlink(target: &str) -> Option<Vec<u8>> {
    const CURRENT: u8 = 1 << 1;
    const PARENT: u8 = 1 << 2;
    const ROOT: u8 = 1 << 3;
    let mut data = vec![0];
    if target.starts_with('/') {
        data.extend([ROOT, 0]);
    }
    for component in target.split('/').filter(|component| !component.is_empty()) {
        match component {
            "." => data.extend([CURRENT, 0]),
            ".." => data.extend([PARENT, 0]),
            text => {
                data.extend([0, u8::try_from(text.len()).ok()?]);
                data.extend(text.bytes());
            }
        }
    }
    (data.len() + 4 <= usize::from(u8::MAX)).then(|| field(b"SL", &data))
}

fn field(signature: &[u8; 2], data: &[u8]) -> Vec<u8> {
    let length = (4 + data.len()) as u8;
    [signature.as_slice(), &[length, 1], data].concat()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn fields_have_the_lengths_of_the_standard() {
        assert_eq!(indicator(), [b'S', b'P', 7, 1, 0xBE, 0xEF, 0]);
        assert_eq!(
            (extension().len(), extension()[2], &extension()[4..8]),
            (237, 237, &[10, 84, 135, 1][..])
        );
        let px = attributes(0o100_644, 1);
        assert_eq!((px.len(), &px[..4], &px[4..8]), (36, &b"PX\x24\x01"[..], &[0xA4, 0x81, 0, 0][..]));
        let tf = modified(Date::from_epoch(0).unwrap());
        assert_eq!(tf, [b'T', b'F', 12, 1, 2, 70, 1, 1, 0, 0, 0, 0]);
        assert_eq!(name("a b"), *b"NM\x08\x01\0a b");
    }

    #[test]
    fn links_are_split_into_components() {
        assert_eq!(symlink("/").unwrap(), *b"SL\x07\x01\0\x08\0");
        assert_eq!(symlink("/ab/../c").unwrap(), *b"SL\x10\x01\0\x08\0\0\x02ab\x04\0\0\x01c");
        assert_eq!(symlink("./x//").unwrap(), *b"SL\x0a\x01\0\x02\0\0\x01x");
        // 83 components of one letter fill a field; one more does not fit.
        assert_eq!(symlink(&"a/".repeat(83)).unwrap().len(), 254);
        assert!(symlink(&"a/".repeat(84)).is_none());
    }

    #[test]
    fn what_a_record_has_no_room_for_continues_elsewhere() {
        let mut region = Region::default();
        let fields = [attributes(0o644, 1), name(&"n".repeat(200))];
        let inside = SystemUse::place(&fields, 241, &mut region);
        assert_eq!((inside.len(), region.bytes.len()), (241, 0));
        let outside = SystemUse::place(&fields, 240, &mut region);
        assert_eq!((outside.len(), region.bytes.len()), (36 + 28, 205));
        let ce = &outside.encode(100)[36..];
        assert_eq!(ce[..4], *b"CE\x1c\x01");
        assert_eq!(ce[4..], [100, 0, 205].map(both_u32).concat());
    }

    #[test]
    fn no_area_crosses_a_sector() {
        let mut region = Region::default();
        assert_eq!([0; 11].map(|_| region.add(&[0; 200]))[9..], [1800, 2048]);
        let last = SystemUse { inline: Vec::new(), continued: Some(Continued { offset: 2048, length: 200 }) };
        assert_eq!(last.encode(100)[4..], [101, 0, 200].map(both_u32).concat());
    }
}
