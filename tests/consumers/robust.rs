//! The verifier as a seed carries it, where files are no files, directories are full, programs hang, and nobody listens: it
//! always ends soon, within its memory, with a code that says what it says elsewhere, and names what was in its way.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::seed::Seed;
use crate::tools::{self, Ran};
use crate::verifier::Tree;

/// Address space, in bytes: 128 MiB for what needs five.
const MEMORY: &str = "--as=134217728";
const SOON: Duration = Duration::from_secs(10);

/// Files that the verifier reads, and the checks whose error names them when they cannot be read.
const FILES: [(&str, &[&str]); 20] = [
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
    ("etc/sudoers.d/90-vastimg", &["base.user"]),
    ("var/lib/vastimg/prepare.json", &[]),
    ("usr/bin/python3", &[]),
    ("proc/sys/kernel/hostname", &[]),
];

struct Report {
    code: i32,
    results: Vec<Value>,
}

impl Report {
    fn of(ran: &Ran) -> Report {
        let report: Value = serde_json::from_str(&ran.stdout)
            .unwrap_or_else(|error| panic!("{error}: {} {}{}", ran.code, ran.stdout, ran.stderr));
        assert!([0, 1].contains(&ran.code), "{}: {}", ran.code, ran.stderr);
        assert_eq!(ran.stderr, "");
        Report { code: ran.code, results: report["results"].as_array().unwrap().clone() }
    }

    fn text(&self, id: &str, name: &str) -> &str {
        let result = self.results.iter().find(|result| result["id"] == id);
        result.unwrap_or_else(|| panic!("no {id}"))[name].as_str().unwrap_or_default()
    }

    fn errors(&self) -> impl Iterator<Item = &Value> {
        self.results.iter().filter(|result| result["result"] == "error")
    }
}

/// Within memory and time.
fn bounded(tree: &Tree, arguments: &[&str]) -> Option<Ran> {
    let mut command = tools::find("prlimit")?;
    command.arg(MEMORY).arg(tree.root().join("usr/bin/vastimg-verify")).args(arguments);
    let started = Instant::now();
    let ran = tools::run(command.env_clear().env("PATH", "/usr/bin:/bin").env("RUST_BACKTRACE", "1"));
    assert!(started.elapsed() < SOON, "{arguments:?}: {:?}", started.elapsed());
    assert!(!ran.stderr.contains("panicked"), "{arguments:?}: {}", ran.stderr);
    Some(ran)
}

/// A tree where every one of the files is read.
fn tree() -> Tree {
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
        ("etc/systemd/system/multi-user.target.wants/tuned.service", ""),
        ("usr/lib/udev/rules.d/60-block.rules", "\n"),
        ("boot/loader/entries/a.conf", "options $kernelopts\n"),
        ("boot/grub2/grubenv", "kernelopts=quiet\n"),
        ("etc/security/limits.conf", "\n"),
        ("etc/security/limits.d/99-vast.conf", "root - nofile 1048576\n"),
        ("etc/systemd/system.conf", "[Manager]\n"),
        ("etc/passwd", "root:x:0:0::/root:/bin/sh\ncentos:x:1000:1000::/home/centos:/bin/sh\n"),
        ("etc/group", "root:x:0:\ncentos:x:1000:\n"),
        ("var/lib/vastimg/prepare.json", "{}"),
        ("usr/bin/python3", ""),
        ("proc/sys/kernel/hostname", "vast-01\n"),
    ] {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    tree
}

/// Puts something odd in the place of a file; what it is called.
fn spoil(path: &Path, number: usize) -> Option<&'static str> {
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
        let before = fs::read(&path).unwrap();
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
            for id in ids.iter().filter(|_| !["etc/passwd", "etc/sudoers.d/90-vastimg"].contains(&file)) {
                assert_eq!(report.text(id, "result"), good.text(id, "result"), "{file}: {what}: {id}");
            }
        }
        fs::remove_file(&path).or_else(|_| fs::remove_dir(&path)).unwrap();
        fs::write(&path, before).unwrap();
    }
}

#[test]
fn a_manifest_that_is_none_is_refused() {
    let tree = tree();
    let path = tree.root().join("etc/vastimg/manifest.json");
    let root = tree.root();
    let refused = |what: &str, arguments: &[&str], mentioned: &str| {
        let Some(ran) = bounded(&tree, arguments) else { return };
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{what}: {}", ran.stderr);
        assert!(
            ran.stderr.starts_with("vastimg-verify: ERROR ") && ran.stderr.contains(mentioned),
            "{}",
            ran.stderr
        );
        assert_eq!(ran.stderr.lines().count(), 1, "{what}: {}", ran.stderr);
    };
    for number in 0..8 {
        let Some(what) = spoil(&path, number) else { continue };
        refused(what, &["--root", root.to_str().unwrap()], path.to_str().unwrap());
        refused(what, &["--manifest", path.to_str().unwrap()], path.to_str().unwrap());
    }
    for device in ["/dev/zero", "/dev/random", "/dev/tty", "/proc/self/mem", "/dev/stdin"] {
        refused(device, &["--manifest", device], device);
    }
    for (what, text) in [
        ("deep", "[".repeat(1 << 20)),
        ("deep objects", "{\"schema\":".repeat(90_000)),
        ("many values", "[".to_owned() + &"[],".repeat(300_000) + "0]"),
        ("a large number", format!("{{\"schema\": 1{}}}", "0".repeat(500_000))),
    ] {
        fs::remove_file(&path).unwrap();
        fs::write(&path, text).unwrap();
        refused(what, &["--manifest", path.to_str().unwrap()], path.to_str().unwrap());
    }
}

#[test]
fn full_and_deep_directories_take_no_time() {
    let tree = tree();
    let root = tree.root();
    let arguments = ["--format", "json", "--root", root.to_str().unwrap()];
    let tmp = root.join("tmp");
    fs::create_dir_all(&tmp).unwrap();
    for number in 0..100_000 {
        fs::write(tmp.join(format!("{number:08}")), "").unwrap();
        fs::write(root.join(format!("etc/sysctl.d/{number}.txt")), "").unwrap();
    }
    let mut deep = tmp.join("aaaaaaaa");
    for _ in 0..300 {
        deep.push("d");
    }
    fs::create_dir_all(deep).unwrap();
    fs::write(tmp.join(std::ffi::OsStr::from_bytes(b"abcdefg\xff")), "").unwrap();
    let Some(ran) = bounded(&tree, &arguments) else { return };
    let report = Report::of(&ran);
    assert_ne!(report.text("kernel-perf.vm.swappiness", "result"), "error");
    assert_ne!(report.text("tmp-orphans.none-left", "result"), "error");
    // Each of them would be a file that sets something.
    for number in 0..10_000 {
        let text = root.join(format!("etc/sysctl.d/{number}.txt"));
        fs::rename(&text, text.with_extension("conf")).unwrap();
    }
    let report = Report::of(&bounded(&tree, &arguments).unwrap());
    assert_eq!(report.text("kernel-perf.vm.swappiness", "result"), "error");
    assert!(report.text("kernel-perf.vm.swappiness", "source").contains("/etc/sysctl.d/"));
}

#[test]
fn whoever_does_not_listen_changes_no_verdict() {
    let tree = tree();
    let root = tree.root();
    let good = tree.verify(&["--only", "thp-off.files"]).code;
    assert_eq!((good, tree.verify(&[]).code), (0, 1));
    for (only, code) in [("thp-off.files", 0), ("base", 1), ("nonsense", 2)] {
        for (what, streams) in [
            ("no output", ">&-"),
            ("no errors", "2>&-"),
            ("nothing at all", "<&- >&- 2>&-"),
            ("a full disk", ">/dev/full 2>/dev/full"),
            ("a reader that has gone", "| true; exit \"${PIPESTATUS[0]}\""),
            ("the same, and SIGPIPE ignored", "| true; exit \"${PIPESTATUS[0]}\" # ignored"),
            ("input without end", "</dev/zero"),
        ] {
            for format in ["text", "json", "junit", "tap", "prometheus"] {
                let pipe = if streams.contains("ignored") { "trap '' PIPE;" } else { "" };
                let script = format!(
                    "{pipe} usr/bin/vastimg-verify --root . --only {only} --format {format} {streams}"
                );
                let Some(mut bash) = tools::find("bash") else { return };
                let ran =
                    tools::run(bash.args(["-c", &script]).current_dir(&root).env("RUST_BACKTRACE", "1"));
                assert_eq!(ran.code, code, "{what}: {script}: {}", ran.stderr);
                assert!(!ran.stderr.contains("panicked"), "{what}: {}", ran.stderr);
            }
        }
    }
    // Neither a directory that nobody can write to nor one that is gone, nor a language, changes a byte.
    let wanted = tree.verify(&[]).stdout;
    for script in [
        "cd /proc; exec env -i \"$1\" --root \"$2\"",
        "mkdir gone && cd gone && rmdir ../gone && exec env -i \"$1\" --root \"$2\"",
        "LC_ALL=tr_TR.UTF-8 LANG=ja_JP.EUC-JP LANGUAGE=de exec \"$1\" --root \"$2\"",
        "RUST_BACKTRACE=full RUST_LOG=trace MALLOC_CHECK_=3 exec \"$1\" --root \"$2\"",
    ] {
        let Some(mut shell) = tools::find("sh") else { return };
        shell
            .args(["-c", script, "sh"])
            .arg(root.join("usr/bin/vastimg-verify"))
            .arg(&root)
            .current_dir(&root);
        let ran = tools::run(&mut shell);
        assert_eq!(
            (ran.code, ran.stdout == wanted, ran.stderr.as_str()),
            (1, true, ""),
            "{script}: {}",
            ran.stdout
        );
    }
}

/// Runs a script in mount and process namespaces of its own, whose processes end with it: `$1` is a directory that anybody
/// may read, with the verifier and its manifest.
fn live(seed: &Seed, script: &str) -> Option<(Ran, Duration)> {
    let place = seed.scratch().join("place");
    if !place.exists() {
        fs::create_dir(&place).unwrap();
        fs::copy(seed.path().join("vastimg/rootfs/usr/bin/vastimg-verify"), place.join("vastimg-verify"))
            .unwrap();
        fs::copy(seed.path().join("vastimg/manifest.json"), place.join("manifest.json")).unwrap();
        fs::set_permissions(&place, fs::Permissions::from_mode(0o755)).unwrap();
        fs::set_permissions(place.join("manifest.json"), fs::Permissions::from_mode(0o644)).unwrap();
    }
    let unshare = |script: &str| {
        let mut command = tools::find("unshare")?;
        command.args(["--mount", "--pid", "--fork", "--kill-child", "--propagation", "private"]);
        Some(tools::run(command.args(["/bin/sh", "-eu", "-c", script, "sh"]).arg(&place)))
    };
    if unshare("mount -t tmpfs none /mnt")?.code != 0 {
        tools::skipped("mounting takes root");
        return None;
    }
    let started = Instant::now();
    // Below /mnt, since directories above ours may be closed to others.
    let whole = format!("mount -t tmpfs -o mode=755 none /mnt; cp -r \"$1\" /mnt/v; cd /mnt; {script}");
    Some((unshare(&whole)?, started.elapsed()))
}

const VERIFY: &str = "/mnt/v/vastimg-verify --manifest /mnt/v/manifest.json --format json";

/// rpm and ipmitool as they should not be: what stands in for them, and what comes of it.
#[test]
fn programs_that_do_not_behave() {
    let seed = Seed::of_profile("loopback");
    let write = |text: &str| format!("printf '{text}' > bin/$p; chmod 755 bin/$p");
    for (what, stand_in, rpm, ipmitool) in [
        ("hangs", write("#!/bin/sh\\nexec sleep 1000\\n"), "within 10 s", "did not end"),
        (
            "ignores signals",
            write("#!/bin/sh\\ntrap \"\" TERM INT HUP\\nsleep 1000; sleep 1000\\n"),
            "within 10 s",
            "",
        ),
        ("prints without end", write("#!/bin/sh\\nexec yes\\n"), "more than 256 KiB", "more than 256 KiB"),
        ("leaves a child behind that prints", write("#!/bin/sh\\nyes &\\n"), "", ""),
        ("leaves a child behind with the pipe", write("#!/bin/sh\\nsleep 1000 &\\n"), "did not answer", ""),
        ("is ended by a signal", write("#!/bin/sh\\nkill -9 $$\\n"), "signal 9", "signal 9"),
        ("prints no text", write("#!/bin/sh\\nhead -c 1000 /dev/urandom\\nexit 3\\n"), "", ""),
        ("has no first line", write("echo x\\n"), "", ""),
        ("has an interpreter that is missing", write("#!/no/such\\n"), "No such file", "No such file"),
        ("is its own interpreter", write("#!/usr/sbin/rpm\\n"), "", ""),
        ("is empty", ": > bin/$p; chmod 755 bin/$p".to_owned(), "", ""),
        ("is a directory", "mkdir bin/$p".to_owned(), "no rpm", ""),
        ("is a FIFO", "mkfifo bin/$p; chmod 755 bin/$p".to_owned(), "no rpm", ""),
    ] {
        // sudo's path has /usr/sbin before /usr/bin, and a login's /usr/local/bin first.
        let script = format!(
            "mkdir bin; for p in rpm ipmitool; do {stand_in}; test ! -e /usr/bin/$p || mount --bind /dev/null /usr/bin/$p; done; mount --bind bin /usr/sbin; mount --bind bin /usr/local/bin; \
             exec {VERIFY} --only packages --only fake-ipmitool"
        );
        let Some((ran, took)) = live(&seed, &script) else { return };
        let report = Report::of(&ran);
        assert!(took < Duration::from_secs(25), "{what}: {took:?}");
        for (id, mentioned) in [
            ("packages.gcc", rpm),
            ("packages.htop", rpm),
            ("fake-ipmitool.sudo", ipmitool),
            ("fake-ipmitool.login", if what == "hangs" { "not started" } else { ipmitool }),
        ] {
            let (result, source) = (report.text(id, "result"), report.text(id, "source"));
            assert!(["error", "fail"].contains(&result), "{what}: {id}: {result} {source}");
            if !mentioned.is_empty() {
                assert_eq!(result, "error", "{what}: {id}");
                assert!(source.contains(mentioned), "{what}: {id}: {source}");
                assert!(
                    source.contains(if id.starts_with('p') { "rpm" } else { "ipmitool" }),
                    "{what}: {source}"
                );
            }
            assert!(
                !id.starts_with('p') || result == "error",
                "{what}: no answer is not the answer no: {id}"
            );
        }
    }
}

/// What an ordinary user may not read is an error that says whose business it is, and nothing else is.
#[test]
fn an_ordinary_user() {
    let seed = Seed::of_profile("loopback");
    if tools::find("setpriv").is_none() {
        return;
    }
    let nobody = "setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all";
    let closed = "mkdir -p d s; mount --bind d /etc/sysctl.d; echo 'vm.swappiness = 1' > d/50-closed.conf; chmod 000 d/*.conf; \
        mkdir -m 700 s/closed; mount --bind s /tmp; chmod 1777 s; mkdir -m 700 s/abcdefgh;";
    let run = |who: &str| Some(Report::of(&live(&seed, &format!("{closed} exec {who} {VERIFY}"))?.0));
    let (Some(root), Some(user)) = (run("setpriv"), run(nobody)) else { return };
    for (own, other) in root.results.iter().zip(&user.results) {
        let (id, source) = (&other["id"], other["source"].as_str().unwrap_or_default());
        assert_ne!(own["remedy"], "run as root: sudo vastimg-verify", "{own}");
        if other["result"] == "error" && own["result"] != "error" {
            assert!(source.contains("Permission denied"), "{id}: {source}");
            assert_eq!(other["remedy"], "run as root: sudo vastimg-verify", "{id}");
        } else {
            assert_eq!(own["result"], other["result"], "{id}: {source}");
        }
    }
    let error = user.text("kernel-perf.vm.swappiness", "source");
    assert!(error.starts_with("/etc/sysctl.d/50-closed.conf: "), "{error}");
    assert_eq!(user.text("thp-off.files", "result"), root.text("thp-off.files", "result"));
    assert!(user.errors().count() < user.results.len() / 2, "{:?}", user.errors().collect::<Vec<_>>());
}

/// Devices are looked at only on a live system, where links lead out of any tree.
#[test]
fn devices_are_not_read() {
    let seed = Seed::of_profile("loopback");
    for device in ["/dev/zero", "/dev/random", "/dev/tty", "/dev/full", "/proc/kmsg"] {
        let script = format!(
            "mkdir d; ln -s {device} d/50-x.conf; mount --bind d /etc/sysctl.d; ln -s {device} g; mount --bind d /etc/tuned; \
             ln -s {device} d/active_profile; exec {VERIFY}"
        )
        .replace("mount --bind d /etc/tuned;", "if test -d /etc/tuned; then mount --bind d /etc/tuned; fi;");
        let Some((ran, took)) = live(&seed, &script) else { return };
        assert!(took < Duration::from_secs(25), "{device}: {took:?}");
        Report::of(&ran);
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
