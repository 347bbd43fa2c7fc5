//! Boots virtual machines with seeds attached and looks at what became of them.
//!
//! Run as root, after `tests/boot/install-tools.sh`: `cargo test --test boot -- --ignored --nocapture`
//!
//! With 2 cores, building the guest image takes 90 s (14 s when only `guest/` changed, nothing when nothing did), and a boot one to
//! three minutes, two of them at a time.
//!
//! # How a test is written
//! ```ignore
//! let lab = Lab::ready();                                   // builds the guest image, or finds it built
//! let mut guest = Guest::fresh(lab, "name");                // a machine of its own, with blank data disks
//! let run = guest.boot(&Boot { seed: Some(&iso), probe: "report kernel \"$(uname -r)\"", ..Boot::default() });
//! assert!(run.console.contains("PASS"));                    // first serial port
//! assert_eq!(run.report.get("kernel"), "6.1.0");            // what the probe measured
//! let again = guest.boot(&Boot { probe: "...", ..Boot::default() });    // the same disks, the seed detached
//! ```
//! [`lab`] is what all guests share (image, wheels, a key pair), [`guest`] one machine and its boots, [`report`] how a probe's
//! output becomes values. A probe is a shell script with the functions of `probe-lib.sh`; `probe.sh` is the long one that
//! measures all that vastimg does. Probes reach the guest through fw_cfg, so a changed one needs no new image.
//!
//! # What a pass means
//! The guest is Debian 12 and only stands in for Rocky 8: SELinux, tuned, NetworkManager, kernel 4.18, systemd 239, PAM 1.3.1,
//! dnf, rpm and Python 3.6 are not covered (`build-guest.sh` and `guest/rootfs/` say what answers in their place).
#![cfg(feature = "generator")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod alike;
mod blame;
mod firmware;
mod first_boot;
mod guest;
mod installed;
mod lab;
mod prepared;
mod report;
mod served;
mod ways;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use guest::{Boot, Guest};
use lab::Lab;

/// A NoCloud seed made by xorriso: what the lab itself is tried with, independent of vastimg.
fn seed_by_xorriso(name: &str, files: &[(&str, &str)]) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("boot").join(format!("{name}-seed"));
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(&dir).unwrap();
    for (file, content) in files {
        fs::write(dir.join(file), content).unwrap();
    }
    let iso = dir.with_extension("iso");
    lab::run(
        Command::new("xorriso")
            .args(["-as", "mkisofs", "-quiet", "-V", "CIDATA", "-J", "-R", "-o"])
            .arg(&iso)
            .arg(&dir),
    );
    iso
}

const SMOKE_USER_DATA: &str = "#cloud-config
users:
  - name: centos
    lock_passwd: true
    shell: /bin/bash
    sudo: ALL=(ALL) NOPASSWD:ALL
    ssh_authorized_keys: ['KEY']
write_files:
  - path: /etc/lab-marker
    content: written
    permissions: '0640'
runcmd:
  - [sh, -c, 'echo ran >/var/lib/lab-marker; echo lab: runcmd ran >/dev/console']
";

const SMOKE_PROBE: &str = r#"
report datasource "$(cat /run/cloud-init/cloud-id 2>/dev/null) $(grep -o 'DataSource[A-Za-z]*' /run/cloud-init/result.json 2>/dev/null)"
report marker.write_files "$(cat /etc/lab-marker) $(stat -c '%a %U' /etc/lab-marker)"
report marker.runcmd "$(cat /var/lib/lab-marker)"
for disk in $(disks); do
    report "scheduler.$disk" "$(cat "/sys/block/$disk/queue/scheduler")"
    report "serial.$disk" "$(udevadm info --query=property --property=ID_SERIAL_SHORT --property=ID_SERIAL --value "/dev/$disk" | tail -n 1)"
done
mkdir -p /mnt/seed
if mount -t iso9660 -o ro /dev/sr0 /mnt/seed; then
    report seed.files "$(cd /mnt/seed && echo *)"
    umount /mnt/seed
fi
report_run ssh ssh -i /run/boot-probe/ssh-key -o StrictHostKeyChecking=no -o LogLevel=ERROR centos@localhost \
    'id -un; echo $PATH; sudo -n printenv PATH'
/usr/bin/python3 -m pip install -q --no-deps pip==21.3.1 setuptools==59.6.0 wheel==0.37.1
report pip "$(/usr/bin/python3 -m pip --version)"
report system "$(systemctl is-system-running)"
"#;

const STAND_IN_PROBE: &str = r#"
if [ -e /run/cloud-init/disabled ]; then report cloud-init disabled; fi
report marker.runcmd "$(cat /var/lib/lab-marker)"

rc() { local key=$1; shift; "$@"; report "$key" "$?"; }
rc dnf.first dnf install -y gcc jq
rc dnf.epel-too-early dnf install -y gcc pv
report rpm.nothing-of-it "$(rpm -q gcc)"
rc dnf.base dnf -y install python3-devel gcc jq rsync epel-release
report rpm.virtual "$(rpm -q python3-devel)"
report rpm.provides "$(rpm -q --whatprovides python3-devel)"
report rpm.format "$(rpm -q --qf '%{NAME} %{VERSION} ' gcc jq)"
rc rpm.count rpm -q --quiet gcc no-such-1 no-such-2
echo fake >/usr/sbin/ipmitool
ln -s /usr/sbin/ipmitool /usr/bin/ipmitool
rc dnf.epel dnf install -y pv htop ipmitool
report ipmitool.fake "$(cat /usr/sbin/ipmitool)"
report ipmitool.owner "$(rpm -qf /usr/bin/ipmitool)"

image=vastdata.registry.local:5000/dev/orion:release-5-4-0-2043819
rc docker.stopped docker ps
systemctl start docker.service
sleep 2
echo one >>/var/lib/stand-in/containers
report docker.ps "$(docker ps --format '{{.Names}}')"
docker events --format '{{.Actor.Attributes.name}}' >/run/events &
sleep 2
rc docker.rsync-missing docker exec one rsync --version
docker cp -L /usr/bin/rsync one:/usr/bin/rsync
rc docker.rsync docker exec one rsync --version
rc docker.image-unknown docker image inspect no-such
docker image inspect "$image" && docker create --name extract "$image"
rc docker.create-twice docker create --name extract "$image"
docker cp extract:/vast/install/pysrc/monitor_v2 /srv/extracted
docker rm -f extract
/usr/bin/python3 -m pip install --no-deps --force-reinstall /srv/extracted
report monitor "$(/usr/bin/python3 -m pip show monitor-v2 | grep Version)"
printf 'two\nthree\n' >>/var/lib/stand-in/containers
sleep 2
systemctl stop docker.service
wait
report events "$(paste -sd ' ' /run/events)"
restorecon -F /usr/sbin/ipmitool
report restorecon "$(cut -d' ' -f2- /var/log/stand-in/restorecon.log)"
"#;

/// The lab alone: a hand-made seed is found and obeyed, all kinds of disks are there, the state survives to a second boot in
/// which, with the seed gone, cloud-init stays out of the way, and the stand-ins behave as the programs they imitate.
#[test]
#[ignore = "boots a virtual machine; run by .ci/run"]
fn smoke() {
    let lab = Lab::ready();
    let key = fs::read_to_string(lab.public_key()).unwrap();
    let seed = seed_by_xorriso(
        "smoke",
        &[
            ("user-data", &SMOKE_USER_DATA.replace("KEY", key.trim())),
            ("meta-data", "instance-id: smoke-1\nlocal-hostname: smoke\n"),
        ],
    );
    let mut guest = Guest::fresh(lab, "smoke");
    let private = lab.private_key();
    let files = [("ssh-key", private.as_path())];

    let run = guest.boot(&Boot { seed: Some(&seed), probe: SMOKE_PROBE, files: &files, ..Boot::default() });
    println!("first boot: {:.0} s", run.duration.as_secs_f64());
    assert_eq!(run.status, 0);
    assert!(run.console.contains("lab: runcmd ran"));
    assert_eq!(run.report.get("datasource"), "nocloud DataSourceNoCloud");
    assert_eq!(run.report.get("marker.write_files"), "written 640 root");
    assert_eq!(run.report.get("marker.runcmd"), "ran");
    assert_eq!(run.report.get("seed.files"), "meta-data user-data");
    assert_eq!(run.report.get("system"), "running");
    assert!(run.report.get("pip").starts_with("pip 21.3.1 from /usr/local/lib/python3."));
    let disks: Vec<&str> =
        run.report.values.keys().filter_map(|key| key.strip_prefix("scheduler.")).collect();
    assert_eq!(disks, ["nvme0n1", "sda", "sdb", "vda"]);
    // A login's PATH and sudo's are EL8's, not Debian's.
    assert_eq!(
        run.report.get("ssh"),
        "centos\n/usr/local/bin:/usr/bin:/usr/local/sbin:/usr/sbin\n/sbin:/bin:/usr/sbin:/usr/bin\n"
    );

    let run = guest.boot(&Boot { probe: STAND_IN_PROBE, ..Boot::default() });
    println!("second boot: {:.0} s", run.duration.as_secs_f64());
    assert_eq!(run.report.get("cloud-init"), "disabled", "cloud-init ran without a seed");
    assert_eq!(run.report.get("marker.runcmd"), "ran");
    let expected = [
        ("dnf.first", "1"),
        ("dnf.epel-too-early", "1"),
        ("rpm.nothing-of-it", "package gcc is not installed"),
        ("dnf.base", "0"),
        ("rpm.virtual", "package python3-devel is not installed"),
        ("rpm.provides", "python36-devel-1.0-1.el8.x86_64"),
        ("rpm.format", "gcc 1.0 jq 1.0 "),
        ("rpm.count", "2"),
        ("dnf.epel", "0"),
        ("ipmitool.fake", "fake"),
        ("ipmitool.owner", "ipmitool-1.0-1.el8.x86_64"),
        ("docker.stopped", "1"),
        ("docker.ps", "one"),
        ("docker.rsync-missing", "126"),
        ("docker.rsync", "0"),
        ("docker.create-twice", "1"),
        ("docker.image-unknown", "1"),
        ("monitor", "Version: 0.0.3"),
        ("events", "two three"),
        ("restorecon", "-F /usr/sbin/ipmitool"),
    ];
    for (key, value) in expected {
        assert_eq!(run.report.get(key), value, "{key}");
    }
}
