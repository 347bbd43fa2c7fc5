//! A stream that is counted and digested on its way.

use std::io::{self, BufWriter, Write};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use super::alike::Written;
use crate::digest;

/// Bytes gathered before they are written.
const BUFFER: usize = 256 * 1024;

/// Writes what `fill` gives to `out`.
pub(super) fn digested(out: impl Write, fill: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<Written> {
    let mut stream =
        Digesting { out: BufWriter::with_capacity(BUFFER, out), hasher: Sha256::new(), bytes: 0 };
    fill(&mut stream)?;
    stream.flush().context("writing the end of it")?;
    Ok(Written { bytes: stream.bytes, sha256: digest::hex(&stream.hasher.finalize()) })
}

struct Digesting<W: Write> {
    out: BufWriter<W>,
    hasher: Sha256,
    bytes: u64,
}

impl<W: Write> Write for Digesting<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
