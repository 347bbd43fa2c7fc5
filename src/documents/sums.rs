//! vastimg/SHA256SUMS: the digest of every other file of the medium, in the form of sha256sum(1).
//!
//! `sha256sum --check vastimg/SHA256SUMS` at the root of a mounted medium holds it against them, and `vastimg validate` does
//! without mounting. It finds damage and edits; who can write the medium can write this file too.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::Result;

use super::{Document, Input, OfHost, Rendered};

/// Path on the medium.
pub const PATH: &str = "vastimg/SHA256SUMS";

pub(super) struct Sums;

impl Document for Sums {
    fn path(&self) -> &'static str {
        PATH
    }
}

impl OfHost for Sums {
    fn render(&self, input: Input<'_>, rendered: &Rendered) -> Result<Option<String>> {
        let mut sums = input.common.sums.clone();
        sums.extend(rendered.iter().map(|(path, text)| ((*path).to_owned(), text.sha256.clone())));
        Ok(Some(text(&sums)))
    }
}

/// A line for each file.
pub(super) fn text<S: std::fmt::Display>(sums: &BTreeMap<String, S>) -> String {
    let mut text = String::new();
    for (path, sha256) in sums {
        let _ = writeln!(text, "{sha256}  {path}");
    }
    text
}
