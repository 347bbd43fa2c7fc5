//! Directories as bytes: slots of 32 bytes, those of a long name (LDIR) before the short entry (DIR) that they belong to.

use super::geometry::SLOT;
use super::names::Short;
use super::nodes::{Kind, UNITS, bytes};
use super::table::Chain;
use super::{Date, Plan};

/// DIR_Attr.
const VOLUME_ID: u8 = 0x08;
const DIRECTORY: u8 = 0x10;
const ARCHIVE: u8 = 0x20;
const LONG_NAME: u8 = 0x0f;
/// In LDIR_Ord, of the slot with the end of the name, which is the first.
const LAST: u8 = 0x40;

const ITSELF: Short = *b".          ";
const PARENT: Short = *b"..         ";

/// The directory itself.
pub(super) fn encode(plan: &Plan, directory: usize) -> Vec<u8> {
    let Plan { nodes, date, .. } = plan;
    let node = &nodes.directories[directory];
    let mut out = Vec::with_capacity(bytes(nodes, directory) as usize);
    if directory == 0 {
        out.extend(entry(plan.label, VOLUME_ID, Chain::default(), 0, *date));
    } else {
        // The root counts as cluster zero here, also where it has a chain.
        let above = if node.parent == 0 { Chain::default() } else { plan.directories[node.parent] };
        out.extend(entry(ITSELF, DIRECTORY, plan.directories[directory], 0, *date));
        out.extend(entry(PARENT, DIRECTORY, above, 0, *date));
    }
    for (child, short) in node.children.iter().zip(&node.shorts) {
        long_name(child.name, checksum(short), &mut out);
        out.extend(match child.kind {
            Kind::Directory(index) => entry(*short, DIRECTORY, plan.directories[index], 0, *date),
            Kind::File(index) => entry(*short, ARCHIVE, plan.files[index], nodes.files[index].bytes, *date),
        });
    }
    out
}

fn entry(name: Short, attributes: u8, chain: Chain, bytes: u32, date: Date) -> [u8; SLOT as usize] {
    let mut slot = [0; SLOT as usize];
    let [low, high, upper_low, upper_high] = chain.first.to_le_bytes();
    slot[..11].copy_from_slice(&name);
    slot[11] = attributes;
    slot[13] = date.hundredths;
    slot[14..16].copy_from_slice(&date.time.to_le_bytes());
    slot[16..18].copy_from_slice(&date.day.to_le_bytes());
    slot[18..20].copy_from_slice(&date.day.to_le_bytes());
    slot[20..22].copy_from_slice(&[upper_low, upper_high]);
    slot[22..24].copy_from_slice(&date.time.to_le_bytes());
    slot[24..26].copy_from_slice(&date.day.to_le_bytes());
    slot[26..28].copy_from_slice(&[low, high]);
    slot[28..].copy_from_slice(&bytes.to_le_bytes());
    slot
}

/// Slots with `name`, its end first.
fn long_name(name: &str, checksum: u8, out: &mut Vec<u8>) {
    let units: Vec<u16> = name.encode_utf16().collect();
    for (number, part) in units.chunks(UNITS).enumerate().rev() {
        // A part that is not full ends with a zero, and the rest is ones.
        let mut padded = [0xffff; UNITS];
        padded[..part.len()].copy_from_slice(part);
        if let Some(end) = padded.get_mut(part.len()) {
            *end = 0;
        }
        let text: Vec<u8> = padded.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        let last = if (number + 1) * UNITS >= units.len() { LAST } else { 0 };
        let mut slot = [0; SLOT as usize];
        slot[0] = (number + 1) as u8 | last;
        slot[1..11].copy_from_slice(&text[..10]);
        slot[11] = LONG_NAME;
        slot[13] = checksum;
        slot[14..26].copy_from_slice(&text[10..22]);
        slot[28..].copy_from_slice(&text[22..]);
        out.extend(slot);
    }
}

/// Of a short name, by which its long name is known to be its own.
fn checksum(short: &Short) -> u8 {
    short.iter().fold(0_u8, |sum, byte| sum.rotate_right(1).wrapping_add(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_begin_with_their_end() {
        let mut out = Vec::new();
        long_name("The quick brown.fox", 7, &mut out);
        assert_eq!((out.len(), out[0], out[32]), (64, 0x42, 0x01));
        assert_eq!(out[1..11], *b"w\0n\0.\0f\0o\0");
        assert_eq!(out[11..16], [0x0f, 0, 7, b'x', 0]);
        assert_eq!(out[16..20], [0, 0, 0xff, 0xff]);
        assert_eq!(out[60..], *b"r\0o\0");
        // A name that fills its slots has no zero at its end.
        out.clear();
        long_name("exactlythirte", 7, &mut out);
        assert_eq!((out.len(), out[0], &out[28..]), (32, 0x41, &b"t\0e\0"[..]));
    }

    #[test]
    fn checksums_rotate() {
        assert_eq!(checksum(&[0; 11]), 0);
        assert_eq!(checksum(&[1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]), 0x40);
        assert_eq!(checksum(&[0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 2]), 0x01);
    }
}
