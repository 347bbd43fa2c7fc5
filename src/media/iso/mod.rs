//! ISO 9660 images for seeds: a primary tree with Rock Ridge, a Joliet tree, and one label in both.
//!
//! The layout is a pure function of tree and volume (`layout`); the bytes then leave front to back (`writer`), so
//! the output may be a pipe and payloads are never gathered in memory. The same input gives the same bytes.
//!
//! Limits: one session, one extent a file, no boot catalog, no relocation of deep directories, owner and group 0.
//! What a common reader would show wrongly is refused instead of written. Symbolic links are in the primary tree only:
//! Joliet has no form for them, and an empty file in place of a link would be believed.
//!
//! Sources: ECMA-119 (4th edition), the Joliet Specification of 1995, SUSP 1.10 (IEEE P1281) and RRIP 1.10 (IEEE
//! P1282).

mod dates;
mod fields;
mod layout;
mod names;
mod nodes;
mod path_table;
mod records;
mod rockridge;
mod volume;
mod writer;

use std::io::Write;

use anyhow::Result;

use super::tree::Tree;

/// Bytes in a logical sector, and in a logical block.
const SECTOR: usize = 2048;

/// What is said of an image as a whole.
#[derive(Clone, Debug)]
pub struct Volume {
    /// Volume label, the same in both volume descriptors: 1 to 16 of `A`-`Z`, `0`-`9` and `_`, or `cidata`.
    pub label: String,
    /// Seconds since the epoch, as in SOURCE_DATE_EPOCH: the one date of the volume and of all its files.
    pub modified: u64,
}

/// Writes `tree` to `out` as an ISO 9660 image. Its size is a multiple of 64 KiB.
///
/// # Errors
/// Before the first byte is written: when the label or the date cannot be recorded, when a name, a symbolic link, a
/// file, the number of directories or the whole exceeds what the format or its readers carry, and when two names in one
/// directory differ only in case. Afterwards: when `out` or a payload fails.
pub fn write(tree: &Tree, volume: &Volume, out: &mut dyn Write) -> Result<()> {
    let plan = layout::plan(tree, volume)?;
    writer::write(&plan, out)
}

/// Where the content of each file lies in the image, in bytes from its beginning, in the order of the tree; an empty file
/// lies nowhere, and its place is 0.
///
/// # Errors
/// As [`write()`], before its first byte.
pub fn places(tree: &Tree, volume: &Volume) -> Result<Vec<u64>> {
    let plan = layout::plan(tree, volume)?;
    Ok(plan.file_extents.iter().map(|extent| u64::from(extent.sector) * SECTOR as u64).collect())
}
