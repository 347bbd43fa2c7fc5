//! tar, plain or in gzip: POSIX ustar and pax, with GNU long names.
//!
//! One pass lists and digests, for a gzip stream cannot be searched; reading one file unpacks the stream up to it. Headers
//! are the `tar` crate's; long names are read here, since the crate reads them whole however long they say they are.
//!
//! Limits: no sparse files, no pax `size` (files above 8 GiB). Hard links are told as "other".

use std::collections::BTreeMap;
use std::io::{self, BufReader, Read};

use anyhow::{Context, Result, bail, ensure};
use flate2::read::MultiGzDecoder;
use tar::{Archive, EntryType};

use super::allowance;
use super::device::{Device, ReadSeek};
use super::entries::{Content, Entries, Entry, EntryKind, text};

/// Bytes of a long name or of pax records.
const LONGEST_EXTENSION: u64 = 64 * 1024;

/// Lists and digests.
///
/// # Errors
/// When it is damaged, unpacks to more than [`allowance`], or exceeds the bounds of [`super::entries`].
pub(super) fn read(device: &mut Device, gzip: bool) -> Result<BTreeMap<String, Entry>> {
    let most = allowance(device.len());
    let reader = device.rewound()?;
    let mut outcome = None;
    stream(reader, gzip, most, |stream| {
        // The checksum of a gzip stream comes last.
        match outcome.insert(list(stream, gzip)) {
            Ok(_) => io::copy(stream, &mut io::sink()),
            Err(_) => Ok(0),
        }
    })
    .context("unpacking")?;
    outcome.context("nothing was unpacked")?.context("unpacking")
}

/// Hands the unpacked stream to `take`; it fails after `most` bytes.
pub(super) fn stream<T>(
    reader: &mut dyn ReadSeek,
    gzip: bool,
    most: u64,
    take: impl FnOnce(&mut dyn Read) -> io::Result<T>,
) -> io::Result<T> {
    let reader = BufReader::with_capacity(64 * 1024, reader);
    if gzip {
        take(&mut Budget { inner: MultiGzDecoder::new(reader), most, left: most })
    } else {
        take(&mut Budget { inner: reader, most, left: most })
    }
}

/// What the entries before one say of it.
#[derive(Default)]
struct Extension {
    name: Option<Vec<u8>>,
    target: Option<Vec<u8>>,
}

fn list(stream: &mut dyn Read, gzip: bool) -> Result<BTreeMap<String, Entry>> {
    let mut archive = Archive::new(stream);
    let mut entries = Entries::default();
    let mut extension = Extension::default();
    // Entries of the header alone count too: a bomb may be made of them.
    let mut headers = 0;
    for found in archive.entries().context("reading its first header")?.raw(true) {
        let mut found = match found {
            Err(_) if headers == 0 => {
                bail!(
                    "there is no tar archive in it; if it is an image that was compressed, unpack that first"
                )
            }
            found => found.context("reading a header")?,
        };
        let at = found.raw_header_position();
        headers += 1;
        ensure!(
            headers <= 4 * super::entries::MOST,
            "header at byte {at}: too many entries; no seed has so many"
        );
        let header = found.header();
        let (kind, mode) = (header.entry_type(), header.mode().ok().map(|mode| mode & 0o7777));
        let size = header.entry_size().with_context(|| format!("header at byte {at}"))?;
        match kind {
            EntryType::GNULongName
            | EntryType::GNULongLink
            | EntryType::XHeader
            | EntryType::XGlobalHeader => {
                ensure!(
                    size <= LONGEST_EXTENSION,
                    "header at byte {at}: a name or attributes of {size} bytes; that is too long"
                );
                let mut bytes = Vec::new();
                found.read_to_end(&mut bytes).with_context(|| format!("header at byte {at}"))?;
                extend(&mut extension, kind, bytes).with_context(|| format!("header at byte {at}"))?;
                continue;
            }
            _ => {}
        }
        let Extension { name, target } = std::mem::take(&mut extension);
        let name = name.unwrap_or_else(|| header.path_bytes().into_owned());
        let target = target.or_else(|| header.link_name_bytes().map(std::borrow::Cow::into_owned));
        let name = text(&name);
        // "./" and "./a" are how `tar -C seed .` names things.
        let name = name.strip_prefix("./").unwrap_or(&name);
        let path = name.strip_suffix('/').unwrap_or(name);
        if kind.is_dir() && matches!(path, "" | ".") {
            continue;
        }
        let data = found.raw_file_position();
        let entry = match kind {
            EntryType::Directory => Entry::new(EntryKind::Directory, mode),
            EntryType::Regular | EntryType::Continuous => {
                let sha256 =
                    crate::digest::sha256_of(&mut found).with_context(|| format!("entry at byte {at}"))?;
                Entry::file(mode, size, Content::Stream { gzip, at: data, sha256 })
            }
            EntryType::Symlink => Entry::symlink(mode, &target.unwrap_or_default())?,
            EntryType::GNUSparse => bail!("header at byte {at}: a sparse file, which is not read"),
            _ => Entry::new(EntryKind::Other, mode),
        };
        entries.replace(path.to_owned(), entry, at)?;
    }
    entries.finish()
}

fn extend(extension: &mut Extension, kind: EntryType, mut bytes: Vec<u8>) -> Result<()> {
    if matches!(kind, EntryType::GNULongName | EntryType::GNULongLink) {
        while bytes.last() == Some(&0) {
            bytes.pop();
        }
        match kind {
            EntryType::GNULongName => extension.name = Some(bytes),
            _ => extension.target = Some(bytes),
        }
        return Ok(());
    }
    let mut rest = bytes.as_slice();
    while !rest.is_empty() {
        // LENGTH SPACE KEY=VALUE NEWLINE, and the length is that of all of it.
        let space = rest.iter().position(|byte| *byte == b' ').context("a pax record without its length")?;
        let length: usize = text(&rest[..space]).parse().context("a pax record without its length")?;
        let record = rest.get(space + 1..length).context("a pax record that is longer than its header")?;
        rest = &rest[length..];
        let record = record.strip_suffix(b"\n").context("a pax record without its end")?;
        let equals = record.iter().position(|byte| *byte == b'=').context("a pax record without a key")?;
        let value = record[equals + 1..].to_vec();
        match &record[..equals] {
            b"path" => extension.name = Some(value),
            b"linkpath" => extension.target = Some(value),
            b"size" => bail!("a pax size, which is not read"),
            key if key.starts_with(b"GNU.sparse") => bail!("a sparse file, which is not read"),
            _ => {}
        }
    }
    if kind == EntryType::XGlobalHeader {
        ensure!(extension.name.is_none() && extension.target.is_none(), "one name for all files");
    }
    Ok(())
}

/// Fails instead of giving more than a number of bytes.
struct Budget<R> {
    inner: R,
    most: u64,
    left: u64,
}

impl<R: Read> Read for Budget<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.left = self.left.checked_sub(read as u64).ok_or_else(|| {
            io::Error::other(format!(
                "it unpacks to more than {} bytes; no seed of this size does",
                self.most
            ))
        })?;
        Ok(read)
    }
}
