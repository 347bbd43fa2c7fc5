//! Files of two sides by path: which are only in one, and in what the others differ.

use std::collections::BTreeSet;

use super::{Aspect, Side};
use crate::image::Kind;

/// Bytes of a text that is compared line by line. vastimg's largest has 90 KiB.
pub(super) const LARGEST: u64 = 1 << 20;

/// A path on which two sides differ, and in what.
#[derive(Debug)]
pub(super) struct Pair {
    pub(super) path: String,
    pub(super) changed: Vec<Aspect>,
}

/// All paths on which they differ.
pub(super) fn pairs(a: &Side, b: &Side) -> Vec<Pair> {
    let mask = mode_mask(a, b);
    let paths: BTreeSet<&String> = a.files.keys().chain(b.files.keys()).collect();
    let mut pairs = Vec::new();
    for path in paths {
        let changed = match (a.files.get(path), b.files.get(path)) {
            (Some(_), None) => vec![Aspect::OnlyInA],
            (None, Some(_)) => vec![Aspect::OnlyInB],
            (Some(a), Some(b)) if a.state.kind != b.state.kind => vec![Aspect::Kind],
            (Some(a), Some(b)) => {
                let (a, b) = (&a.state, &b.state);
                let mut changed = Vec::new();
                if !same_mode(a.mode.as_deref(), b.mode.as_deref(), mask) {
                    changed.push(Aspect::Mode);
                }
                if a.target != b.target {
                    changed.push(Aspect::Target);
                }
                if a.sha256 != b.sha256 {
                    changed.push(Aspect::Content);
                }
                changed
            }
            (None, None) => Vec::new(),
        };
        if !changed.is_empty() {
            pairs.push(Pair { path: path.clone(), changed });
        }
    }
    pairs
}

/// The bits of modes that are compared.
pub(super) fn mode_mask(a: &Side, b: &Side) -> u32 {
    let directory = |side: &Side| side.on_medium && side.inspection.kind == Kind::Dir;
    if directory(a) == directory(b) { 0o7777 } else { 0o700 }
}

/// Whether two modes are the same; what has none has any.
pub(super) fn same_mode(a: Option<&str>, b: Option<&str>, mask: u32) -> bool {
    let bits = |mode: &str| u32::from_str_radix(mode, 8).ok();
    match (a.map(bits), b.map(bits)) {
        (Some(Some(a)), Some(Some(b))) => a & mask == b & mask,
        (Some(None), _) | (_, Some(None)) => false,
        _ => true,
    }
}
