//! vastimg/SHA256SUMS: the digest of every other file of the medium, in the form of sha256sum(1).
//!
//! `sha256sum --check vastimg/SHA256SUMS` at the root of a mounted medium holds it against them, and `vastimg validate` does
//! without mounting. It finds damage and edits; who can write the medium can write this file too.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::Result;

use super::{Document, Input, PAYLOAD, Rendered};

/// Path on the medium.
pub const PATH: &str = "vastimg/SHA256SUMS";

pub(super) struct Sums;

impl Document for Sums {
    fn path(&self) -> &'static str {
        PATH
    }

    fn render(&self, input: Input<'_>, rendered: &Rendered) -> Result<Option<String>> {
        let mut sums: BTreeMap<String, String> = input
            .plan
            .files
            .iter()
            .map(|file| (format!("{PAYLOAD}{}", file.path), file.sha256.clone()))
            .collect();
        for (path, text) in rendered {
            sums.insert((*path).to_owned(), crate::digest::sha256(text.as_bytes()));
        }
        let mut text = String::new();
        for (path, sha256) in sums {
            let _ = writeln!(text, "{sha256}  {path}");
        }
        Ok(Some(text))
    }
}
