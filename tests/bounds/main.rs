//! The verifier's library before files that nobody would write: any bytes give a result, and the worst of a megabyte gives
//! it soon. The time that is allowed is a debug build's on a busy machine; what was quadratic took minutes and more.

#![cfg(feature = "generator")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod worst;

use std::fs;
use std::time::{Duration, Instant};

use proptest::collection::vec;
use proptest::prelude::*;
use tempfile::TempDir;
use vastimg::manifest::Manifest;
use vastimg::verify::checks::{self, Context, Verdict};
use vastimg::verify::facts::Root;

const LARGEST: usize = 1 << 20;
/// In a debug build, on a machine with other work. What this is to find would take hours.
const SOON: Duration = Duration::from_secs(60);

struct Tree(TempDir);

impl Tree {
    fn new() -> Tree {
        Tree(tempfile::tempdir().unwrap())
    }

    fn place(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let path = self.0.path().join(path.trim_start_matches('/'));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    fn root(&self) -> Root {
        Root::new(self.0.path())
    }

    fn tuned(&self) {
        self.place("/etc/tuned/active_profile", "a\n");
        self.place("/usr/lib/systemd/system/tuned.service", "[Install]\nWantedBy=multi-user.target\n");
        let wants = self.0.path().join("etc/systemd/system/multi-user.target.wants");
        fs::create_dir_all(&wants).unwrap();
        std::os::unix::fs::symlink("/usr/lib/systemd/system/tuned.service", wants.join("tuned.service"))
            .unwrap();
    }
}

/// As the seed of the whole document has it.
fn manifest() -> Manifest {
    let snapshot = include_str!("../snapshots/loopback/vastimg/manifest.json.snap");
    serde_json::from_str(snapshot.splitn(3, "---\n").nth(2).unwrap()).unwrap()
}

/// Repeated up to the size that is read at the most, or the number of lines.
fn filled(line: impl Fn(usize) -> String) -> String {
    let mut text = String::new();
    for number in 0..100_000 {
        let line = line(number);
        if text.len() + line.len() > LARGEST {
            break;
        }
        text += &line;
    }
    text
}

fn soon<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let started = Instant::now();
    let result = work();
    assert!(started.elapsed() < SOON, "{what}: {:?}", started.elapsed());
    result
}

/// Everything that is read of a system.
const FILES: [&str; 26] = [
    "/etc/sysctl.d/99-zz.conf",
    "/etc/sysctl.conf",
    "/etc/tuned/active_profile",
    "/etc/tuned/tuned-main.conf",
    "/etc/tuned/a/tuned.conf",
    "/usr/lib/udev/rules.d/60-a.rules",
    "/sys/class/block/sda/queue/rotational",
    "/sys/kernel/mm/transparent_hugepage/enabled",
    "/boot/loader/entries/a.conf",
    "/boot/grub2/grubenv",
    "/proc/cmdline",
    "/etc/security/limits.conf",
    "/etc/security/limits.d/a.conf",
    "/etc/systemd/system.conf",
    "/etc/systemd/system.conf.d/a.conf",
    "/etc/systemd/system/docker.service",
    "/etc/systemd/system/docker.service.d/a.conf",
    "/etc/systemd/system/disable-thp.service",
    "/etc/passwd",
    "/etc/group",
    "/etc/sudoers",
    "/etc/sudoers.d/a",
    "/var/lib/vastimg/prepare.json",
    "/usr/bin/python3",
    "/usr/lib/python/site-packages/~a/setup.py",
    "/etc/vastimg/manifest.json",
];

/// Bytes, and what means something to one of the parsers.
fn content() -> impl Strategy<Value = Vec<u8>> {
    let pieces = "vm.swappiness|=|1|\n| |\t|-|#|;|[sysctl]|[main]|include=a|[|]|*|?|\\\n|\"|{|}|,|==|+=|ATTR{queue/scheduler}|\
        KERNEL|GOTO|LABEL|IMPORT{cmdline}|ENV{A}|$env{A}|%k|options |$kernelopts|kernelopts|saved_entry=a|root|centos|:|@|nofile|hard|\
        soft|unlimited|99999999999999999999|ALL=(ALL)|NOPASSWD:|ALL|[Manager]|[Service]|LimitNOFILE|infinity|/|..|é|\u{feff}";
    let pieces: Vec<&str> = pieces.split('|').chain(["|"]).collect();
    let words = vec(prop::sample::select(pieces), 0..60).prop_map(|words| words.concat().into_bytes());
    prop_oneof![words, vec(any::<u8>(), 0..200)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_give_a_result(files in vec((prop::sample::select(FILES.to_vec()), content()), 1..12)) {
        let tree = Tree::new();
        tree.tuned();
        for (path, bytes) in &files {
            tree.place(path, bytes);
        }
        let (root, manifest) = (tree.root(), manifest());
        let context = Context::new(&root, &manifest, "0");
        for check in &manifest.checks {
            let outcome = checks::run(check, &context);
            match outcome.verdict {
                Verdict::Error | Verdict::Warn => prop_assert!(outcome.source.is_some() && outcome.remedy.is_some()),
                Verdict::Fail => prop_assert!(outcome.remedy.is_some(), "{}", check.id),
                Verdict::Skip => prop_assert!(outcome.source.is_some()),
                Verdict::Pass => {}
            }
        }
    }
}
