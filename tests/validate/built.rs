//! What `vastimg` writes itself: nothing is to be said of it. And what is changed in it afterwards: that is.

use std::fs;
use std::process::Command;

use crate::harness::{Scratch, key_file};

/// Every profile's documents, in a directory.
fn built(scratch: &Scratch, profile: &str) {
    let key = key_file();
    let arguments = ["build", "--force", "--format", "dir", "-o", "seed", "--install-disk", "vda"];
    scratch.done(&[&arguments[..], &["--profile", profile, "--ssh-key", &key]].concat());
}

#[test]
fn nothing_is_said_of_what_is_built() {
    let scratch = Scratch::new();
    for profile in ["minimal", "loopback"] {
        built(&scratch, profile);
        for subject in ["seed/user-data", "seed/ks.cfg", "seed", profile] {
            let run = scratch.done(&["validate", "--strict", subject]);
            assert!(run.stdout.is_empty(), "{subject}: {}", String::from_utf8_lossy(&run.stdout));
            assert!(run.stderr.contains(", valid\n"), "{}", run.stderr);
        }
    }
}

/// Each change, what it is said to be, and the exit code without `--strict`.
#[test]
fn what_is_changed_afterwards_is_told() {
    let scratch = Scratch::new();
    built(&scratch, "loopback");
    let user_data = fs::read_to_string(scratch.path("seed/user-data")).unwrap();
    let key = fs::read_to_string(key_file()).unwrap();
    for (from, to, said, code) in [
        ("vm.swappiness = 1\n", "vm.swappiness = 10\n", "is not as it was built", 1),
        ("systemctl start vastimg-prepare.service", "true", "does not start vastimg-prepare.service", 1),
        ("\"vastimg/manifest/1\"", "\"vastimg/manifest/", "is no manifest any more", 1),
        ("#cloud-config\n", "#Cloud-Config\n", "cloud-init ignores the whole", 1),
        ("\nwrite_files:\n", "\nwrite-files:\n", "did you mean `write_files`?", 1),
        (key.trim(), "", "", 0),
    ] {
        let changed = user_data.replacen(from, to, 1);
        assert_ne!(changed, user_data, "{from}");
        scratch.file("user-data", &changed);
        let run = scratch.run(&["validate", "user-data"]);
        let found = String::from_utf8(run.stdout).unwrap();
        assert!(run.code == code && found.contains(said), "{from}: {}\n{found}", run.code);
    }
    // What is added beside it is fine.
    let added = user_data.replacen(
        "write_files:\n",
        "timezone: Europe/Berlin\nwrite_files:\n  - path: /etc/motd\n    content: hello\n",
        1,
    );
    scratch.file("user-data", added);
    assert!(scratch.done(&["validate", "--strict", "user-data"]).stdout.is_empty());
    let kickstart = fs::read_to_string(scratch.path("seed/ks.cfg")).unwrap();
    for (from, to, said) in [
        ("ignoredisk --only-use=vda", "", "every disk may be wiped"),
        ("%end\n", "", "has no %end"),
        ("rootpw --lock", "rootpw --lcok\nrotpw --lock", "did you mean `rootpw`?"),
    ] {
        let changed = kickstart.replace(from, to);
        assert_ne!(changed, kickstart, "{from}");
        scratch.file("ks.cfg", changed);
        let run = scratch.run(&["validate", "ks.cfg"]);
        let found = String::from_utf8(run.stdout).unwrap();
        assert!(run.code == 1 && found.contains(said), "{from}: {found}");
    }
}

/// prepare keeps the larger value, so that nothing is wrong with the document's.
#[test]
fn floors_of_what_is_built_are_notes() {
    let scratch = Scratch::new();
    built(&scratch, "loopback");
    for subject in ["seed/user-data", "seed", "loopback"] {
        let run = scratch.done(&["validate", "--strict", "--memory", "120G", subject]);
        let told = String::from_utf8(run.stdout).unwrap();
        assert!(run.stderr.contains(", valid (2 notes)\n"), "{}", run.stderr);
        assert_eq!(told.matches("prepare keeps the larger").count(), 2, "{subject}: {told}");
    }
}

/// In a medium of any kind, at their places, and no secret is shown.
#[test]
fn documents_in_images_are_judged() {
    const HASH: &str = "$6$saltsalt$0123456789abcdef0123456789abcdef";
    let scratch = Scratch::new();
    scratch
        .file("other/meta-data", "instance-id: a\n")
        .file(
            "other/user-data",
            format!(
                "#cloud-config\nruncmds: []\nusers:\n  - {{name: a, hashed_passwd: '{HASH}', shel: /bin/sh}}\nwrite_files:\n  \
                 - path: /etc/sysctl.d/9.conf\n    content: |\n      fs.file-max = 1000\n"
            ),
        )
        .file("other/network-config", "version: 2\nethernets:\n  eth0: {adresses: [192.0.2.1/24]}\n")
        .file("other/ks.cfg", "clearprat --all\n");
    let packed = Command::new("tar")
        .args(["-C", "other", "-cf", "other.tar", "user-data", "meta-data", "network-config", "ks.cfg"])
        .current_dir(scratch.path("."))
        .status()
        .unwrap();
    assert!(packed.success());
    for (image, inside) in [("other.tar", "other.tar:/"), ("other", "other/")] {
        let run = scratch.run(&["validate", "--memory", "120G", image]);
        let told = String::from_utf8(run.stdout).unwrap();
        assert_eq!(run.code, 1, "{told}");
        for place in ["user-data:2:1", "user-data:4:78", "user-data:8:7", "network-config:3:10", "ks.cfg:1:1"]
        {
            assert!(told.contains(&format!("--> {inside}{place}\n")), "{place}: {told}");
        }
        assert!(told.contains("did you mean `shell`?") && !told.contains("saltsalt"), "{told}");
    }
    let json = scratch.run(&["validate", "--message-format", "json", "other.tar"]);
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(json["subjects"][0]["findings"][0]["file"], "other.tar:/user-data");
    // What is not text is not judged, and said not to be.
    scratch.file("other/user-data", b"\x1f\x8b\x08\xff");
    let run = scratch.run(&["validate", "other"]);
    assert!(String::from_utf8(run.stdout).unwrap().contains("note: other/user-data is no UTF-8 text"));
}

/// The manifest is checked as ever, and a document is told once.
#[test]
fn a_document_of_a_seed_that_is_no_yaml_is_told_once() {
    let scratch = Scratch::new();
    built(&scratch, "minimal");
    scratch.file("seed/user-data", "#cloud-config\nusers: [\n");
    let run = scratch.run(&["validate", "seed"]);
    let told = String::from_utf8(run.stdout).unwrap();
    assert_eq!(told.matches("--> seed/user-data:").count(), 1, "{told}");
    assert!(!told.contains("seed: user-data: line"), "{told}");
}

/// 1 says that it was looked at, 2 that it could not be.
#[test]
fn a_damaged_image_is_not_valid() {
    let scratch = Scratch::new();
    scratch.done(&["build", "--ssh-key", &key_file(), "-o", "whole.iso"]);
    let whole = fs::read(scratch.path("whole.iso")).unwrap();
    for length in [0, 33_000, 40_000, whole.len() / 2, whole.len() - 1] {
        scratch.file("cut.iso", &whole[..length]);
        let run = scratch.run(&["validate", "cut.iso"]);
        assert_eq!(run.code, 1, "{length}: {}", run.stderr);
        assert!(
            run.stderr.starts_with("cut.iso: ") && run.stderr.contains(", NOT valid ("),
            "{}",
            run.stderr
        );
        assert!(run.stdout.starts_with(b"error: "), "{length}");
    }
    assert_eq!(scratch.run(&["validate", "missing.iso"]).code, 2);
}
