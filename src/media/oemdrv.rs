//! The seed as an ISO 9660 image labelled OEMDRV, from which Rocky's installer takes /ks.cfg without being asked to.
//!
//! Source: Anaconda 33.16 (EL 8), dracut/fetch-kickstart-disk: any device labelled OEMDRV, when no `inst.ks` is given.

use std::io::Write;

use anyhow::{Result, ensure};

use super::tree::Tree;
use super::{FileMedium, Options, iso};

/// `.iso`.
pub struct Oemdrv;

impl FileMedium for Oemdrv {
    fn extensions(&self) -> &'static [&'static str] {
        &["iso"]
    }

    fn write(&self, tree: &Tree, options: &Options, out: &mut dyn Write) -> Result<()> {
        ensure!(
            tree.iter().any(|(path, _)| path == "ks.cfg"),
            "an OEMDRV medium without a ks.cfg does nothing"
        );
        let volume = iso::Volume { label: "OEMDRV".to_owned(), modified: options.modified };
        iso::write(tree, &volume, out)
    }
}
