//! What a first boot with the seed of the profile `loopback` leaves behind, by the measurements of `probe.sh`.

use crate::guest::Run;
use crate::prepared::{SYSCTLS, assert_passed, assert_tuned};

/// Everything that a first boot is to leave behind.
pub(crate) fn check(run: &Run) {
    let report = &run.report;
    assert_eq!(run.status, 0);
    let manifest = report.get("report.latest");
    let latest: serde_json::Value = serde_json::from_str(manifest).unwrap();
    assert_passed(run, "loopback", &latest["manifest"].as_str().unwrap()["sha256:".len()..][..12]);
    assert_eq!(latest["verdict"], "PASS");
    assert_eq!(latest["schema"], "vastimg/report/1");

    // cloud-init took the seed, and has nothing to complain of.
    assert_eq!(report.get("cloud-init.datasource"), "DataSourceNoCloud");
    assert!(
        report.get("cloud-init.status").starts_with("status: done"),
        "{}",
        report.get("cloud-init.status")
    );
    assert_eq!(report.get("cloud-init.warnings"), "0");
    assert_eq!(report.get("hostname"), "vast-01");
    assert_eq!(report.get("system"), "running", "{}", report.get("system.failed"));
    for unit in
        ["vastimg-prepare.service", "vastimg-verify.service", "vastimg-verify.timer", "disable-thp.service"]
    {
        assert_eq!(report.get(&format!("unit.{unit}.enabled")), "enabled", "{unit}");
        assert_eq!(report.get(&format!("unit.{unit}.result")), "success", "{unit}");
    }
    for unit in ["disable-thp.service", "vastimg-verify.timer"] {
        assert_eq!(report.get(&format!("unit.{unit}.active")), "active", "{unit}");
    }

    // Fix 2 and 7: what is in force, and what systemd-sysctl makes of the files.
    assert_tuned(run);
    for (key, value) in SYSCTLS {
        assert_eq!(report.get(&format!("sysctl-applied.{key}")).trim(), value, "{key} after systemd-sysctl");
    }
    for who in ["limits.login", "limits.root"] {
        assert_eq!(report.get(who).lines().take(2).collect::<Vec<_>>(), ["1048576"; 2], "{who}");
    }
    let nproc: u64 = report.get("limits.login").lines().nth(2).unwrap().parse().unwrap();
    assert!(nproc >= 65535, "{nproc}");
    for service in ["limits.service", "limits.docker.service", "limits.containerd.service"] {
        let line =
            report.get(service).lines().find(|line| line.starts_with("Max open files")).unwrap_or_default();
        assert_eq!(line.split_whitespace().collect::<Vec<_>>()[3..5], ["1048576"; 2], "{service}");
    }

    // Fix 8 and 9. A value that is right by the kernel's default proves no rule, so each was spoilt and came back.
    assert!(report.get("thp.enabled").contains("[never]") && report.get("thp.defrag").contains("[never]"));
    for (disk, wanted) in
        [("vda", "[mq-deadline]"), ("sda", "[mq-deadline]"), ("sdb", "[mq-deadline]"), ("nvme0n1", "[none]")]
    {
        assert!(!report.get(&format!("scheduler-spoilt.{disk}")).contains(wanted), "{disk} was not spoilt");
        assert!(report.get(&format!("scheduler-after.{disk}")).contains(wanted), "{disk}");
    }

    // Files: as the manifest says.
    let files = report.get("files");
    let wanted: serde_json::Value = serde_json::from_str(report.get("manifest")).unwrap();
    for file in wanted["files"].as_array().unwrap() {
        let text = |key: &str| file[key].as_str().unwrap();
        let line = format!("{} {} root:root {}", text("path"), text("mode"), text("sha256"));
        assert!(files.lines().any(|found| found == line), "{line} is not in\n{files}");
    }

    packages_and_pip(run);
    ipmitool(run);
    containers(run);
    again_and_again(run);
}

/// Fix 4 before Fix 1, and both through the tools that they are for.
fn packages_and_pip(run: &Run) {
    let report = &run.report;
    for name in ["gcc", "rsync", "jq", "tmux", "pv", "htop", "epel-release"] {
        assert!(report.get("packages").lines().any(|line| line.starts_with(name)), "{name} is not installed");
    }
    let installs: Vec<&str> = report.get("log.dnf").lines().filter(|line| line.contains("install")).collect();
    let at = |what: &str| {
        installs.iter().position(|line| line.contains(what)).unwrap_or_else(|| panic!("no {what}"))
    };
    assert!(installs.len() >= 4, "the first try fails by arrangement and is made again: {installs:?}");
    assert!(at("gcc") < at("epel-release") && at("epel-release") < at("pv"), "{installs:?}");
    assert!(installs.iter().filter(|line| line.contains("gcc")).all(|line| !line.contains("pv")));

    assert!(
        report.get("pip.module").starts_with("pip 21.3.1 from /usr/local/"),
        "{}",
        report.get("pip.module")
    );
    assert!(report.get("pip.sudo").starts_with("pip 21.3.1 from /usr/local/"), "{}", report.get("pip.sudo"));
    for pin in ["pip==21.3.1", "setuptools==59.6.0", "wheel==0.37.1"] {
        assert!(report.get("pip.list").lines().any(|line| line == pin), "{pin}");
    }
    let log = report.get("log.prepare");
    let line =
        |step: &str| log.lines().position(|line| line.contains(step)).unwrap_or_else(|| panic!("no {step}"));
    assert!(line(" packages/base: changed") < line(" pip-pin/install: changed"));
}

/// Fix 3: found by sudo and by a login, twice, and after the distribution's own was installed.
fn ipmitool(run: &Run) {
    let report = &run.report;
    for key in ["ipmi.sudo", "ipmi.login", "ipmi.again", "ipmi.after-package", "ipmi.after-package-login"] {
        let text = report.get(key);
        assert!(text.contains("\nBoard Mfg             : VAST Data Loopback\n"), "{key}: {text}");
        assert!(text.contains("\nBoard Serial          : LOOPBACK-"), "{key}: {text}");
        assert_eq!(report.get(&format!("{key}.rc")), "0");
    }
    assert!(report.get("ipmi.mc-info").contains("IPMI Version          : 2.0"));
    assert!(
        report.get("ipmi.unknown").contains("does not know 'lan print 1'"),
        "{}",
        report.get("ipmi.unknown")
    );
    assert!(report.get("log.restorecon").contains("/usr/bin/vastimg-verify"), "contexts are restored");
}

/// The post-container helpers: started by the appearance of a container, and never before.
fn containers(run: &Run) {
    let report = &run.report;
    assert!(!report.get("docker.idle").contains("vastimg-containers.service loaded active"));
    let seconds: u32 = report.get("docker.rsync").parse().expect("rsync was copied within a minute");
    println!("rsync was in the container after {seconds} s");
    assert_eq!(report.get("docker.exec.rc"), "0");
    assert!(report.get("docker.monitor").contains("Version: 0.0.3"), "{}", report.get("docker.journal"));
    assert_eq!(report.get("docker.leftover"), "", "a container was left behind");
}

/// Run three times in all, prepare changes nothing after the first, and the fake ipmitool still works.
fn again_and_again(run: &Run) {
    let report = &run.report;
    for time in ["second", "third"] {
        assert_eq!(report.get(&format!("idempotent.{time}.rc")), "0");
        let output = report.get(&format!("idempotent.{time}"));
        assert!(!output.contains(": changed"), "{output}");
        // The record of the last run has its times.
        let diff: Vec<&str> = report
            .get(&format!("idempotent.diff-{time}"))
            .lines()
            .filter(|line| line.starts_with(['<', '>']) && !line.ends_with("/var/lib/vastimg/prepare.json"))
            .collect();
        assert!(diff.is_empty(), "the {time} run changed {diff:#?}");
    }
    assert_eq!(report.get("idempotent.ipmi.rc"), "0");
    assert_eq!(report.get("idempotent.verify.rc"), "0", "{}", report.get("idempotent.verify"));
}
