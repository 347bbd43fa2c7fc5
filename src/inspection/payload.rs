//! The payload against the manifest: every file that it names is there and has its digest, and no other is.

use std::collections::HashMap;

use super::{FileReport, Findings, Seed, State, VolumeReport, What};
use crate::digest::sha256;
use crate::documents::{self, MANIFEST, PAYLOAD};
use crate::embedded;
use crate::image::entries::MOST;
use crate::image::{EntryKind, Image};
use crate::inspection::{documents::shown, values};
use crate::manifest::{self, Manifest};
use crate::plan::{PREPARE, VERIFIER};

/// Bytes of a manifest. One has 22 KiB.
const LARGEST: u64 = 4 << 20;

/// Bytes of files that are digested, as many as an archive may unpack to; a sparse image may say that it has any number.
const MOST_BYTES: u64 = 4 << 30;

/// Lists what is in every volume, with digests.
pub(super) fn list(image: &mut Image, volumes: &mut [VolumeReport], findings: &mut Findings) {
    let mut left = MOST_BYTES;
    for (index, report) in volumes.iter_mut().enumerate() {
        let entries = image.volumes.get(index).map(|volume| volume.entries.clone()).unwrap_or_default();
        for (path, entry) in entries {
            if entry.kind == EntryKind::Directory {
                continue;
            }
            let sha256 = match entry.kind {
                EntryKind::File if entry.size > left => {
                    findings.of(
                        &path,
                        format!("not read: there are more than {} GiB of files", MOST_BYTES >> 30),
                    );
                    None
                }
                EntryKind::File => match image.sha256(index, &path) {
                    Ok(digest) => Some(digest),
                    Err(error) => {
                        findings.of(&path, format!("{error:#}"));
                        None
                    }
                },
                _ => None,
            };
            left = left.saturating_sub(entry.size);
            report.files.push(FileReport {
                kind: entry.kind,
                size: entry.size,
                mode: entry.mode.map(|mode| format!("{mode:04o}")),
                sha256,
                target: entry.target,
                manifest: None,
                path,
            });
        }
    }
}

/// The manifest and the volume that has it. What vastimg wrote has one.
pub(super) fn manifest(image: &mut Image, what: What, findings: &mut Findings) -> Option<(usize, Manifest)> {
    let found = image.volumes.iter().position(|volume| volume.file(MANIFEST).is_some());
    let Some(volume) = found else {
        if what == What::VastimgSeed {
            findings.of(MANIFEST, "missing; what the seed should hold is not known");
        }
        return None;
    };
    let path = image.volumes.get(volume)?.file(MANIFEST)?.0.to_owned();
    let bytes = match image.read(volume, &path, LARGEST) {
        Ok(bytes) => bytes,
        Err(error) => {
            findings.of(MANIFEST, format!("{error:#}"));
            return None;
        }
    };
    // Another version may have other fields, whose absence would be the lesser news.
    let schema = serde_json::from_slice::<serde_json::Value>(&bytes).ok();
    let schema = schema.as_ref().and_then(|json| json.get("schema")?.as_str());
    if let Some(other) = schema.filter(|schema| *schema != manifest::SCHEMA) {
        let message =
            format!("a manifest of version \"{}\"; this vastimg reads {}", shown(other), manifest::SCHEMA);
        findings.of(MANIFEST, message);
        return None;
    }
    match serde_json::from_slice(&bytes) {
        Ok(manifest) => Some((volume, manifest)),
        Err(error) => {
            findings.of(MANIFEST, format!("not a manifest: {}", shown(&error.to_string())));
            None
        }
    }
}

/// Holds the payload against the manifest.
pub(super) fn compare(
    image: &Image,
    volume: usize,
    manifest: &Manifest,
    volumes: &mut [VolumeReport],
    seed: &mut Seed,
    findings: &mut Findings,
) {
    seed.profile = Some(shown(&manifest.profile));
    seed.generator = Some(shown(&manifest.generator));
    seed.user = Some(shown(&manifest.user));
    seed.fixes = manifest.fixes.iter().map(fix).collect();
    seed.payload = manifest.files.len();
    if manifest.files.len() > MOST {
        findings.of(MANIFEST, format!("it names more than {MOST} files"));
        return;
    }
    let (Some(report), Some(entries)) = (volumes.get_mut(volume), image.volumes.get(volume)) else { return };
    let places: HashMap<String, usize> =
        report.files.iter().enumerate().map(|(place, file)| (file.path.clone(), place)).collect();
    for wanted in &manifest.files {
        let asked = match wanted.path.as_str() {
            PREPARE => documents::PREPARE.to_owned(),
            path => format!("{PAYLOAD}{path}"),
        };
        let found = entries.file(&asked).and_then(|(path, _)| places.get(path));
        let Some(file) = found.and_then(|place| report.files.get_mut(*place)) else {
            findings.of(&shown(&asked), "missing; the manifest names it");
            continue;
        };
        // A file that could not be read is a finding already.
        let Some(digest) = &file.sha256 else { continue };
        if wanted.path == VERIFIER && seed.own_verifier.is_none() {
            seed.own_verifier = Some(*digest == sha256(embedded::VERIFIER));
        }
        if *digest == wanted.sha256 {
            file.manifest = Some(State::Same);
            seed.payload_same += 1;
        } else {
            file.manifest = Some(State::Differs);
            let wanted: String = shown(&wanted.sha256).chars().take(12).collect();
            let message = format!("its sha256 is {}..., and the manifest says {wanted}...", &digest[..12]);
            findings.of(&file.path, message);
        }
    }
    for file in &mut report.files {
        if file.manifest.is_none() && file.path.starts_with(PAYLOAD) && file.sha256.is_some() {
            file.manifest = Some(State::Unnamed);
            findings.of(&file.path, "the manifest does not name it; no VM gets it");
        }
    }
}

fn fix(fix: &manifest::Fix) -> manifest::Fix {
    manifest::Fix {
        id: shown(&fix.id),
        label: fix.label,
        title: shown(&fix.title),
        values: fix.values.iter().map(|(name, value)| (shown(name), values::bounded(value))).collect(),
    }
}
