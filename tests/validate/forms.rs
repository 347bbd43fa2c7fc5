//! How findings are told: as JSON, of several subjects, from standard input; and what cannot be looked at.

use std::io::Write;
use std::process::Stdio;

use serde_json::Value;

use crate::harness::{Run, Scratch};

fn scratch() -> Scratch {
    let scratch = Scratch::new();
    scratch
        .file("good.yaml", "extends: minimal\n")
        .file("bad.yaml", "extends: minimal\nfixes:\n  fd-limits: {nofil: 1}\n  thp: \n");
    scratch
}

#[test]
fn json_has_the_same_places() {
    let scratch = scratch();
    let run = scratch.run(&["validate", "--message-format", "json", "good.yaml", "bad.yaml"]);
    assert_eq!((run.code, run.stderr.as_str()), (1, ""));
    let told: Value = serde_json::from_slice(&run.stdout).unwrap();
    assert_eq!((&told["schema"], &told["valid"]), (&"vastimg/validation/1".into(), &false.into()));
    let [good, bad] = told["subjects"].as_array().unwrap().as_slice() else { panic!("{told}") };
    assert_eq!(
        (&good["valid"], &good["findings"], &good["kind"]),
        (&true.into(), &Value::Array(vec![]), &"profile".into())
    );
    let findings = bad["findings"].as_array().unwrap();
    let places: Vec<_> = findings
        .iter()
        .map(|one| (one["file"].as_str(), one["line"].as_u64(), one["column"].as_u64()))
        .collect();
    assert_eq!(places, [(Some("bad.yaml"), Some(3), Some(15)), (Some("bad.yaml"), Some(4), Some(3))]);
    assert_eq!(findings[0]["severity"], "error");
    assert_eq!(findings[0]["help"], "did you mean `nofile`?");
}

#[test]
fn what_a_kickstart_wipes_is_told_to_programs_too() {
    let scratch = scratch();
    scratch.file("a.ks", "ignoredisk --only-use=vda\nclearpart --all\n%packages\n%end\n");
    let run = scratch.run(&["validate", "--message-format", "json", "a.ks"]);
    let told: Value = serde_json::from_slice(&run.stdout).unwrap();
    let wipes = told["subjects"][0]["wipes"].as_str().unwrap();
    assert!(wipes.ends_with("is wiped without a question: disk vda."), "{wipes}");
}

/// The catalogue is what is wrong, and is told as any other subject.
#[test]
fn a_broken_catalogue_is_a_subject() {
    let scratch = scratch();
    scratch.file("cat/mine/fix.yaml", "label: [\n").file("cat/other/fix.yaml", "titel: a\n");
    let run = scratch.run(&["validate", "--catalogue", "cat", "good.yaml", "--message-format", "json"]);
    let told: Value = serde_json::from_slice(&run.stdout).unwrap();
    assert_eq!((run.code, &told["subjects"][0]["subject"]), (1, &"cat".into()));
    let findings = told["subjects"][0]["findings"].as_array().unwrap();
    let files: Vec<_> = findings.iter().filter_map(|one| one["file"].as_str()).collect();
    assert!(files.contains(&"cat/mine/fix.yaml") && files.contains(&"cat/other/fix.yaml"), "{files:?}");
    assert_eq!(scratch.run(&["validate", "--catalogue", "none", "good.yaml"]).code, 2);
}

#[test]
fn several_subjects_are_all_told() {
    let scratch = scratch();
    let run = scratch.run(&["validate", "bad.yaml", "good.yaml", "loopback"]);
    assert_eq!(run.code, 1);
    assert_eq!(
        run.stderr,
        "bad.yaml: a profile, NOT valid (2 errors)\ngood.yaml: a profile, valid\nloopback: a profile, valid\n"
    );
    assert_eq!(scratch.done(&["validate", "-q", "good.yaml", "loopback"]).stderr, "");
}

#[test]
fn standard_input_is_told_by_its_content() {
    let scratch = scratch();
    for (text, code, said) in [
        ("#cloud-config\nruncmd: [[true]]\nssh_authorized_keys: [a]\n", 0, "-: a user-data, valid\n"),
        ("#cloud-config\nruncmds: []\n", 1, "-: a user-data, NOT valid (1 error, 1 warning)\n"),
        ("version: 2\nethernets: {eth0: {dhcp4: true}}\n", 0, "-: a network-config, valid (1 note)\n"),
        (
            "extends: loopback\n",
            2,
            "error: reading -: a profile is named by its path, beside which others may lie\n",
        ),
    ] {
        let mut command = scratch.command(&["validate", "-"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        let run = Run::from(child.wait_with_output().unwrap());
        assert_eq!((run.code, run.stderr.as_str()), (code, said), "{text}");
    }
}

#[test]
fn what_a_subject_is_can_be_said() {
    let scratch = scratch();
    scratch.file("settings", "a: 1\n").file("zeros", [0; 700]);
    assert_eq!(
        scratch.run(&["validate", "settings"]).stderr,
        "settings: not an image that vastimg knows, NOT valid (1 error)\n"
    );
    let run = scratch.run(&["validate", "--as", "profile", "settings"]);
    assert!(String::from_utf8(run.stdout).unwrap().starts_with("error: unknown key `a` in a profile\n"));
    assert_eq!(
        scratch.refused(&["validate", "--as", "kickstart", "zeros"]),
        "error: reading zeros: it is not text, and so not a kickstart\n"
    );
    assert_eq!(
        scratch.refused(&["validate", "lopback"]),
        "error: reading lopback: No such file or directory (os error 2); check the path; did you mean the profile loopback?\n"
    );
    assert_eq!(
        scratch.refused(&["validate", "--as", "fix", "good.yaml"]),
        "error: reading good.yaml: a fix is a folder with a fix.yaml in it; name the folder, or that file\n"
    );
    for (memory, way) in
        [("120", "no size such as 120G or 16384M"), ("1M", "less than 512M"), ("99999999999T", "no size")]
    {
        let text = scratch.refused(&["validate", "--memory", memory, "loopback"]);
        assert!(text.contains(way), "{text}");
    }
}
