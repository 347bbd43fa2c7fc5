//! Every document and every file of the VM as the built-in profiles render them, so that a change of a template shows
//! as a change of what arrives on the VM. `tests/snapshots/PROFILE/` mirrors the medium, a `.snap` for each file.
//!
//! To accept a change after reading it: `INSTA_UPDATE=always cargo test --test snapshots`, then look at the diff.
//!
//! Four digests and the version differ between builds of the same templates, and have a name in their place. What
//! comes after the last line of a file is not part of a snapshot; tests/consumers/cloud_init.rs compares every byte.

#![cfg(feature = "generator")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[allow(dead_code, reason = "shared with tests/consumers")]
#[path = "consumers/seed.rs"]
mod seed;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use seed::{Files, KEY, Seed};
use vastimg::digest::sha256;

const VERIFIER: &str = "vastimg/rootfs/usr/bin/vastimg-verify";
/// Digests of all others; tests/consumers/archives.rs has sha256sum check them.
const SUMS: &str = "vastimg/SHA256SUMS";
const ROOTFS: &str = "vastimg/rootfs/";

/// Puts names where digests are that no template decides.
struct Names(Vec<(String, &'static str)>);

impl Names {
    fn of(files: &Files) -> Names {
        let text = |name: &str| String::from_utf8(files[name].content.clone()).unwrap();
        let meta_data = text("meta-data");
        let instance = meta_data.split('"').nth(1).unwrap();
        let digest = instance.strip_prefix("iid-vastimg-vast-01-").unwrap();
        assert!(digest.len() == 16 && digest.bytes().all(|b| b.is_ascii_hexdigit()), "{instance}");
        Names(vec![
            (sha256(&files[VERIFIER].content), "[SHA-256 of the verifier]"),
            (sha256(&files["vastimg/prepare.sh"].content), "[SHA-256 of prepare.sh]"),
            (sha256(&files["vastimg/manifest.json"].content), "[SHA-256 of manifest.json]"),
            (digest.to_owned(), "[digest of the seed]"),
            (format!("vastimg {}", env!("CARGO_PKG_VERSION")), "vastimg [version]"),
        ])
    }

    fn apply(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (digest, name)| text.replace(digest, name))
    }
}

fn directory(profile: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots").join(profile)
}

/// Compares with the snapshot at `path` below the profile's directory.
fn compare(profile: &str, path: &str, text: &str) {
    let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(directory(profile).join(parent));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

fn every_document(profile: &str) -> Files {
    Seed::build("seed", &["--profile", profile, "--ssh-key", KEY, "--install-disk", "vda"]).files()
}

/// Snapshots of a medium's files as far as `wanted`, and one of the list of them all.
fn check(profile: &str, wanted: fn(&str) -> bool) {
    let files = every_document(profile);
    let names = Names::of(&files);
    let list: Vec<_> = files.iter().map(|(path, file)| format!("{:04o} {path}", file.mode)).collect();
    compare(profile, "MEDIUM", &list.join("\n"));
    let mut rendered = BTreeSet::from(["MEDIUM".to_owned()]);
    for (path, file) in files.iter().filter(|(path, _)| wanted(path)) {
        let text = std::str::from_utf8(&file.content).unwrap();
        assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{path} ends in one line feed");
        compare(profile, path, &names.apply(text));
        rendered.insert(path.clone());
    }
    let kept = kept(profile);
    assert_eq!(
        kept, rendered,
        "snapshots, and what they are of; remove the files that have nothing to be of"
    );
}

/// Names of the snapshots that are there.
fn kept(profile: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut pending = vec![directory(profile)];
    while let Some(directory) = pending.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                pending.push(path);
            } else if path.extension().is_some_and(|extension| extension == "snap") {
                let name = path.strip_prefix(self::directory(profile)).unwrap().with_extension("");
                found.insert(name.to_str().unwrap().to_owned());
            }
        }
    }
    found
}

#[test]
fn loopback() {
    check("loopback", |path| ![VERIFIER, SUMS].contains(&path));
}

/// The files of minimal are among those of loopback, and equal; which ones is in MEDIUM.
#[test]
fn minimal() {
    check("minimal", |path| !path.starts_with(ROOTFS) && path != SUMS);
    let (loopback, minimal) = (Seed::of_profile("loopback").placed(), Seed::of_profile("minimal").placed());
    for (path, file) in minimal {
        assert!(loopback.get(&path) == Some(&file), "{path} is another one in loopback");
    }
}

/// What is replaced by a name is where it belongs and nowhere else.
#[test]
fn digests_stand_where_they_belong() {
    let files = every_document("loopback");
    let names = Names::of(&files);
    for (number, expected) in [
        (0, &["user-data", "vastimg/manifest.json", "vastimg/prepare.sh"][..]),
        (1, &["ks.cfg", "user-data", "vastimg/manifest.json"]),
        (2, &["ks.cfg"]),
        (3, &["meta-data"]),
    ] {
        let (digest, name) = &names.0[number];
        let found: Vec<_> = files
            .iter()
            .filter(|(path, _)| ![VERIFIER, SUMS].contains(&path.as_str()))
            .filter(|(_, file)| String::from_utf8_lossy(&file.content).contains(digest))
            .map(|(path, _)| path.as_str())
            .collect();
        assert_eq!(found, expected, "{name}");
    }
}
