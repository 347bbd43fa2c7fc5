//! prepare's own functions, run by bash on this machine: what a virtual machine would show too late or not at all.
//!
//! The script's last line calls `main`; without it, the rest can be sourced.

use std::fs;
use std::process::Command;

use crate::seed::Seed;
use crate::tools;

/// Sources prepare.sh and runs a snippet in a scratch directory; returns what it printed and whether it ended well.
fn sourced(snippet: &str) -> (String, bool) {
    let seed = Seed::of_profile("loopback");
    let script = fs::read_to_string(seed.path().join("vastimg/prepare.sh")).unwrap();
    let functions = script.strip_suffix("main \"$@\"\n").expect("prepare.sh ends with the call of main");
    let scratch = tempfile::tempdir().unwrap();
    fs::write(scratch.path().join("functions.sh"), functions).unwrap();
    let text = format!("work=$PWD/work; mkdir work; . ./functions.sh; {snippet}");
    let output = Command::new("bash").args(["-c", &text]).current_dir(scratch.path()).output().unwrap();
    let all = [output.stdout, output.stderr].concat();
    (String::from_utf8(all).unwrap(), output.status.success())
}

#[test]
fn the_larger_of_two_limits_whatever_their_size() {
    for (a, b, larger) in [
        ("1", "2", "2"),
        ("10", "9", "10"),
        ("9223372036854775807", "8388608", "9223372036854775807"),
        ("18446744073709551615", "9223372036854775807", "18446744073709551615"),
        ("unlimited", "5", "unlimited"),
        ("5", "infinity", "unlimited"),
    ] {
        assert_eq!(sourced(&format!("larger {a} {b}")).0.trim(), larger);
    }
}

#[test]
fn a_file_is_placed_whole_or_not_at_all() {
    if std::fs::metadata("/proc/self").is_ok_and(|process| std::os::unix::fs::MetadataExt::uid(&process) != 0)
    {
        return tools::skipped("mounting a tmpfs needs root");
    }
    let (text, _) = sourced(
        "mkdir disk && mount -t tmpfs -o size=16k none disk && trap 'umount disk' EXIT
         echo precious >disk/file
         head -c 100000 /dev/zero | tr '\\0' x >large
         if place 0644 \"$PWD/disk/file\" <large; then echo placed; else echo refused; fi
         cat disk/file; ls disk; [ -e work/changed ] && echo 'said that it changed'
         place 0600 \"$PWD/disk/file\" <<<'new'; cat disk/file; stat -c %a disk/file",
    );
    assert!(text.contains("could not be written; what was there stays"), "{text}");
    let told: Vec<&str> =
        text.lines().filter(|line| !line.contains("write error") && !line.contains("stays")).collect();
    assert!(told[0] == "refused" && told[1] == "precious" && told[2] == "file", "{text}");
    assert!(!text.contains("said that it changed"), "{text}");
    assert_eq!(told[told.len() - 2..], ["new", "600"], "{text}");
}

#[test]
fn what_needs_the_network_is_tried_five_times() {
    let count = "echo try >>tries; [ \"$(wc -l <tries)\" -ge";
    for (enough, status) in [("3", "0"), ("9", "1")] {
        let snippet = format!(
            "VASTIMG_RETRY_SECONDS=0; printf '%s\\n' '#!/bin/bash' '{count} {enough} ]' >go; chmod +x go
             retry ./go >/dev/null 2>&1; echo $?; wc -l <tries"
        );
        let (text, _) = sourced(&snippet);
        let wanted = if status == "0" { format!("0\n{enough}\n") } else { "1\n5\n".to_owned() };
        assert_eq!(text, wanted);
    }
}

#[test]
fn nr_open_is_raised_before_the_limits_that_need_it_and_packages_come_before_pip() {
    let seed = Seed::of_profile("loopback");
    let script = fs::read_to_string(seed.path().join("vastimg/prepare.sh")).unwrap();
    let at =
        |step: &str| script.find(&format!("    run '{step}' ")).unwrap_or_else(|| panic!("no step {step}"));
    assert!(at("fd-limits/sysctl-floors") < at("fd-limits/sysctl"));
    assert!(at("fd-limits/sysctl") < at("fd-limits/limits-floors"));
    assert!(at("packages/base") < at("packages/epel") && at("packages/epel") < at("pip-pin/install"));
}
