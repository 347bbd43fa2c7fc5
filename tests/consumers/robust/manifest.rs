//! The manifest, and what is none.

use std::fs;

use super::{bounded, spoil, tree};

#[test]
fn a_manifest_that_is_none_is_refused() {
    let tree = tree();
    let path = tree.root().join("etc/vastimg/manifest.json");
    let root = tree.root();
    let refused = |what: &str, arguments: &[&str], mentioned: &str| {
        let Some(ran) = bounded(&tree, arguments) else { return };
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{what}: {}", ran.stderr);
        assert!(
            ran.stderr.starts_with("vastimg-verify: ERROR ") && ran.stderr.contains(mentioned),
            "{}",
            ran.stderr
        );
        assert_eq!(ran.stderr.lines().count(), 1, "{what}: {}", ran.stderr);
    };
    for number in 0..8 {
        let Some(what) = spoil(&path, number) else { continue };
        refused(what, &["--root", root.to_str().unwrap()], path.to_str().unwrap());
        refused(what, &["--manifest", path.to_str().unwrap()], path.to_str().unwrap());
    }
    for device in ["/dev/zero", "/dev/random", "/dev/tty", "/proc/self/mem", "/dev/stdin"] {
        refused(device, &["--manifest", device], device);
    }
    for (what, text) in [
        ("deep", "[".repeat(1 << 20)),
        ("deep objects", "{\"schema\":".repeat(90_000)),
        ("many values", "[".to_owned() + &"[],".repeat(300_000) + "0]"),
        ("a large number", format!("{{\"schema\": 1{}}}", "0".repeat(500_000))),
    ] {
        fs::remove_file(&path).unwrap();
        fs::write(&path, text).unwrap();
        refused(what, &["--manifest", path.to_str().unwrap()], path.to_str().unwrap());
    }
}
