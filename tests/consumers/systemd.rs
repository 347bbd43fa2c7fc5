//! Units and drop-ins before systemd-analyze and systemctl, below a scratch root with the system's own units and
//! cloud-init's.
//!
//! Debian 12 has systemd 252 and Rocky 8 has 239, so that nothing here speaks for a setting which 239 lacks.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use crate::cloud_init::unpacked;
use crate::seed::Seed;
use crate::tools::{self, Ran};

const UNITS: &str = "etc/systemd/system";

/// A root directory with what a seed places, what its units start, and the system's and cloud-init's units.
struct Root {
    seed: Seed,
    /// What the seed places, without its drop-ins.
    units: Vec<String>,
}

impl Root {
    fn new(profile: &str) -> Root {
        let seed = Seed::of_profile(profile);
        let placed = seed.placed();
        let units = placed.keys().filter_map(|path| path.strip_prefix(UNITS)?.strip_prefix('/'));
        let units = units.filter(|unit| !unit.contains('/')).map(str::to_owned).collect();
        let root = Root { seed, units };
        root.program("usr/libexec/vastimg/prepare");
        for program in ["usr/bin/sh", "usr/bin/dockerd", "usr/bin/containerd", "usr/bin/python3"] {
            root.program(program);
        }
        for link in ["bin", "sbin", "lib"] {
            symlink(format!("usr/{link}"), root.path().join(link)).unwrap();
        }
        fs::create_dir_all(root.path().join("usr/lib/systemd")).unwrap();
        let system = Path::new("/usr/lib/systemd/system");
        let cloud_init = unpacked().join("lib/systemd/system");
        for units in [system, cloud_init.as_path()].into_iter().filter(|units| units.is_dir()) {
            let mut copy = tools::bounded("cp");
            copy.args(["-a", "--no-preserve=ownership"]).arg(units);
            tools::output(copy.arg(root.path().join("usr/lib/systemd/")));
        }
        for (unit, program) in [("docker.service", "dockerd"), ("containerd.service", "containerd")] {
            let text = format!("[Unit]\nDescription=Stand-in\n[Service]\nExecStart=/usr/bin/{program}\n");
            fs::write(root.path().join(UNITS).join(unit), text).unwrap();
        }
        root
    }

    fn path(&self) -> PathBuf {
        self.seed.path().join("vastimg/rootfs")
    }

    fn program(&self, name: &str) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn systemctl(&self, verb: &str, unit: &str) -> Option<Ran> {
        let mut systemctl = tools::find("systemctl")?;
        Some(tools::run(systemctl.arg("--root").arg(self.path()).args([verb, unit])))
    }

    /// What `systemd-analyze verify` says of these units and of all that starts with them.
    fn verify(&self, units: &[&str]) -> Option<String> {
        let mut analyze = tools::find("systemd-analyze")?;
        analyze.args(["--man=no", "--root"]).arg(self.path()).arg("verify").args(units);
        Some(tools::run(&mut analyze).stderr)
    }

    /// Replaces `from` in a file, which has to be in it.
    fn spoil(&self, path: &str, from: &str, to: &str) {
        let path = self.path().join(path);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{from:?} is not in {}", path.display());
        fs::write(&path, text.replace(from, to)).unwrap();
    }

    /// Enables what is placed as prepare does, and cloud-init as its package and its generator do.
    fn enable_all(&self) -> Option<()> {
        let there = |unit: &&str| self.path().join("usr/lib/systemd/system").join(unit).is_file();
        let cloud_init = ["cloud-init-local", "cloud-init", "cloud-config", "cloud-final"];
        let cloud_init = cloud_init.map(|unit| format!("{unit}.service"));
        let cloud_init: Vec<_> = cloud_init.iter().map(String::as_str).filter(there).collect();
        for unit in self.units.iter().map(String::as_str).chain(cloud_init) {
            let ran = self.systemctl("enable", unit)?;
            assert_eq!(ran.code, 0, "{unit}: {}", ran.stderr);
        }
        if there(&"cloud-init.target") {
            let wants = self.path().join(UNITS).join("multi-user.target.wants");
            symlink("/usr/lib/systemd/system/cloud-init.target", wants.join("cloud-init.target")).unwrap();
        }
        Some(())
    }
}

/// By themselves, and as parts of a boot.
#[test]
fn units_are_read_without_a_complaint() {
    for profile in ["loopback", "minimal"] {
        let root = Root::new(profile);
        assert!(root.units.len() >= 3, "{:?}", root.units);
        let mut ours: Vec<&str> = root.units.iter().map(String::as_str).collect();
        // For their drop-ins.
        ours.extend(["docker.service", "containerd.service"]);
        let about_ours = |line: &&str| line.contains("cycle") || ours.iter().any(|unit| line.contains(unit));
        for units in [ours.as_slice(), &["multi-user.target", "timers.target", "sysinit.target"]] {
            let Some(complaints) = root.verify(units) else { return };
            let found: Vec<_> = complaints.lines().filter(about_ours).collect();
            assert!(found.is_empty(), "{profile}: {found:#?}");
            if units == ours && root.enable_all().is_none() {
                return;
            }
        }
    }
}

#[test]
fn units_are_wanted_by_the_targets_that_their_install_sections_name() {
    let root = Root::new("loopback");
    if root.enable_all().is_none() {
        return;
    }
    for (unit, target) in [
        ("vastimg-prepare.service", "multi-user.target"),
        ("vastimg-verify.service", "multi-user.target"),
        ("vastimg-verify.timer", "timers.target"),
        ("disable-thp.service", "sysinit.target"),
    ] {
        let link = root.path().join(UNITS).join(format!("{target}.wants")).join(unit);
        assert!(fs::symlink_metadata(&link).is_ok(), "{}", link.display());
        let state = root.systemctl("is-enabled", unit).unwrap();
        assert_eq!((state.code, state.stdout.as_str()), (0, "enabled\n"), "{unit}");
    }
    // docker's drop-in wants it; nothing else does.
    let state = root.systemctl("is-enabled", "vastimg-containers.service").unwrap();
    assert_eq!(state.stdout, "static\n");
}

/// The reader that finds every unit good is no reader.
#[test]
fn systemd_complains_of_what_is_broken() {
    for (unit, from, to, complaint) in [
        ("vastimg-prepare.service", "Wants=", "Wamts=", "Wamts"),
        ("vastimg-prepare.service", "/usr/libexec/vastimg/prepare", "/usr/libexec/gone", "/usr/libexec/gone"),
        ("vastimg-prepare.service", "=infinity", "=90mim", "90mim"),
        ("vastimg-verify.timer", "OnCalendar=daily", "OnCalendar=dayly", "dayly"),
        ("docker.service.d/50-vast-limits.conf", "LimitNOFILE=", "LimitNOFILE=x", "x1048576"),
    ] {
        let root = Root::new("minimal");
        root.spoil(&format!("{UNITS}/{unit}"), from, to);
        let Some(complaints) = root.verify(&[unit.split(".d/").next().unwrap()]) else { return };
        assert!(complaints.contains(complaint), "{unit}: {complaints:?}");
    }
}

/// What keeps the verifier's unit out of a cycle with cloud-init's last stage does so, and its absence is noticed.
#[test]
fn the_verifier_without_its_order_would_be_a_cycle() {
    if !unpacked().join("lib/systemd/system/cloud-final.service").is_file() {
        return tools::skipped("cloud-init is not unpacked");
    }
    let root = Root::new("minimal");
    root.spoil(&format!("{UNITS}/vastimg-verify.service"), "After=multi-user.target ", "After=");
    if root.enable_all().is_none() {
        return;
    }
    let Some(complaints) = root.verify(&["multi-user.target"]) else { return };
    assert!(complaints.contains("cycle"), "{complaints}");
    root.spoil(&format!("{UNITS}/vastimg-verify.service"), "After=", "After=multi-user.target ");
    let complaints = root.verify(&["multi-user.target"]).unwrap();
    assert!(!complaints.contains("cycle"), "{complaints}");
}

/// PID 1's own drop-in is where PID 1 looks.
#[test]
fn the_default_limit_is_among_what_pid_1_reads() {
    let root = Root::new("minimal");
    let Some(mut analyze) = tools::find("systemd-analyze") else { return };
    analyze.args(["--no-pager", "--root"]).arg(root.path()).args(["cat-config", "systemd/system.conf"]);
    let text = tools::run(&mut analyze).stdout;
    let lines: Vec<_> = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).collect();
    assert_eq!(lines, ["[Manager]", "DefaultLimitNOFILE=1048576"], "{text}");
}
