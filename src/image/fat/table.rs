//! The table that chains clusters, and what was taken from it.

use std::ops::Range;

use anyhow::{Result, bail, ensure};

use super::boot::{Boot, Kind};
use crate::image::device::Device;

/// Bytes of the table that are read at once.
const PIECE: u64 = 4096;

/// Pieces of all files together: a volume of seeds has as many as files, more are made to fill memory.
const MOST_PIECES: usize = 1 << 20;

/// The first table.
pub(super) struct Table<'a> {
    boot: &'a Boot,
    /// One bit for each cluster that belongs to something.
    taken: Vec<u64>,
    piece: Vec<u8>,
    piece_at: u64,
    pieces: usize,
}

impl<'a> Table<'a> {
    pub(super) fn new(boot: &'a Boot) -> Self {
        let taken = vec![0; boot.clusters as usize / 64 + 1];
        Table { boot, taken, piece: Vec::new(), piece_at: 0, pieces: 0 }
    }

    /// Where the first `size` bytes of a chain are. A `directory` ends where its chain ends, and may be shorter.
    pub(super) fn chain(
        &mut self,
        device: &mut Device,
        first: u32,
        size: u64,
        directory: bool,
    ) -> Result<Vec<Range<u64>>> {
        let mut ranges: Vec<Range<u64>> = Vec::new();
        let (mut cluster, mut left) = (first, size);
        loop {
            self.take(cluster)?;
            let start = self.boot.data + u64::from(cluster - 2) * self.boot.cluster;
            let end = start + left.min(self.boot.cluster);
            device.check(start, end - start, &format!("cluster {cluster}"))?;
            match ranges.last_mut() {
                Some(last) if last.end == start => last.end = end,
                _ => {
                    self.pieces += 1;
                    ensure!(self.pieces <= MOST_PIECES, "files in more than {MOST_PIECES} pieces");
                    ranges.push(start..end);
                }
            }
            left -= end - start;
            if left == 0 && !directory {
                return Ok(ranges);
            }
            match self.next(device, cluster)? {
                Some(_) if left == 0 => bail!("a directory of more than {size} bytes"),
                Some(next) => cluster = next,
                None if directory => return Ok(ranges),
                None => bail!("its cluster chain ends {left} bytes before the file does"),
            }
        }
    }

    fn take(&mut self, cluster: u32) -> Result<()> {
        ensure!(
            (2..self.boot.clusters).contains(&cluster),
            "cluster {cluster}, where the volume has 2 to {}",
            self.boot.clusters - 1
        );
        let (word, bit) = (&mut self.taken[cluster as usize / 64], 1 << (cluster % 64));
        ensure!(
            *word & bit == 0,
            "cluster {cluster} belongs to something else already, or its chain leads back to itself"
        );
        *word |= bit;
        Ok(())
    }

    /// The cluster after one; none at the end of its chain.
    fn next(&mut self, device: &mut Device, cluster: u32) -> Result<Option<u32>> {
        let number = u64::from(cluster);
        let (at, end_mark) = match self.boot.kind {
            Kind::Fat12 => (number + number / 2, 0xFF8),
            Kind::Fat16 => (number * 2, 0xFFF8),
            Kind::Fat32 => (number * 4, 0x0FFF_FFF8),
        };
        let mut value = 0;
        for byte in 0..if self.boot.kind == Kind::Fat32 { 4 } else { 2 } {
            value |= u32::from(self.byte(device, at + byte)?) << (8 * byte);
        }
        let value = match self.boot.kind {
            Kind::Fat12 if cluster % 2 == 1 => value >> 4,
            Kind::Fat12 => value & 0xFFF,
            Kind::Fat16 => value,
            Kind::Fat32 => value & 0x0FFF_FFFF,
        };
        if value >= end_mark {
            return Ok(None);
        }
        ensure!(value > 1, "cluster {cluster} leads to cluster {value}, as free ones do");
        Ok(Some(value))
    }

    fn byte(&mut self, device: &mut Device, at: u64) -> Result<u8> {
        let start = at - at % PIECE;
        if self.piece.is_empty() || self.piece_at != start {
            let length = PIECE.min((self.boot.table.end - self.boot.table.start).saturating_sub(start));
            self.piece = device.bytes(self.boot.table.start + start, length as usize, "the table")?;
            self.piece_at = start;
        }
        let Some(byte) = self.piece.get((at - start) as usize) else {
            bail!("the table ends before byte {at}")
        };
        Ok(*byte)
    }
}
