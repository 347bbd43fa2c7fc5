//! What `vastimg` writes itself: nothing is to be said of it. And what is changed in it afterwards: that is.

use std::fs;

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
