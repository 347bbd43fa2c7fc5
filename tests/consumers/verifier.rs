//! The verifier as a seed carries it: a static ELF that starts anywhere, reads a tree, and refuses what it cannot read.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::seed::Seed;
use crate::tools::{self, Ran};

/// A tree with the files of a seed where prepare places them, and its verifier.
pub(crate) struct Tree {
    seed: Seed,
}

impl Tree {
    pub(crate) fn new(profile: &str) -> Tree {
        let seed = Seed::of_profile(profile);
        let medium = seed.path().join("vastimg");
        let root = medium.join("rootfs");
        fs::create_dir(root.join("etc/vastimg")).unwrap();
        fs::copy(medium.join("manifest.json"), root.join("etc/vastimg/manifest.json")).unwrap();
        fs::create_dir_all(root.join("usr/libexec/vastimg")).unwrap();
        fs::copy(medium.join("prepare.sh"), root.join("usr/libexec/vastimg/prepare")).unwrap();
        Tree { seed }
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.seed.path().join("vastimg/rootfs")
    }

    fn manifest(&self) -> PathBuf {
        self.root().join("etc/vastimg/manifest.json")
    }

    pub(crate) fn verify(&self, arguments: &[&str]) -> Ran {
        run(&self.seed, &[&["--root", self.root().to_str().unwrap()], arguments].concat())
    }

    /// Ids and results.
    fn results(&self, arguments: &[&str]) -> Vec<(String, String)> {
        let ran = self.verify(&[&["--format", "json"], arguments].concat());
        let report: Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!(report["schema"], "vastimg/report/1");
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let results = report["results"].as_array().unwrap();
        results.iter().map(|result| (text(&result["id"]), text(&result["result"]))).collect()
    }
}

/// Without any environment, as an init system may start it.
fn run(seed: &Seed, arguments: &[&str]) -> Ran {
    let mut command = tools::bounded(seed.path().join("vastimg/rootfs/usr/bin/vastimg-verify"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    tools::run(command.env_clear().env("PATH", path).current_dir("/").args(arguments))
}

#[test]
fn it_needs_no_library() {
    let seed = Seed::of_profile("minimal");
    let path = seed.path().join("vastimg/rootfs/usr/bin/vastimg-verify");
    let readelf =
        |arguments: &[&str]| Some(tools::output(tools::find("readelf")?.args(arguments).arg(&path)));
    let Some(text) = readelf(&["--file-header", "--program-headers", "--dynamic", "--wide"]) else { return };
    for there in ["ELF64", "Advanced Micro Devices X86-64", "LOAD", "GNU_STACK"] {
        assert!(text.contains(there), "{there}: {text}");
    }
    for absent in ["INTERP", "NEEDED", "RWE"] {
        assert!(!text.contains(absent), "{absent}: {text}");
    }
    // The smallest kernel that it names is not above Rocky 8's 4.18.
    let Some(notes) = readelf(&["--notes", "--wide"]) else { return };
    let version: Vec<u32> = notes
        .split("ABI: ")
        .nth(1)
        .map(|rest| rest.split_whitespace().next().unwrap().split('.').map(|n| n.parse().unwrap()).collect())
        .unwrap();
    assert!(version <= vec![4, 18, 0], "{notes}");
}

#[test]
fn it_tells_of_itself() {
    let seed = Seed::of_profile("minimal");
    let version = run(&seed, &["--version"]);
    let expected = concat!("vastimg-verify ", env!("CARGO_PKG_VERSION"), "\n");
    assert_eq!((version.code, version.stdout.as_str(), version.stderr.as_str()), (0, expected, ""));
    let help = run(&seed, &["--help"]);
    assert_eq!((help.code, help.stderr.as_str()), (0, ""));
    for option in ["--manifest", "--root", "--format", "--strict", "--only", "--skip", "--output", "Exit:"] {
        assert!(help.stdout.contains(option), "{option}");
    }
    assert!(help.stdout.lines().all(|line| line.chars().count() <= 80), "{}", help.stdout);
    let unknown = run(&seed, &["--nonsense"]);
    assert_eq!((unknown.code, unknown.stdout.as_str()), (2, ""), "{}", unknown.stderr);
}

/// Placed files are as built; what only a running prepare brings is missing from a tree that never ran.
#[test]
fn a_tree_of_placed_files_is_as_built_and_not_prepared() {
    for profile in ["loopback", "minimal"] {
        let tree = Tree::new(profile);
        let results = tree.results(&[]);
        let files: Vec<_> = results.iter().filter(|(id, _)| id.ends_with(".files")).collect();
        assert!(files.len() >= 2, "{results:?}");
        assert!(files.iter().all(|(_, result)| result == "pass"), "{files:?}");
        assert!(results.contains(&("base.prepared".into(), "fail".into())), "{results:?}");
        let ran = tree.verify(&[]);
        assert_eq!(ran.code, 1, "{}", ran.stderr);
        let last = ran.stdout.lines().last().unwrap();
        assert!(last.starts_with("vastimg-verify: FAIL "), "{last}");
        assert!(last.contains(&format!(" profile={profile} ")), "{last}");
        let digest = vastimg::digest::sha256(&fs::read(tree.manifest()).unwrap());
        assert!(last.ends_with(&format!(" manifest=sha256:{}", &digest[..12])), "{last}");
    }
}

#[test]
fn a_file_that_is_not_as_built_is_found() {
    let tree = Tree::new("loopback");
    let only = ["--only", "thp-off.files"];
    assert_eq!(tree.results(&only), [("thp-off.files".to_owned(), "pass".to_owned())]);
    assert_eq!(tree.verify(&only).code, 0);
    let path = tree.root().join("etc/systemd/system/disable-thp.service");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("never", "alway")).unwrap();
    assert_eq!(tree.results(&only), [("thp-off.files".to_owned(), "warn".to_owned())]);
    assert_eq!(tree.verify(&only).code, 0, "it is OPTIONAL");
    assert_eq!(tree.verify(&["--only", "thp-off.files", "--strict"]).code, 1);
    fs::remove_file(tree.root().join("usr/sbin/ipmitool")).unwrap();
    assert_eq!(tree.verify(&["--only", "fake-ipmitool.files"]).code, 1, "it is a WORKAROUND");
}

#[test]
fn what_it_cannot_run_with_is_refused() {
    let tree = Tree::new("minimal");
    let good = fs::read_to_string(tree.manifest()).unwrap();
    let refused = |what: &str, arguments: &[&str], mentioned: &str| {
        let ran = tree.verify(arguments);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{what}: {}", ran.stderr);
        assert!(ran.stderr.starts_with("vastimg-verify: "), "{what}: {}", ran.stderr);
        assert!(ran.stderr.contains(mentioned), "{what}: {}", ran.stderr);
    };
    refused("an id that is unknown", &["--only", "nonsense"], "\"nonsense\"");
    refused("an id that is unknown", &["--skip", "base.nonsense"], "\"base.nonsense\"");
    refused("a format that is unknown", &["--format", "xml"], "xml");
    refused("a manifest that is not there", &["--manifest", "/nonexistent"], "/nonexistent");
    refused("a directory for a manifest", &["--manifest", "/"], "manifest");

    let other = tree.seed.scratch().join("other.json");
    for (what, content, mentioned) in [
        (
            "another schema",
            good.replacen("vastimg/manifest/1", "vastimg/manifest/2", 1),
            "vastimg/manifest/2",
        ),
        ("half of it", good[..good.len() / 2].to_owned(), "manifest"),
        ("nothing", String::new(), "manifest"),
        ("another kind of thing", "[]".to_owned(), "manifest"),
        ("no text", "\u{0}\u{1}\u{fffd}".repeat(1000), "manifest"),
        ("deep nesting", "[".repeat(100_000), "manifest"),
    ] {
        assert_ne!(content, good, "{what}");
        fs::write(&other, content).unwrap();
        refused(what, &["--manifest", other.to_str().unwrap()], mentioned);
    }
}

/// A check that a later release knows is a reason to stop, and not one to leave it out.
#[test]
fn a_check_of_an_unknown_kind_is_refused() {
    let tree = Tree::new("minimal");
    let good = fs::read_to_string(tree.manifest()).unwrap();
    let newer = good.replacen("\"account\"", "\"moon-phase\"", 1);
    assert_ne!(good, newer);
    fs::write(tree.manifest(), newer).unwrap();
    let ran = tree.verify(&[]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{}", ran.stderr);
    assert!(ran.stderr.contains(tree.manifest().to_str().unwrap()), "{}", ran.stderr);
}
