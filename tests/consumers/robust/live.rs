//! The running system, as far as namespaces let a test change it: its programs, its devices, and an ordinary user.
//! Mounting takes root.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::Report;
use crate::seed::Seed;
use crate::tools::{self, Ran};

const VERIFY: &str = "/mnt/v/vastimg-verify --manifest /mnt/v/manifest.json --format json";

/// A directory that anybody may read, with the verifier and its manifest.
fn place(seed: &Seed) -> PathBuf {
    let place = seed.scratch().join("place");
    if !place.exists() {
        fs::create_dir(&place).unwrap();
        fs::copy(seed.path().join("vastimg/rootfs/usr/bin/vastimg-verify"), place.join("vastimg-verify"))
            .unwrap();
        fs::copy(seed.path().join("vastimg/manifest.json"), place.join("manifest.json")).unwrap();
        fs::set_permissions(&place, fs::Permissions::from_mode(0o755)).unwrap();
        fs::set_permissions(place.join("manifest.json"), fs::Permissions::from_mode(0o644)).unwrap();
    }
    place
}

/// Runs a script in mount and process namespaces of its own, whose processes end with it: `$1` is [`place`].
fn live(seed: &Seed, script: &str) -> Option<(Ran, Duration)> {
    let place = place(seed);
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

/// rpm and ipmitool as they should not be: what stands in for them, and what comes of it.
#[test]
fn programs_that_do_not_behave() {
    let seed = Seed::of_profile("loopback");
    // Not the seed's own file, since another one would be known by its content and not be started at all.
    let manifest = place(&seed).join("manifest.json");
    let mut without: Value = serde_json::from_str(&fs::read_to_string(&manifest).unwrap()).unwrap();
    without["files"].as_array_mut().unwrap().retain(|file| file["path"] != "/usr/sbin/ipmitool");
    fs::write(&manifest, without.to_string()).unwrap();
    let write = |text: &str| format!("printf '{text}' > bin/$p; chmod 755 bin/$p");
    for (what, stand_in, rpm, ipmitool) in [
        ("hangs", write("#!/bin/sh\\nexec sleep 1000\\n"), "within 10 s", "did not end"),
        ("prints without end", write("#!/bin/sh\\nexec yes\\n"), "more than 256 KiB", "more than 256 KiB"),
        ("leaves a child behind that prints", write("#!/bin/sh\\nyes &\\n"), "", ""),
        ("leaves a child behind with the pipe", write("#!/bin/sh\\nsleep 1000 &\\n"), "did not answer", ""),
        ("is ended by a signal", write("#!/bin/sh\\nkill -9 $$\\n"), "signal 9", "signal 9"),
        (
            "prints lines of its own",
            write("#!/bin/sh\\nyes | head -n 99\\nexit 3\\n"),
            "does not know rpm",
            "",
        ),
        ("prints no text", write("#!/bin/sh\\nhead -c 100 /dev/urandom\\nexit 3\\n"), "", ""),
        ("has no first line", write("echo x\\n"), "", ""),
        ("has an interpreter that is missing", write("#!/no/such\\n"), "No such file", "No such file"),
        ("is its own interpreter", write("#!/usr/sbin/rpm\\n"), "", ""),
        ("is empty", ": > bin/$p; chmod 755 bin/$p".to_owned(), "", ""),
        ("is a directory", "mkdir bin/$p".to_owned(), "no rpm", ""),
        ("is a FIFO", "mkfifo bin/$p; chmod 755 bin/$p".to_owned(), "no rpm", ""),
    ] {
        // sudo's path has /usr/sbin before /usr/bin, and a login's /usr/local/bin first.
        let script = format!(
            "mkdir bin
            for p in rpm ipmitool; do {stand_in}; test ! -e /usr/bin/$p || mount --bind /dev/null /usr/bin/$p; done
            mount --bind bin /usr/sbin; mount --bind bin /usr/local/bin
            exec {VERIFY} --only packages --only fake-ipmitool"
        );
        let Some((ran, took)) = live(&seed, &script) else { return };
        let report = Report::of(&ran);
        // They hang at the same time.
        assert!(took < Duration::from_secs(15), "{what}: {took:?}");
        for (id, mentioned) in [
            ("packages.gcc", rpm),
            ("packages.htop", rpm),
            ("fake-ipmitool.sudo", ipmitool),
            ("fake-ipmitool.login", ipmitool),
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
            "mkdir d; ln -s {device} d/50-x.conf; ln -s {device} d/active_profile; mount --bind d /etc/sysctl.d
            for other in /etc/tuned /etc/udev/rules.d; do test ! -d $other || mount --bind d $other; done
            exec {VERIFY}"
        );
        let Some((ran, took)) = live(&seed, &script) else { return };
        assert!(took < Duration::from_secs(25), "{device}: {took:?}");
        Report::of(&ran);
    }
}
