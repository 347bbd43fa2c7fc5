//! `vastimg diff`, from outside: what is the same, what differs and how it is told, and what must not be shown.

#![cfg(feature = "generator")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "../cli/harness.rs"]
#[allow(dead_code)]
mod harness;
#[path = "../shared/skip.rs"]
mod skip;

use std::fs;
use std::process::{Command, Stdio};

use insta::assert_snapshot;
use serde_json::Value;

use harness::{Run, Scratch, key_file, skipped};

fn hash(letter: &str) -> String {
    format!("$6$saltsalt${}", letter.repeat(86))
}

/// A directory with the seed `a`, of the profile minimal, and another as the arguments say.
fn seeds(b: &str, arguments: &[&str]) -> Scratch {
    let scratch = Scratch::new();
    let key = key_file();
    scratch.done(&["build", "-q", "-p", "minimal", "--ssh-key", &key, "-o", "a.iso"]);
    scratch.file("hash", hash("a")).file("other-hash", hash("b"));
    scratch.done(&[&["build", "-q", "-o", b][..], arguments].concat());
    scratch
}

/// What a comparison says, and its exit code.
fn told(scratch: &Scratch, args: &[&str]) -> (i32, String) {
    let run = scratch.run(&[&["diff"][..], args].concat());
    assert_eq!(run.stderr, "", "{args:?}");
    (run.code, String::from_utf8(run.stdout).unwrap())
}

#[test]
fn the_same_seed_is_the_same_on_every_medium() {
    let key = key_file();
    let scratch = seeds("b.iso", &["-p", "minimal", "--ssh-key", &key]);
    assert_eq!(told(&scratch, &["a.iso", "b.iso"]), (0, "a.iso and b.iso hold the same\n".to_owned()));
    for (name, format) in [("c.tar.gz", "tar"), ("c.zip", "zip"), ("c", "dir"), ("n", "nocloud-net")] {
        scratch.done(&["build", "-q", "-p", "minimal", "--ssh-key", &key, "--format", format, "-o", name]);
        let (code, text) = told(&scratch, &["a.iso", name]);
        assert!(
            code == 0 && text.starts_with(&format!("a.iso and {name} hold the same\nnote: media differ: ")),
            "{text}"
        );
    }
}

#[test]
fn one_value_and_one_fix() {
    let key = key_file();
    let arguments =
        ["-p", "minimal", "--ssh-key", &key, "--set", "fd-limits.nofile=2000000", "--skip", "packages"];
    let scratch = seeds("b.iso", &arguments);
    let (code, text) = told(&scratch, &["--brief", "a.iso", "b.iso"]);
    assert_eq!(code, 1);
    assert_snapshot!("one_value_and_one_fix", text);
    let (code, text) = told(&scratch, &["a.iso", "b.iso"]);
    assert_eq!(code, 1);
    assert!(text.contains("-DefaultLimitNOFILE=1048576\n+DefaultLimitNOFILE=2000000\n"), "{text}");
    // A change is told once: user-data has every file again.
    assert_eq!(text.matches("+DefaultLimitNOFILE=2000000").count(), 1, "{text}");
    assert!(text.ends_with(
        "\nmeta-data, user-data, vastimg/SHA256SUMS, vastimg/manifest.json differ by that alone\n"
    ));
}

#[test]
fn who_it_is_for() {
    let key = key_file();
    let scratch = seeds("b.iso", &["-p", "minimal", "--ssh-key", &key, "--hostname", "vast-02"]);
    let (code, text) = told(&scratch, &["a.iso", "b.iso"]);
    assert_eq!(code, 1);
    assert_snapshot!("another_host", text);
    let scratch = seeds("b.iso", &["-p", "minimal"]);
    let (code, text) = told(&scratch, &["a.iso", "b.iso"]);
    assert!(code == 1 && text.contains("-    ssh_authorized_keys:\n"), "{text}");
}

#[test]
fn secrets_are_said_to_differ_and_not_shown() {
    let key = key_file();
    let with = |file| ["-p", "minimal", "--ssh-key", &key, "--password-hash-file", file].map(str::to_owned);
    let scratch = seeds("b.iso", &["-p", "minimal"]);
    for (name, file) in [("x.iso", "hash"), ("y.iso", "other-hash")] {
        let arguments = with(file);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        scratch.done(&[&["build", "-q", "-o", name][..], &arguments].concat());
    }
    let (code, text) = told(&scratch, &["x.iso", "y.iso"]);
    assert!(code == 1 && !text.contains("saltsalt"), "{text}");
    assert!(text.contains("\n-(a password hash, not shown)\n+(a password hash, not shown)\n"), "{text}");
    let (_, json) = told(&scratch, &["--message-format", "json", "x.iso", "y.iso"]);
    assert!(!json.contains("saltsalt"), "{json}");
    let (_, text) = told(&scratch, &["--show-sensitive", "x.iso", "y.iso"]);
    assert!(text.contains(&format!("-    hashed_passwd: \"{}\"\n", hash("a"))), "{text}");
}

#[test]
fn what_is_wiped() {
    let key = key_file();
    let scratch = seeds("b.img", &["-p", "minimal", "--ssh-key", &key, "--install-disk", "vda"]);
    let (code, text) = told(&scratch, &["a.iso", "b.img"]);
    assert_eq!(code, 1);
    assert_snapshot!("a_kickstart", text);
    scratch.done(&[
        "build",
        "-q",
        "-p",
        "minimal",
        "--ssh-key",
        &key,
        "--install-disk",
        "sda",
        "-o",
        "c.img",
    ]);
    let (code, text) = told(&scratch, &["--brief", "b.img", "c.img"]);
    assert!(
        code == 1 && text.contains("wiped: disk vda -> disk sda\n") && text.contains("ks.cfg: "),
        "{text}"
    );
}

#[test]
fn an_image_and_a_profile() {
    let key = key_file();
    let arguments = ["-p", "loopback", "--ssh-key", &key, "--hostname", "vast-07", "--install-disk", "vda"];
    let scratch = seeds("b.img", &arguments);
    assert_eq!(told(&scratch, &["b.img", "loopback"]), (0, "b.img and loopback hold the same\n".to_owned()));
    assert_eq!(told(&scratch, &["minimal", "a.iso"]).0, 0);
    let (code, text) = told(&scratch, &["--brief", "a.iso", "loopback"]);
    assert!(code == 1 && text.contains("  only in b: thp-off (OPTIONAL): "), "{text}");
    assert!(text.contains("profile: minimal -> loopback\n") && !text.contains("host name"), "{text}");
    scratch.file("site.yaml", "extends: minimal\nfixes: {fd-limits: {nofile: 2000000}}\n");
    let (code, text) = told(&scratch, &["--brief", "a.iso", "site.yaml"]);
    assert!(code == 1 && text.contains("fd-limits.nofile: 1048576 -> 2000000\n"), "{text}");
    let (code, text) = told(&scratch, &["--brief", "a.iso", "minimal", "--set", "fd-limits.nproc=70000"]);
    assert!(code == 1 && text.contains("fd-limits.nproc: 65535 -> 70000\n"), "{text}");
    // A network and a password are the image's own, too.
    scratch.file("net", "version: 2\nethernets: {eth0: {dhcp4: true}}\n");
    let own =
        ["build", "-q", "-p", "minimal", "--network", "net", "--password-hash-file", "hash", "-o", "n.iso"];
    scratch.done(&own);
    assert_eq!(told(&scratch, &["n.iso", "minimal"]).0, 0);
}

#[test]
fn as_json() {
    let key = key_file();
    let scratch = seeds("b.iso", &["-p", "minimal", "--ssh-key", &key, "--set", "fd-limits.nofile=2000000"]);
    let (code, text) = told(&scratch, &["--message-format", "json", "a.iso", "b.iso"]);
    let json: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((code, &json["schema"], &json["same"]), (1, &"vastimg/diff/1".into(), &false.into()));
    assert_eq!(
        json["values"],
        serde_json::json!([{"fix": "fd-limits", "name": "nofile", "a": 1_048_576, "b": 2_000_000}])
    );
    assert_eq!(json["files"][0]["changed"], serde_json::json!(["content"]));
    let (code, text) = told(&scratch, &["--message-format", "json", "a.iso", "a.iso"]);
    let json: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((code, &json["same"], &json["files"]), (0, &true.into(), &Value::Array(Vec::new())));
}

/// A file that was changed afterwards is told, and that nothing else knows of it.
#[test]
fn what_was_changed_by_hand() {
    let scratch = seeds("b", &["-p", "minimal", "--format", "dir"]);
    scratch.done(&["build", "-q", "-p", "minimal", "--format", "dir", "-o", "c"]);
    let path = "c/vastimg/rootfs/etc/systemd/system/docker.service.d/50-vast-limits.conf";
    let text = fs::read_to_string(scratch.path(path)).unwrap();
    fs::write(scratch.path(path), text.replace("1048576", "\u{1b}[2J7")).unwrap();
    let (code, text) = told(&scratch, &["b", "c"]);
    assert!(code == 1 && text.contains("+LimitNOFILE=\\u{1b}[2J7\n"), "{text}");
    assert!(text.contains("note: c is not as it was built; vastimg validate c says where\n"), "{text}");
    assert!(!text.contains("differ by that alone") && !text.contains('\u{1b}'), "{text}");
    fs::copy(scratch.path("b/user-data"), scratch.path(path)).unwrap();
    fs::write(scratch.path("c/user-data"), [0_u8, 1, 2]).unwrap();
    let (code, text) = told(&scratch, &["b", "c"]);
    assert!(code == 1 && text.contains("user-data: ") && text.contains(", not text\n"), "{text}");
}

#[test]
fn seeds_of_other_programs() {
    let scratch = Scratch::new();
    scratch.file("one/user-data", "#cloud-config\nruncmd: [a]\n").file("one/meta-data", "instance-id: x\n");
    scratch.file("two/user-data", "#cloud-config\nruncmd: [b]\n").file("two/meta-data", "instance-id: x\n");
    for name in ["one", "two"] {
        let mut xorriso = Command::new("xorriso");
        xorriso.args([
            "-as",
            "mkisofs",
            "-quiet",
            "-V",
            "CIDATA",
            "-J",
            "-R",
            "-o",
            &format!("{name}.iso"),
            name,
        ]);
        let Ok(output) = xorriso.current_dir(scratch.path(".")).output() else {
            return skipped("xorriso is missing; tests/tools.sh installs it");
        };
        assert!(output.status.success());
    }
    assert_eq!(told(&scratch, &["one", "one.iso"]).0, 0);
    let (code, text) = told(&scratch, &["one.iso", "two.iso"]);
    assert_eq!(code, 1);
    assert_snapshot!("seeds_of_other_programs", text);
}

#[test]
fn what_cannot_be_compared() {
    let scratch = seeds("b.iso", &["-p", "minimal"]);
    let image = fs::read(scratch.path("a.iso")).unwrap();
    scratch.file("cut.iso", &image[..image.len() / 2]).file("text", "just a file\n");
    for (args, said) in [
        (&["a.iso", "none.iso"][..], "error: reading image none.iso: No such file or directory"),
        (&["a.iso", "cut.iso"], "cut off or damaged"),
        (&["a.iso", "text"], "error: reading image text: not an image that vastimg knows"),
        (&["loopback", "minimal"], "both are profiles; build one of them first"),
        (&["a.iso", "b.iso", "--set", "fd-limits.nofile=1"], "--set and --catalogue are for a profile"),
        (&["a.iso", "none.yaml"], "error: reading profile none.yaml: No such file or directory"),
    ] {
        let error = scratch.refused(&[&["diff"][..], args].concat());
        assert!(error.contains(said), "{args:?}: {error}");
    }
}

/// Whatever bytes are changed, it ends, with one of its exit codes and without a panic.
#[test]
fn damaged_images_end_in_an_answer() {
    let scratch = seeds("b.iso", &["-p", "minimal"]);
    let image = fs::read(scratch.path("a.iso")).unwrap();
    for step in 0..60_usize {
        let mut spoilt = image.clone();
        let mut at = 32 * 1024 + step * 977;
        for _ in 0..8 {
            at = (at * 31 + 7) % 120_000;
            spoilt[at] ^= u8::try_from(1 + step % 255).unwrap();
        }
        scratch.file("spoilt.iso", &spoilt);
        let run = scratch.run(&["diff", "a.iso", "spoilt.iso"]);
        assert!(matches!(run.code, 0..=2) && !run.stderr.contains("panicked"), "{step}: {}", run.stderr);
    }
}

#[test]
fn that_nobody_reads_to_the_end_is_no_error() {
    let scratch = seeds("b.iso", &["-p", "loopback"]);
    let mut command = scratch.command(&["diff", "a.iso", "b.iso"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let run = Run::from(child.wait_with_output().unwrap());
    assert_eq!((run.code, run.stderr.as_str()), (1, ""));
}
