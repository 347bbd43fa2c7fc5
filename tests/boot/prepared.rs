//! The whole promise: a VM boots with the real ISO attached, is prepared, verifies itself and says so; it stays prepared
//! without the ISO; a changed ISO is applied; and nothing that the kernel gives more of is lowered.
//!
//! What is asserted was measured inside the guest by `probe.sh` or a shorter probe, not by vastimg itself.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::first_boot;
use crate::guest::{Boot, Guest, Run};
use crate::lab::{self, Lab};

/// Every sysctl of fixes 2 and 7 that this kernel has, and what it is to be after the first boot.
pub(crate) const SYSCTLS: [(&str, &str); 15] = [
    // The kernel's own 2^63-1 is larger than the document's 8388608, and stays.
    ("fs.file-max", "9223372036854775807"),
    ("fs.nr_open", "2097152"),
    ("fs.inotify.max_user_watches", "524288"),
    ("fs.inotify.max_user_instances", "512"),
    ("vm.swappiness", "1"),
    ("vm.dirty_ratio", "10"),
    ("vm.dirty_background_ratio", "5"),
    ("vm.dirty_expire_centisecs", "500"),
    ("vm.dirty_writeback_centisecs", "100"),
    ("kernel.sched_autogroup_enabled", "0"),
    ("net.core.somaxconn", "65535"),
    ("net.core.netdev_max_backlog", "65535"),
    ("net.ipv4.tcp_max_syn_backlog", "65535"),
    ("net.ipv4.tcp_fin_timeout", "30"),
    ("net.ipv4.tcp_keepalive_time", "300"),
];

/// What is looked at again in every later boot.
const SHORT_PROBE: &str = r#"
for key in $(sed -n 's/^\([a-z][^ =]*\) *=.*/\1/p' /etc/sysctl.d/99-vast-*.conf); do
    [ -e "/proc/sys/${key//./\/}" ] && report "sysctl.$key" "$(cat "/proc/sys/${key//./\/}")"
done
report_run limits.login ssh -i /run/boot-probe/ssh-key -o StrictHostKeyChecking=no -o LogLevel=ERROR centos@localhost \
    'for flag in -Sn -Hn -Su -Hu; do ulimit $flag; done'
report_run limits.service systemd-run --quiet --wait --pipe grep 'Max open files' /proc/self/limits
report thp "$(cat /sys/kernel/mm/transparent_hugepage/enabled) $(cat /sys/kernel/mm/transparent_hugepage/defrag)"
for disk in $(disks); do
    report "scheduler.$disk" "$(cat "/sys/block/$disk/queue/scheduler")"
done
report ipmitool "$(ipmitool fru print 0 | sed -n 2p)"
report dnf "$(cat /var/log/stand-in/dnf.log)"
report traces "$(find /etc/systemd/system /usr/sbin /usr/local/bin -name 'disable-thp*' -type f -printf '%p ' -o -name ipmitool -printf '%p ')"
report prepare.runs "$(grep -c 'manifest sha256:' /var/log/vastimg/prepare.log)"
report manifest "$(sha256sum </etc/vastimg/manifest.json | cut -c1-12)"
report cloud-init "$(cloud-init status | head -n 1)"
report boot-id "$(cat /proc/sys/kernel/random/boot_id)"
report reports "$(find /var/lib/vastimg/reports -name '2*.json' | wc -l)"
report nproc.default "$(sed -n 's/^Max processes  *\([0-9]*\) .*/\1/p' /proc/1/limits)"
report_file verify /var/lib/vastimg/reports/latest.json
report_file prepare.log /var/log/vastimg/prepare.log
report failed "$(systemctl list-units --failed --no-legend --plain)"
"#;

/// Builds a seed as a user would; an ISO, unless the name says otherwise.
pub(crate) fn build(lab: &Lab, name: &str, args: &[&str]) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("boot").join("seeds");
    fs::create_dir_all(&dir).unwrap();
    let plain = name.contains('.') || args.contains(&"nocloud-net");
    let iso = dir.join(if plain { name.to_owned() } else { format!("{name}.iso") });
    let mut command = Command::new(env!("CARGO_BIN_EXE_vastimg"));
    command.args(["build", "--force", "--hostname", "vast-01", "--ssh-key"]).arg(lab.public_key());
    lab::run(command.args(args).arg("-o").arg(&iso));
    iso
}

/// The verifier's lines on the console.
pub(crate) fn verdicts(run: &Run) -> Vec<&str> {
    run.console.lines().map(str::trim).filter(|line| line.starts_with("vastimg-verify: ")).collect()
}

/// Holds the last line of the console against what the guest says of itself.
pub(crate) fn assert_passed(run: &Run, profile: &str, manifest: &str) {
    let lines = verdicts(run);
    assert_eq!(lines.len(), 1, "one verdict ends a boot, not {lines:?}");
    assert!(lines[0].starts_with("vastimg-verify: PASS "), "{}", lines[0]);
    let end = format!("  profile={profile} host=vast-01 manifest=sha256:{manifest}");
    assert!(lines[0].ends_with(&end), "{} does not end with {end}", lines[0]);
    assert!(lines[0].contains(" 0 fail, 0 warn, "), "{}", lines[0]);
}

pub(crate) fn assert_tuned(run: &Run) {
    let report = &run.report;
    for (key, value) in SYSCTLS {
        assert_eq!(report.get(&format!("sysctl.{key}")).trim(), value, "{key}");
    }
    assert_eq!(report.get("limits.login").lines().take(2).collect::<Vec<_>>(), ["1048576"; 2]);
    for disk in ["vda", "sda", "sdb"] {
        assert!(report.get(&format!("scheduler.{disk}")).contains("[mq-deadline]"), "{disk}");
    }
    assert!(report.get("scheduler.nvme0n1").contains("[none]"));
}

#[test]
#[ignore = "boots a virtual machine; run by .ci/run"]
fn a_seed_prepares_the_vm_for_good() {
    let lab = Lab::ready();
    let seed = build(lab, "loopback", &["--profile", "loopback"]);
    let private = lab.private_key();
    let files = [("ssh-key", private.as_path())];
    let probe = fs::read_to_string(lab::source("probe.sh")).unwrap();
    let mut guest = Guest::fresh(lab, "prepared");

    let first = guest.boot(&Boot { seed: Some(&seed), probe: &probe, files: &files, ..Boot::default() });
    println!("first boot with all measurements: {:.0} s", first.duration.as_secs_f64());
    first_boot::check(&first);

    let again = guest.boot(&Boot { probe: SHORT_PROBE, files: &files, ..Boot::default() });
    println!("second boot, without the ISO: {:.0} s", again.duration.as_secs_f64());
    let manifest = again.report.get("manifest").to_owned();
    assert_tuned(&again);
    assert_passed(&again, "loopback", &manifest);
    assert_eq!(again.report.get("thp"), "always madvise [never] always defer defer+madvise madvise [never]");
    assert_eq!(again.report.get("cloud-init"), "status: disabled", "nothing of cloud-init ran");
    // The first boot's own run and the probe's two, and none since.
    assert_eq!(
        again.report.get("prepare.runs"),
        "3",
        "prepare ran again:\n{}",
        again.report.get("prepare.log")
    );
    assert_eq!(again.report.get("failed"), "");

    let changed = build(
        lab,
        "changed",
        &["--set", "kernel-perf.swappiness=7", "--skip", "thp-off", "--skip", "fake-ipmitool"],
    );
    let third =
        guest.boot(&Boot { seed: Some(&changed), probe: SHORT_PROBE, files: &files, ..Boot::default() });
    println!("third boot, with a changed ISO: {:.0} s", third.duration.as_secs_f64());
    assert_ne!(third.report.get("manifest"), manifest);
    assert_eq!(third.report.get("sysctl.vm.swappiness").trim(), "7");
    assert_eq!(third.report.get("prepare.runs"), "4");
    assert_passed(&third, "loopback", third.report.get("manifest"));
    assert_eq!(third.report.get("dnf"), again.report.get("dnf"), "what is installed is not installed again");
    // What the first seed placed and this one does not is gone; the package's own ipmitool is none of it.
    assert_eq!(
        again.report.get("traces"),
        "/etc/systemd/system/disable-thp.service /usr/sbin/ipmitool /usr/local/bin/ipmitool "
    );
    assert_eq!(third.report.get("traces"), "");
    assert_eq!(third.report.get("failed"), "");
}

/// On a machine with 20 GiB, the kernel gives a user more processes than the document's 65535.
#[test]
#[ignore = "boots a virtual machine; run by .ci/run"]
fn what_the_kernel_gives_more_of_is_not_lowered() {
    let lab = Lab::ready();
    let seed = build(lab, "floors", &["--profile", "minimal", "--only", "fd-limits"]);
    let private = lab.private_key();
    let files = [("ssh-key", private.as_path())];
    let mut guest = Guest::fresh(lab, "floors");
    // A machine that grows is settled anew, by itself: a template is often smaller than what is made of it.
    let boot = |seed, gib: u32| Boot {
        seed,
        probe: SHORT_PROBE,
        files: &files,
        memory: Some(gib * 1024),
        ..Boot::default()
    };
    for (seed, gib, runs) in [(Some(seed.as_path()), 20, "1"), (None, 20, "1"), (None, 22, "2")] {
        let run = guest.boot(&boot(seed, gib));
        assert_eq!(run.report.get("prepare.runs"), runs, "{}", run.report.get("prepare.log"));
        println!("{gib} GiB, with the ISO: {}: {:.0} s", seed.is_some(), run.duration.as_secs_f64());
        let own: u64 = run.report.get("nproc.default").parse().unwrap();
        assert!(own > 65535, "the machine is too small for this test: {own}");
        let login: Vec<u64> =
            run.report.get("limits.login").lines().map(|line| line.parse().unwrap()).collect();
        assert_eq!(login, [1_048_576, 1_048_576, own, own]);
        assert_eq!(run.report.get("sysctl.fs.file-max").trim(), "9223372036854775807");
        assert_passed(&run, "minimal", run.report.get("manifest"));
    }
}
