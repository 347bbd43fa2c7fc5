//! The seed as an ISO 9660 image labelled CIDATA, which cloud-init's NoCloud data source looks for.
//!
//! Source: cloud-init 23.4, ds-identify and DataSourceNoCloud: iso9660 or vfat, label `cidata` or `CIDATA`, user-data and
//! meta-data at the root.

use std::io::Write;

use anyhow::Result;

use super::tree::Tree;
use super::{FileMedium, Options, iso};

/// `.iso`.
pub struct Cidata;

impl FileMedium for Cidata {
    fn extensions(&self) -> &'static [&'static str] {
        &["iso"]
    }

    fn write(&self, tree: &Tree, options: &Options, out: &mut dyn Write) -> Result<()> {
        iso::write(tree, &volume(options), out)
    }

    fn places(&self, tree: &Tree, options: &Options) -> Result<Option<Vec<u64>>> {
        iso::places(tree, &volume(options)).map(Some)
    }
}

fn volume(options: &Options) -> iso::Volume {
    iso::Volume { label: "CIDATA".to_owned(), modified: options.modified }
}
