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
    // A value that the kernel refuses keeps none behind it from being set, nor does a last line without its end.
    let odd = catalogue.join("odd-sysctl");
    fs::create_dir_all(odd.join("rootfs/etc/sysctl.d")).unwrap();
    fs::write(odd.join("fix.yaml"), "label: OPTIONAL\ntitle: Odd values\nproblem: p\nundo: u\n").unwrap();
    let text = "vm.swappiness = 9999\nvm.no_such_key = 1\nvm.dirty_ratio = 11";
    fs::write(odd.join("rootfs/etc/sysctl.d/10-odd.conf"), text).unwrap();
    let profile = "fixes: {nice-to-have: , must-have: , fd-limits: , odd-sysctl: }\n";
    fs::write(catalogue.join("failing.yaml"), profile).unwrap();
    catalogue
}

const FAILURE_PROBE: &str = r#"
report nofile "$(grep -c 1048576 /etc/security/limits.d/99-vast.conf)"
report dirty_ratio "$(cat /proc/sys/vm/dirty_ratio)"
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
    assert!(log.contains("the kernel refused vm.swappiness = 9999 and keeps 60"), "{log}");
    assert!(log.contains("this kernel has no vm.no_such_key"), "{log}");
    assert_eq!(run.report.get("dirty_ratio"), "11");
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
mkdir /srv/seed && tar -xzf /run/boot-probe/seed.tar.gz -C /srv/seed
printf 'fs.file-max = 60000\n' >/etc/sysctl.d/99-vast-tuning.conf
sysctl -q -w fs.file-max=60000
report memory "$(sed -n 's/^MemTotal: *\([0-9]*\) kB/\1/p' /proc/meminfo)"
systemctl start docker.service
/usr/bin/python3 -m pip install -q pip==21.3.1
report distribution.before "$(cd /usr/lib/python3/dist-packages && find setuptools wheel -type f | sort | sha256sum)"
old() { touch -d '2 hours ago' "$@"; }
mkdir /tmp/a1b2c3d4 /tmp/empty_01 /tmp/projects /tmp/fresh_01 /tmp/pip-uninstall-x1y2z3_4
touch /tmp/a1b2c3d4/setup.py /tmp/projects/thesis.tex /tmp/pip-uninstall-x1y2z3_4/x /tmp/seed.iso
old /tmp/a1b2c3d4 /tmp/empty_01 /tmp/projects /tmp/pip-uninstall-x1y2z3_4 /tmp/seed.iso
site=/usr/local/lib/python3.11/site-packages
mkdir -p $site/~onitor_v2-0.0.2.dist-info $site/monitor_v2-0.0.3.dist-info $site/monitor_v2 \
    $site/monitor_bundle-1.0.dist-info $site/monitor_bundle
touch $site/monitor_v2-0.0.3.dist-info/RECORD
printf 'ssh-ed25519 AAAA not-ended' >/srv/keys
useradd -m centos && install -d -m 0700 -o centos /home/centos/.ssh &&
    install -m 0600 -o centos /srv/keys /home/centos/.ssh/authorized_keys
report_run before /srv/seed/vastimg/rootfs/usr/bin/vastimg-verify --manifest /srv/seed/vastimg/manifest.json
report_run prepare /srv/seed/vastimg/prepare.sh
report file-max "$(cat /proc/sys/fs/file-max)"
report distribution.after "$(cd /usr/lib/python3/dist-packages && find setuptools wheel -type f | sort | sha256sum)"
report tmp "$(cd /tmp && echo a1b2c3d4* empty_01* projects fresh_01 pip-uninstall* seed.iso)"
report site "$(cd $site && echo ~onitor* monitor_*)"
report watcher "$(systemctl is-active vastimg-containers.service)"
report_run verify vastimg-verify
rm /etc/sysctl.d/99-vast-tuning.conf
systemctl restart containerd.service docker.service
report_run mended vastimg-verify
report_run again /usr/libexec/vastimg/prepare
echo spoilt >>/usr/sbin/ipmitool
report_run spoilt vastimg-verify --only fake-ipmitool
report_run without-medium /usr/libexec/vastimg/prepare
report_run repair /srv/seed/vastimg/prepare.sh
report_run repaired vastimg-verify --only fake-ipmitool
report user "$(id -un centos) $(sudo -n -u centos sudo -n id -un)"
report_file keys /home/centos/.ssh/authorized_keys
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
    // pip 21 was there before, which would remove what the distribution's packages own; they are shadowed instead.
    assert_eq!(report.get("distribution.after"), report.get("distribution.before"));
    // Only what is old, ours by its name and holds a package (or nothing) goes; a healthy monitor stays.
    assert_eq!(report.get("tmp"), "a1b2c3d4* empty_01* projects fresh_01 pip-uninstall* seed.iso");
    assert_eq!(report.get("site"), "~onitor* monitor_v2 monitor_v2-0.0.3.dist-info");
    assert_eq!(report.get("watcher"), "active", "docker was there first, and the watcher was not started");
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
    // docker ran before its limits were raised, and keeps the old ones until it is restarted.
    assert!(
        verify.contains("FAIL  fd-limits.docker") && verify.contains("systemctl restart docker.service"),
        "{verify}"
    );
    assert_eq!(report.get("mended.rc"), "0", "{}", report.get("mended"));
    assert_eq!(report.get("again.rc"), "0");
    // Without a medium there is nothing to repair from, and that is said; with it, it is repaired.
    assert_eq!(report.get("spoilt.rc"), "1");
    assert_eq!(report.get("without-medium.rc"), "1");
    assert!(
        report.get("without-medium").contains("no medium of this seed (label CIDATA or OEMDRV) is attached"),
        "{}",
        report.get("without-medium")
    );
    assert_eq!((report.get("repair.rc"), report.get("repaired.rc")), ("0", "0"), "{}", report.get("repair"));
    assert_eq!(report.get("user"), "centos root");
    let key = fs::read_to_string(lab.public_key()).unwrap();
    assert_eq!(report.get("keys"), format!("ssh-ed25519 AAAA not-ended\n{}\n", key.trim()));
    assert_eq!(report.get("ssh-mode"), "600 centos");
}
