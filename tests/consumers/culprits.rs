//! Who is to blame: on a tree that is right, something spoils one setting, and the verifier has to name it.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::persisted::in_namespaces;
use crate::seed::Seed;
use crate::tools;

/// The files of a seed as prepare leaves them, floors settled at the document's values and units enabled.
pub(crate) struct Host {
    seed: Seed,
}

impl Host {
    pub(crate) fn new() -> Host {
        let seed = Seed::of_profile("loopback");
        let host = Host { seed };
        let root = host.root();
        fs::create_dir_all(root.join("etc/vastimg")).unwrap();
        fs::copy(host.seed.path().join("vastimg/manifest.json"), root.join("etc/vastimg/manifest.json"))
            .unwrap();
        let floors = root.join("usr/share/vastimg/floors/etc");
        for file in
            ["sysctl.d/99-vast-fd.conf", "sysctl.d/99-vast-perf.conf", "security/limits.d/99-vast.conf"]
        {
            host.place(&format!("etc/{file}"), &fs::read_to_string(floors.join(file)).unwrap());
        }
        host.link(
            "etc/systemd/system/sysinit.target.wants/disable-thp.service",
            "/etc/systemd/system/disable-thp.service",
        );
        host
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.seed.path().join("vastimg/rootfs")
    }

    pub(crate) fn place(&self, path: &str, text: &str) {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn link(&self, path: &str, to: &str) {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(to, path).unwrap();
    }

    fn tuned(&self, profile: &str) {
        self.place("etc/tuned/active_profile", "mine\n");
        self.place("etc/tuned/mine/tuned.conf", profile);
        self.place(
            "usr/lib/systemd/system/tuned.service",
            "[Service]\nExecStart=/usr/sbin/tuned\n[Install]\nWantedBy=multi-user.target\n",
        );
        self.link(
            "etc/systemd/system/multi-user.target.wants/tuned.service",
            "/usr/lib/systemd/system/tuned.service",
        );
    }

    /// The result of one check.
    pub(crate) fn look(&self, id: &str) -> Found {
        let mut command = tools::bounded(self.root().join("usr/bin/vastimg-verify"));
        command.args(["--format", "json", "--only", id, "--root"]).arg(self.root());
        Found::of(&tools::run(&mut command).stdout)
    }
}

#[derive(Debug, PartialEq)]
pub(crate) struct Found {
    pub(crate) result: String,
    pub(crate) persisted: String,
    pub(crate) live: String,
    pub(crate) source: String,
    pub(crate) remedy: String,
}

impl Found {
    pub(crate) fn of(report: &str) -> Found {
        let report: Value = serde_json::from_str(report).unwrap_or_else(|error| panic!("{error}: {report}"));
        let results = report["results"].as_array().unwrap();
        assert_eq!(results.len(), 1, "{report}");
        let text = |name: &str| results[0][name].as_str().unwrap_or_default().to_owned();
        Found {
            result: text("result"),
            persisted: text("persisted"),
            live: text("live"),
            source: text("source"),
            remedy: text("remedy"),
        }
    }

    /// Result, what the next boot gives, and who is named.
    pub(crate) fn brief(&self) -> (&str, &str, &str) {
        (&self.result, &self.persisted, &self.source)
    }
}

#[test]
fn a_later_file_is_found_before_the_boot_that_makes_it_win() {
    let host = Host::new();
    let key = "fd-limits.fs.file-max";
    assert_eq!(host.look(key).brief(), ("pass", "8388608", "/etc/sysctl.d/99-vast-fd.conf"));
    host.place("etc/sysctl.d/99-vast-tuning.conf", "fs.file-max = 2097152\n");
    let found = host.look(key);
    assert_eq!(found.brief(), ("fail", "2097152", "/etc/sysctl.d/99-vast-tuning.conf"));
    assert!(found.remedy.contains("take fs.file-max out of /etc/sysctl.d/99-vast-tuning.conf"), "{found:?}");
    // A floor may be exceeded, and an earlier name loses.
    host.place("etc/sysctl.d/99-vast-tuning.conf", "fs/file-max = 9000000\n");
    assert_eq!(host.look(key).brief(), ("pass", "9000000", "/etc/sysctl.d/99-vast-tuning.conf"));
    fs::remove_file(host.root().join("etc/sysctl.d/99-vast-tuning.conf")).unwrap();
    host.place("etc/sysctl.d/10-other.conf", "fs.file-max = 1\n");
    assert_eq!(host.look(key).result, "pass");
}

#[test]
fn etc_sysctl_conf_counts_at_its_link_and_last_for_procps() {
    let host = Host::new();
    let key = "kernel-perf.vm.swappiness";
    host.place("etc/sysctl.conf", "vm.swappiness = 60\n");
    let found = host.look(key);
    assert_eq!(found.brief(), ("warn", "1", "/etc/sysctl.conf"));
    assert!(found.remedy.contains("sysctl --system"), "{found:?}");
    // As Rocky 8 has it: read at the link's place, before ours.
    host.link("etc/sysctl.d/99-sysctl.conf", "../sysctl.conf");
    assert_eq!(host.look(key).brief(), ("warn", "1", "/etc/sysctl.conf"));
    host.link("etc/sysctl.d/99-zz.conf", "../sysctl.conf");
    assert_eq!(
        host.look(key).brief(),
        ("warn", "60", "/etc/sysctl.d/99-zz.conf"),
        "OPTIONAL, so a failure warns"
    );
    assert!(host.look(key).remedy.contains("last word at boot"));
}

#[test]
fn a_tuned_profile_is_named() {
    let host = Host::new();
    let key = "kernel-perf.vm.swappiness";
    host.tuned("[main]\nsummary=x\n[sysctl]\nvm.swappiness = 30\n[vm]\ntransparent_hugepages=always\n[disk]\nelevator=bfq\n");
    let profile = "/etc/tuned/mine/tuned.conf";
    assert_eq!(
        host.look(key).brief(),
        ("pass", "1", "/etc/sysctl.d/99-vast-perf.conf"),
        "sysctl.d is applied again"
    );
    host.place("etc/tuned/tuned-main.conf", "reapply_sysctl = 0\n");
    assert_eq!(host.look(key).brief(), ("warn", "30", profile));
    assert_eq!(host.look("thp-off.enabled").brief(), ("warn", "always", profile));
    assert_eq!(host.look("thp-off.defrag").brief(), ("pass", "never", "disable-thp.service"));
    assert_eq!(host.look("io-scheduler.disks").brief(), ("warn", "sda bfq, vda bfq, xvda bfq", profile));

    // What its own variables say is known, what it computes is not.
    let computed = |value: &str| {
        format!(
            "[main]\nsummary=x\n[variables]\nhow=alw\nwhole=${{how}}ays\n[sysctl]\nvm.swappiness=30\n[vm]\ntransparent_hugepages={value}\n"
        )
    };
    host.place("etc/tuned/mine/tuned.conf", &computed("${whole}"));
    assert_eq!(host.look("thp-off.enabled").brief(), ("warn", "always", profile));
    host.place("etc/tuned/mine/tuned.conf", &computed("${f:exec:true}"));
    let found = host.look("thp-off.enabled");
    assert_eq!(found.brief(), ("warn", "${f:exec:true}", profile));
    assert!(found.remedy.ends_with("tuned-adm verify"), "{found:?}");
    host.place("etc/tuned/mine/tuned.conf", &computed("always"));
    // Masked, it does not start, whatever links are left.
    fs::remove_file(host.root().join("usr/lib/systemd/system/tuned.service")).unwrap();
    host.link("etc/systemd/system/tuned.service", "/dev/null");
    assert_eq!(host.look("thp-off.enabled").result, "pass");
    fs::remove_file(host.root().join("etc/systemd/system/tuned.service")).unwrap();
    host.place("usr/lib/systemd/system/tuned.service", "[Install]\nWantedBy=multi-user.target\n");

    // With the kernel's argument given, tuned leaves huge pages alone.
    host.place("boot/loader/entries/a.conf", "title x\noptions root=/dev/vda1 $kernelopts\n");
    host.place("boot/grub2/grubenv", "saved_entry=a\nkernelopts=ro transparent_hugepage=never\n");
    assert_eq!(host.look("thp-off.enabled").brief(), ("pass", "never", "disable-thp.service"));
    fs::remove_file(host.root().join("etc/systemd/system/sysinit.target.wants/disable-thp.service")).unwrap();
    assert_eq!(host.look("thp-off.enabled").brief(), ("pass", "never", "/boot/loader/entries/a.conf"));
    assert_eq!(host.look("thp-off.defrag").persisted, "the kernel's default");
    host.place("boot/grub2/grubenv", "saved_entry=a\nkernelopts=ro\n");
    assert_eq!(host.look("thp-off.enabled").brief(), ("warn", "always", profile));

    // Disabled, it does nothing.
    fs::remove_file(host.root().join("etc/systemd/system/multi-user.target.wants/tuned.service")).unwrap();
    assert_eq!(host.look(key).result, "pass");
}

#[test]
fn a_later_udev_rule_is_named() {
    let host = Host::new();
    let id = "io-scheduler.disks";
    let own = "/etc/udev/rules.d/60-io-scheduler.rules";
    assert_eq!(host.look(id).brief(), ("pass", "sda mq-deadline, vda mq-deadline, xvda mq-deadline", own));
    let other = "usr/lib/udev/rules.d/70-vendor.rules";
    host.place(other, "ACTION==\"add\", KERNEL==\"sd*\", ATTR{queue/scheduler}=\"bfq\"\n");
    assert_eq!(
        host.look(id).brief(),
        ("warn", "sda bfq, vda mq-deadline, xvda mq-deadline", "/usr/lib/udev/rules.d/70-vendor.rules")
    );
    // What hangs on a program is not known here, and said as that.
    host.place(other, "KERNEL==\"sd*\", PROGRAM==\"/bin/is-it\", ATTR{queue/scheduler}=\"bfq\"\n");
    let found = host.look(id);
    assert_eq!(
        found.brief(),
        (
            "warn",
            "sda mq-deadline, vda mq-deadline, xvda mq-deadline",
            "/usr/lib/udev/rules.d/70-vendor.rules"
        )
    );
    assert!(found.remedy.contains("may give sda bfq"), "{found:?}");
    host.place(other, "KERNEL==\"nvme*\", ATTR{queue/scheduler}=\"bfq\"\n");
    assert_eq!(host.look(id).result, "pass");
    // A link to /dev/null in /etc masks the whole file.
    fs::remove_file(host.root().join(&own[1..])).unwrap();
    assert_eq!(
        host.look(id).persisted,
        "sda the kernel's default, vda the kernel's default, xvda the kernel's default"
    );
}

/// What would keep a reader waiting, or fill its memory, is an error of the checks that hang on it and of no other.
#[test]
fn what_cannot_be_read_is_an_error_with_its_name() {
    let host = Host::new();
    let directory = host.root().join("etc/sysctl.d");
    let Some(mut mkfifo) = tools::find("mkfifo") else { return };
    tools::output(mkfifo.arg(directory.join("50-fifo.conf")));
    let found = host.look("fd-limits.fs.file-max");
    assert_eq!(found.result, "error");
    assert!(found.source.contains("/etc/sysctl.d/50-fifo.conf is a FIFO"), "{found:?}");
    assert_eq!(host.look("thp-off.defrag").result, "pass");
    fs::remove_file(directory.join("50-fifo.conf")).unwrap();

    let huge = fs::File::create(directory.join("50-huge.conf")).unwrap();
    huge.set_len(8 << 30).unwrap();
    let found = host.look("fd-limits.fs.file-max");
    assert_eq!(found.result, "error");
    assert!(found.source.contains("/etc/sysctl.d/50-huge.conf: larger than"), "{found:?}");
}

/// The value in the kernel is another one than any boot gives: who has it?
#[test]
fn who_changed_a_live_value_is_named() {
    let host = Host::new();
    host.tuned("[main]\nsummary=x\n[sysctl]\nvm.swappiness=30\n");
    let live = |value: &str| -> Option<Found> {
        host.place("proc-sys/vm/swappiness", value);
        let script = "cd \"$1\"; for d in etc/sysctl.d etc/tuned etc/vastimg etc/systemd; do mkdir -p /$d; mount --bind $d /$d; done
            mount --bind proc-sys /proc/sys
            usr/bin/vastimg-verify --format json --only kernel-perf.vm.swappiness";
        let ran = in_namespaces(Path::new(&host.root()), script, &[])?;
        Some(Found::of(&ran.stdout))
    };
    let Some(found) = live("1\n") else { return };
    assert_eq!(found.brief(), ("pass", "1", "/etc/sysctl.d/99-vast-perf.conf"));
    let found = live("30\n").unwrap();
    assert_eq!(found.brief(), ("warn", "1", "/etc/tuned/mine/tuned.conf"));
    assert_eq!(found.live, "30");
    let found = live("77\n").unwrap();
    assert_eq!(found.brief(), ("warn", "1", "no file and no tuned profile has 77"));
}

/// A program that prints the wanted line is still another program.
#[test]
fn an_impostor_is_found_by_its_content() {
    let host = Host::new();
    let line = "Board Mfg             : VAST Data Loopback";
    host.place("programs/impostor", &format!("#!/bin/sh\necho '{line}'\n"));
    let look = |program: &str| -> Option<Found> {
        let script = "cd \"$1\"; mkdir -p /etc/vastimg; mount --bind etc/vastimg /etc/vastimg; mount --bind programs /usr/local/bin
            cp \"$2\" programs/ipmitool; chmod 755 programs/ipmitool
            usr/bin/vastimg-verify --format json --only fake-ipmitool.login";
        Some(Found::of(&in_namespaces(Path::new(&host.root()), script, &[program])?.stdout))
    };
    let Some(found) = look("usr/sbin/ipmitool") else { return };
    assert_eq!((found.result.as_str(), found.live.as_str()), ("pass", "as wanted"), "{found:?}");
    let found = look("programs/impostor").unwrap();
    assert_eq!(
        (found.result.as_str(), found.live.as_str()),
        ("fail", "another program, not the seed's"),
        "{found:?}"
    );
    assert_eq!(found.source, "/usr/local/bin/ipmitool");
}

/// prepare settles a floor higher where the machine has more; less than that is less than the host has.
#[test]
fn a_settled_floor_is_not_undercut() {
    let host = Host::new();
    let key = "fd-limits.fs.file-max";
    host.place("etc/sysctl.d/99-vast-fd.conf", "fs.file-max = 12582912\n");
    assert_eq!(host.look(key).brief(), ("pass", "12582912", "/etc/sysctl.d/99-vast-fd.conf"));
    host.place("etc/sysctl.d/99-zz.conf", "fs.file-max = 9000000\n");
    assert_eq!(host.look(key).brief(), ("fail", "9000000", "/etc/sysctl.d/99-zz.conf"));
}

/// vm.dirty_bytes and vm.dirty_ratio are one setting; the last one written makes the other 0.
#[test]
fn a_counterpart_that_voids_a_setting_is_named() {
    let host = Host::new();
    let key = "kernel-perf.vm.dirty_ratio";
    host.place("etc/sysctl.d/10-early.conf", "vm.dirty_bytes = 1000000\n");
    assert_eq!(host.look(key).result, "pass");
    host.place("etc/sysctl.d/99-zz.conf", "vm.dirty_bytes = 1000000\n");
    // Said again with another value, it goes to the end of the row.
    host.place("etc/sysctl.d/10-early.conf", "vm.dirty_bytes = 5\n");
    let found = host.look(key);
    assert_eq!(found.brief(), ("warn", "0", "/etc/sysctl.d/99-zz.conf"));
    assert!(found.remedy.contains("take vm.dirty_bytes out"), "{found:?}");
}

/// What a drop-in makes of a unit is not known, and is not taken for what the seed's own file says.
#[test]
fn a_drop_in_of_our_unit_is_named() {
    let host = Host::new();
    let id = "thp-off.enabled";
    assert_eq!(host.look(id).brief(), ("pass", "never", "disable-thp.service"));
    host.place("etc/systemd/system/disable-thp.service.d/zz.conf", "[Service]\nExecStart=\n");
    let found = host.look(id);
    let drop_in = "/etc/systemd/system/disable-thp.service.d/zz.conf";
    assert_eq!(found.brief(), ("warn", "not what the unit was built for", drop_in));
}
