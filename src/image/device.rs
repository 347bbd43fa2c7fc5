//! The bytes of an image, read where they are wanted; what lies beyond the end is an error that says where.

use std::fmt;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;

use anyhow::{Context, Result, ensure};

/// What an image is read from.
pub trait ReadSeek: Read + Seek {}

impl<T: Read + Seek> ReadSeek for T {}

/// An image's bytes.
pub struct Device {
    inner: Box<dyn ReadSeek>,
    len: u64,
}

impl fmt::Debug for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Device({} bytes)", self.len)
    }
}

impl Device {
    /// Over a reader, whose length it asks.
    ///
    /// # Errors
    /// When the reader cannot be searched.
    pub fn new(mut inner: Box<dyn ReadSeek>) -> Result<Self> {
        let len = inner.seek(SeekFrom::End(0)).context("finding its end")?;
        Ok(Device { inner, len })
    }

    /// Length in bytes.
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> u64 {
        self.len
    }

    /// `count` bytes from `offset`. `what` says what they are, for the error.
    ///
    /// # Errors
    /// When the image ends before.
    pub fn bytes(&mut self, offset: u64, count: usize, what: &str) -> Result<Vec<u8>> {
        self.check(offset, count as u64, what)?;
        let mut bytes = vec![0; count];
        self.seek_to(offset)?;
        self.inner.read_exact(&mut bytes).with_context(|| format!("{what} at byte {offset}"))?;
        Ok(bytes)
    }

    /// Up to `count` bytes from `offset`, fewer where the image ends.
    ///
    /// # Errors
    /// Those of the reader.
    pub fn at_most(&mut self, offset: u64, count: usize) -> Result<Vec<u8>> {
        let there = usize::try_from(self.len.saturating_sub(offset)).unwrap_or(usize::MAX);
        self.bytes(offset.min(self.len), count.min(there), "the beginning")
    }

    /// Refuses a range that is not all in the image.
    ///
    /// # Errors
    /// With the place and both lengths.
    pub fn check(&self, offset: u64, count: u64, what: &str) -> Result<()> {
        ensure!(
            offset.checked_add(count).is_some_and(|end| end <= self.len),
            "{what}: {count} bytes at byte {offset}, but the image ends at byte {}; it is cut off or damaged",
            self.len
        );
        Ok(())
    }

    /// From its beginning to its end.
    ///
    /// # Errors
    /// Those of the reader.
    pub fn rewound(&mut self) -> Result<&mut dyn ReadSeek> {
        self.seek_to(0)?;
        Ok(&mut *self.inner)
    }

    /// The bytes of ranges, one after the other.
    pub fn ranges<'a>(&'a mut self, ranges: &'a [Range<u64>]) -> Ranges<'a> {
        Ranges { device: self, ranges, done: 0 }
    }

    fn seek_to(&mut self, offset: u64) -> Result<()> {
        self.inner.seek(SeekFrom::Start(offset)).with_context(|| format!("searching byte {offset}"))?;
        Ok(())
    }
}

/// A reader over ranges of a [`Device`].
pub struct Ranges<'a> {
    device: &'a mut Device,
    ranges: &'a [Range<u64>],
    /// Bytes of the first range that were read.
    done: u64,
}

impl Read for Ranges<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some((range, rest)) = self.ranges.split_first() {
            let left = (range.end.saturating_sub(range.start)).saturating_sub(self.done);
            if left == 0 {
                (self.ranges, self.done) = (rest, 0);
                continue;
            }
            let count = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            self.device.inner.seek(SeekFrom::Start(range.start + self.done))?;
            let read = self.device.inner.read(&mut buffer[..count])?;
            if read == 0 && count > 0 {
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the image has become shorter"));
            }
            self.done += read as u64;
            return Ok(read);
        }
        Ok(0)
    }
}
