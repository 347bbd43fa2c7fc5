//! What one worker of a fleet writes with: images that are alike cost little more than their difference.

use std::fs::File;
use std::io;

use anyhow::{Context, Result};
use camino::Utf8Path;

use super::alike::{Alike, Written};
use super::digesting::digested;
use super::{Place, marked};
use crate::digest;
use crate::documents;
use crate::media::nocloud_net::VENDOR_DATA;
use crate::media::tree::{Entry, Tree};
use crate::media::{Format, Options};

/// Writes media of one kind.
#[derive(Debug)]
pub struct Pen {
    format: Format,
    options: Options,
    alike: Alike,
    temporary: String,
}

impl Pen {
    /// For media of `format`. What it has not finished is marked with `run`, for [`super::remove_unfinished`].
    pub fn new(format: Format, options: Options, run: &str) -> Self {
        Pen { format, options, alike: Alike::default(), temporary: marked(run) }
    }

    /// What [`Pen::write`] would write: of a directory, the digest of its list of digests, and the bytes of its files.
    ///
    /// # Errors
    /// When the tree does not fit the format.
    pub fn digest(&mut self, tree: &Tree) -> Result<Written> {
        let tree = &*self.format.complete(tree)?;
        match self.format.file_medium() {
            Some(medium) => match self.alike.take(medium, &self.options, tree)? {
                Some(written) => Ok(written),
                None => digested(io::sink(), |out| medium.write(tree, &self.options, out)),
            },
            None => of_directory(tree),
        }
    }

    /// Writes one medium, whole or not at all. What is there is replaced where that was asked for.
    ///
    /// # Errors
    /// When the tree does not fit the format, or writing fails.
    pub fn write(&mut self, path: &Utf8Path, replace: bool, tree: &Tree) -> Result<Written> {
        let place = Place { path, replace, private: self.options.private, temporary: &self.temporary };
        let tree = &*self.format.complete(tree)?;
        match self.format.file_medium() {
            Some(medium) => match self.alike.take(medium, &self.options, tree)? {
                Some(written) => {
                    place.put(|file, directory| Ok(self.alike.put(file, directory)?)).map(|()| written)
                }
                None => place.put(|file, _| digested(file, |out| medium.write(tree, &self.options, out))),
            },
            None => {
                place.put_directory(tree)?;
                of_directory(tree)
            }
        }
        .with_context(|| format!("writing {path}"))
    }

    /// Whether there is already what would be written.
    ///
    /// # Errors
    /// When what is there cannot be read.
    pub fn holds(&self, path: &Utf8Path, tree: &Tree, wanted: &Written) -> Result<bool> {
        if self.format.file_medium().is_some() {
            let mut file = File::open(path).with_context(|| format!("reading {path}"))?;
            let found = digest::sha256_of(&mut file).with_context(|| format!("reading {path}"))?;
            return Ok(found == wanted.sha256);
        }
        let tree = &*self.format.complete(tree)?;
        // What a server gives beside the seed, and a plain directory has not.
        if path.join(VENDOR_DATA).exists() && !tree.iter().any(|(name, _)| name == VENDOR_DATA) {
            return Ok(false);
        }
        for (name, entry) in tree.iter() {
            if let Entry::File { payload, .. } = entry {
                let mut bytes = Vec::new();
                payload.copy_to(&mut bytes).context("comparing")?;
                if std::fs::read(path.join(name)).ok().as_deref() != Some(&bytes) {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }
}

fn of_directory(tree: &Tree) -> Result<Written> {
    let mut written = Written { bytes: 0, sha256: String::new() };
    for (path, entry) in tree.iter() {
        let Entry::File { payload, .. } = entry else { continue };
        written.bytes += payload.len();
        if path == documents::SUMS {
            let mut bytes = Vec::new();
            payload.copy_to(&mut bytes).context("reading its digests")?;
            written.sha256 = digest::sha256(&bytes);
        }
    }
    Ok(written)
}
