//! sysctl.d before procps' sysctl, which reads the same lines as systemd-sysctl does and knows a dry run. Whether values
//! get into the kernel, and which one of several files wins, is the boot test's.

use std::fs;
use std::path::Path;

use crate::seed::Seed;
use crate::tools;

/// A dry run prints each value as it read it, and leaves out what this kernel lacks.
#[test]
fn sysctl_reads_every_line() {
    let seed = Seed::of_profile("loopback");
    let directory = seed.path().join("vastimg/rootfs/usr/share/vastimg/floors/etc/sysctl.d");
    let read = |path: &Path| {
        let mut sysctl = tools::find("sysctl")?;
        Some(tools::run(sysctl.args(["--dry-run", "--ignore", "--load"]).arg(path)))
    };
    let mut keys = Vec::new();
    for name in ["99-vast-fd.conf", "99-vast-perf.conf"] {
        let path = directory.join(name);
        let text = fs::read_to_string(&path).unwrap();
        let lines: Vec<_> =
            text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()).collect();
        let known: Vec<_> = lines
            .iter()
            .copied()
            .filter(|line| {
                let key = line.split_once(" = ").unwrap().0;
                Path::new("/proc/sys").join(key.replace('.', "/")).exists()
            })
            .collect();
        let Some(ran) = read(&path) else { return };
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{name}");
        assert_eq!(ran.stdout.lines().collect::<Vec<_>>(), known, "{name}");
        keys.extend(lines.iter().map(|line| line.split_once(" = ").unwrap().0.to_owned()));

        fs::write(&path, text.replacen(" = ", " ", 1)).unwrap();
        let Some(ran) = read(&path) else { return };
        assert!(ran.stderr.contains("invalid syntax"), "{name}, spoilt: {}", ran.stderr);
    }
    let mut unique = keys.clone();
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), keys.len(), "a key is in two files: {keys:?}");
}
