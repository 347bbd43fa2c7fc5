//! Volume descriptors: primary (ECMA-119 8.4), Joliet's supplementary one (8.5), and the terminator (8.3).

use anyhow::{Result, ensure};

use super::SECTOR;
use super::dates::{Date, NEVER};
use super::fields::{ascii, both_u16, both_u32, ucs2};
use super::records::{self, Extent};

/// Selects UCS-2 level 3 (Joliet Specification, "SVD Escape Sequences").
const JOLIET_ESCAPE: &[u8] = b"%/E";
/// No version here, so that the same tree gives the same bytes with the next release.
const APPLICATION: &str = "VASTIMG";

/// Which tree a descriptor leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// ISO 9660 identifiers.
    Primary,
    /// UCS-2 identifiers.
    Joliet,
}

/// What a descriptor says.
#[derive(Debug)]
pub(super) struct Descriptor<'a> {
    pub(super) kind: Kind,
    pub(super) label: &'a str,
    pub(super) date: Date,
    /// Sectors of the whole volume.
    pub(super) sectors: u32,
    /// The path tables of types L and M, which have one length.
    pub(super) tables: [Extent; 2],
    pub(super) root: Extent,
}

/// Refuses labels that a reader could show differently than they were given.
pub(super) fn check_label(label: &str) -> Result<()> {
    let plain = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    ensure!(
        // Joliet has room for 16 characters. Lower case is outside of the standard, but cloud-init documents this one.
        label == "cidata" || ((1..=16).contains(&label.len()) && label.chars().all(plain)),
        "labelling the ISO image {label:?}: a label is 1 to 16 of A-Z, 0-9 and _, so that both volume descriptors carry \
         the same one; use CIDATA for cloud-init or OEMDRV for Anaconda"
    );
    Ok(())
}

impl Descriptor<'_> {
    /// The sector. Positions are those of the standard, which counts from one.
    pub(super) fn encode(&self) -> Vec<u8> {
        let text = match self.kind {
            Kind::Primary => ascii,
            Kind::Joliet => ucs2,
        };
        let [little, big] = self.tables;
        let mut sector = blank(if self.kind == Kind::Primary { 1 } else { 2 });
        put(&mut sector, 9, &text("", 32));
        put(&mut sector, 41, &text(self.label, 32));
        put(&mut sector, 81, &both_u32(self.sectors));
        if self.kind == Kind::Joliet {
            put(&mut sector, 89, JOLIET_ESCAPE);
        }
        put(&mut sector, 121, &both_u16(1));
        put(&mut sector, 125, &both_u16(1));
        put(&mut sector, 129, &both_u16(SECTOR as u16));
        put(&mut sector, 133, &both_u32(little.bytes));
        put(&mut sector, 141, &little.sector.to_le_bytes());
        put(&mut sector, 149, &big.sector.to_be_bytes());
        put(&mut sector, 157, &records::encode(&records::SELF, self.root, true, self.date, &[]));
        // Volume set, publisher and preparer; then the application; then copyright, abstract and bibliography files.
        for position in [191, 319, 447] {
            put(&mut sector, position, &text("", 128));
        }
        put(&mut sector, 575, &text(APPLICATION, 128));
        for position in [703, 740, 777] {
            put(&mut sector, position, &text("", 37));
        }
        // Created, modified, expires, effective.
        let date = self.date.long();
        put(&mut sector, 814, &[date, date, NEVER, date].concat());
        put(&mut sector, 882, &[1]);
        sector
    }
}

/// The sector that ends the descriptors.
pub(super) fn terminator() -> Vec<u8> {
    blank(255)
}

fn blank(kind: u8) -> Vec<u8> {
    let mut sector = vec![0; SECTOR];
    sector[0] = kind;
    put(&mut sector, 2, b"CD001\x01");
    sector
}

fn put(sector: &mut [u8], position: usize, bytes: &[u8]) {
    sector[position - 1..][..bytes.len()].copy_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    fn descriptor(kind: Kind) -> Vec<u8> {
        let tables = [Extent { sector: 19, bytes: 10 }, Extent { sector: 20, bytes: 10 }];
        let date = Date::from_epoch(0).unwrap();
        let root = Extent { sector: 23, bytes: 2048 };
        Descriptor { kind, label: "CIDATA", date, sectors: 64, tables, root }.encode()
    }

    #[test]
    fn fields_are_where_the_standard_has_them() {
        let sector = descriptor(Kind::Primary);
        assert_eq!((sector.len(), &sector[..8]), (SECTOR, &b"\x01CD001\x01\0"[..]));
        assert_eq!(sector[40..72], *b"CIDATA                          ");
        assert_eq!(sector[80..88], both_u32(64));
        assert_eq!((&sector[140..144], &sector[148..152]), (&[19, 0, 0, 0][..], &[0, 0, 0, 20][..]));
        assert_eq!((sector[156], &sector[158..166]), (34, &both_u32(23)[..]));
        assert_eq!(sector[813..847], *b"1970010100000000\x001970010100000000\0");
        assert_eq!((&sector[847..864], sector[881]), (&NEVER[..], 1));
        assert!(sector[882..].iter().all(|byte| *byte == 0));
    }

    #[test]
    fn joliet_has_its_escape_sequence_and_the_same_label() {
        let sector = descriptor(Kind::Joliet);
        assert_eq!((sector[0], &sector[88..92]), (2, &b"%/E\0"[..]));
        assert_eq!(sector[40..54], *b"\0C\0I\0D\0A\0T\0A\0 ");
    }

    #[test]
    fn labels() {
        for label in ["CIDATA", "OEMDRV", "cidata", "A", "ABCDEFGHIJKLMNO6", "A_1"] {
            check_label(label).unwrap();
        }
        for label in ["", "ABCDEFGHIJKLMNOP7", "Cidata", "A-B", "A B", "Ä"] {
            let error = check_label(label).unwrap_err().to_string();
            assert!(error.contains("CIDATA"), "{error}");
        }
    }
}
