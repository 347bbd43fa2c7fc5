//! Where a directory is.

use super::SECTOR;

/// A directory's place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Root {
    pub(super) sector: u32,
    pub(super) bytes: u32,
}

impl Root {
    /// Its first byte.
    pub(super) fn start(self) -> u64 {
        u64::from(self.sector) * SECTOR
    }
}
