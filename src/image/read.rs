//! Reading one file of an image: its bytes with a bound, or its digest.

use std::fs::File;
use std::io::{self, Read};

use anyhow::{Context, Result, ensure};

use super::Image;
use super::entries::{Content, EntryKind};
use super::{tar, zip};

impl Image {
    /// The bytes of a file.
    ///
    /// # Errors
    /// When there is no such file, it is larger than `most` bytes, or it cannot be read.
    pub fn read(&mut self, volume: usize, path: &str, most: u64) -> Result<Vec<u8>> {
        let size = self.file(volume, path)?;
        ensure!(size <= most, "{path} has {size} bytes; more than {most} are not read");
        let mut bytes = Vec::new();
        self.with(volume, path, |reader| reader.take(most).read_to_end(&mut bytes))?;
        ensure!(bytes.len() as u64 == size, "{path} has {} bytes instead of {size}", bytes.len());
        Ok(bytes)
    }

    /// The SHA-256 of a file, 64 hexadecimal digits.
    ///
    /// # Errors
    /// As [`Image::read`], without the bound.
    pub fn sha256(&mut self, volume: usize, path: &str) -> Result<String> {
        self.file(volume, path)?;
        let content = self.content(volume, path);
        if let Some(Content::Stream { sha256, .. }) = content {
            return Ok(sha256.clone());
        }
        let ranges = match content {
            Some(Content::Ranges(ranges)) => Some(ranges.clone()),
            _ => None,
        };
        if let Some(known) = ranges.as_ref().and_then(|ranges| self.digests.get(ranges)) {
            return Ok(known.clone());
        }
        let digest = self.with(volume, path, |reader| crate::digest::sha256_of(reader))?;
        if let Some(ranges) = ranges {
            self.digests.insert(ranges, digest.clone());
        }
        Ok(digest)
    }

    fn content(&self, volume: usize, path: &str) -> Option<&Content> {
        Some(&self.volumes.get(volume)?.entries.get(path)?.content)
    }

    /// The size of a file.
    fn file(&self, volume: usize, path: &str) -> Result<u64> {
        let entry = self.volumes.get(volume).and_then(|volume| volume.entries.get(path));
        let entry = entry.with_context(|| format!("the image has no {path}"))?;
        ensure!(entry.kind == EntryKind::File, "{path} is no regular file");
        Ok(entry.size)
    }

    /// Hands the file's bytes to `take`, from the first to the last.
    fn with<T>(
        &mut self,
        volume: usize,
        path: &str,
        take: impl FnOnce(&mut dyn Read) -> io::Result<T>,
    ) -> Result<T> {
        let size = self.file(volume, path)?;
        let context = || format!("reading {path}");
        let entry = self.volumes.get(volume).and_then(|volume| volume.entries.get(path));
        let content = entry.map_or(&Content::None, |entry| &entry.content);
        if let Content::Path(path) = content {
            return File::open(path).and_then(|file| take(&mut file.take(size))).with_context(context);
        }
        let device = self.device.as_mut().with_context(context)?;
        match content {
            Content::Ranges(ranges) => take(&mut device.ranges(ranges)),
            Content::Deflated { packed, crc } => {
                let ranges = std::slice::from_ref(packed);
                take(&mut zip::Inflated::new(device.ranges(ranges), size, *crc))
            }
            Content::Stream { gzip, at, .. } => {
                let reader = device.rewound().with_context(context)?;
                tar::stream(reader, *gzip, *at + size, |stream| {
                    io::copy(&mut stream.take(*at), &mut io::sink())?;
                    take(&mut stream.take(size))
                })
            }
            Content::None | Content::Path(_) => take(&mut io::empty()),
        }
        .with_context(context)
    }
}
