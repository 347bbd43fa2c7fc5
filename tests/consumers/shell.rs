//! Every shell script of a seed before ShellCheck and before `bash -n`: prepare, and what it places, known by its
//! first line.
//!
//! ShellCheck's severity is `info`: what is below, `style`, is taste. Where an operator's text is in a script, two of its
//! questions are put aside, since single quotes are the point there: whether an expression in them is to expand
//! (SC2016), and whether a backslash before the closing one is to escape it (SC1003).

use std::fs;

use crate::ipmitool::HOSTILE;
use crate::seed::{Files, KEY, Seed};
use crate::tools;

/// The scripts of a `dir` medium, by their path in it: whatever the kernel may start, but for the verifier.
fn scripts(seed: &Seed) -> Files {
    let mut found = seed.files();
    found.remove("vastimg/rootfs/usr/bin/vastimg-verify").expect("the verifier is on the medium");
    let shell = |content: &[u8]| {
        let first = content.split(|byte| *byte == b'\n').next().unwrap_or_default();
        first.starts_with(b"#!/") && first.ends_with(b"sh")
    };
    for (path, file) in &found {
        assert_eq!(file.mode & 0o111 != 0, shell(&file.content), "{path}: {:04o}", file.mode);
    }
    found.retain(|_, file| shell(&file.content));
    assert!(found.contains_key("vastimg/prepare.sh"), "prepare is a script");
    found
}

const QUOTED: &[&str] = &["--exclude=SC2016,SC1003"];

fn shellcheck(seed: &Seed, scripts: &Files, more: &[&str]) -> Option<tools::Ran> {
    let mut command = tools::find("shellcheck")?;
    command.args(["--norc", "--severity=info", "--format=gcc"]).args(more).args(scripts.keys());
    Some(tools::run(command.current_dir(seed.path())))
}

fn bash_reads(seed: &Seed, scripts: &Files) {
    for script in scripts.keys() {
        let ran = tools::run(tools::bounded("/bin/bash").arg("-n").arg(seed.path().join(script)));
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{script}");
    }
}

/// Of a build, what another one does not have as it is.
fn changed(seed: &Seed, plain: &Seed) -> Files {
    let plain = plain.files();
    let mut scripts = scripts(seed);
    scripts.retain(|path, script| plain.get(path) != Some(script));
    scripts
}

fn check(profile: &str) {
    let seed = Seed::of_profile(profile);
    let scripts = scripts(&seed);
    bash_reads(&seed, &scripts);
    let Some(ran) = shellcheck(&seed, &scripts, &[]) else { return };
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{}", ran.stderr);
}

#[test]
fn scripts_of_loopback() {
    check("loopback");
}

#[test]
fn scripts_of_minimal() {
    check("minimal");
}

#[test]
fn scripts_with_hostile_values() {
    let plain = Seed::of_profile("loopback");
    for value in HOSTILE {
        let set = |key: &str| format!("fake-ipmitool.{key}={value}");
        let (manufacturer, product) = (set("manufacturer"), set("product"));
        let arguments = ["--ssh-key", KEY, "--set", &manufacturer, "--set", &product];
        let seed = Seed::build("seed", &arguments);
        let mut scripts = changed(&seed, &plain);
        // In prepare it is a digest that changed.
        scripts.remove("vastimg/prepare.sh").expect("prepare knows the script's digest");
        assert!(scripts.keys().eq(["vastimg/rootfs/usr/sbin/ipmitool"]), "{value:?}");
        bash_reads(&seed, &scripts);
        let Some(ran) = shellcheck(&seed, &scripts, QUOTED) else { return };
        assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{value:?}: {}", ran.stderr);
    }
}

/// A key's comment is the only text of a key file that is anybody's own, and it is in prepare.
#[test]
fn scripts_with_a_hostile_key_comment() {
    let seed = Seed::of_profile("minimal");
    let key = fs::read_to_string(KEY).unwrap();
    let file = seed.scratch().join("key.pub");
    let comment = "o'op \"$(touch gone)\" `id` {{ 1 }} # é";
    fs::write(&file, key.trim().replace("operator@example", comment)).unwrap();
    let hostile = Seed::build("seed", &["--profile", "minimal", "--ssh-key", file.to_str().unwrap()]);
    let scripts = changed(&hostile, &seed);
    assert!(scripts.keys().eq(["vastimg/prepare.sh"]));
    bash_reads(&hostile, &scripts);
    let Some(ran) = shellcheck(&hostile, &scripts, QUOTED) else { return };
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{}", ran.stderr);
}

/// The reader that finds every script good is no reader.
#[test]
fn shellcheck_refuses_what_is_broken() {
    let seed = Seed::of_profile("minimal");
    let path = seed.path().join("vastimg/prepare.sh");
    let good = fs::read_to_string(&path).unwrap();
    let broken = good.replacen("[ -n \"$digest\" ]", "[ -n $digest ]", 1);
    assert_ne!(good, broken);
    fs::write(&path, broken).unwrap();
    let Some(ran) = shellcheck(&seed, &scripts(&seed), &[]) else { return };
    assert_eq!(ran.code, 1);
    assert!(ran.stdout.contains("prepare.sh"), "{}", ran.stdout);
}
