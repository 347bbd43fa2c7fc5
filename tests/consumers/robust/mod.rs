//! The verifier as a seed carries it, where files are no files, directories are full, programs hang, and nobody listens: it
//! always ends soon, within its memory, with a code that says what it says elsewhere, and names what was in its way.

mod directories;
mod files;
mod listeners;
mod live;
mod manifest;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::tools::{self, Ran};
use crate::verifier::Tree;

/// Address space, in bytes: 128 MiB for what needs five.
const MEMORY: &str = "--as=134217728";
const SOON: Duration = Duration::from_secs(10);

pub(super) struct Report {
    pub(super) code: i32,
    pub(super) results: Vec<Value>,
}

impl Report {
    pub(super) fn of(ran: &Ran) -> Report {
        let report: Value = serde_json::from_str(&ran.stdout)
            .unwrap_or_else(|error| panic!("{error}: {} {}{}", ran.code, ran.stdout, ran.stderr));
        assert!([0, 1].contains(&ran.code), "{}: {}", ran.code, ran.stderr);
        assert_eq!(ran.stderr, "");
        Report { code: ran.code, results: report["results"].as_array().unwrap().clone() }
    }

    pub(super) fn text(&self, id: &str, name: &str) -> &str {
        let result = self.results.iter().find(|result| result["id"] == id);
        result.unwrap_or_else(|| panic!("no {id}"))[name].as_str().unwrap_or_default()
    }

    pub(super) fn errors(&self) -> impl Iterator<Item = &Value> {
        self.results.iter().filter(|result| result["result"] == "error")
    }
}

/// Within memory and time.
pub(super) fn bounded(tree: &Tree, arguments: &[&str]) -> Option<Ran> {
    let mut command = tools::find("prlimit")?;
    command.arg(MEMORY).arg(tree.root().join("usr/bin/vastimg-verify")).args(arguments);
    let started = Instant::now();
    let ran = tools::run(command.env_clear().env("PATH", "/usr/bin:/bin").env("RUST_BACKTRACE", "1"));
    assert!(started.elapsed() < SOON, "{arguments:?}: {:?}", started.elapsed());
    assert!(!ran.stderr.contains("panicked"), "{arguments:?}: {}", ran.stderr);
    Some(ran)
}

/// A tree where every one of the files is read.
pub(super) fn tree() -> Tree {
    let tree = Tree::new("loopback");
    let root = tree.root();
    for (path, text) in [
        ("etc/sysctl.d/99-vast-perf.conf", "vm.swappiness = 1\n"),
        ("etc/sysctl.conf", "\n"),
        ("usr/lib/sysctl.d/50-default.conf", "\n"),
        ("etc/tuned/active_profile", "mine\n"),
        ("etc/tuned/tuned-main.conf", "\n"),
        ("etc/tuned/mine/tuned.conf", "[sysctl]\nvm.swappiness=30\n"),
        ("usr/lib/systemd/system/tuned.service", "[Install]\nWantedBy=multi-user.target\n"),
        ("usr/lib/udev/rules.d/60-block.rules", "\n"),
        ("boot/loader/entries/a.conf", "options $kernelopts\n"),
        ("boot/grub2/grubenv", "kernelopts=quiet\n"),
        ("etc/security/limits.conf", "\n"),
        ("etc/security/limits.d/99-vast.conf", "root - nofile 1048576\n"),
        ("etc/systemd/system.conf", "[Manager]\n"),
        ("etc/passwd", "root:x:0:0::/root:/bin/sh\ncentos:x:1000:1000::/home/centos:/bin/sh\n"),
        ("etc/group", "root:x:0:\ncentos:x:1000:\n"),
        ("etc/sudoers", "#includedir /etc/sudoers.d\n"),
        ("var/lib/vastimg/prepare.json", "{}"),
        ("usr/bin/python3", ""),
        ("proc/sys/kernel/hostname", "vast-01\n"),
    ] {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let wants = root.join("etc/systemd/system/multi-user.target.wants");
    fs::create_dir_all(&wants).unwrap();
    symlink("/usr/lib/systemd/system/tuned.service", wants.join("tuned.service")).unwrap();
    tree
}

/// Puts something odd in the place of a file; what it is called.
pub(super) fn spoil(path: &Path, number: usize) -> Option<&'static str> {
    fs::remove_file(path).or_else(|_| fs::remove_dir(path)).ok();
    let link = |to: &str| symlink(to, path).unwrap();
    Some(match number {
        0 => {
            tools::output(tools::find("mkfifo")?.arg(path));
            "FIFO"
        }
        1 => {
            fs::File::create(path).unwrap().set_len(1 << 40).unwrap();
            "a terabyte"
        }
        2 => {
            drop(std::os::unix::net::UnixListener::bind(path).ok()?);
            "socket"
        }
        3 => {
            link(path.file_name().unwrap().to_str().unwrap());
            "link to itself"
        }
        4 => {
            fs::create_dir(path).unwrap();
            "directory"
        }
        5 => {
            link("nowhere");
            "dangling link"
        }
        // Absolute links stay in the tree.
        6 => {
            link("/dev/zero");
            "link to nothing"
        }
        _ => {
            fs::write(path, vec![0xff; 1 << 20]).unwrap();
            "no text"
        }
    })
}
