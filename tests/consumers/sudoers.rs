//! /etc/sudoers.d/90-vastimg before visudo: one mistake in it and nobody becomes root any more.

use std::fs;

use crate::seed::{KEY, Seed};
use crate::tools::{self, Ran};

fn visudo(seed: &Seed) -> Option<Ran> {
    let path = seed.path().join("vastimg/rootfs/etc/sudoers.d/90-vastimg");
    Some(tools::run(tools::find("visudo")?.args(["--check", "--strict", "--file"]).arg(path)))
}

#[test]
fn the_rule_is_one_that_sudo_reads() {
    for user in ["centos", "no", "_vast-01", "a", "abcdefghijklmnopqrstuvwxyz012345", "defaults", "all"] {
        let seed = Seed::build("seed", &["--profile", "minimal", "--ssh-key", KEY, "--user", user]);
        let file = &seed.placed()["etc/sudoers.d/90-vastimg"];
        assert_eq!(file.mode, 0o440, "sudo reads no file that others may write");
        let text = String::from_utf8(file.content.clone()).unwrap();
        let rules: Vec<_> = text.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(rules, [format!("{user} ALL=(ALL) NOPASSWD: ALL")]);
        let Some(ran) = visudo(&seed) else { return };
        assert_eq!(ran.code, 0, "{user}: {}{}", ran.stdout, ran.stderr);
        assert!(ran.stdout.ends_with("90-vastimg: parsed OK\n"), "{user}: {}{}", ran.stdout, ran.stderr);
    }
}

/// Names that sudoers takes for a group, a number, everybody or a second rule are refused before they get there.
#[test]
fn names_that_mean_more_to_sudo_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let output = directory.path().join("seed");
    for user in
        ["ALL", "%wheel", "#1000", "+group", "a,b", "a b", "a ALL", "!a", "a\\", "a\nb", "", "root", "é"]
    {
        let mut command = tools::bounded(env!("CARGO_BIN_EXE_vastimg"));
        command.args(["build", "--format", "dir", "--user", user, "--output"]).arg(&output);
        let ran = tools::run(&mut command);
        assert_eq!(ran.code, 2, "{user:?}: {}", ran.stderr);
        assert!(ran.stderr.contains("--user"), "{user:?}: {}", ran.stderr);
        assert!(!output.exists(), "{user:?}");
    }
}

/// The reader that finds every rule good is no reader.
#[test]
fn visudo_refuses_what_is_broken() {
    let seed = Seed::of_profile("minimal");
    let path = seed.path().join("vastimg/rootfs/etc/sudoers.d/90-vastimg");
    fs::remove_file(&path).unwrap();
    fs::write(&path, "centos ALL=(ALL NOPASSWD: ALL\n").unwrap();
    let Some(ran) = visudo(&seed) else { return };
    assert_eq!(ran.code, 1, "{}{}", ran.stdout, ran.stderr);
}
