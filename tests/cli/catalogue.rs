//! A catalogue of the user's own: adds fixes and replaces them; and what is refused in one.

use std::fs;
use std::os::unix::fs::symlink;

use insta::assert_snapshot;

use crate::harness::Scratch;

const FIX: &str = "label: OPTIONAL\ntitle: Mine\nproblem: p\nundo: u\n";

/// Refuses a catalogue with one fix `mine`, selected by a profile.
fn refused(files: &[(&str, &str)]) -> String {
    let scratch = with(files);
    scratch.refused(&["build", "--catalogue", "cat", "-p", "my.yaml", "-o", "x.iso"])
}

fn with(files: &[(&str, &str)]) -> Scratch {
    let scratch = Scratch::new();
    scratch.file("my.yaml", "extends: minimal\nfixes: {mine: }\n");
    for (path, text) in files {
        scratch.file(&format!("cat/mine/{path}"), text);
    }
    scratch
}

#[test]
fn a_fix_cannot_have_the_kickstarts_name() {
    let scratch = Scratch::new();
    scratch.file("cat/kickstart/fix.yaml", FIX);
    let error = scratch.refused(&["build", "--catalogue", "cat", "-o", "x.iso"]);
    assert!(error.contains("\"kickstart\" is the name of what every seed has"), "{error}");
}

/// A kernel argument of a fix is the installer's to set.
#[test]
fn a_fix_has_kernel_arguments() {
    let scratch = with(&[("fix.yaml", &format!("{FIX}kernel: [mitigations=off, \"isolcpus=1,2\"]\n"))]);
    scratch.done(&[
        "build",
        "--catalogue",
        "cat",
        "-p",
        "my.yaml",
        "--format",
        "dir",
        "-o",
        "x",
        "--install-disk",
        "vda",
    ]);
    let text = fs::read_to_string(scratch.path("x/ks.cfg")).unwrap();
    assert!(text.contains("--append='mitigations=off isolcpus=1,2 console="), "{text}");
}

#[test]
fn a_fix_without_rust() {
    let fix = format!(
        "{FIX}values: {{motd: {{kind: text, default: hello, about: greeting}}}}\nfiles: {{/usr/bin/greet: {{mode: \"0755\"}}}}\n\
         steps: [{{id: greet, title: Greet}}]\nchecks: [{{id: thp, selected: {{path: /sys/x, value: a, by: y.service}}}}]\n"
    );
    let scratch = with(&[
        ("fix.yaml", &fix),
        ("rootfs/usr/bin/greet.j2", "#!/bin/sh\necho {{ motd | sh }}\n"),
        ("steps/greet.sh", "echo hi\n"),
    ]);
    let set = "mine.motd=it's {{ $HOME";
    scratch.done(&[
        "build",
        "--catalogue",
        "cat",
        "-p",
        "my.yaml",
        "--set",
        set,
        "--format",
        "dir",
        "-o",
        "x",
    ]);
    let greet = fs::read_to_string(scratch.path("x/vastimg/rootfs/usr/bin/greet")).unwrap();
    assert_eq!(greet, "#!/bin/sh\necho 'it'\\''s {{ $HOME'\n");
    let manifest: vastimg::manifest::Manifest =
        serde_json::from_slice(&fs::read(scratch.path("x/vastimg/manifest.json")).unwrap()).unwrap();
    assert_eq!(manifest.fixes.last().unwrap().id, "mine", "without an order it comes last");
    let checks: Vec<_> =
        manifest.checks.iter().filter(|check| check.fix == "mine").map(|check| &check.id).collect();
    assert_eq!(checks, ["mine.thp", "mine.files"]);
    assert!(
        fs::read_to_string(scratch.path("x/vastimg/prepare.sh"))
            .unwrap()
            .contains("run 'mine/greet' OPTIONAL")
    );
}

/// It would stop every fix on the VM.
#[test]
fn a_step_that_bash_does_not_take() {
    let fix = format!("{FIX}steps: [{{id: go, title: Go}}]\n");
    let scratch = with(&[("fix.yaml", &fix), ("steps/go.sh", "true\nfi\n")]);
    for command in [&["build", "-o", "x.iso"][..], &["render", "prepare.sh"]] {
        let error = scratch.refused(&[command, &["--catalogue", "cat", "-p", "my.yaml"]].concat());
        assert!(
            error.starts_with(
                "error: bash does not take this script: syntax error near unexpected token `fi'\n"
            ) && error.contains("--> cat/mine/steps/go.sh:2:1\n"),
            "{error}"
        );
    }
    // A profile that does not have it is no worse for it.
    scratch.done(&["build", "--catalogue", "cat", "--format", "dir", "-o", "without"]);
}

#[test]
fn where_there_is_no_bash_that_is_said() {
    let fix = format!("{FIX}steps: [{{id: go, title: Go}}]\n");
    let scratch = with(&[("fix.yaml", &fix), ("steps/go.sh", "true\n")]);
    for arguments in [&["build", "--format", "dir", "-o", "x", "-p"][..], &["validate"]] {
        let run = scratch
            .command(&[arguments, &["my.yaml", "--catalogue", "cat"]].concat())
            .env("PATH", scratch.path("none"))
            .output()
            .unwrap();
        let told = [run.stdout, run.stderr].concat();
        let told = String::from_utf8_lossy(&told);
        assert!(
            run.status.success() && told.contains("warning: cat/mine/steps/go.sh is not checked"),
            "{told}"
        );
    }
}

#[test]
fn a_built_in_fix_is_replaced() {
    let scratch = Scratch::new();
    scratch.file("cat/thp-off/fix.yaml", FIX);
    scratch.done(&["build", "--catalogue", "cat", "--format", "dir", "-o", "x"]);
    assert!(!scratch.path("x/vastimg/rootfs/etc/systemd/system/disable-thp.service").exists());
}

#[test]
fn malformed_fixes() {
    for (name, fix) in [
        ("fix_malformed", "label: [\n".to_owned()),
        ("fix_unknown_key", format!("{FIX}vaules: {{}}\n")),
        ("fix_unknown_label", FIX.replace("OPTIONAL", "NICE")),
        ("fix_without_title", FIX.replace("title: Mine\n", "")),
        ("fix_step_without_script", format!("{FIX}steps: [{{id: go, title: Go}}]\n")),
        (
            "fix_default_out_of_bounds",
            format!("{FIX}values: {{n: {{kind: integer, default: 5, max: 4, about: n}}}}\n"),
        ),
        ("fix_mode", format!("{FIX}files: {{/a: {{mode: \"755\"}}}}\n")),
        ("fix_file_outside", format!("{FIX}files: {{/../etc/passwd: {{}}}}\n")),
        ("fix_check_unknown_kind", format!("{FIX}checks: [{{id: a, smells: {{of: roses}}}}]\n")),
        ("fix_check_without_id", format!("{FIX}checks: [{{prepared: {{}}}}]\n")),
        ("fix_check_misspelt", format!("{FIX}checks: [{{id: a, account: {{nam: centos}}}}]\n")),
        ("fix_check_odd_id", format!("{FIX}checks: [{{id: \"a b\", account: {{name: centos}}}}]\n")),
        ("fix_odd_kernel_argument", format!("{FIX}kernel: [\"quiet init=/bin/sh\"]\n")),
        ("fix_odd_unit", format!("{FIX}units: [\"a b; id\"]\n")),
        ("fix_reserved_name", format!("{FIX}values: {{user: {{kind: word, default: a, about: n}}}}\n")),
    ] {
        assert_snapshot!(name, refused(&[("fix.yaml", &fix), ("rootfs/a", "x\n")]));
    }
}

#[test]
fn an_unknown_template_variable() {
    assert_snapshot!(refused(&[("fix.yaml", FIX), ("rootfs/etc/mine.j2", "a\nb = {{ nofil }}\n")]));
}

#[test]
fn a_value_without_a_filter() {
    let fix = format!("{FIX}values: {{motd: {{kind: text, default: \"a b\", about: greeting}}}}\n");
    assert_snapshot!(refused(&[("fix.yaml", &fix), ("rootfs/etc/mine.j2", "{{ motd }}\n")]));
}

#[test]
fn paths_that_leave_the_root() {
    let scratch = with(&[("fix.yaml", FIX)]);
    fs::create_dir_all(scratch.path("cat/mine/rootfs/etc")).unwrap();
    symlink("/etc/shadow", scratch.path("cat/mine/rootfs/etc/mine")).unwrap();
    assert_snapshot!(
        "a_link",
        scratch.refused(&["build", "--catalogue", "cat", "-p", "my.yaml", "-o", "x.iso"])
    );
    assert_snapshot!("a_name_with_a_line_break", refused(&[("fix.yaml", FIX), ("rootfs/etc/a\nb", "x\n")]));
    assert_snapshot!("below_proc", refused(&[("fix.yaml", FIX), ("rootfs/proc/sys/vm/swappiness", "1\n")]));
}

#[test]
fn two_fixes_place_one_path() {
    let thp = "rootfs/etc/sysctl.d/99-vast-fd.conf";
    assert_snapshot!(refused(&[("fix.yaml", FIX), (thp, "fs.file-max = 1\n")]));
    assert_snapshot!(
        "the_manifest",
        refused(&[("fix.yaml", FIX), ("rootfs/etc/vastimg/manifest.json", "{}\n")])
    );
}

#[test]
fn no_catalogue() {
    let scratch = Scratch::new();
    assert_snapshot!("missing_directory", scratch.refused(&["build", "--catalogue", "none", "-o", "x.iso"]));
    fs::create_dir(scratch.path("empty")).unwrap();
    assert_snapshot!("empty_directory", scratch.refused(&["build", "--catalogue", "empty", "-o", "x.iso"]));
    scratch.file("cat/base/fix.yaml", FIX);
    assert_snapshot!("the_base", scratch.refused(&["build", "--catalogue", "cat", "-o", "x.iso"]));
}
