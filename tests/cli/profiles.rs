//! Profiles: what is refused, with file, line, column and a way out; and what they may do.

use insta::assert_snapshot;

use crate::harness::Scratch;

fn refused(profile: &str) -> String {
    let scratch = Scratch::new();
    scratch.file("my.yaml", profile);
    scratch.refused(&["build", "--profile", "./my.yaml", "-o", "x.iso"])
}

#[test]
fn malformed_yaml() {
    assert_snapshot!(refused("extends: loopback\nfixes:\n\tfd-limits:\n"));
}

#[test]
fn a_key_twice() {
    assert_snapshot!(refused("fixes:\n  fd-limits: {nofile: 300000, nofile: 400000}\n"));
}

#[test]
fn not_a_mapping() {
    assert_snapshot!(refused("- loopback\n"));
}

#[test]
fn empty() {
    assert_snapshot!(refused(""));
}

#[test]
fn bombs_and_endless_files() {
    assert_snapshot!("deep", refused(&"[".repeat(100_000)));
    let bomb: String = (0..40)
        .map(|n| format!("a{n}: &a{n} [{}]\n", format!("*a{}, ", n - 1).repeat(if n > 0 { 9 } else { 0 })))
        .collect();
    let text = refused(&bomb.replace("*a-1, ", ""));
    assert!(text.starts_with("error: ") && text.len() < 600, "{text}");
    let long = format!("fixes: {{fd-limits: {{nofile: \"{}\"}}}}\n", "x".repeat(5_000_000));
    assert_snapshot!("a_long_line", refused(&long));
    let scratch = Scratch::new();
    std::os::unix::fs::symlink("/dev/zero", scratch.path("zero.yaml")).unwrap();
    assert_snapshot!("endless", scratch.refused(&["build", "-p", "zero.yaml", "-o", "x.iso"]));
}

#[test]
fn two_documents() {
    assert_snapshot!(refused("extends: loopback\n---\nextends: minimal\n"));
}

#[test]
fn unknown_key() {
    assert_snapshot!(refused("extend: loopback\nfixes: {}\n"));
}

#[test]
fn unknown_fix() {
    assert_snapshot!(refused("fixes:\n  fd-limit:\n"));
}

#[test]
fn unknown_value() {
    assert_snapshot!(refused("fixes:\n  fd-limits:\n    nofiles: 1048576\n"));
}

#[test]
fn all_errors_in_one_go() {
    let text = refused("usr: x\nfixs: {}\nuser: 7\n");
    assert_eq!(text.matches("error: ").count(), 3, "{text}");
    let text =
        refused("fixes:\n  fd-limits: {nofile: many, file_max: 1}\n  thp: {}\n  packages: {base: gcc}\n");
    assert_snapshot!(text);
}

#[test]
fn wrong_kinds() {
    assert_snapshot!(refused("fixes:\n  pip-pin: {wheel: 0.37}\n"), @r"
    error: `wheel` must be text; put it in quotes, or YAML takes it for a fractional number
      --> ./my.yaml:2:20
       |
     2 |   pip-pin: {wheel: 0.37}
       |                    ^^^^
       = help: version of wheel; a version, at most 0.37.1
    ");
    assert_snapshot!(refused("fixes:\n  packages: {base: [gcc, 7]}\n"));
    assert_snapshot!("packages_with_a_path", refused("fixes:\n  packages: {base: [gcc, /usr/bin/x]}\n"));
    assert_snapshot!("no_packages", refused("fixes:\n  packages: {base: []}\n"));
    assert_snapshot!(refused("fixes:\n  io-scheduler: {disks: deadline}\n"));
    assert_snapshot!(refused("fixes:\n  fd-limits: 5\n"));
}

#[test]
fn out_of_bounds() {
    assert_snapshot!(refused("fixes:\n  fd-limits:\n    nofile: 99999999999999999999999\n"));
    assert_snapshot!(refused("fixes:\n  kernel-perf:\n    swappiness: -1\n"));
}

#[test]
fn nofile_above_nr_open_locks_everybody_out() {
    assert_snapshot!(refused("fixes:\n  fd-limits:\n    nofile: 2097153\n"), @r"
    error: `nofile` (2097153) of fd-limits must be at most `nr_open` (2097152)
      --> ./my.yaml:3:13
       |
     3 |     nofile: 2097153
       |             ^^^^^^^
       = help: raise `nr_open` too, or lower `nofile`: open files per process
    ");
    let scratch = Scratch::new();
    assert_snapshot!(scratch.refused(&["build", "--set", "fd-limits.nofile=4000000", "-o", "x.iso"]));
    scratch.done(&[
        "build",
        "--set",
        "fd-limits.nofile=4000000",
        "--set",
        "fd-limits.nr_open=4000000",
        "-o",
        "x.iso",
    ]);
}

#[test]
fn circles() {
    let scratch = Scratch::new();
    scratch.file("a.yaml", "extends: ./sub/b.yaml\n").file("sub/b.yaml", "extends: ../a.yaml\n");
    assert_snapshot!(scratch.refused(&["build", "-p", "a.yaml", "-o", "x.iso"]));
    scratch.file("self.yaml", "extends: ./self.yaml\n");
    assert_snapshot!(scratch.refused(&["build", "-p", "self.yaml", "-o", "x.iso"]));
}

#[test]
fn missing_ones() {
    let scratch = Scratch::new();
    assert_snapshot!(scratch.refused(&["build", "-p", "loopbak", "-o", "x.iso"]));
    assert_snapshot!(scratch.refused(&["build", "-p", "./none.yaml", "-o", "x.iso"]));
    assert_snapshot!(refused("extends: nowhere\n"));
    assert_snapshot!(refused("extends: ./nowhere.yaml\n"));
}

#[test]
fn not_utf_8() {
    let scratch = Scratch::new();
    scratch.file("my.yaml", b"description: caf\xe9\n");
    assert_snapshot!(scratch.refused(&["build", "-p", "my.yaml", "-o", "x.iso"]));
}

#[test]
fn a_name_that_would_reach_scripts() {
    let scratch = Scratch::new();
    scratch.file("a b;c.yaml", "extends: minimal\n");
    assert_snapshot!(scratch.refused(&["build", "-p", "a b;c.yaml", "-o", "x.iso"]));
}

#[test]
fn users() {
    assert_snapshot!(refused("extends: minimal\nuser: Bad User\n"));
    assert_snapshot!(refused("extends: minimal\nuser: root\n"));
    assert_snapshot!("user_of_the_system", refused("extends: minimal\nuser: sshd\n"));
}

#[test]
fn set_only_and_skip() {
    let scratch = Scratch::new();
    for (name, args) in [
        ("set_without_equals", ["--set", "fd-limits.nofile"]),
        ("set_without_dot", ["--set", "nofile=5"]),
        ("set_of_unknown_fix", ["--set", "fdlimits.nofile=5"]),
        ("set_of_unknown_value", ["--set", "fd-limits.nofil=5"]),
        ("set_wrong_kind", ["--set", "fd-limits.nofile=many"]),
        ("only_unknown", ["--only", "kernel"]),
        ("skip_unknown", ["--skip", "fake-ipmi-tool"]),
    ] {
        assert_snapshot!(name, scratch.refused(&["build", "-o", "x.iso", args[0], args[1]]));
    }
    assert_snapshot!(scratch.refused(&["build", "-p", "minimal", "--only", "thp-off", "-o", "x.iso"]));
    assert_snapshot!(scratch.refused(&["build", "-p", "minimal", "--skip", "required", "-o", "x.iso"]));
    assert_snapshot!(scratch.refused(&["build", "-p", "minimal", "--set", "thp-off.x=1", "-o", "x.iso"]));
}

/// Fixes of the seed in a directory medium, by its manifest.
fn fixes(scratch: &Scratch, directory: &str) -> Vec<String> {
    let text = std::fs::read(scratch.path(directory).join("vastimg/manifest.json")).unwrap();
    let manifest: vastimg::manifest::Manifest = serde_json::from_slice(&text).unwrap();
    manifest.fixes.into_iter().map(|fix| fix.id).filter(|id| id != "base").collect()
}

#[test]
fn the_built_in_profiles_have_what_the_design_says() {
    let scratch = Scratch::new();
    scratch.done(&["build", "-p", "loopback", "--format", "dir", "-o", "all"]);
    let all = fixes(&scratch, "all");
    let wanted = [
        "fd-limits",
        "packages",
        "pip-pin",
        "fake-ipmitool",
        "tmp-orphans",
        "pip-leftovers",
        "kernel-perf",
        "thp-off",
        "io-scheduler",
        "container-rsync",
        "monitor-preinstall",
    ];
    assert_eq!(all, wanted);
    scratch.done(&["build", "-p", "minimal", "--format", "dir", "-o", "few"]);
    assert_eq!(fixes(&scratch, "few"), ["fd-limits", "packages"]);
}

#[test]
fn labels_choose_as_ids_do_and_a_child_may_leave_out() {
    let scratch = Scratch::new();
    scratch.done(&["build", "--only", "REQUIRED", "--only", "thp-off", "--format", "dir", "-o", "a"]);
    assert_eq!(fixes(&scratch, "a"), ["fd-limits", "packages", "thp-off"]);
    scratch.done(&["build", "-q", "--only", "REQUIRED,thp-off", "--format", "dir", "-o", "commas"]);
    assert_eq!(fixes(&scratch, "commas"), fixes(&scratch, "a"));
    scratch.done(&["build", "--skip", "optional", "--skip", "pip-pin", "--format", "dir", "-o", "b"]);
    assert_eq!(
        fixes(&scratch, "b"),
        ["fd-limits", "packages", "fake-ipmitool", "container-rsync", "monitor-preinstall"]
    );
    scratch.file("p/mine.yaml", "extends: ./base.yaml\nfixes: {thp-off: false, io-scheduler: }\n");
    scratch.file(
        "p/base.yaml",
        "extends: minimal\nuser: vast\nfixes:\n  thp-off:\n  fd-limits: {nofile: 300000}\n",
    );
    scratch.done(&["build", "-p", "p/mine.yaml", "--format", "dir", "-o", "c"]);
    assert_eq!(fixes(&scratch, "c"), ["fd-limits", "packages", "io-scheduler"]);
    let limits = scratch.path("c/vastimg/rootfs/usr/share/vastimg/floors/etc/security/limits.d/99-vast.conf");
    assert!(std::fs::read_to_string(limits).unwrap().contains("* hard nofile 300000\n"));
    let sudoers = scratch.path("c/vastimg/rootfs/etc/sudoers.d/90-vastimg");
    assert!(std::fs::read_to_string(sudoers).unwrap().ends_with("\nvast ALL=(ALL) NOPASSWD: ALL\n"));
}

#[test]
fn without_containers_there_is_no_watcher() {
    let scratch = Scratch::new();
    scratch.done(&["build", "-p", "minimal", "--format", "dir", "-o", "few"]);
    let watcher =
        |directory: &str| scratch.path(directory).join("vastimg/rootfs/usr/libexec/vastimg/watch-containers");
    assert!(!watcher("few").exists());
    scratch.done(&["build", "-p", "loopback", "--format", "dir", "-o", "all"]);
    assert!(watcher("all").exists());
}
