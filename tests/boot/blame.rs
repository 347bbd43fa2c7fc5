//! The verifier on a system that somebody spoilt: each way has to be found and its culprit named, and what it says the next
//! boot will give is held against the next boot. What it read is kept as the fixtures of tests/consumers/captured.rs.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::guest::{Boot, Guest, Run};
use crate::lab::Lab;
use crate::prepared::build;

const PROBE: &str = concat!(include_str!("capture.sh"), include_str!("blame.sh"));
const AFTERWARDS: &str = "systemctl start containerd.service docker.service\nsleep 1\nreport_run verify vastimg-verify --format json\n";

#[test]
#[ignore = "boots a virtual machine; run by .ci/run"]
fn who_spoilt_it_is_named_and_the_next_boot_is_foretold() {
    let lab = Lab::ready();
    let seed = build(lab, "blame", &["--profile", "loopback"]);
    let mut guest = Guest::fresh(lab, "blame");
    let run = guest.boot(&Boot { seed: Some(&seed), probe: PROBE, ..Boot::default() });
    println!("first boot: {:.0} s", run.duration.as_secs_f64());
    assert_eq!(run.status, 0);
    let ready = results(&run, "ready.verify");
    let bad: Vec<_> =
        ready.values().filter(|result| !matches!(result["result"].as_str(), Some("pass" | "skip"))).collect();
    assert!(bad.is_empty(), "{bad:#?}");
    let spoilt = results(&run, "spoilt.verify");
    named(&spoilt);
    assert_eq!(run.report.get("spoilt.verify.rc"), "1");
    assert_eq!(run.report.get("spoilt.nagios.rc"), "2");
    assert_eq!(run.report.get("spoilt.login").trim(), "5000");
    let text = run.report.get("spoilt.text");
    assert!(text.lines().all(|line| line.len() <= 80 || line.starts_with("vastimg-verify: ")), "{text}");
    let drift: Value = serde_json::from_str(run.report.get("spoilt.drift")).unwrap();
    assert_eq!(run.report.get("spoilt.drift.rc"), "1");
    assert!(drift.to_string().contains("kernel-perf.vm.swappiness"), "{drift:#}");
    assert!(run.report.get("spoilt.history").contains("FAIL"), "{}", run.report.get("spoilt.history"));
    // Nothing else went wrong by that.
    let expected: Vec<&str> = SPOILT.iter().map(|(id, ..)| *id).collect();
    for (id, result) in &spoilt {
        let found = result["result"].as_str().unwrap();
        assert!(expected.contains(&id.as_str()) || matches!(found, "pass" | "skip"), "{id}: {result:#}");
    }
    keep(&run, &["ready", "spoilt"]);

    let run = guest.boot(&Boot { probe: AFTERWARDS, ..Boot::default() });
    println!("second boot: {:.0} s", run.duration.as_secs_f64());
    assert!(run.console.contains("vastimg-verify: FAIL "));
    let now = results(&run, "verify");
    let mut compared = 0;
    for (id, before) in &spoilt {
        let (foretold, came) = (before["persisted"].as_str(), now[id]["live"].as_str());
        let values =
            ["fd-limits.", "kernel-perf.", "thp-off.", "io-scheduler."].iter().any(|fix| id.starts_with(fix));
        if let (Some(foretold), Some(came), true) = (foretold, came, values)
            // PID 1's own limit is no service's.
            && !id.ends_with(".files")
            && id != "fd-limits.services"
        {
            assert_eq!(foretold, came, "{id} after the boot");
            compared += 1;
        }
    }
    assert!(compared >= 20, "only {compared} values were compared");
}

/// Id, result, what is live, what the next boot gives, and who is named.
const SPOILT: &[(&str, &str, &str, &str, &str)] = &[
    ("fd-limits.fs.file-max", "fail", "", "2097152", "/etc/sysctl.d/99-vast-tuning.conf"),
    ("kernel-perf.vm.swappiness", "warn", "1", "55", "/etc/sysctl.d/99-vast-tuning.conf"),
    ("kernel-perf.vm.dirty_ratio", "warn", "40", "10", "no file and no tuned profile has 40"),
    ("fd-limits.docker", "fail", "1024", "1024", "/etc/systemd/system/docker.service.d/zz-site.conf"),
    (
        "fd-limits.containerd",
        "fail",
        "1048576",
        "4096",
        "/etc/systemd/system/containerd.service.d/zz-site.conf",
    ),
    ("fd-limits.login.user.nofile", "fail", "", "5000", "/etc/security/limits.d/zz-site.conf"),
    ("thp-off.enabled", "warn", "always", "never", ""),
    (
        "io-scheduler.disks",
        "warn",
        "",
        "sda none, sdb none, vda mq-deadline",
        "/etc/udev/rules.d/70-vendor.rules",
    ),
    ("io-scheduler.nvme", "warn", "nvme0n1 kyber", "nvme0n1 none", ""),
    ("fake-ipmitool.sudo", "fail", "another program, not the seed's", "", "/usr/sbin/ipmitool"),
    ("fake-ipmitool.login", "fail", "another program, not the seed's", "", "/usr/sbin/ipmitool"),
    ("fake-ipmitool.files", "fail", "content differs", "content differs", "/usr/sbin/ipmitool"),
];

fn named(spoilt: &BTreeMap<String, Value>) {
    for (id, result, live, persisted, source) in SPOILT {
        let found = &spoilt[*id];
        assert_eq!(found["result"], *result, "{found:#}");
        for (key, wanted) in [("live", live), ("persisted", persisted), ("source", source)] {
            assert!(wanted.is_empty() || found[key] == **wanted, "{key} should be {wanted}: {found:#}");
        }
        assert!(found["remedy"].as_str().is_some_and(|remedy| !remedy.is_empty()), "{found:#}");
    }
}

/// The results of a report by id.
fn results(run: &Run, key: &str) -> BTreeMap<String, Value> {
    let text = run.report.get(key);
    let report: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    let results = report["results"].as_array().unwrap();
    results.iter().map(|result| (result["id"].as_str().unwrap().to_owned(), result.clone())).collect()
}

/// Unpacks what was captured, with the verifier's own report beside it; into the repository with VASTIMG_UPDATE=1.
fn keep(run: &Run, states: &[&str]) {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/captured");
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR")).join("boot/captured");
    let update = std::env::var_os("VASTIMG_UPDATE").is_some();
    let target = if update { &repository } else { &scratch };
    for state in states {
        let directory = target.join(state);
        let _ = fs::remove_dir_all(&directory);
        fs::create_dir_all(directory.join("tree")).unwrap();
        let mut unpack = Command::new("/bin/sh")
            .args(["-c", "base64 -d | tar -xz --no-same-owner -C \"$1\"", "sh"])
            .arg(directory.join("tree"))
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let archive = run.report.get(&format!("{state}.tree"));
        unpack.stdin.take().unwrap().write_all(archive.as_bytes()).unwrap();
        assert!(unpack.wait().unwrap().success());
        fs::write(directory.join("report.json"), run.report.get(&format!("{state}.verify"))).unwrap();
    }
}
