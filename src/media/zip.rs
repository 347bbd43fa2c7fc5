//! A zip (PKWARE APPNOTE 6.3), with Unix modes, for sites whose tools take nothing else.
//!
//! Entries have the one time of [`Options`], as local time without a zone, which is all that zip has.

use std::io::{Cursor, Write};

use anyhow::{Context, Result};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::tree::{Entry, Tree};
use super::{FileMedium, Options};
use crate::calendar::Utc;

/// `.zip`.
pub struct Zip;

impl FileMedium for Zip {
    fn extensions(&self) -> &'static [&'static str] {
        &["zip"]
    }

    fn write(&self, tree: &Tree, options: &Options, out: &mut dyn Write) -> Result<()> {
        // The format's own headers are written last but read first; in memory there is no need for a seekable target.
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        for (path, entry) in tree.iter() {
            add(&mut archive, path, entry, options).with_context(|| format!("writing {path} to the zip"))?;
        }
        let bytes = archive.finish().context("writing the zip")?.into_inner();
        out.write_all(&bytes).context("writing the zip")
    }
}

fn add(archive: &mut ZipWriter<Cursor<Vec<u8>>>, path: &str, entry: &Entry, options: &Options) -> Result<()> {
    let settings = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(dos_time(options.modified));
    match entry {
        Entry::Directory { mode } => archive.add_directory(path, settings.unix_permissions(*mode))?,
        Entry::File { mode, payload } => {
            archive.start_file(path, settings.unix_permissions(*mode))?;
            payload.copy_to(archive)?;
        }
        Entry::Symlink { target } => archive.add_symlink(path, target, settings)?,
    }
    Ok(())
}

/// zip knows the years 1980 to 2107 only; what is outside becomes the first moment of 1980.
fn dos_time(seconds: u64) -> DateTime {
    let Utc { year, month, day, hour, minute, second } = Utc::from_epoch(seconds);
    u16::try_from(year)
        .ok()
        .and_then(|year| DateTime::from_date_and_time(year, month, day, hour, minute, second).ok())
        .unwrap_or_default()
}
