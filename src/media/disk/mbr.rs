//! The classic partition table in the first sector (MBR), without an active partition, and with just enough boot code to
//! pass on: a BIOS that tries this disk before the DVD is told to go on (INT 18h), where zeros would hang it.
//!
//! Source: the layout as util-linux has it in pt-mbr.h; addresses are sector numbers (LBA), with CHS fields in the geometry
//! of the volumes for tools that compare them.

use super::{HEADS, SECTOR, TRACK};

/// Partitions that fit without an extended one.
pub(super) const SLOTS: usize = 4;

/// What the CHS fields hold of a sector that they cannot count: cylinder 1023, head 254, sector 63.
const BEYOND: [u8; 3] = [0xfe, 0xff, 0xff];

/// Prints [`NOTE`] through INT 10h, then INT 18h; should that come back, `hlt` for ever. A BIOS loads it to 0x7c00.
const PASS_ON: [u8; 27] = [
    0x31, 0xc0, 0x8e, 0xd8, 0xfc, 0xbe, 0x1b, 0x7c, // xor ax, ax; mov ds, ax; cld; mov si, 0x7c1b
    0xac, 0x84, 0xc0, 0x74, 0x09, // next: lodsb; test al, al; jz done
    0xb4, 0x0e, 0xbb, 0x07, 0x00, 0xcd, 0x10, 0xeb, 0xf2, // mov ah, 14; mov bx, 7; int 0x10; jmp next
    0xcd, 0x18, 0xf4, 0xeb, 0xfd, // done: int 0x18; stop: hlt; jmp stop
];
const NOTE: &[u8] = b"This disk is a seed and boots nothing; going on.\r\n\0";

/// One partition.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    /// Type byte.
    pub(super) kind: u8,
    /// First sector.
    pub(super) start: u32,
    pub(super) sectors: u32,
}

/// The sector. `signature` tells this disk from others; zero would ask readers to write one.
pub(super) fn encode(rows: &[Row], signature: u32) -> [u8; SECTOR as usize] {
    let mut sector = [0; SECTOR as usize];
    sector[..PASS_ON.len()].copy_from_slice(&PASS_ON);
    sector[PASS_ON.len()..PASS_ON.len() + NOTE.len()].copy_from_slice(NOTE);
    sector[440..444].copy_from_slice(&signature.to_le_bytes());
    for (slot, row) in sector[446..510].chunks_exact_mut(16).zip(rows) {
        slot[1..4].copy_from_slice(&chs(row.start));
        slot[4] = row.kind;
        slot[5..8].copy_from_slice(&chs(row.start + (row.sectors - 1)));
        slot[8..12].copy_from_slice(&row.start.to_le_bytes());
        slot[12..16].copy_from_slice(&row.sectors.to_le_bytes());
    }
    sector[510..].copy_from_slice(&[0x55, 0xaa]);
    sector
}

/// Head; sector from one, with the upper two bits of the cylinder; the lower eight.
fn chs(sector: u32) -> [u8; 3] {
    let (cylinder, head) = (sector / (HEADS * TRACK), sector / TRACK % HEADS);
    if cylinder > 1023 {
        return BEYOND;
    }
    [head as u8, (sector % TRACK + 1) as u8 | (cylinder >> 2) as u8 & 0xc0, cylinder as u8]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_where_readers_expect_them() {
        let row = Row { kind: 0x0c, start: 2048, sectors: 4096 };
        let sector = encode(&[row, Row { start: 6144, ..row }], 0x1234_5678);
        assert_eq!(sector[..27], PASS_ON);
        assert_eq!(&sector[0x1b..27 + NOTE.len()], NOTE, "what the program prints is where it looks");
        assert!(sector[27 + NOTE.len()..440].iter().all(|byte| *byte == 0));
        assert_eq!(sector[440..446], [0x78, 0x56, 0x34, 0x12, 0, 0]);
        assert_eq!(sector[446..462], [0, 0, 1, 1, 0x0c, 63, 32, 2, 0, 8, 0, 0, 0, 16, 0, 0]);
        assert_eq!(sector[462..478], [0, 0, 1, 3, 0x0c, 63, 32, 4, 0, 24, 0, 0, 0, 16, 0, 0]);
        assert!(sector[478..510].iter().all(|byte| *byte == 0));
        assert_eq!(sector[510..], [0x55, 0xaa]);
    }

    #[test]
    fn cylinders_have_ten_bits() {
        assert_eq!(chs(0), [0, 1, 0]);
        assert_eq!(chs(0x2ff * 2048 + 33), [1, 2 | 0x80, 0xff]);
        assert_eq!(chs(1024 * 2048 - 1), [63, 32 | 0xc0, 0xff]);
        assert_eq!(chs(1024 * 2048), BEYOND);
        assert_eq!(chs(u32::MAX), BEYOND);
    }
}
