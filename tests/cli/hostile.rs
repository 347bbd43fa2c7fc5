//! Values that try to break out of YAML, shell or sysctl: they arrive as they are, or are refused.

use std::fs;
use std::process::Command;

use crate::harness::Scratch;

const HOSTILE: [&str; 12] = [
    "it's \"quoted\"",
    "$(touch pwned) `touch pwned` ${HOME}",
    "{{ user }} {% raw %} {# x #}",
    "# no comment",
    ": - ? & * ! | > % @",
    "'; touch pwned; '",
    "\\n \\x41 \\",
    "gr\u{fc}\u{df}e \u{4f60}\u{597d} \u{1f600}",
    "\u{2028}line\u{2029}separators\u{a0}",
    " leading and trailing ",
    "EOF",
    "--- ...",
];

#[test]
fn text_reaches_the_program_as_it_is() {
    for value in HOSTILE {
        let scratch = Scratch::new();
        let set = format!("fake-ipmitool.manufacturer={value}");
        scratch.done(&["build", "--set", &set, "--format", "dir", "-o", "x"]);
        let tool = scratch.path("x/vastimg/rootfs/usr/sbin/ipmitool");
        let output = Command::new("bash")
            .arg(&tool)
            .args(["fru", "print", "0"])
            .current_dir(scratch.path("."))
            .output();
        let text = String::from_utf8(output.unwrap().stdout).unwrap();
        let wanted = format!("Board Mfg             : {value}");
        assert!(text.lines().any(|line| line == wanted), "{value:?} became {text:?}");
        assert!(!scratch.path("pwned").exists(), "{value:?} was executed");
        // What the verifier will look for is the same line.
        let manifest: vastimg::manifest::Manifest =
            serde_json::from_slice(&fs::read(scratch.path("x/vastimg/manifest.json")).unwrap()).unwrap();
        let contains = manifest.checks.iter().find_map(|check| match &check.assertion {
            vastimg::manifest::Assertion::Command { contains, .. } => Some(contains.clone()),
            _ => None,
        });
        assert_eq!(contains.unwrap(), wanted);
    }
}

#[test]
fn a_line_break_or_a_control_character_is_refused() {
    let scratch = Scratch::new();
    for value in ["a\nruncmd: [reboot]", "a\r", "\u{1b}[31m", "a\u{85}b", ""] {
        let set = format!("fake-ipmitool.manufacturer={value}");
        let text = scratch.refused(&["build", "--set", &set, "-o", "x.iso"]);
        assert!(text.contains("`manufacturer` must"), "{text}");
    }
}

#[test]
fn words_take_nothing_that_a_shell_or_sysctl_would_read() {
    let scratch = Scratch::new();
    for value in HOSTILE.into_iter().chain(["a b", "a;b", "-rf", "$x", "a\nb", "a#b", ""]) {
        for key in ["monitor-preinstall.image", "container-rsync.containers", "pip-pin.pip"] {
            let set = format!("{key}={value}");
            if value == "EOF" {
                continue; // harmless, and a word
            }
            let text = scratch.refused(&["build", "--set", &set, "-o", "x.iso"]);
            assert!(text.contains("must be a word"), "{text}");
        }
    }
    for value in ["1; x", "1 2", "0x10", "1e3", "$(id)", "1\n", ""] {
        let set = format!("kernel-perf.swappiness={value}");
        let text = scratch.refused(&["build", "--set", &set, "-o", "x.iso"]);
        assert!(text.contains("`swappiness` must be an integer from 0 to 100"), "{text}");
    }
}
