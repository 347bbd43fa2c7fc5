//! Who gets in, and how the VM is called: keys, hashes, host names, network-config.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use insta::assert_snapshot;

use crate::harness::{Scratch, is_root, key_file, skipped};

fn key_refused(content: &[u8]) -> String {
    let scratch = Scratch::new();
    scratch.file("key", content);
    scratch.refused(&["build", "--ssh-key", "key", "-o", "x.iso"])
}

#[test]
fn keys_that_are_none() {
    let scratch = Scratch::new();
    assert_snapshot!("missing", scratch.refused(&["build", "--ssh-key", "none.pub", "-o", "x.iso"]));
    fs::create_dir(scratch.path("dir.pub")).unwrap();
    assert_snapshot!("a_directory", scratch.refused(&["build", "--ssh-key", "dir.pub", "-o", "x.iso"]));
    let private =
        b"-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk=\n-----END OPENSSH PRIVATE KEY-----\n";
    assert_snapshot!("private", key_refused(private));
    assert_snapshot!("putty", key_refused(b"PuTTY-User-Key-File-3: ssh-ed25519\n"));
    assert_snapshot!(
        "rfc_4716",
        key_refused(b"---- BEGIN SSH2 PUBLIC KEY ----\nAAAA\n---- END SSH2 PUBLIC KEY ----\n")
    );
    assert_snapshot!("empty", key_refused(b"# nothing\n\n"));
    assert_snapshot!("cut_off", key_refused(b"\nssh-ed25519 AAAAC3NzaC1lZDI1 me\n"));
    assert_snapshot!("binary", key_refused(b"\xff\xfe\x00ssh"));
}

/// Of each kind that ssh-keygen makes, what Rocky 8 takes and what it refuses.
#[test]
fn kinds_of_keys() {
    if std::process::Command::new("ssh-keygen").arg("-?").output().is_err() {
        return skipped("ssh-keygen is missing; tests/tools.sh installs it");
    }
    let scratch = Scratch::new();
    let generate = |name: &str, kind: &str, bits: &str| {
        let mut command = std::process::Command::new("ssh-keygen");
        command
            .args(["-q", "-N", "", "-C", "operator@example", "-t", kind, "-b", bits, "-f"])
            .arg(scratch.path(name));
        assert!(command.status().unwrap().success());
    };
    for (kind, bits) in
        [("ed25519", "256"), ("ecdsa", "256"), ("ecdsa", "384"), ("ecdsa", "521"), ("rsa", "2048")]
    {
        let name = format!("{kind}{bits}");
        generate(&name, kind, bits);
        scratch.done(&["build", "--force", "--ssh-key", &format!("{name}.pub"), "-o", "x.iso"]);
    }
    generate("short", "rsa", "1024");
    assert_snapshot!("short_rsa", scratch.refused(&["build", "--ssh-key", "short.pub", "-o", "y.iso"]));
    let security = "sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAICFo/k5LU8863u66YC9eUO2170QduohPURkQnbLa/dczAAAABHNzaDo= operator@example\n";
    assert_snapshot!("security_key", key_refused(security.as_bytes()));
}

#[test]
fn an_unreadable_key() {
    let scratch = Scratch::new();
    scratch.file("key.pub", fs::read(key_file()).unwrap());
    fs::set_permissions(scratch.path("key.pub"), fs::Permissions::from_mode(0o000)).unwrap();
    // root reads everything, so that somebody else must try.
    fs::set_permissions(scratch.path("."), fs::Permissions::from_mode(0o777)).unwrap();
    let program = scratch.path("vastimg");
    // cp, since a file that this process has open for writing is busy for every child that another test forks.
    let copied = std::process::Command::new("cp").arg(env!("CARGO_BIN_EXE_vastimg")).arg(&program).status();
    assert!(copied.unwrap().success());
    let mut command = std::process::Command::new(&program);
    if is_root() {
        command = std::process::Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(&program);
    }
    command.args(["build", "--ssh-key", "key.pub", "-o", "x.iso"]).current_dir(scratch.path("."));
    let run = crate::harness::Run::from(command.output().unwrap());
    assert_eq!(run.code, 2);
    assert_snapshot!(run.stderr);
    assert!(!scratch.path("x.iso").exists());
}

#[test]
fn a_seed_that_nobody_could_log_in_to_says_so() {
    let scratch = Scratch::new();
    assert_snapshot!(
        scratch.done(&["build", "-o", "x.iso"]).stderr.lines().take(2).collect::<Vec<_>>().join("\n")
    );
    let with_key = scratch.done(&["build", "--ssh-key", &key_file(), "-o", "y.iso"]);
    assert!(!with_key.stderr.contains("warning"), "{}", with_key.stderr);
}

#[test]
fn keys_reach_the_user_once() {
    let scratch = Scratch::new();
    let key = fs::read_to_string(key_file()).unwrap();
    scratch.file("keys", format!("# mine\n\n{key}{key}"));
    scratch.done(&["build", "--ssh-key", "keys", "--ssh-key", &key_file(), "--format", "dir", "-o", "x"]);
    let user_data = fs::read_to_string(scratch.path("x/user-data")).unwrap();
    assert_eq!(user_data.matches(&format!("      - \"{}\"\n", key.trim())).count(), 1);
}

#[test]
fn host_names_outside_rfc_1123() {
    let scratch = Scratch::new();
    for (name, hostname) in [
        ("hostname_underscore", "vast_01"),
        ("hostname_newline", "vast\nroot: x"),
        ("hostname_long", &"a".repeat(65)),
        ("hostname_escape", "../x"),
        ("hostname_empty", ""),
        ("hostname_hyphen", "-x"),
    ] {
        let argument = format!("--hostname={hostname}");
        assert_snapshot!(name, scratch.refused(&["build", &argument, "-o", "x.iso"]));
    }
}

#[test]
fn password_hashes() {
    let scratch = Scratch::new();
    scratch.file("plain", "secret\n").file("md5", "$1$abc$Y5P3b8E1mTu9Yq0p3kq3x1\n");
    for name in ["plain", "md5"] {
        let text = scratch.refused(&["build", "--password-hash-file", name, "-o", "x.iso"]);
        assert!(!text.contains("secret") && !text.contains("Y5P3"), "a secret was shown: {text}");
        assert_snapshot!(format!("hash_{name}"), text);
    }
    let hash = format!("$6$saltsalt${}", "a".repeat(86));
    scratch.file("hash", format!("{hash}\n"));
    scratch.done(&["build", "--password-hash-file", "hash", "-o", "x.iso"]);
    let mode = |name: &str| fs::metadata(scratch.path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("x.iso"), 0o600, "an image that holds a secret is its owner's alone");
    scratch.done(&["build", "--password-hash-file", "hash", "--format", "dir", "-o", "x"]);
    assert_eq!((mode("x"), mode("x/user-data")), (0o700, 0o600));
    assert!(
        fs::read_to_string(scratch.path("x/user-data"))
            .unwrap()
            .contains(&format!("hashed_passwd: \"{hash}\""))
    );
}

#[test]
fn network_configs() {
    let scratch = Scratch::new();
    let build = ["build", "--format", "dir", "-o", "x", "--network", "net"];
    for (name, text) in [
        ("network_no_version", "ethernets: {}\n"),
        ("network_wrapped", "network:\n  version: 2\n"),
        ("network_malformed", "version: 2\nethernets: [\n"),
        ("network_a_list", "- 1\n"),
        ("network_quoted_version", "version: \"2\"\n"),
    ] {
        scratch.file("net", text);
        assert_snapshot!(name, scratch.refused(&build));
    }
    let good = "version: 2\nethernets:\n  eth0: {dhcp4: true} # as it is\n";
    scratch.file("net", good);
    assert!(!scratch.done(&build).stderr.contains("wildcard"));
    assert_eq!(fs::read_to_string(scratch.path("x/network-config")).unwrap(), good);
    scratch.file("net", "version: 2\nethernets:\n  a: {match: {name: 'e*'}, dhcp4: true}\n");
    let run = scratch.done(&["build", "--force", "--format", "dir", "-o", "x", "--network", "net"]);
    assert!(run.stderr.contains("wildcard is not honoured on Rocky 8"), "{}", run.stderr);
}

#[test]
fn a_changed_seed_has_another_instance_id_and_an_unchanged_one_the_same() {
    let scratch = Scratch::new();
    let id = |args: &[&str]| {
        let all = [&["build", "--force", "--format", "dir", "-o", "x"], args].concat();
        scratch.done(&all);
        fs::read_to_string(scratch.path("x/meta-data")).unwrap()
    };
    scratch.file("net", "version: 1\n");
    let first = id(&[]);
    assert!(first.starts_with("instance-id: \"iid-vastimg-vast-loopback-"), "{first}");
    assert_eq!(id(&[]), first);
    let others = [
        id(&["--hostname", "vast-02"]),
        id(&["--set", "fd-limits.nofile=300000"]),
        id(&["--network", "net"]),
        id(&["--ssh-key", &key_file()]),
        id(&["--skip", "thp-off"]),
    ];
    let distinct: std::collections::BTreeSet<_> = others.iter().chain([&first]).collect();
    assert_eq!(distinct.len(), 6);
}
