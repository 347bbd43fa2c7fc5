//! The seed as an ISO 9660 image labelled OEMDRV, from which Rocky's installer takes /ks.cfg without being asked to.
//!
//! Source: Anaconda 33.16 (EL 8), dracut/fetch-kickstart-disk: any device labelled OEMDRV, when no `inst.ks` is given.

use std::io::Write;

use anyhow::{Result, ensure};

use super::tree::{Entry, Tree};
use super::{FileMedium, Options, iso};

/// `.iso`.
pub struct Oemdrv;

impl FileMedium for Oemdrv {
    fn extensions(&self) -> &'static [&'static str] {
        &["iso"]
    }

    fn write(&self, tree: &Tree, options: &Options, out: &mut dyn Write) -> Result<()> {
        // Anaconda also looks for drivers on it, and follows links to directories wherever they lead.
        ensure!(
            !tree.iter().any(|(_, entry)| matches!(entry, Entry::Symlink { .. })),
            "an OEMDRV medium cannot have symbolic links"
        );
        ensure!(
            tree.iter().any(|(path, _)| path == "ks.cfg"),
            "an OEMDRV medium without a ks.cfg does nothing"
        );
        iso::write(tree, &volume(options), out)
    }

    fn places(&self, tree: &Tree, options: &Options) -> Result<Option<Vec<u64>>> {
        iso::places(tree, &volume(options)).map(Some)
    }
}

fn volume(options: &Options) -> iso::Volume {
    iso::Volume { label: "OEMDRV".to_owned(), modified: options.modified }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_needs_a_kickstart_and_takes_no_links() -> Result<()> {
        let options = Options { modified: 0, private: false };
        let write = |tree: &Tree| Oemdrv.write(tree, &options, &mut Vec::new());
        let mut tree = Tree::default();
        tree.file("user-data", 0o644, String::new())?;
        assert!(write(&tree).is_err(), "there is no ks.cfg");
        tree.file("ks.cfg", 0o644, String::new())?;
        write(&tree)?;
        tree.insert("link", Entry::Symlink { target: "ks.cfg".to_owned() })?;
        assert!(write(&tree).is_err(), "there is a link");
        Ok(())
    }
}
