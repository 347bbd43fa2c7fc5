//! The whole program over a tree: of each part of the input the first byte says which file it is.
#![no_main]

use std::fs;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use vastimg_fuzz::Host;

/// What the verifier reads; the letter `A` means the first of them.
const FILES: [&str; 25] = [
    "/etc/sysctl.d/99-vast-perf.conf",
    "/etc/sysctl.d/99-vast-tuning.conf",
    "/etc/sysctl.conf",
    "/usr/lib/sysctl.d/50-default.conf",
    "/etc/tuned/active_profile",
    "/etc/tuned/tuned-main.conf",
    "/etc/tuned/mine/tuned.conf",
    "/usr/lib/systemd/system/tuned.service",
    "/etc/udev/rules.d/60-io-scheduler.rules",
    "/usr/lib/udev/rules.d/60-block.rules",
    "/sys/block/sda/queue/scheduler",
    "/sys/class/block/sda/queue/rotational",
    "/boot/loader/entries/a.conf",
    "/boot/grub2/grubenv",
    "/proc/cmdline",
    "/etc/security/limits.conf",
    "/etc/security/limits.d/99-vast.conf",
    "/etc/systemd/system.conf.d/50-vast-limits.conf",
    "/usr/lib/systemd/system/docker.service",
    "/etc/passwd",
    "/etc/group",
    "/etc/sudoers.d/90-vastimg",
    "/sys/kernel/mm/transparent_hugepage/enabled",
    "/var/lib/vastimg/prepare.json",
    "/proc/sys/kernel/hostname",
];

/// As a seed has it, with a check of each kind.
const MANIFEST: &str = include_str!("../corpus/manifest/kinds.json");

static HOST: LazyLock<Host> = LazyLock::new(|| Host::new(&[("/etc/vastimg/manifest.json", MANIFEST)]).with_tuned());

fuzz_target!(|data: &[u8]| {
    for path in FILES {
        HOST.remove(path);
    }
    let mut parts = 0_usize;
    for part in data.split(|byte| *byte == 0) {
        if let Some((first, content)) = part.split_first() {
            HOST.write(FILES[usize::from(first.wrapping_sub(b'A')) % FILES.len()], content);
            parts += 1;
        }
    }
    let report = HOST.directory.join("report");
    let formats = ["text", "json", "junit", "tap", "nagios", "prometheus"];
    let format = formats[parts % formats.len()];
    let root = HOST.directory.to_str().expect("it is ASCII");
    let output = report.to_str().expect("it is ASCII");
    let code =
        vastimg::verify::main(["--root", root, "--format", format, "--output", output].map(Into::into));
    assert!(code <= 2, "{code}");
    let text = fs::read_to_string(&report).expect("a report");
    assert!(text.ends_with('\n'));
    if format == "json" {
        let _: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    }
});
