//! Every script as it is printed, and what holds for all of them.

use insta::assert_snapshot;

use crate::bench::{ALL, disk_of, images, script};
use crate::{small, tools};

/// OpenStack has no way for a DVD.
fn media(hypervisor: &str) -> Vec<&'static [&'static str]> {
    let mut media: Vec<&[&str]> = vec![&["a.iso"], &["d.img"]];
    if hypervisor != "openstack" {
        let dvd = if hypervisor == "proxmox" { "local:iso/dvd.iso" } else { "dvd.iso" };
        media.push(&["k.iso"]);
        media.push(if dvd.contains(':') {
            &["d.img", "--dvd", "local:iso/dvd.iso"]
        } else {
            &["d.img", "--dvd", "dvd.iso"]
        });
    }
    media
}

#[test]
fn as_they_are_printed() {
    let (vda, sda) = (images("vda"), images("sda"));
    for hypervisor in ALL {
        let scratch = if disk_of(hypervisor) == "vda" { &vda } else { &sda };
        let mut all = String::new();
        for medium in media(hypervisor) {
            let printed = script(scratch, &[&[hypervisor], medium].concat());
            assert!(printed.ends_with('\n') && !printed.contains(" \n"), "{hypervisor} {medium:?}");
            assert!(printed.lines().all(|line| line.chars().count() < 150), "{hypervisor} {medium:?}");
            assert!(!printed.contains("\n\n\n"), "{hypervisor} {medium:?}");
            all += &format!("##### vastimg attach {hypervisor} {}\n{printed}\n", medium.join(" "));
        }
        assert_snapshot!(hypervisor, all);
    }
}

#[test]
fn shellcheck_has_nothing_to_say() {
    let (vda, sda) = (images("vda"), images("sda"));
    for hypervisor in ALL.into_iter().filter(|hypervisor| *hypervisor != "hyperv") {
        let scratch = if disk_of(hypervisor) == "vda" { &vda } else { &sda };
        for medium in media(hypervisor) {
            scratch.file("script", script(scratch, &[&[hypervisor], medium].concat()));
            let Some(mut shellcheck) = tools::find("shellcheck") else { return };
            tools::output(shellcheck.args(["--norc", "--shell=sh"]).arg(scratch.path("script")));
        }
    }
}

#[test]
fn a_wiped_disk_is_told_of_first_and_on_both_streams() {
    let scratch = images("vda");
    let warning = "WARNING: a machine that boots Rocky's installer with this attached is wiped without a question: disk vda.";
    for image in ["k.iso", "d.img"] {
        let run = scratch.done(&["attach", "libvirt", image]);
        assert_eq!(run.stderr, format!("{warning}\n"));
        assert!(String::from_utf8(run.stdout).unwrap().starts_with(&format!("# {warning}\n#\n")));
    }
    let run = scratch.done(&["attach", "libvirt", "a.iso"]);
    assert_eq!(run.stderr, "");
}

#[test]
fn what_is_wrong_with_a_seed_is_said() {
    let scratch = images("vda");
    let tree = small::seed_with(&[("vastimg/rootfs/etc/hosts", b"one too many")]);
    scratch.file("wrong.iso", small::iso(&tree, "CIDATA"));
    let printed = script(&scratch, &["qemu", "wrong.iso"]);
    assert!(printed.contains("\n# NOT as it should be: vastimg/rootfs/etc/hosts: "), "{printed}");
}

#[test]
fn the_documents_table_has_every_hypervisor() {
    let root = env!("CARGO_MANIFEST_DIR");
    let document = std::fs::read_to_string(format!("{root}/docs/attach.md")).unwrap();
    for (index, hypervisor) in vastimg::attach::ALL.iter().enumerate() {
        let facts = hypervisor.facts();
        assert_eq!(facts.name, ALL[index]);
        assert!(document.contains(&format!("| `{}` | {} | ", facts.name, facts.title)), "{}", facts.title);
        assert_eq!(facts.disk, disk_of(facts.name));
    }
}

#[test]
fn a_seed_of_another_tool_has_no_verdict_to_wait_for() {
    let scratch = images("vda");
    scratch.file("user-data", "#cloud-config\n").file("meta-data", "instance-id: a\n");
    let Some(mut localds) = tools::find("cloud-localds") else { return };
    tools::output(localds.current_dir(scratch.path(".")).args(["own.iso", "user-data", "meta-data"]));
    let printed = script(&scratch, &["qemu", "own.iso", "--vm", "own"]);
    assert!(printed.contains("a NoCloud seed that vastimg did not write, ISO 9660 image labelled cidata"));
    assert!(!printed.contains("PASS"), "{printed}");
    let long: Vec<_> = printed.lines().filter(|line| line.starts_with('#') && line.len() > 120).collect();
    assert!(long.is_empty(), "{long:#?}");
    assert_snapshot!("no_host_name", scratch.refused(&["attach", "qemu", "own.iso"]));
}
