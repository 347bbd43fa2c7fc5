//! `--format nocloud-net`: the folder that a web server is to have, and what is said of it.

use std::fs;

use insta::assert_snapshot;

use crate::harness::{Scratch, key_file};

const NETWORK: &str = "version: 2\nethernets: {eth0: {dhcp4: true}}\n";

fn root(scratch: &Scratch, name: &str) -> Vec<String> {
    let entries = fs::read_dir(scratch.path(name)).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_folder_has_all_that_cloud_init_asks_for() {
    let scratch = Scratch::new();
    let key = key_file();
    let build = ["build", "-p", "minimal", "--ssh-key", &key, "--format", "nocloud-net"];
    let run = scratch.done(&[&build[..], &["--hostname", "vast-01", "-o", "vast-01"]].concat());
    let line = |text: &str| run.stderr.lines().any(|line| line.contains(text));
    assert!(
        line("wrote vast-01: profile minimal") && line("ds=nocloud-net;s=http://SERVER/NAME/"),
        "{}",
        run.stderr
    );
    assert_eq!(root(&scratch, "vast-01"), ["meta-data", "user-data", "vastimg", "vendor-data"]);
    assert_eq!(fs::read(scratch.path("vast-01/vendor-data")).unwrap(), b"");
    assert!(scratch.path("vast-01/vastimg/rootfs/usr/bin/vastimg-verify").is_file());

    // Nothing in it knows its name or its server, so that it can be moved.
    scratch.done(&build);
    scratch.done(&[&build[..], &["--force"]].concat());
    for file in ["user-data", "vastimg/prepare.sh"] {
        let read = |name: &str| fs::read_to_string(scratch.path(name).join(file)).unwrap();
        let plain = |text: String| text.replace("vast-minimal", "HOST").replace("vast-01", "HOST");
        assert_eq!(plain(read("vast-minimal-net")), plain(read("vast-01")), "{file}");
    }
    let run = scratch.done(&[&build[..], &["-o", "x", "--dry-run"]].concat());
    let listing = String::from_utf8(run.stdout).unwrap();
    assert!(listing.contains("0644         0  vendor-data\n"), "{listing}");
}

#[test]
fn what_a_server_does_not_do_is_said() {
    let scratch = Scratch::new();
    let hash = format!("$6$saltsalt${}", "a".repeat(86));
    scratch.file("net.yaml", NETWORK).file("hash", hash);
    let build =
        ["build", "-p", "minimal", "--ssh-key", &key_file(), "--format", "nocloud-net"].map(str::to_owned);
    let build: Vec<&str> = build.iter().map(String::as_str).collect();
    let warned = |more: &[&str]| {
        let run = scratch.done(&[&build[..], more].concat());
        run.stderr.split("wrote ").next().unwrap().to_owned()
    };
    assert_eq!(warned(&["-o", "a"]), "");
    assert_snapshot!("network", warned(&["-o", "b", "--network", "net.yaml"]));
    // A newer cloud-init asks for it.
    assert_eq!(fs::read_to_string(scratch.path("b/network-config")).unwrap(), NETWORK);
    assert_snapshot!("password", warned(&["-o", "c", "--password-hash-file", "hash"]));
}

#[test]
fn what_a_folder_cannot_be() {
    let scratch = Scratch::new();
    let build = ["build", "--format", "nocloud-net"];
    let refused = |more: &[&str]| scratch.refused(&[&build[..], more].concat());
    assert_snapshot!("to_stdout", refused(&["-o", "-"]));
    assert_snapshot!("with_a_disk", refused(&["-o", "x", "--install-disk", "vda"]));
    assert_snapshot!("with_a_name_of_another", refused(&["-o", "x.iso"]));
}
