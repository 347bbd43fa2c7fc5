//! A gzipped tar (POSIX ustar with GNU long names), for hosts that exist already.
//!
//! Everything is owned by root and has the one time of [`Options`], so that equal trees give equal bytes.

use std::io::{Read, Write};

use anyhow::{Context, Result};
use flate2::{Compression, GzBuilder};
use tar::{Builder, EntryType, Header};

use super::tree::{Entry, Tree};
use super::{FileMedium, Options};

/// `.tar.gz`.
pub struct TarGz;

impl FileMedium for TarGz {
    fn extensions(&self) -> &'static [&'static str] {
        &["tar.gz", "tgz"]
    }

    fn write(&self, tree: &Tree, options: &Options, out: &mut dyn Write) -> Result<()> {
        // No name and no time in the gzip header.
        let gzip = GzBuilder::new().mtime(0).write(out, Compression::default());
        let mut archive = Builder::new(gzip);
        for (path, entry) in tree.iter() {
            add(&mut archive, path, entry, options).with_context(|| format!("writing {path} to the tar"))?;
        }
        archive.into_inner().and_then(flate2::write::GzEncoder::finish).context("writing the tar")?;
        Ok(())
    }
}

fn add(archive: &mut Builder<impl Write>, path: &str, entry: &Entry, options: &Options) -> Result<()> {
    let mut header = Header::new_gnu();
    header.set_mtime(options.modified);
    header.set_uid(0);
    header.set_gid(0);
    header.set_username("root")?;
    header.set_groupname("root")?;
    match entry {
        Entry::Directory { mode } => {
            header.set_entry_type(EntryType::Directory);
            header.set_mode(*mode);
            header.set_size(0);
            archive.append_data(&mut header, format!("{path}/"), std::io::empty())?;
        }
        Entry::File { mode, payload } => {
            header.set_entry_type(EntryType::Regular);
            header.set_mode(*mode);
            header.set_size(payload.len());
            archive.append_data(&mut header, path, &mut payload.reader() as &mut dyn Read)?;
        }
        Entry::Symlink { target } => {
            header.set_entry_type(EntryType::Symlink);
            header.set_mode(0o777);
            header.set_size(0);
            archive.append_link(&mut header, path, target)?;
        }
    }
    Ok(())
}
