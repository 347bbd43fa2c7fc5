//! A system that runs, for the verifier: a seed's files are its root, /proc is the real one, and daemons and containers
//! are real processes with real limits. Only what systemd and docker would say of them is written by hand: control
//! groups, and docker's files. It needs root, for a mount namespace and chroot.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::culprits::Found;
use crate::privilege::is_root;
use crate::seed::Seed;
use crate::tools;

/// A process that ends with its test.
pub(crate) struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Process {
    /// One that is called `name`, as its /proc/PID/comm has it, in its own root directory, with a limit of open files.
    pub(crate) fn start(name: &str, root: &Path, files: u32) -> Process {
        let script = "chroot $ARGV[0] or die; $0 = $ARGV[1]; print \"up\\n\"; close STDOUT; sleep 60";
        let mut command = Command::new("prlimit");
        command.arg(format!("--nofile={files}:5000")).args(["perl", "-e", script]).arg(root).arg(name);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        // It has its name and its root once it says so.
        std::io::Read::read_to_string(&mut child.stdout.take().unwrap(), &mut String::new()).unwrap();
        Process(child)
    }

    pub(crate) fn pid(&self) -> u32 {
        self.0.id()
    }
}

/// A system.
pub(crate) struct Host {
    pub(crate) seed: Seed,
    /// What /proc/PID/cgroup has.
    pub(crate) cgroups: BTreeMap<u32, String>,
}

impl Host {
    /// None where the machine lets no such thing be made.
    pub(crate) fn new() -> Option<Host> {
        if !is_root() {
            tools::skipped("a system of its own needs root");
            return None;
        }
        for tool in ["unshare", "chroot", "prlimit", "perl"] {
            tools::find(tool)?;
        }
        let host = Host { seed: Seed::of_profile("loopback"), cgroups: BTreeMap::new() };
        let manifest = fs::read_to_string(host.seed.path().join("vastimg/manifest.json")).unwrap();
        // No limit that a container of ours could not have.
        host.write("etc/vastimg/manifest.json", &manifest.replace("\"1048576\"", "\"2000\""));
        host.write("etc/security/limits.conf", "# nothing\n");
        host.write("etc/passwd", "root:x:0:0::/root:/bin/bash\ncentos:x:1000:1000::/:/bin/bash\n");
        host.write("etc/group", "root:x:0:\ncentos:x:1000:\n");
        for base in ["", "opt/a", "opt/b"] {
            fs::create_dir_all(host.root().join(base).join("proc")).unwrap();
        }
        Some(host)
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.seed.path().join("vastimg/rootfs")
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// As systemd lists the processes of a service.
    pub(crate) fn service(&self, hierarchy: &str, unit: &str, pids: &[u32]) {
        let lines: String = pids.iter().map(|pid| format!("{pid}\n")).collect();
        self.write(&format!("sys/fs/cgroup/{hierarchy}system.slice/{unit}/cgroup.procs"), &lines);
    }

    /// As docker keeps a container.
    pub(crate) fn container(&self, id: &str, name: &str, running: bool, pid: u32) {
        let config = serde_json::json!({
            "StreamConfig": {},
            "State": {"Running": running, "Paused": false, "Pid": pid, "StartedAt": "2024-07-24T08:00:00.1Z"},
            "ID": id,
            "Name": format!("/{name}"),
            "Config": {"Image": "vast", "Env": ["PATH=/usr/bin"], "Labels": {}},
        });
        self.write(&format!("var/lib/docker/containers/{id}/config.v2.json"), &config.to_string());
        self.write(&format!("var/lib/docker/containers/{id}/hostconfig.json"), "{\"Ulimits\":null}");
    }

    /// As the kernel has a container's process in its control group.
    pub(crate) fn contain(&mut self, id: &str, process: &Process) {
        let text = format!("12:pids:/docker/{id}\n1:name=systemd:/docker/{id}\n0::/\n");
        self.cgroups.insert(process.pid(), text);
    }

    pub(crate) fn check(&self, id: &str) -> Found {
        self.check_as("0:0", id)
    }

    pub(crate) fn check_as(&self, owner: &str, id: &str) -> Found {
        let mut script = format!("set -eu; cd '{}'; mount --rbind /proc proc\n", self.root().display());
        for (pid, text) in &self.cgroups {
            let path = self.seed.scratch().join(format!("cgroup-{pid}"));
            fs::write(&path, text).unwrap();
            script += &format!("mount --bind '{}' proc/{pid}/cgroup\n", path.display());
        }
        script += &format!(
            "exec chroot --userspec={owner} . /usr/bin/vastimg-verify --strict --format json --only {id}\n"
        );
        let mut unshare = tools::find("unshare").unwrap();
        let ran = tools::run(unshare.args(["--mount", "/bin/sh", "-c", &script]));
        let found = Found::of(&ran.stdout);
        let failed = !matches!(found.result.as_str(), "pass" | "skip");
        assert_eq!(ran.code, i32::from(failed), "{}", ran.stdout);
        found
    }
}
