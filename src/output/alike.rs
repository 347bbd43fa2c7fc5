//! Images that differ in a few small files, for the price of their difference.
//!
//! A medium may say where the contents of files lie in it ([`FileMedium::places`]). Images of trees with the same paths, modes,
//! links and lengths are then the same but for the contents that differ. So one image stays in memory: for the next such tree
//! the host's own files are put at their places, SHA-256 goes on from its state before the first of them, and the whole
//! leaves in one piece. Where the file system shares blocks between files (FICLONE, see ioctl_ficlone(2): XFS, Btrfs, ...),
//! what comes before the first of them is not written again either. The result is byte for byte what the medium writes.
//!
//! Limits: one image of at most [`LARGEST`] bytes is kept; larger ones, and media that do not say, are written plainly.

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::FileExt;

use anyhow::Result;
use camino::Utf8Path;
use sha2::{Digest, Sha256};

use crate::digest;
use crate::media::tree::{Entry, Payload, Tree};
use crate::media::{FileMedium, Options};

/// Bytes of the longest image that is kept.
const LARGEST: u64 = 32 << 20;

/// How long a stream was, and its digest in hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Bytes.
    pub bytes: u64,
    /// SHA-256.
    pub sha256: String,
}

/// The last image, from which the next is made.
#[derive(Debug, Default)]
pub(super) struct Alike {
    last: Option<Image>,
    /// Whether this file system was seen to share no blocks.
    plain: bool,
}

#[derive(Debug)]
struct Image {
    tree: Tree,
    bytes: Vec<u8>,
    /// Of each file of `tree`.
    places: Vec<usize>,
    /// Up to here it has nothing of the host.
    common: usize,
    /// After these bytes.
    state: Sha256,
    /// The same up to there, in a file without a name, which nobody else can change.
    file: Option<File>,
}

impl Alike {
    /// Makes the image of `tree` the last one; none where it cannot be kept.
    ///
    /// # Errors
    /// When the tree does not fit the medium.
    pub(super) fn take(
        &mut self,
        medium: &dyn FileMedium,
        options: &Options,
        tree: &Tree,
    ) -> Result<Option<Written>> {
        if !self.last.as_mut().is_some_and(|image| image.turn_into(tree)) {
            self.last = Image::of(medium, options, tree)?;
        }
        Ok(self.last.as_ref().map(Image::digest))
    }

    /// Writes the last image to `out`, an empty file in `directory`.
    pub(super) fn put(&mut self, out: &File, directory: &Utf8Path) -> io::Result<()> {
        let Some(image) = &mut self.last else { return Err(io::ErrorKind::NotFound.into()) };
        if !self.plain && image.file.is_none() {
            image.file = unnamed(directory, &image.bytes);
        }
        let shared = image.file.as_ref().is_some_and(|file| rustix::fs::ioctl_ficlone(out, file).is_ok());
        if shared {
            return out.write_all_at(&image.bytes[image.common..], image.common as u64);
        }
        self.plain = true;
        image.file = None;
        let mut out = out;
        out.write_all(&image.bytes)
    }
}

/// None where it cannot be made: then blocks are not shared, and nothing else is lost.
fn unnamed(directory: &Utf8Path, bytes: &[u8]) -> Option<File> {
    let mut file = tempfile::tempfile_in(directory).ok()?;
    file.write_all(bytes).ok()?;
    Some(file)
}

impl Image {
    fn of(medium: &dyn FileMedium, options: &Options, tree: &Tree) -> Result<Option<Self>> {
        if files(tree).map(Payload::len).sum::<u64>() > LARGEST {
            return Ok(None);
        }
        let Some(places) = medium.places(tree, options)? else { return Ok(None) };
        let places: Vec<usize> = places.into_iter().map(usize::try_from).collect::<Result<_, _>>()?;
        let mut bytes = Vec::new();
        medium.write(tree, options, &mut bytes)?;
        let own = files(tree).zip(&places).filter(|(payload, _)| !payload.is_common() && !payload.is_empty());
        let common = own.map(|(_, place)| *place).min().unwrap_or(bytes.len());
        let state = Sha256::new_with_prefix(&bytes[..common]);
        Ok(Some(Image { tree: tree.clone(), bytes, places, common, state, file: None }))
    }

    /// Becomes the image of a tree that differs in what is its own alone; false, and nothing is done, for any other.
    fn turn_into(&mut self, tree: &Tree) -> bool {
        if !self.tree.is_alike(tree) {
            return false;
        }
        for (payload, place) in files(tree).zip(&self.places).filter(|(payload, _)| !payload.is_common()) {
            self.bytes[*place..*place + payload.bytes().len()].copy_from_slice(payload.bytes());
        }
        true
    }

    fn digest(&self) -> Written {
        let all = self.state.clone().chain_update(&self.bytes[self.common..]);
        Written { bytes: self.bytes.len() as u64, sha256: digest::hex(&all.finalize()) }
    }
}

fn files(tree: &Tree) -> impl Iterator<Item = &Payload> {
    tree.iter().filter_map(|(_, entry)| match entry {
        Entry::File { payload, .. } => Some(payload),
        Entry::Directory { .. } | Entry::Symlink { .. } => None,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use std::fs;

    use super::*;
    use crate::digest::sha256;
    use crate::media::Format;

    const OPTIONS: Options = Options { modified: 1_767_225_600, private: false };

    /// What a host's tree is made of: the host's own texts, and one that is common.
    fn tree(own: [&str; 2], common: &Payload) -> Tree {
        let mut tree = Tree::default();
        tree.file("a/own", 0o644, own[0].to_owned()).unwrap();
        tree.file("b/common", 0o644, common.clone()).unwrap();
        tree.file("c", 0o600, own[1].to_owned()).unwrap();
        tree.file("ks.cfg", 0o644, String::new()).unwrap();
        tree
    }

    fn trees() -> Vec<(&'static str, Tree)> {
        let common = Payload::common(vec![7; 300_000]);
        let mut moved = tree(["one", "1"], &common);
        moved.file("d", 0o644, Vec::new()).unwrap();
        let mut mode = Tree::default();
        for (path, entry) in tree(["one", "1"], &common).iter() {
            let entry = match entry {
                Entry::File { payload, .. } => Entry::File { mode: 0o640, payload: payload.clone() },
                other => other.clone(),
            };
            mode.insert(path, entry).unwrap();
        }
        vec![
            ("the first", tree(["one", "1"], &common)),
            ("the same", tree(["one", "1"], &common)),
            ("other texts", tree(["two", "2"], &common)),
            ("another length", tree(["three", "3"], &common)),
            ("an empty file", tree(["three", ""], &common)),
            ("and back", tree(["seven", "7"], &common)),
            ("other modes", mode),
            ("one file more", moved),
            ("another payload", tree(["one", "1"], &Payload::common(vec![8; 300_000]))),
            ("the same payload, held elsewhere", tree(["two", "1"], &Payload::common(vec![8; 300_000]))),
        ]
    }

    #[test]
    fn the_result_is_what_the_medium_writes() {
        let directory = tempfile::tempdir().unwrap();
        let at = Utf8Path::from_path(directory.path()).unwrap();
        for format in [Format::Iso, Format::Oemdrv] {
            let medium = format.file_medium().unwrap();
            let mut alike = Alike::default();
            for (what, tree) in trees() {
                let mut wanted = Vec::new();
                medium.write(&tree, &OPTIONS, &mut wanted).unwrap();
                let written = alike.take(medium, &OPTIONS, &tree).unwrap().unwrap();
                assert_eq!(
                    written,
                    Written { bytes: wanted.len() as u64, sha256: sha256(&wanted) },
                    "{what}"
                );
                let path = at.join("image");
                alike.put(&File::create(&path).unwrap(), at).unwrap();
                assert!(fs::read(&path).unwrap() == wanted, "{what}");
            }
        }
    }

    #[test]
    fn only_a_hosts_own_files_make_no_new_image() {
        let medium = Format::Iso.file_medium().unwrap();
        let trees = trees();
        let mut image = Image::of(medium, &OPTIONS, &trees[0].1).unwrap().unwrap();
        let turned: Vec<bool> = trees.iter().map(|(_, tree)| image.turn_into(tree)).collect();
        assert_eq!(turned, [true, true, true, false, false, false, false, false, false, false]);
    }

    #[test]
    fn what_cannot_be_kept_is_left_to_the_medium() {
        for format in [Format::Disk, Format::Tar, Format::Zip] {
            let mut alike = Alike::default();
            assert_eq!(alike.take(format.file_medium().unwrap(), &OPTIONS, &trees()[0].1).unwrap(), None);
        }
        let large = tree(["one", "1"], &Payload::common(vec![0; 33 << 20]));
        let medium = Format::Iso.file_medium().unwrap();
        assert_eq!(Alike::default().take(medium, &OPTIONS, &large).unwrap(), None);
    }
}
