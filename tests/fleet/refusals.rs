//! What is refused, before the first byte.

use std::fs;

use crate::harness::Scratch;
use crate::{build, inventory, scratch};

#[test]
fn one_bad_entry_among_many_stops_all() {
    let scratch = scratch(2_000);
    let good = inventory(2_000);
    for (bad, words) in [
        ("  vast-00: {}\n", "vast-00"),
        ("  VAST-07: {}\n", "vast-07"),
        ("  other: {network: {version: 2, ethernets: {eth0: {addresses: [10.3.5.7/8]}}}}\n", "10.3.5.7"),
        ("  other: {fixes: {fd-limits: {nofil: 2}}}\n", "nofile"),
        ("  ../x: {}\n", "../x"),
        ("  con: {}\n", "con"),
        ("  v\u{e4}st: {}\n", "v\u{e4}st"),
    ] {
        scratch.file("hosts.yaml", format!("{good}{bad}"));
        let error = scratch.refused(&build(&["-o", "seeds"]));
        assert!(error.contains("hosts.yaml:2005:") && error.contains(words), "{bad}: {error}");
    }
    let long = "a".repeat(64);
    scratch.file("hosts.yaml", format!("{good}  {long}: {{}}\n"));
    let error = scratch.refused(&build(&["-o", "seeds"]));
    assert!(error.contains("hosts.yaml:2005:") && error.contains("63"), "{error}");
}

#[test]
fn files_of_others_are_never_replaced() {
    let scratch = scratch(3);
    scratch.file("seeds/vast-01.iso", "mine").file("seeds/vast-02.iso", "mine too");
    let error = scratch.refused(&build(&["-o", "seeds"]));
    assert!(
        error.contains("seeds/vast-01.iso: it exists already and no index here names it, and so do 1 more"),
        "{error}"
    );
    assert_eq!(fs::read(scratch.path("seeds/vast-01.iso")).unwrap(), b"mine");
    fs::remove_file(scratch.path("seeds/vast-02.iso")).unwrap();
    fs::create_dir(scratch.path("seeds/vast-02.iso")).unwrap();
    for more in [&["-o", "seeds"][..], &["-o", "seeds", "--force"]] {
        let error = scratch.refused(&build(more));
        let words = "seeds/vast-02.iso: it exists already, no index here names it, and --force replaces plain files only";
        assert!(error.contains(words), "{error}");
    }
    fs::remove_dir(scratch.path("seeds/vast-02.iso")).unwrap();
    scratch.done(&build(&["-o", "seeds", "--force"]));

    for (name, words) in [("index.json", "no index of vastimg's"), ("SHA256SUMS", "no line of sha256sum")] {
        let scratch = crate::scratch(2);
        scratch.file(&format!("seeds/{name}"), "{\"something\": \"else\"}\n");
        let error = scratch.refused(&build(&["-o", "seeds"]));
        assert!(error.contains(words), "{error}");
    }
}

#[test]
fn arguments_that_do_not_go_together() {
    let scratch = scratch(2);
    scratch.file("file", "");
    for (args, words) in [
        (&build(&[])[..], "name it with -o"),
        (&build(&["-o", "-"]), "standard output carries one"),
        (&build(&["-o", "file"]), "with --hosts it is a folder"),
        (&build(&["-o", "none/seeds"]), "making the directory none/seeds"),
        (&build(&["-o", "seeds", "--hostname", "a"]), "cannot be used with '--hostname"),
        (&build(&["-o", "seeds", "--shard", "0/3"]), "I/N"),
        (&build(&["-o", "seeds", "--jobs", "0"]), "--jobs"),
        (&build(&["-o", "seeds", "--format", "oemdrv"]), "vast-00 and 1 more name no disk"),
        (&build(&["-o", "seeds", "--skip", "base"]), "error: --skip base: neither a fix nor a label"),
        (
            &build(&["-o", "seeds", "--install-disk", "vda"]),
            "--install-disk vda is for a medium that carries",
        ),
        (&["build", "--jobs", "2"], "--hosts"),
        (&["build", "--hostname", "a", "--prune"], "--prune is for many images; use it with --hosts"),
        (&build(&["-o", "seeds.tar.gz"]), "name a folder, and say --format tar"),
        (&["build", "--hosts", "none.yaml", "-o", "seeds"], "check the path"),
        (&["index", "merge", "none"], "none"),
    ] {
        let error = scratch.refused(args);
        assert!(error.contains(words), "{args:?}: {error}");
    }
}

#[test]
fn a_fleet_that_nobody_can_log_in_to_is_told_of_once() {
    let scratch = Scratch::new();
    scratch.file("hosts.yaml", inventory(40));
    let run = scratch.done(&["build", "--hosts", "hosts.yaml", "-o", "seeds"]);
    assert_eq!(run.stderr.matches("NOBODY CAN LOG IN to 40 hosts").count(), 1, "{}", run.stderr);
}

#[test]
fn a_step_that_bash_does_not_take_stops_all() {
    let scratch = scratch(1);
    scratch
        .file("hosts.yaml", "profile: minimal\nhosts:\n  a: {}\n  b: {fixes: {site: }}\n")
        .file(
            "cat/site/fix.yaml",
            "label: OPTIONAL\ntitle: t\nproblem: p\nundo: u\nsteps: [{id: go, title: Go}]\n",
        )
        .file("cat/site/steps/go.sh", "true\nfi\n");
    let error = scratch.refused(&build(&["-o", "seeds", "--catalogue", "cat"]));
    assert!(
        error.contains("cat/site/steps/go.sh:2:1\n") && error.contains("unexpected token `fi'"),
        "{error}"
    );
}
