//! Writing streams that begin as earlier ones did, for the price of their difference.
//!
//! The images of a fleet differ in a few small files, and media put these last. So what is known of an earlier image is not
//! digested again: SHA-256 goes on from its state at the last whole step before the first difference. Where the file system
//! shares blocks between files (FICLONE, see ioctl_ficlone(2): XFS, Btrfs, ...), they are not written again either. The result is
//! byte for byte what writing it all would give: every byte is compared before anything known of it is used.
//!
//! Limits: at most [`KEPT`] earlier images of at most [`LARGEST`] bytes are kept in memory. Longer ones are written plainly.

use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};

use camino::Utf8Path;
use sha2::{Digest, Sha256};

/// Bytes between two states that are kept.
const STEP: usize = 64 * 1024;
/// Bytes of the longest image that is kept.
const LARGEST: usize = 32 << 20;
/// Images that are kept: the length of a medium is rounded up, so that a fleet may have two kinds of beginning.
const KEPT: usize = 2;
/// Bytes gathered before they are written.
const BUFFER: usize = 256 * 1024;

/// What is known of earlier images.
#[derive(Debug, Default)]
pub(super) struct Beginnings {
    known: Vec<Known>,
    /// Whether there are to be further images.
    keeps: bool,
    /// Whether this file system was seen to share no blocks.
    plain: bool,
}

#[derive(Debug, Default)]
struct Known {
    bytes: Vec<u8>,
    /// After so many steps.
    states: Vec<Sha256>,
    /// The same bytes in a file without a name, which nobody else can change.
    file: Option<File>,
}

/// How long a stream was, and its digest in hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Bytes.
    pub bytes: u64,
    /// SHA-256.
    pub sha256: String,
}

impl Beginnings {
    /// For many images; without it each is written plainly.
    pub(super) fn kept() -> Self {
        Beginnings { keeps: true, ..Beginnings::default() }
    }

    /// Writes to `out`, which is empty, or nowhere. Blocks are shared where `directory`, which has `out`, allows it.
    pub(super) fn write(
        &mut self,
        out: Option<(&File, &Utf8Path)>,
        fill: impl FnOnce(&mut dyn Write) -> anyhow::Result<()>,
    ) -> anyhow::Result<Written> {
        let file = out.map(|(file, _)| file);
        let shared = file.is_some_and(|file| self.share(file));
        let mut stream = Stream {
            out: file.map(|file| BufWriter::with_capacity(BUFFER, file)),
            known: &self.known,
            follows: self.known.len().checked_sub(1),
            shared: shared.then(|| self.known.len() - 1),
            at: 0,
            hasher: Sha256::new(),
            record: (self.keeps && self.known.is_empty()).then(Known::begun),
        };
        fill(&mut stream)?;
        let (written, record) = stream.finish()?;
        if let Some(mut record) = record {
            if let (Some((_, directory)), false) = (out, self.plain) {
                record.file = unnamed(directory, &record.bytes);
            }
            if self.known.len() == KEPT {
                self.known.remove(0);
            }
            self.known.push(record);
        }
        Ok(written)
    }

    /// Makes `file` what the last image is, without writing it, where that can be.
    fn share(&mut self, file: &File) -> bool {
        let Some(source) = self.known.last().and_then(|known| known.file.as_ref()) else { return false };
        let shared = rustix::fs::ioctl_ficlone(file, source).is_ok();
        if !shared {
            self.plain = true;
            self.known.iter_mut().for_each(|known| known.file = None);
        }
        shared
    }
}

/// None where it cannot be made: then blocks are not shared, and nothing else is lost.
fn unnamed(directory: &Utf8Path, bytes: &[u8]) -> Option<File> {
    let mut file = tempfile::tempfile_in(directory).ok()?;
    file.write_all(bytes).ok()?;
    Some(file)
}

impl Known {
    fn begun() -> Self {
        Known { states: vec![Sha256::new()], ..Known::default() }
    }

    /// The first `length` bytes of it.
    fn beginning(&self, length: usize) -> Self {
        Known {
            bytes: self.bytes[..length].to_vec(),
            states: self.states[..=length / STEP].to_vec(),
            file: None,
        }
    }

    /// The state after its first `length` bytes.
    fn state(&self, length: usize) -> Sha256 {
        let mut state = self.states[length / STEP].clone();
        state.update(&self.bytes[length / STEP * STEP..length]);
        state
    }

    /// Takes further bytes, and moves the state on with them.
    fn extend(&mut self, mut bytes: &[u8], hasher: &mut Sha256) {
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(STEP - self.bytes.len() % STEP));
            hasher.update(now);
            self.bytes.extend_from_slice(now);
            if self.bytes.len().is_multiple_of(STEP) {
                self.states.push(hasher.clone());
            }
            bytes = later;
        }
    }
}

/// One stream on its way.
struct Stream<'a> {
    out: Option<BufWriter<&'a File>>,
    known: &'a [Known],
    /// The image that all bytes until now were those of.
    follows: Option<usize>,
    /// The image whose blocks the file has.
    shared: Option<usize>,
    at: usize,
    /// Of all bytes until now, where it follows none.
    hasher: Sha256,
    /// What will be known of it.
    record: Option<Known>,
}

impl Stream<'_> {
    /// Takes what is as in an earlier image; how much that is.
    fn follow(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(mut index) = self.follows else { return Ok(0) };
        let mut taken = 0;
        loop {
            let known = &self.known[index].bytes;
            let rest = &known[self.at..];
            let alike = alike(&bytes[taken..], rest);
            if self.shared != Some(index) {
                self.put(&bytes[taken..taken + alike])?;
            }
            self.at += alike;
            taken += alike;
            let Some(next) = bytes.get(taken) else { break };
            let other = (0..self.known.len()).find(|other| {
                let other = &self.known[*other].bytes;
                other.get(self.at) == Some(next) && other[..self.at] == known[..self.at]
            });
            self.part(self.shared)?;
            match other {
                Some(other) => index = other,
                None => {
                    let known = &self.known[index];
                    self.hasher = known.state(self.at);
                    self.record = (self.at < known.bytes.len() / 2).then(|| known.beginning(self.at));
                    self.follows = None;
                    return Ok(taken);
                }
            }
        }
        self.follows = Some(index);
        Ok(taken)
    }

    /// From here on the file is not as the one whose blocks it has.
    fn part(&mut self, shared: Option<usize>) -> io::Result<()> {
        if shared.is_some()
            && let Some(out) = &mut self.out
        {
            let mut file: &File = out.get_ref();
            file.seek(SeekFrom::Start(self.at as u64))?;
            self.shared = None;
        }
        Ok(())
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.as_mut().map_or(Ok(()), |out| out.write_all(bytes))
    }

    fn finish(mut self) -> io::Result<(Written, Option<Known>)> {
        if let Some(index) = self.follows {
            self.hasher = self.known[index].state(self.at);
        }
        if let Some(mut out) = self.out.take() {
            out.flush()?;
            // What it has the blocks of may be longer.
            out.get_ref().set_len(self.at as u64)?;
        }
        let sha256 = crate::digest::hex(&self.hasher.finalize());
        Ok((Written { bytes: self.at as u64, sha256 }, self.record))
    }
}

impl Write for Stream<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let own = &bytes[self.follow(bytes)?..];
        if !own.is_empty() {
            self.put(own)?;
            self.at += own.len();
            match &mut self.record {
                Some(record) => record.extend(own, &mut self.hasher),
                None => self.hasher.update(own),
            }
            if self.at > LARGEST {
                self.record = None;
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.as_mut().map_or(Ok(()), Write::flush)
    }
}

/// How many bytes two slices have in common from their beginning.
fn alike(a: &[u8], b: &[u8]) -> usize {
    let length = a.len().min(b.len());
    if a[..length] == b[..length] {
        return length;
    }
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use std::fs;

    use super::*;
    use crate::digest::sha256;

    /// Streams of odd lengths that begin alike in all ways: the same, shorter, longer, other early, late, and back again.
    fn streams() -> Vec<Vec<u8>> {
        let base: Vec<u8> = (0..300_001_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        let changed = |at: usize| {
            let mut other = base.clone();
            other[at] ^= 1;
            other
        };
        vec![
            base.clone(),
            base.clone(),
            changed(299_999),
            changed(STEP * 2),
            changed(5),
            changed(6),
            changed(5),
            base[..200_000].to_vec(),
            [base.clone(), vec![7; 100_000]].concat(),
            Vec::new(),
            changed(STEP),
            base,
        ]
    }

    #[test]
    fn the_result_is_that_of_writing_it_all() {
        let directory = tempfile::tempdir().unwrap();
        let at = Utf8Path::from_path(directory.path()).unwrap();
        let mut beginnings = Beginnings::kept();
        for (number, stream) in streams().iter().enumerate() {
            for piece in [1_000, 65_536, 1_000_000] {
                let path = at.join(format!("{number}-{piece}"));
                let file = File::create(&path).unwrap();
                let fill = |out: &mut dyn Write| -> anyhow::Result<()> {
                    stream.chunks(piece).try_for_each(|bytes| Ok(out.write_all(bytes)?))
                };
                let written = beginnings.write(Some((&file, at)), fill).unwrap();
                assert_eq!(fs::read(&path).unwrap(), *stream, "stream {number}");
                let wanted = Written { bytes: stream.len() as u64, sha256: sha256(stream) };
                assert_eq!(written, wanted, "stream {number}");
                assert_eq!(beginnings.write(None, fill).unwrap(), wanted, "stream {number}, digest alone");
            }
        }
        assert!(beginnings.known.len() <= KEPT);
    }

    #[test]
    fn what_is_known_is_not_digested_again() {
        let mut beginnings = Beginnings::kept();
        let streams = streams();
        let mut write = |bytes: &[u8]| beginnings.write(None, |out| Ok(out.write_all(bytes)?)).unwrap();
        write(&streams[0]);
        let known = &write(&streams[2]);
        assert_ne!(known.sha256, sha256(&streams[0]));
        assert_eq!(beginnings.known.len(), 1, "a late difference makes no further beginning");
    }

    #[test]
    fn an_image_that_is_too_long_is_not_kept() {
        let mut beginnings = Beginnings::kept();
        let zeros = vec![0; 1 << 20];
        let fill = |out: &mut dyn Write| -> anyhow::Result<()> {
            (0..33).try_for_each(|_| Ok(out.write_all(&zeros)?))
        };
        assert_eq!(beginnings.write(None, fill).unwrap().bytes, 33 << 20);
        assert!(beginnings.known.is_empty());
    }
}
