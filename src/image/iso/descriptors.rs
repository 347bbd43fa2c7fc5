//! Volume descriptors: labels, the length of the volume, and where the trees begin (ECMA-119 8).

use anyhow::{Context, Result, ensure};

use super::SECTOR;
use super::place::Root;
use super::record;
use crate::image::Label;
use crate::image::device::Device;
use crate::image::entries::{plain, text};

const FIRST: u64 = 16;
/// Linux reads up to sector 100.
const MOST: u64 = 84;
const MARK: &[u8] = b"CD001";

/// What the descriptors say.
pub(super) struct Descriptors {
    pub(super) primary: Root,
    pub(super) joliet: Option<Root>,
    /// Joliet's first, which libblkid prefers.
    pub(super) labels: Vec<Label>,
    /// Bytes of the volume.
    pub(super) length: u64,
}

/// Whether the first descriptor is there.
pub(in crate::image) fn is_iso(device: &mut Device) -> Result<bool> {
    Ok(device.at_most(FIRST * SECTOR, 6)?.get(1..) == Some(MARK))
}

impl Descriptors {
    pub(super) fn read(device: &mut Device) -> Result<Self> {
        let (mut primary, mut joliet) = (None, None);
        for number in FIRST..FIRST + MOST {
            let at = number * SECTOR;
            let sector = device.bytes(at, SECTOR as usize, "a volume descriptor")?;
            ensure!(&sector[1..6] == MARK, "byte {at}: no volume descriptor, where the last was not yet");
            match sector[0] {
                1 if primary.is_none() => primary = Some((sector, at)),
                2 if joliet.is_none() && is_joliet(&sector[88..91]) => joliet = Some((sector, at)),
                255 => break,
                _ => {}
            }
        }
        let (sector, at) = primary.context("there is no primary volume descriptor")?;
        let block = u16::from_le_bytes([sector[128], sector[129]]);
        ensure!(
            u64::from(block) == SECTOR,
            "descriptor at byte {at}: blocks of {block} bytes; only {SECTOR} are read"
        );
        let blocks = u32::from_le_bytes([sector[80], sector[81], sector[82], sector[83]]);
        let mut labels = Vec::new();
        let joliet = match joliet {
            Some((sector, at)) => {
                let label = plain(&record::ucs2(&sector[40..72])).trim_end().to_owned();
                if !label.is_empty() {
                    labels.push(Label { place: "Joliet volume descriptor", text: label });
                }
                Some(root(&sector, at)?)
            }
            None => None,
        };
        let label = plain(text(&sector[40..72]).trim_end_matches([' ', '\0']));
        labels.push(Label { place: "primary volume descriptor", text: label });
        Ok(Descriptors { primary: root(&sector, at)?, joliet, labels, length: u64::from(blocks) * SECTOR })
    }
}

/// The escape sequences of UCS-2, levels 1 to 3.
fn is_joliet(escape: &[u8]) -> bool {
    matches!(escape, b"%/@" | b"%/C" | b"%/E")
}

fn root(sector: &[u8], at: u64) -> Result<Root> {
    let record = record::all(&sector[156..190], at + 156).next();
    let record = record.with_context(|| format!("descriptor at byte {at}: it has no root directory"))??;
    Ok(record.place())
}
