//! Trees captured from a guest of the boot test (`tests/boot/capture.sh`; anew with `VASTIMG_UPDATE=1 cargo test --test boot --
//! --ignored foretold`), each with the report that the verifier gave there: it has to give the same again, wherever the
//! tree is. So a change in what is read or how is seen without booting a machine.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::seed::Seed;
use crate::tools;

/// What a tree cannot tell: programs do not run in it, and the verifier itself is another one with every build.
const NOT_CAPTURED: [&str; 4] = ["packages", "fake-ipmitool.sudo", "fake-ipmitool.login", "base.files"];

fn results(report: &str) -> BTreeMap<String, Value> {
    let report: Value = serde_json::from_str(report).unwrap_or_else(|error| panic!("{error}: {report}"));
    let results = report["results"].as_array().unwrap();
    results.iter().map(|result| (result["id"].as_str().unwrap().to_owned(), result.clone())).collect()
}

/// A copy of a captured tree with the verifier of this build in it.
fn tree(state: &str) -> PathBuf {
    let captured = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/captured").join(state);
    let copy = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("captured-{state}"));
    let _ = fs::remove_dir_all(&copy);
    tools::output(tools::bounded("cp").arg("-a").arg(captured.join("tree")).arg(&copy));
    let seed = Seed::of_profile("minimal");
    fs::copy(seed.path().join("vastimg/rootfs/usr/bin/vastimg-verify"), copy.join("verify")).unwrap();
    // git keeps no empty directories, and these are what says that nothing is mounted or left over.
    for directory in ["tmp", "var/lib/vastimg", "sys/block"] {
        fs::create_dir_all(copy.join(directory)).unwrap();
    }
    copy
}

/// The verifier with the tree as its root directory, so that it takes it for the running system.
fn replay(state: &str) -> Option<(BTreeMap<String, Value>, BTreeMap<String, Value>)> {
    let mut chroot = tools::find("chroot")?;
    let tree = tree(state);
    chroot.arg(&tree).args(["/verify", "--format", "json"]);
    for id in NOT_CAPTURED {
        chroot.args(["--skip", id]);
    }
    let ran = tools::run(&mut chroot);
    if ran.stderr.contains("cannot change root directory") {
        tools::skipped("chroot takes root");
        return None;
    }
    let captured = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/captured").join(state);
    let mut then = results(&fs::read_to_string(captured.join("report.json")).unwrap());
    then.retain(|id, result| !NOT_CAPTURED.iter().any(|skipped| id == skipped || result["fix"] == *skipped));
    Some((then, results(&ran.stdout)))
}

fn assert_same(then: &BTreeMap<String, Value>, now: &BTreeMap<String, Value>) {
    let ids = |results: &BTreeMap<String, Value>| results.keys().cloned().collect::<Vec<_>>();
    assert_eq!(ids(then), ids(now));
    let different: Vec<_> = then.iter().filter(|(id, result)| now[*id] != **result).collect();
    let now: Vec<_> = different.iter().map(|(id, _)| &now[*id]).collect();
    assert!(different.is_empty(), "then {different:#?}\nand now {now:#?}");
}

#[test]
fn a_ready_system_is_found_ready() {
    let Some((then, now)) = replay("ready") else { return };
    assert!(then.len() > 40, "{}", then.len());
    assert!(
        then.values().all(|result| matches!(result["result"].as_str(), Some("pass" | "skip"))),
        "{then:#?}"
    );
    assert_same(&then, &now);
}

#[test]
fn a_spoilt_system_is_found_spoilt() {
    let Some((then, now)) = replay("spoilt") else { return };
    let bad = then.values().filter(|result| matches!(result["result"].as_str(), Some("fail" | "warn")));
    assert!(bad.count() >= 9, "{then:#?}");
    assert_same(&then, &now);
}
