//! What is off the straight way: steps that fail, and a host that exists already.

use std::fs;
use std::path::Path;

use crate::guest::{Boot, Guest};
use crate::lab::Lab;
use crate::prepared::{build, verdicts};

const FIX: &str = "title: Made to fail\nproblem: p\nundo: u\nsteps: [{id: fail, title: Fail}]\n";

/// A catalogue with an OPTIONAL fix that fails before all others, and a REQUIRED one that fails until it is repaired.
fn failing_catalogue() -> std::path::PathBuf {
    let catalogue = Path::new(env!("CARGO_TARGET_TMPDIR")).join("boot").join("failing-catalogue");
    let _ = fs::remove_dir_all(&catalogue);
    for (id, head, script) in [
        ("nice-to-have", "order: 1\nlabel: OPTIONAL\n", "echo 'no luck'\nexit 3\n"),
        ("must-have", "order: 2\nlabel: REQUIRED\n", "[ -e /var/lib/repaired ]\n"),
    ] {
        let steps = catalogue.join(id).join("steps");
        fs::create_dir_all(&steps).unwrap();
        fs::write(catalogue.join(id).join("fix.yaml"), format!("{head}{FIX}")).unwrap();
        fs::write(steps.join("fail.sh"), script).unwrap();
    }
    fs::write(catalogue.join("failing.yaml"), "fixes: {nice-to-have: , must-have: , fd-limits: }\n").unwrap();
    catalogue
}

const FAILURE_PROBE: &str = r#"
report nofile "$(grep -c 1048576 /etc/security/limits.d/99-vast.conf)"
report_file log /var/log/vastimg/prepare.log
report prepare "$(systemctl show --property=Result --value vastimg-prepare.service)"
report verify "$(systemctl show --property=Result --value vastimg-verify.service)"
report cloud-init "$(cloud-init status | head -n 1)"
report_run by-hand /usr/libexec/vastimg/prepare
report_run unprivileged setpriv --reuid=65534 --regid=65534 --clear-groups /usr/libexec/vastimg/prepare
report_run usage /usr/libexec/vastimg/prepare --bogus
touch /var/lib/repaired
"#;

#[test]
#[ignore = "boots a virtual machine; run by .ci/run"]
fn failures_stop_nothing_are_told_and_are_tried_again() {
    let lab = Lab::ready();
    let catalogue = failing_catalogue();
    let profile = catalogue.join("failing.yaml");
    let args = ["--catalogue", catalogue.to_str().unwrap(), "--profile", profile.to_str().unwrap()];
    let seed = build(lab, "failing", &args);
    let mut guest = Guest::fresh(lab, "failing");

    let run = guest.boot(&Boot { seed: Some(&seed), probe: FAILURE_PROBE, ..Boot::default() });
    println!("a boot with failing steps: {:.0} s", run.duration.as_secs_f64());
    let log = run.report.get("log");
    assert!(log.contains("OPTIONAL nice-to-have/fail: failed") && log.contains("no luck"), "{log}");
    assert!(log.contains("REQUIRED must-have/fail: failed"), "{log}");
    assert!(log.contains("REQUIRED fd-limits/sysctl: changed"), "a failed step stopped a later one:\n{log}");
    assert_eq!(run.report.get("nofile"), "4");
    assert_eq!(run.report.get("prepare"), "exit-code");
    assert_eq!(run.report.get("verify"), "exit-code", "the unit's state tells the verdict too");
    assert_eq!(run.report.get("cloud-init"), "status: error", "cloud-init knows that its command failed");
    let lines = verdicts(&run);
    assert_eq!(lines.len(), 1);
    assert!(lines[0].starts_with("vastimg-verify: FAIL ") && lines[0].contains(" 1 fail,"), "{}", lines[0]);
    assert_eq!(run.report.get("by-hand.rc"), "1");
    assert_eq!(run.report.get("unprivileged.rc"), "2");
    assert!(run.report.get("unprivileged").contains("must run as root"));
    assert_eq!(run.report.get("usage.rc"), "2");

    // Repaired, and nobody attached the seed again: the next boot tries by itself. What is OPTIONAL still fails.
    let run = guest.boot(&Boot { probe: FAILURE_PROBE, ..Boot::default() });
    println!("the boot after the repair: {:.0} s", run.duration.as_secs_f64());
    assert_eq!(run.report.get("prepare"), "success");
    assert!(verdicts(&run)[0].starts_with("vastimg-verify: PASS "), "{:?}", verdicts(&run));
    assert_eq!(run.report.get("by-hand.rc"), "0");
}

const TARBALL_PROBE: &str = r#"
mkdir /root/seed && tar -xzf /run/boot-probe/seed.tar.gz -C /root/seed
printf 'fs.file-max = 60000\n' >/etc/sysctl.d/99-vast-tuning.conf
sysctl -q -w fs.file-max=60000
report memory "$(sed -n 's/^MemTotal: *\([0-9]*\) kB/\1/p' /proc/meminfo)"
report_run before /root/seed/vastimg/rootfs/usr/bin/vastimg-verify --manifest /root/seed/vastimg/manifest.json
report_run prepare /root/seed/vastimg/prepare.sh
report file-max "$(cat /proc/sys/fs/file-max)"
report_run verify vastimg-verify
rm /etc/sysctl.d/99-vast-tuning.conf
report_run mended vastimg-verify
report_run again /usr/libexec/vastimg/prepare
echo spoilt >>/usr/sbin/ipmitool
report_run spoilt vastimg-verify --only fake-ipmitool
report_run without-medium /usr/libexec/vastimg/prepare
report_run repair /root/seed/vastimg/prepare.sh
report_run repaired vastimg-verify --only fake-ipmitool
report user "$(id -un centos) $(sudo -n -u centos sudo -n id -un)"
report keys "$(cat /home/centos/.ssh/authorized_keys)"
report ssh-mode "$(stat -c '%a %U' /home/centos/.ssh/authorized_keys)"
"#;

/// VAST's own OVA takes no seed; there, and on any host that exists, the tarball does the same.
#[test]
#[ignore = "boots a virtual machine; run by .ci/run"]
fn a_host_that_exists_is_prepared_by_the_tarball() {
    let lab = Lab::ready();
    let tarball =
        build(lab, "existing.tar.gz", &["--profile", "loopback", "--set", "fd-limits.file_max=65536"]);
    let mut guest = Guest::fresh(lab, "existing");
    let files = [("seed.tar.gz", tarball.as_path())];
    let run = guest.boot(&Boot { probe: TARBALL_PROBE, files: &files, ..Boot::default() });
    println!("a host that exists: {:.0} s", run.duration.as_secs_f64());
    let report = &run.report;
    assert_eq!(report.get("before.rc"), "1", "an unprepared host passes");
    assert_eq!(report.get("prepare.rc"), "0", "{}", report.get("prepare"));
    // What a file had lowered is raised to what the kernel would have given: a tenth of the memory in KiB.
    let number = |key: &str| report.get(key).parse::<u64>().unwrap();
    assert_eq!(number("file-max"), number("memory") / 10);
    assert!(number("file-max") > 65536, "too little memory for this test");
    // Another file wins at the next boot, though all is well now: found and named before that.
    assert_eq!(report.get("verify.rc"), "1");
    let verify = report.get("verify");
    assert!(
        verify.contains("FAIL  fd-limits.fs.file-max") && verify.contains("99-vast-tuning.conf"),
        "{verify}"
    );
    assert!(verify.contains("persisted 60000"), "{verify}");
    assert_eq!(report.get("mended.rc"), "0", "{}", report.get("mended"));
    assert_eq!(report.get("again.rc"), "0");
    // Without a medium there is nothing to repair from, and that is said; with it, it is repaired.
    assert_eq!(report.get("spoilt.rc"), "1");
    assert_eq!(report.get("without-medium.rc"), "1");
    assert!(
        report.get("without-medium").contains("no medium labelled CIDATA"),
        "{}",
        report.get("without-medium")
    );
    assert_eq!((report.get("repair.rc"), report.get("repaired.rc")), ("0", "0"), "{}", report.get("repair"));
    assert_eq!(report.get("user"), "centos root");
    assert_eq!(report.get("keys").trim(), fs::read_to_string(lab.public_key()).unwrap().trim());
    assert_eq!(report.get("ssh-mode"), "600 centos");
}
