//! udev rules before udevadm. Before systemd 254 there is no `udevadm verify`; then udevadm reads the rules while it
//! simulates an event of the loopback network device, in namespaces of its own. Whether rules match disks is the boot
//! test's.

use std::fs;
use std::path::{Path, PathBuf};

use crate::cloud_init::unpacked;
use crate::seed::Seed;
use crate::tools;

/// What udevadm says of a rules file, if there is a way to ask it.
fn udev(rules: &Path, scratch: &Path) -> Option<Vec<String>> {
    let installed = ["/usr/bin/udevadm", "/bin/udevadm"].map(PathBuf::from);
    let places = installed.into_iter().chain([unpacked().join("bin/udevadm")]);
    let Some(udevadm) = places.into_iter().find(|path| path.is_file()) else {
        tools::skipped("udevadm is missing");
        return None;
    };
    let name = rules.file_name().unwrap().to_str().unwrap().to_owned();
    let verify = tools::run(tools::bounded(&udevadm).args(["verify", "--no-style"]).arg(rules));
    if !verify.stderr.contains("Unknown command") {
        let lines = verify.stderr.lines().filter(|line| line.contains(&name));
        return Some(lines.map(str::to_owned).collect());
    }
    let directory = scratch.join("etc/udev/rules.d");
    fs::create_dir_all(&directory).unwrap();
    fs::copy(rules, directory.join(&name)).unwrap();
    let mut command = tools::find("unshare")?;
    command.args(["--map-root-user", "--mount", "--net", "/bin/sh", "-e", "-c"]);
    // /run is where it would write; the way to the binary may be below what is covered, hence by its descriptor.
    command.arg("exec 3<\"$1\"; mount -t tmpfs none /run; mount --bind \"$2/etc\" /etc; exec /proc/self/fd/3 test /sys/class/net/lo");
    let ran = tools::run(command.arg("sh").arg(&udevadm).arg(scratch));
    if !ran.stderr.contains(&format!("Reading rules file: /etc/udev/rules.d/{name}")) {
        tools::skipped(&format!("udevadm does not run in namespaces here: {}", ran.stderr));
        return None;
    }
    let complaint = format!("{name}:");
    Some(ran.stderr.lines().filter(|line| line.contains(&complaint)).map(str::to_owned).collect())
}

#[test]
fn udev_reads_the_rules() {
    let seed = Seed::of_profile("loopback");
    let rules = seed.path().join("vastimg/rootfs/etc/udev/rules.d/60-io-scheduler.rules");
    let Some(complaints) = udev(&rules, &seed.scratch().join("good")) else { return };
    assert!(complaints.is_empty(), "{complaints:?}");

    let text = fs::read_to_string(&rules).unwrap();
    let broken = text.replacen("SUBSYSTEM==", "SUBSYSTEN==", 1);
    assert_ne!(text, broken);
    fs::write(&rules, broken).unwrap();
    let complaints = udev(&rules, &seed.scratch().join("broken")).unwrap();
    assert!(complaints.iter().any(|line| line.contains("SUBSYSTEN")), "{complaints:?}");
}
