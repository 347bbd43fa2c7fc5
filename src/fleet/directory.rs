//! The output directory of a fleet: what is in it, whose that is, and who may write into it now.
//!
//! Only files that an index of this directory names are replaced or removed without being asked. One run at a time holds the
//! lock of its index; shares have an index each and may run beside one another.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::time::SystemTime;

use anyhow::{Context, Result, bail, ensure};
use camino::{Utf8Path, Utf8PathBuf};

use super::folder;
use super::index::{Image, Index};
use super::lock::Lock;
use super::shard::Shard;
use crate::digest;
use crate::input;
use crate::media::{Format, Options};
use crate::output::{self, Pen};

/// An output directory, ours until it is dropped.
#[derive(Debug)]
pub struct Directory {
    path: Utf8PathBuf,
    shard: Option<Shard>,
    /// By file name, what earlier runs wrote.
    ours: BTreeMap<String, Known>,
    _lock: Option<Lock>,
}

/// An image that an index names.
#[derive(Debug)]
struct Known {
    image: Image,
    /// When that index was written; what is younger was changed since.
    indexed: Option<SystemTime>,
    /// Whether it is of these hosts, and not of another share.
    mine: bool,
}

/// What is at the name of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found<'a> {
    /// Nothing.
    Nothing,
    /// What an earlier run wrote, as far as its size and time tell.
    Ours(&'a Image),
    /// The same name, and something was changed since, or its run was interrupted.
    Changed(&'a Image),
    /// Something that no index names.
    Foreign,
}

impl Directory {
    /// Opens it for writing; makes it where its parent is there.
    ///
    /// # Errors
    /// When it cannot be made, somebody is writing into it, or its index is none.
    pub fn open(path: &Utf8Path, shard: Option<Shard>) -> Result<Self> {
        if let Err(error) = fs::create_dir(path)
            && !path.is_dir()
        {
            return Err(input::with_way_out(error)).with_context(|| format!("making the directory {path}"));
        }
        let lock = Lock::take(path, &Index::name(shard))?;
        output::remove_unfinished(path, &Index::name(shard))?;
        Ok(Directory { _lock: Some(lock), ..Self::look(path, shard)? })
    }

    /// Reads what is there and touches nothing.
    ///
    /// # Errors
    /// When it is no directory, or its index is none.
    pub fn look(path: &Utf8Path, shard: Option<Shard>) -> Result<Self> {
        output::check_sums(path)?;
        let mut ours = BTreeMap::new();
        for (_, index, file) in Index::all(path)? {
            let indexed = fs::metadata(&file).and_then(|metadata| metadata.modified()).ok();
            for image in index.images.into_iter().chain(index.removed) {
                // Whichever way the hosts were divided before.
                let mine = shard.is_none_or(|shard| shard.has(&image.host));
                let older = ours.get(&image.file).is_none_or(|known: &Known| known.indexed < indexed);
                if older {
                    ours.insert(image.file.clone(), Known { image, indexed, mine });
                }
            }
        }
        Ok(Directory { path: path.to_owned(), shard, ours, _lock: None })
    }

    /// What a worker writes into it with.
    pub(super) fn pen(&self, format: Format, options: &Options) -> Pen {
        Pen::new(format, options.clone(), &Index::name(self.shard))
    }

    /// Where a file of it is.
    pub fn join(&self, file: &str) -> Utf8PathBuf {
        self.path.join(file)
    }

    /// What is at the name of an image.
    pub fn find(&self, file: &str) -> Found<'_> {
        let Ok(metadata) = fs::symlink_metadata(self.path.join(file)) else { return Found::Nothing };
        let Some(Known { image, indexed, .. }) = self.ours.get(file) else { return Found::Foreign };
        // Somebody's folder in the place of a file; a seed's has its list of digests.
        if metadata.is_dir() && !self.path.join(in_folder(file)).is_file() {
            return Found::Foreign;
        }
        // A folder tells nothing by its size and time.
        let same_kind = metadata.is_file() && image.bytes == Some(metadata.len());
        let untouched = indexed.zip(metadata.modified().ok()).is_some_and(|(index, file)| file <= index);
        if same_kind && untouched && image.sha256.is_some() {
            Found::Ours(image)
        } else {
            Found::Changed(image)
        }
    }

    /// Refuses to write over what is not ours.
    ///
    /// # Errors
    /// With the first of the files; and where something is that cannot be replaced by a file.
    pub fn refuse_foreign<'a>(&self, files: impl Iterator<Item = &'a str>, force: bool) -> Result<()> {
        let foreign: Vec<&str> = files.filter(|file| self.find(file) == Found::Foreign).collect();
        let Some(first) = foreign.first() else { return Ok(()) };
        let is_odd = |file: &&&str| !self.join(file).is_file() || self.join(file).is_symlink();
        if let Some(odd) = foreign.iter().find(is_odd) {
            bail!(
                "writing {}: it exists already, no index here names it, and --force replaces plain files only; move it, or use -o to write elsewhere",
                self.join(odd)
            );
        }
        if force {
            return Ok(());
        }
        let others = match foreign.len() {
            1 => String::new(),
            more => format!(", and so do {} more", more - 1),
        };
        bail!(
            "writing {}: it exists already and no index here names it{others}; use --force to replace, or -o to write elsewhere",
            self.join(first)
        )
    }

    /// What earlier runs wrote under names that no host's image has now, as far as it is still there.
    pub fn removed(&self, is_image: impl Fn(&str) -> bool) -> Vec<Image> {
        let mine = self.ours.values().filter(|known| known.mine).map(|known| &known.image);
        let left = mine.filter(|image| !is_image(&image.file) && self.has(&image.file));
        left.cloned().collect()
    }

    /// Whether there is anything at the name of an image.
    pub fn has(&self, file: &str) -> bool {
        fs::symlink_metadata(self.path.join(file)).is_ok()
    }

    /// Whether an image is what an earlier run wrote.
    ///
    /// # Errors
    /// When a folder cannot be read.
    pub fn is_as_written(&self, image: &Image) -> Result<bool> {
        let path = self.path.join(&image.file);
        // A folder is ours as long as its list of digests is, and has nothing else in it.
        if path.is_symlink() || (path.is_dir() && folder::foreign_in(&path)?.is_some()) {
            return Ok(false);
        }
        let digested = self.path.join(&*self.summed(&image.file));
        let found = File::open(digested).and_then(|mut file| digest::sha256_of(&mut file)).ok();
        Ok(found.is_some() && found == image.sha256)
    }

    /// Removes an image, if it is what an earlier run wrote.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub fn prune(&self, image: &Image) -> Result<Pruned> {
        let path = self.path.join(&image.file);
        let context = || format!("removing {path}");
        let Ok(metadata) = fs::symlink_metadata(&path) else { return Ok(Pruned::WasGone) };
        if !self.is_as_written(image)? {
            return Ok(Pruned::Kept);
        }
        if metadata.is_dir() {
            fs::remove_dir_all(&path).with_context(context)?;
        } else {
            fs::remove_file(&path).with_context(context)?;
        }
        Ok(Pruned::Removed)
    }

    /// Holds an image against its line of the index: whether it is there, with its size and, if asked or if anything has
    /// changed since, its digest.
    ///
    /// # Errors
    /// When it is not.
    pub fn check(&self, image: &Image, digests: bool) -> Result<()> {
        let file = self.summed(&image.file);
        let path = self.path.join(&*file);
        let context = || format!("holding {path} against the index");
        let metadata = fs::metadata(&path)
            .map_err(input::with_way_out)
            .with_context(|| format!("{}; copy it there, or build its share again", context()))?;
        ensure!(
            *file != image.file || image.bytes == Some(metadata.len()),
            "holding {path} against the index: it has {} bytes, and the index says {}; copy it again, or build its share again",
            metadata.len(),
            image.bytes.unwrap_or_default()
        );
        let untouched = matches!(self.find(&image.file), Found::Ours(known) if known.sha256 == image.sha256);
        if digests || !untouched {
            let found =
                File::open(&path).and_then(|mut file| digest::sha256_of(&mut file)).with_context(context)?;
            ensure!(
                Some(&found) == image.sha256.as_ref(),
                "holding {path} against the index: its digest is another; copy it again, or build its share again"
            );
        }
        Ok(())
    }

    /// Writes the index.
    ///
    /// # Errors
    /// When that fails.
    pub fn write_index(&self, index: &Index) -> Result<()> {
        let path = self.path.join(Index::name(self.shard));
        let text = index.text()?;
        output::write_file(&path, true, false, |out| Ok(out.write_all(text.as_bytes())?))
            .with_context(|| format!("writing {path}"))
            .map(drop)
    }

    /// Writes the lines of SHA256SUMS, unless this is a share, whose lines come with the merge. Lines of images that the index
    /// does not name any more go.
    ///
    /// # Errors
    /// When that fails.
    pub fn write_sums(&self, index: &Index) -> Result<()> {
        if self.shard.is_some() {
            return Ok(());
        }
        let before = self.ours.keys().flat_map(|file| [file.clone(), in_folder(file)]);
        let mut lines: BTreeMap<String, Option<&str>> = before.map(|name| (name, None)).collect();
        for image in index.images.iter().chain(&index.removed) {
            lines.insert(self.summed(&image.file).into_owned(), image.sha256.as_deref());
        }
        let changes = lines.iter().map(|(name, sha256)| (name.as_str(), *sha256)).collect();
        output::change_sums(&self.path, &changes)
            .with_context(|| format!("writing {} in {}", output::SUMS, self.path))
    }

    /// The file whose digest stands for an image.
    fn summed<'a>(&self, file: &'a str) -> Cow<'a, str> {
        if self.path.join(file).is_dir() { in_folder(file).into() } else { file.into() }
    }
}

/// What became of an image that was to be removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pruned {
    /// It is gone.
    Removed,
    /// It was not there.
    WasGone,
    /// It is not what was written: somebody changed it.
    Kept,
}

/// The file whose digest stands for a folder.
fn in_folder(folder: &str) -> String {
    format!("{folder}/{}", crate::documents::SUMS)
}
