//! A small host: a tree with a manifest that asserts of files only, so that a test decides what fails.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;
use vastimg::embedded::VERIFIER;

use crate::tools::{self, Ran};

/// Where reports are kept.
pub(crate) const REPORTS: &str = "var/lib/vastimg/reports";

/// A tree with its manifest and its verifier, `/verify`.
pub(crate) struct Host(TempDir);

impl Host {
    /// Checks `a.files` (REQUIRED), `b.files` (OPTIONAL) and so on to `checks` of them, all of which hold.
    pub(crate) fn new(checks: usize) -> Host {
        let host = Host(tempfile::tempdir().unwrap());
        // Ordinary users are let in.
        fs::set_permissions(host.0.path(), fs::Permissions::from_mode(0o755)).unwrap();
        for directory in ["etc/vastimg", "proc", "dev", "srv", REPORTS] {
            fs::create_dir_all(host.path(directory)).unwrap();
        }
        fs::remove_dir(host.path(REPORTS)).unwrap();
        fs::remove_dir(host.path("var/lib/vastimg")).unwrap();
        place_verifier(&host.path("verify"));
        let ids = (0..checks).map(name);
        let (mut files, mut list) = (Vec::new(), Vec::new());
        for (number, fix) in ids.enumerate() {
            host.mend(&fix);
            let label = if number % 2 == 0 { "REQUIRED" } else { "OPTIONAL" };
            files.push(json!({"path": format!("/srv/{fix}"), "mode": "0644", "fix": fix,
                "sha256": vastimg::digest::sha256(b"good\n")}));
            list.push(json!({"id": format!("{fix}.files"), "fix": fix, "label": label, "files": {}}));
        }
        let manifest = json!({"schema": vastimg::manifest::SCHEMA, "generator": "test", "profile": "test",
            "user": "centos", "fixes": [], "files": files, "checks": list});
        fs::write(host.manifest(), manifest.to_string()).unwrap();
        host
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn manifest(&self) -> PathBuf {
        self.path("etc/vastimg/manifest.json")
    }

    /// The check of this fix holds.
    pub(crate) fn mend(&self, fix: &str) {
        self.put(fix, "good\n");
    }

    /// It does not.
    pub(crate) fn spoil(&self, fix: &str) {
        self.put(fix, "bad\n");
    }

    fn put(&self, fix: &str, content: &str) {
        let path = self.path("srv").join(fix);
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    }

    /// The verifier with `--root`: nothing of that is kept.
    pub(crate) fn verify(&self, arguments: &[&str]) -> Ran {
        self.command(&[&["--root", self.0.path().to_str().unwrap()], arguments].concat())
    }

    /// `history` or `drift` of this tree.
    pub(crate) fn ask(&self, what: &str, arguments: &[&str]) -> Ran {
        self.command(&[&[what, "--root", self.0.path().to_str().unwrap()], arguments].concat())
    }

    /// What it answers in JSON.
    pub(crate) fn asked(&self, what: &str) -> Value {
        let ran = self.ask(what, &["--format", "json"]);
        serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{}{}", ran.stdout, ran.stderr))
    }

    /// The verifier, without any environment.
    pub(crate) fn command(&self, arguments: &[&str]) -> Ran {
        let mut command = tools::bounded(self.path("verify"));
        let path = std::env::var_os("PATH").unwrap_or_default();
        tools::run(command.env_clear().env("PATH", path).current_dir("/").args(arguments))
    }

    /// Runs a shell script for which this tree is the system: `verify` is the verifier with `/` for its root, `$root` the
    /// tree, `$reports` the directory of reports. What it mounts is seen by it alone. Needs root, as mounting and chroot
    /// do; none without.
    pub(crate) fn live(&self, script: &str) -> Option<Ran> {
        if fs::metadata("/proc/self").unwrap().uid() != 0 {
            tools::skipped("chroot and mounting need root");
            return None;
        }
        let mut unshare = tools::find("unshare")?;
        let head = format!(
            "root='{}'; reports=$root/{REPORTS}; mount --rbind /proc \"$root/proc\"; mount --rbind /dev \"$root/dev\"
             verify() {{ chroot \"$root\" /verify \"$@\"; }}\n",
            self.0.path().display()
        );
        unshare.args(["--mount", "--propagation", "private", "bash", "-uc", &(head + script)]);
        Some(tools::run(&mut unshare))
    }

    /// Names in the directory of reports, sorted; none where it is missing.
    pub(crate) fn kept(&self) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.path(REPORTS)) else { return Vec::new() };
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// Writes what an earlier run would have kept as number `number`.
    pub(crate) fn write(&self, number: usize, time: &str, content: &str) {
        fs::create_dir_all(self.path(REPORTS)).unwrap();
        let name = format!("{}-{number}.json", time.replace(':', ""));
        fs::write(self.path(REPORTS).join(name), content).unwrap();
    }
}

/// `a`, `b`, ... and behind `z` more of them.
fn name(number: usize) -> String {
    let letter = char::from(b'a' + u8::try_from(number % 26).unwrap());
    if number < 26 { letter.to_string() } else { format!("{letter}{}", number / 26) }
}

/// Another process writes the program: one that this process has open for writing is busy, and so it is while a thread
/// that starts something else has not closed what it inherited.
fn place_verifier(path: &Path) {
    let mut shell = Command::new("sh");
    shell.args(["-c", "cat >\"$0\" && chmod 0755 \"$0\""]).arg(path).stdin(Stdio::piped());
    let mut child = shell.spawn().unwrap();
    child.stdin.take().unwrap().write_all(VERIFIER).unwrap();
    assert!(child.wait().unwrap().success());
}

/// A report of a run: `rows` are id, label, result, persisted, live and source.
pub(crate) fn report(time: &str, manifest: &str, rows: &[[&str; 6]]) -> String {
    let count = |word: &str| rows.iter().filter(|row| row[2] == word).count();
    let found = |text: &str| if text.is_empty() { Value::Null } else { text.into() };
    let results: Vec<Value> = rows
        .iter()
        .map(|[id, label, result, persisted, live, source]| {
            json!({"id": id, "fix": "f", "label": label, "result": result, "wanted": "w", "remedy": null,
                "persisted": found(persisted), "live": found(live), "source": found(source), "later": [1]})
        })
        .collect();
    let failed = count("fail") + count("error");
    json!({"schema": "vastimg/report/1", "verifier": "vastimg-verify 0.0.0", "time": time, "host": "h",
        "profile": "p", "manifest": format!("sha256:{manifest:0<64}"),
        "verdict": if failed == 0 { "PASS" } else { "FAIL" }, "later": {"a": null},
        "counts": {"pass": count("pass"), "fail": failed, "warn": count("warn"), "skip": count("skip")},
        "results": results})
    .to_string()
}
