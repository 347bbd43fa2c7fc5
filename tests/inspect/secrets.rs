//! Secrets: told by their place, printed only when asked for.

use insta::assert_snapshot;

use crate::harness::Scratch;
use crate::small::{self, json};

fn hash() -> String {
    format!("$6$saltsalt${}", "h".repeat(86))
}

#[test]
fn a_password_hash_is_told_and_not_shown() {
    let scratch = Scratch::new();
    scratch.file("hash", hash());
    scratch.done(&["build", "--password-hash-file", "hash", "-p", "minimal", "-o", "seed.iso"]);
    let text = scratch.done(&["inspect", "seed.iso"]);
    let found = json(&scratch, "seed.iso");
    assert_eq!(found["seed"]["password"], true);
    let secret = &found["secrets"][0];
    assert_eq!((&secret["path"], &secret["what"]), (&"user-data".into(), &"a password hash".into()));
    for output in [&String::from_utf8(text.stdout).unwrap(), &text.stderr, &found.to_string()] {
        assert!(!output.contains("$6$") && !output.contains("hhhh"), "{output}");
    }
    scratch.done(&["validate", "seed.iso"]);

    let refused = scratch.refused(&["inspect", "seed.iso", "--extract", "user-data"]);
    let line = format!("line {} holds a password hash", secret["line"]);
    assert!(refused.contains(&line) && refused.contains("--show-sensitive"), "{refused}");
    let shown = scratch.done(&["inspect", "seed.iso", "--extract", "user-data", "--show-sensitive"]).stdout;
    let shown = String::from_utf8(shown).unwrap();
    let number = usize::try_from(secret["line"].as_u64().unwrap()).unwrap();
    assert!(shown.lines().nth(number - 1).unwrap().contains(&hash()));
}

#[test]
fn one_file_is_printed_as_it_is() {
    let scratch = Scratch::new();
    scratch.done(&["build", "--format", "dir", "-o", "dir"]);
    for format in ["iso", "tar", "zip", "dir"] {
        let name = format!("seed-{format}");
        scratch.done(&["build", "--format", format, "-o", &name]);
        for path in ["user-data", "vastimg/prepare.sh", "/vastimg/rootfs/usr/bin/vastimg-verify"] {
            let own = scratch.path("dir").join(path.trim_start_matches('/'));
            let extracted = scratch.done(&["inspect", &name, "--extract", path]).stdout;
            assert!(extracted == std::fs::read(own).unwrap(), "{path} of {name}");
        }
    }
}

#[test]
fn what_is_not_extracted() {
    let scratch = Scratch::new();
    scratch.file("seed.iso", small::iso(&small::seed(), "CIDATA"));
    assert_snapshot!(scratch.refused(&["inspect", "seed.iso", "--extract", "user-dat"]));
    assert_snapshot!("a_directory", scratch.refused(&["inspect", "seed.iso", "--extract", "vastimg"]));
    assert_snapshot!("outside", scratch.refused(&["inspect", "seed.iso", "--extract", "../../etc/passwd"]));
    assert_eq!(scratch.run(&["inspect", "seed.iso", "--show-sensitive"]).code, 2);

    let mut tree = vastimg::media::tree::Tree::default();
    tree.file("user-data", 0o644, b"\x1f\x8b\x08 compressed \xff".to_vec()).unwrap();
    tree.file("meta-data", 0o644, "{}\n".to_owned()).unwrap();
    scratch.file("wrapped.iso", small::iso(&tree, "CIDATA"));
    assert_eq!(json(&scratch, "wrapped.iso")["seed"]["password"], serde_json::Value::Null);
    let refused = scratch.refused(&["inspect", "wrapped.iso", "--extract", "user-data"]);
    assert!(refused.contains("cannot be told"), "{refused}");
}

#[test]
fn a_program_is_not_for_a_terminal() {
    let scratch = Scratch::new();
    scratch.done(&["build", "-p", "minimal", "-o", "seed.iso"]);
    let text = scratch.on_a_terminal(
        "$VASTIMG inspect seed.iso --extract vastimg/rootfs/usr/bin/vastimg-verify; $VASTIMG inspect seed.iso --extract meta-data",
    );
    assert!(text.contains("standard output is a terminal, and this is not text"), "{text:?}");
    assert!(!text.contains("ELF") && text.contains("local-hostname: \"vast-minimal\""), "{text:?}");
}
