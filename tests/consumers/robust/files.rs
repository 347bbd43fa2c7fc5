//! Each file that the verifier reads, and something else in its place.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use super::{Report, bounded, spoil, tree};
use crate::tools;

/// Files that the verifier reads, and the checks whose error names them when they cannot be read.
const FILES: [(&str, &[&str]); 21] = [
    ("etc/sysctl.d/99-vast-perf.conf", &["kernel-perf.vm.swappiness", "fd-limits.fs.nr_open"]),
    ("etc/sysctl.conf", &["kernel-perf.vm.swappiness"]),
    ("usr/lib/sysctl.d/50-default.conf", &["kernel-perf.vm.swappiness"]),
    ("etc/tuned/active_profile", &["kernel-perf.vm.swappiness", "io-scheduler.disks", "thp-off.defrag"]),
    ("etc/tuned/tuned-main.conf", &["kernel-perf.vm.swappiness", "io-scheduler.disks"]),
    ("etc/tuned/mine/tuned.conf", &["kernel-perf.vm.swappiness", "io-scheduler.disks"]),
    ("usr/lib/udev/rules.d/60-block.rules", &["io-scheduler.disks"]),
    ("boot/loader/entries/a.conf", &["thp-off.enabled", "io-scheduler.disks"]),
    ("boot/grub2/grubenv", &["thp-off.enabled", "io-scheduler.disks"]),
    ("etc/systemd/system/disable-thp.service", &[]),
    ("etc/security/limits.conf", &["fd-limits.login.root.nofile"]),
    ("etc/security/limits.d/99-vast.conf", &["fd-limits.login.root.nofile"]),
    ("etc/systemd/system.conf", &["fd-limits.services"]),
    ("etc/systemd/system.conf.d/50-vast-limits.conf", &["fd-limits.services"]),
    ("etc/passwd", &["base.user"]),
    ("etc/group", &[]),
    ("etc/sudoers", &["base.user"]),
    ("etc/sudoers.d/90-vastimg", &["base.user"]),
    ("var/lib/vastimg/prepare.json", &[]),
    ("usr/bin/python3", &[]),
    ("proc/sys/kernel/hostname", &[]),
];

#[test]
fn a_file_that_is_none_is_named_and_stops_nobody() {
    let tree = tree();
    let root = tree.root();
    let arguments = ["--format", "json", "--root", root.to_str().unwrap()];
    let Some(ran) = bounded(&tree, &arguments) else { return };
    let good = Report::of(&ran);
    // prepare.json is none of prepare's.
    assert_eq!(good.errors().count(), 1, "{}", ran.stdout);
    for (file, readers) in FILES {
        let path = root.join(file);
        let kept = root.join("../kept");
        fs::rename(&path, &kept).unwrap();
        for number in 0..8 {
            let Some(what) = spoil(&path, number) else { continue };
            let report = Report::of(&bounded(&tree, &arguments).unwrap());
            assert_eq!(report.code, 1, "{file}: {what}");
            // The first four can be read by nobody.
            for id in readers.iter().take(if number < 4 { readers.len() } else { 0 }) {
                let (result, source) = (report.text(id, "result"), report.text(id, "source"));
                assert_eq!(result, "error", "{file}: {what}: {id}: {source}");
                assert!(source.contains(&format!("/{file}")), "{what}: {id} does not name {file}: {source}");
            }
            // Nothing that does not read it knows of it.
            let ids = ["base.files", "pip-leftovers.none-left", "tmp-orphans.files"];
            for id in ids
                .iter()
                .filter(|_| !["etc/passwd", "etc/sudoers", "etc/sudoers.d/90-vastimg"].contains(&file))
            {
                assert_eq!(report.text(id, "result"), good.text(id, "result"), "{file}: {what}: {id}");
            }
        }
        fs::remove_file(&path).or_else(|_| fs::remove_dir(&path)).unwrap();
        fs::rename(&kept, &path).unwrap();
    }
}

/// The list above is the verifier's own: a file that it reads in this tree and that is not in the list is a gap here.
#[test]
fn every_file_that_is_read_is_in_the_list() {
    let Some(mut strace) = tools::find("strace") else { return };
    let tree = tree();
    let root = tree.root();
    let log: PathBuf = root.join("../strace.log");
    strace.args(["-f", "-e", "trace=open,openat", "-o"]).arg(&log);
    strace.arg(root.join("usr/bin/vastimg-verify")).args(["-q", "--root"]).arg(&root);
    tools::run(&mut strace);
    let text = fs::read_to_string(log).unwrap();
    let manifest: Value =
        serde_json::from_str(&fs::read_to_string(root.join("etc/vastimg/manifest.json")).unwrap()).unwrap();
    let placed: Vec<&str> =
        manifest["files"].as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap()).collect();
    let prefix = format!("\"{}", root.display());
    let mut seen = 0;
    for line in text.lines().filter(|line| !line.contains("O_DIRECTORY") && !line.contains(" = -1 ")) {
        let Some((_, rest)) = line.split_once(&prefix) else { continue };
        let path = rest.split('"').next().unwrap();
        let known = FILES.iter().any(|(file, _)| path == format!("/{file}")) || placed.contains(&path);
        let fixed = ["/etc/vastimg/manifest.json"].contains(&path) || path.ends_with("/tuned.service");
        assert!(known || fixed, "{path} is read and not in the list");
        seen += 1;
    }
    assert!(seen > 20, "{text}");
}
