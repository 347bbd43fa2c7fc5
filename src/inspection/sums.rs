//! The medium against its own list of digests (`vastimg/SHA256SUMS`): the documents, ks.cfg among them, and what else is there.

use std::collections::BTreeMap;

use super::documents::{shown, text};
use super::{Findings, Seed, VolumeReport};
use crate::documents::SUMS;
use crate::image::{EntryKind, Image};

/// Adds what differs, is missing or is not in the list, unless something was found of that file before.
pub(super) fn check(image: &mut Image, volumes: &[VolumeReport], seed: &Seed, findings: &mut Findings) {
    let lists: Vec<_> = (0..image.volumes.len()).filter_map(|volume| text(image, volume, SUMS)).collect();
    let Some(list) = lists.into_iter().next() else {
        // Seeds of other versions may have none.
        if seed.is_of_this_version() {
            findings.of(SUMS, "missing; whether the documents are as they were built is not known");
        }
        return;
    };
    let list = match list {
        Ok(list) => list,
        Err(error) => return findings.of(SUMS, format!("{error:#}")),
    };
    let known: Vec<String> = findings.0.iter().filter_map(|finding| finding.path.clone()).collect();
    let mut wanted = BTreeMap::new();
    for line in list.lines() {
        match line.split_once("  ") {
            Some((sha256, path)) => drop(wanted.insert(path, sha256)),
            None => return findings.of(SUMS, "it is not in the form of sha256sum"),
        }
    }
    let mut found: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for file in volumes.iter().flat_map(|volume| &volume.files) {
        if file.kind != EntryKind::File || file.says_nothing() {
            continue;
        }
        let digests = found.entry(&file.path).or_default();
        digests.extend(file.sha256.as_deref());
        if !wanted.contains_key(file.path.as_str()) && file.path != SUMS && !known.contains(&file.path) {
            findings.of(&file.path, "it is not one of the files that this seed was built with");
        }
    }
    for (path, sha256) in wanted {
        if known.iter().any(|known| known == path) {
            continue;
        }
        match found.get(path).map(Vec::as_slice) {
            None => findings.of(&shown(path), format!("missing; {SUMS} names it")),
            Some([]) => {}
            Some(digests) if digests.iter().all(|digest| *digest == sha256) => {}
            Some(_) => {
                findings.of(
                    &shown(path),
                    format!("it is damaged or was changed: {SUMS} has another digest of it"),
                );
            }
        }
    }
}
