//! `list`, `explain` and `render`: looking at what would be built.

use std::fs;

use insta::assert_snapshot;
use serde_json::Value;

use crate::harness::{Scratch, key_file};

fn out(scratch: &Scratch, args: &[&str]) -> String {
    String::from_utf8(scratch.done(args).stdout).unwrap()
}

#[test]
fn lists() {
    let scratch = Scratch::new();
    assert_snapshot!("list", out(&scratch, &["list"]));
    let fixes = out(&scratch, &["list", "fixes"]);
    assert!(fixes.starts_with("fd-limits ") && fixes.lines().count() == 11, "{fixes}");
    let json: Value = serde_json::from_str(&out(&scratch, &["list", "--message-format", "json"])).unwrap();
    assert_eq!(json["schema"], "vastimg/list/1");
    assert_eq!(json["profiles"][1]["fixes"], serde_json::json!(["fd-limits", "packages"]));
    assert_eq!(json["fixes"][0]["id"], "fd-limits");
    assert_eq!(json["fixes"][0]["profiles"], serde_json::json!(["loopback", "minimal"]));
    let profiles: Value =
        serde_json::from_str(&out(&scratch, &["list", "profiles", "--message-format", "json"])).unwrap();
    assert_eq!(profiles.get("fixes"), None);
    scratch.file("cat/mine/fix.yaml", "label: OPTIONAL\ntitle: Mine\nproblem: p\nundo: u\n");
    assert!(
        out(&scratch, &["list", "fixes", "--catalogue", "cat"])
            .contains("mine                OPTIONAL    Mine\n")
    );
}

#[test]
fn a_fix_is_explained() {
    let scratch = Scratch::new();
    assert_snapshot!("explain_thp_off", out(&scratch, &["explain", "thp-off"]));
    let changed = out(&scratch, &["explain", "fd-limits", "--set", "fd-limits.nofile=2000000"]);
    assert!(
        changed.contains("  nofile = 2000000\n") && changed.contains("      default 1048576\n"),
        "{changed}"
    );
    assert!(changed.contains("      set at --set:1:18\n"), "{changed}");
    let absent = out(&scratch, &["explain", "thp-off", "--profile", "minimal"]);
    assert!(absent.contains("The profile minimal does not have it.\n"), "{absent}");
    let absent = out(&scratch, &["explain", "io-scheduler", "--profile", "minimal"]);
    assert!(
        absent.contains("The profile minimal does not have it; the values below are the defaults.\n")
            && absent.contains("\nvalues\n")
            && !absent.contains("in profile"),
        "{absent}"
    );
    // All of it fits a terminal, but for what a log said, which is shown as it was.
    let fixes = out(&scratch, &["list", "fixes"]);
    let words = fixes.lines().map(|line| line.split(' ').next().unwrap());
    for fix in
        words.chain(["base", "kickstart", "kickstart.partitions", "packages.base", "kernel-perf.swappiness"])
    {
        let mut section = String::new();
        for line in out(&scratch, &["explain", fix]).lines() {
            if !line.starts_with(' ') {
                line.clone_into(&mut section);
            }
            let fits = line.chars().count() <= 80 || !line.trim().contains(' ');
            assert!(fits || section == "what the failure looks like", "{fix}: {line}");
        }
    }
}

#[test]
fn a_fix_is_found_by_what_belongs_to_it() {
    let scratch = Scratch::new();
    let whole = out(&scratch, &["explain", "fd-limits"]);
    for word in ["/etc/sysctl.d/99-vast-fd.conf", "Fix 2", "fix 2", "fix2", "2"] {
        assert_eq!(out(&scratch, &["explain", word]), whole, "{word}");
    }
    let base = out(&scratch, &["explain", "base"]);
    assert!(base.starts_with("base: The VAST user, and the services that prepare and verify\n"), "{base}");
    assert!(base.contains("base.user: centos exists and may call sudo"), "{base}");
    assert_eq!(out(&scratch, &["explain", "/etc/systemd/system/vastimg-verify.timer"]), base);
    for (word, said) in [
        ("fd-limit", "did you mean fd-limits?"),
        ("kubernetes", "vastimg list fixes has them all"),
        ("/etc/sysctl.d/99-vast-fd.con", "did you mean /etc/sysctl.d/99-vast-fd.conf?"),
        ("fd-limits.nofil", "did you mean fd-limits.nofile?"),
        ("fd-limits.sshdd", "did you mean fd-limits.sshd?"),
        ("fd-limits.colour", "its values are containers, file_max,"),
        ("thp-off.colour", "fix thp-off has no values"),
        ("kickstart.timezon", "did you mean timezone?"),
        ("fd-limit.nofile", "no fix is named fd-limit; did you mean fd-limits?"),
        ("Fix 12", "no fix is named Fix 12"),
        (
            "post-container",
            "of that part of the document are container-rsync and monitor-preinstall; name one",
        ),
        ("/x", "no fix places it"),
    ] {
        let error = scratch.refused(&["explain", word]);
        assert!(error.starts_with(&format!("error: explaining {word}: ")) && error.contains(said), "{error}");
    }
}

#[test]
fn a_part_of_a_fix_is_explained_by_itself() {
    let scratch = Scratch::new();
    scratch.file("my.yaml", "extends: minimal\nfixes:\n  fd-limits: {nofile: 2000000}\n");
    assert_snapshot!("explain_value", out(&scratch, &["explain", "fd-limits.nofile", "-p", "my.yaml"]));
    assert_snapshot!("explain_check", out(&scratch, &["explain", "fd-limits.sshd"]));
    assert_snapshot!("explain_kickstart", out(&scratch, &["explain", "kickstart"]));
    assert_snapshot!("explain_kickstart_key", out(&scratch, &["explain", "kickstart.ntp"]));
    let absent = out(&scratch, &["explain", "kernel-perf.swappiness", "-p", "minimal"]);
    assert!(absent.contains("\n  profile minimal does not have kernel-perf\n"), "{absent}");
    let json = out(&scratch, &["explain", "packages.base", "--message-format", "json"]);
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["schema"], "vastimg/explanation-part/1");
    assert_eq!((&json["fix"], &json["value"]["name"]), (&"packages".into(), &"base".into()));
    assert_eq!(json["steps"][0]["id"], "packages/base", "{json}");
    assert_eq!(json["checks"][0]["id"], "packages.python3-devel", "{json}");
}

/// What is said to follow from a value is what a build changes.
#[test]
fn what_follows_from_a_value_is_what_changes() {
    let scratch = Scratch::new();
    let key = key_file();
    let build = |name: &str, set: &str| {
        let args = ["build", "-q", "--ssh-key", &key, "--format", "dir", "-o", name, "--set", set];
        scratch.done(&args);
        let text = fs::read(scratch.path(name).join("vastimg/manifest.json")).unwrap();
        let manifest: Value = serde_json::from_slice(&text).unwrap();
        manifest["checks"].as_array().unwrap().clone()
    };
    let (a, b) = (build("a", "fd-limits.nproc=65535"), build("b", "fd-limits.nproc=65536"));
    let changed: Vec<&str> =
        a.iter().filter(|check| !b.contains(check)).map(|check| check["id"].as_str().unwrap()).collect();
    let told = out(&scratch, &["explain", "fd-limits.nproc", "--message-format", "json"]);
    let told: Value = serde_json::from_str(&told).unwrap();
    let told: Vec<&str> =
        told["checks"].as_array().unwrap().iter().map(|check| check["id"].as_str().unwrap()).collect();
    assert_eq!(told, changed);
    assert!(!told.is_empty());
}

#[test]
fn an_explanation_as_json() {
    let scratch = Scratch::new();
    let text = out(&scratch, &["explain", "fd-limits", "--message-format", "json"]);
    let json: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(json["schema"], "vastimg/explanation/1");
    assert_eq!(json["values"][4]["name"], "nofile");
    assert_eq!(json["values"][4]["value"], 1_048_576);
    assert_eq!(json["checks"][0]["wanted"], "fs.file-max is at least 8388608");
    assert!(json["files"].as_array().unwrap().iter().any(|file| file["settled"] == true));
}

/// What is rendered is what a build has, byte for byte, by each of its names.
#[test]
fn what_is_rendered_is_what_is_built() {
    let scratch = Scratch::new();
    let key = key_file();
    let seed = ["--hostname", "vast-01", "--ssh-key", &key, "--install-disk", "vda"];
    scratch.done(&[&["build", "--format", "dir", "-o", "d"][..], &seed].concat());
    for (name, path) in [
        ("user-data", "user-data"),
        ("meta-data", "meta-data"),
        ("ks.cfg", "ks.cfg"),
        ("prepare.sh", "vastimg/prepare.sh"),
        ("vastimg/prepare.sh", "vastimg/prepare.sh"),
        ("/usr/libexec/vastimg/prepare", "vastimg/prepare.sh"),
        ("manifest.json", "vastimg/manifest.json"),
        ("/etc/vastimg/manifest.json", "vastimg/manifest.json"),
        ("SHA256SUMS", "vastimg/SHA256SUMS"),
        ("/usr/sbin/ipmitool", "vastimg/rootfs/usr/sbin/ipmitool"),
        // Where prepare puts it, and where it waits for that.
        (
            "/etc/sysctl.d/99-vast-fd.conf",
            "vastimg/rootfs/usr/share/vastimg/floors/etc/sysctl.d/99-vast-fd.conf",
        ),
        ("/usr/bin/vastimg-verify", "vastimg/rootfs/usr/bin/vastimg-verify"),
    ] {
        let run = scratch.done(&[&["render", name][..], &seed].concat());
        assert!(run.stdout == fs::read(scratch.path("d").join(path)).unwrap(), "{name}");
        assert_eq!(run.stderr, "", "{name}");
    }
}

#[test]
fn what_cannot_be_rendered() {
    let scratch = Scratch::new();
    scratch.file("hash", format!("$6$saltsalt${}\n", "a".repeat(86)));
    for (name, said) in [
        ("ks.cfg", "a kickstart names the disk that it wipes: add --install-disk DISK"),
        ("network-config", "without --network FILE there is none, and the VM asks DHCP"),
        ("user-date", "there is no such document or file; did you mean user-data?"),
        ("SHA256SUM", "there is no such document or file; did you mean SHA256SUMS?"),
        ("/usr/sbin/ipmitol", "there is no such document or file; did you mean /usr/sbin/ipmitool?"),
        ("/nothing/like/it", "there is no such document or file; vastimg build --dry-run lists them"),
    ] {
        assert_eq!(scratch.refused(&["render", name]), format!("error: rendering {name}: {said}\n"));
    }
    let secret = ["render", "user-data", "--password-hash-file", "hash"];
    let error = scratch.refused(&secret);
    assert!(
        error.ends_with("holds a password hash; add --show-sensitive to print it all the same\n"),
        "{error}"
    );
    assert!(!error.contains("saltsalt"), "{error}");
    let shown = out(&scratch, &[&secret[..], &["--show-sensitive"]].concat());
    assert!(shown.contains("$6$saltsalt$"));
    let text = scratch.on_a_terminal("$VASTIMG render /usr/bin/vastimg-verify");
    assert!(text.contains("standard output is a terminal, and this is not text"), "{text}");
}
