//! File names that break out of quotes: every script is run, and what its tools are called with is looked at.

use std::fs;

use crate::bench::{images, script, shell, stand_in};
use crate::harness::Scratch;
use crate::tools;

/// One argument a line would do for none of these names.
const RECORD: &str = r#"for word in "${0##*/}" "$@"; do printf '%s\0' "$word" >>calls; done"#;

fn arguments(scratch: &Scratch, printed: &str) -> Vec<String> {
    let programs = ["qm", "pvesh", "cp", "govc", "qemu-img", "openstack", "virtctl", "kubectl", "VBoxManage"];
    for program in programs.into_iter().chain(["virt-install", "qemu-system-x86_64"]) {
        stand_in(scratch, program, RECORD);
    }
    let _ = fs::remove_file(scratch.path("calls"));
    tools::output(&mut shell(scratch, printed));
    let calls = fs::read_to_string(scratch.path("calls")).unwrap();
    calls.split_terminator('\0').map(str::to_owned).collect()
}

#[test]
fn arrive_as_they_are() {
    let scratch = images("vda");
    for name in [
        "it's, a \"$(touch pwned)\" `touch pwned` \\ seed.iso",
        "-o,x.iso",
        "a:b,.iso",
        "'; touch pwned; '.iso",
    ] {
        fs::copy(scratch.path("a.iso"), scratch.path(name)).unwrap();
        let image = format!("./{name}");
        let own = if name.starts_with('-') || name.starts_with("a:") { image.as_str() } else { name };
        let doubled = own.replace(',', ",,");
        for (hypervisor, wanted) in [
            ("qemu", format!("file={doubled},format=raw,if=virtio,readonly=on")),
            ("proxmox", own.to_owned()),
            ("vsphere", own.to_owned()),
            ("openstack", format!("--file={own}")),
            ("kubevirt", format!("--image-path={own}")),
            ("virtualbox", own.to_owned()),
        ] {
            let printed = script(&scratch, &[hypervisor, "--", name]);
            let called = arguments(&scratch, &printed);
            assert!(called.contains(&wanted), "{hypervisor}: {wanted}\n{called:#?}\n{printed}");
            assert!(!scratch.path("pwned").exists(), "{hypervisor}: {printed}");
        }
        // Its rules are documented; there is no PowerShell to ask.
        if !name.contains('"') {
            let printed = script(&scratch, &["hyperv", "--", name]);
            let quoted = format!("-LiteralPath '{}'", own.replace('\'', "''"));
            assert!(printed.contains(&quoted), "{printed}");
        }
    }
}

#[test]
fn names_of_bases_and_vms_do_too() {
    let scratch = images("vda");
    let base = "my 'base', $(touch pwned)";
    let vm = "v'm $(touch pwned)";
    for (hypervisor, wanted) in [
        ("qemu", vec![base.to_owned(), format!("file={vm}.qcow2,format=qcow2,if=virtio")]),
        ("vsphere", vec![format!("-vm={base}"), vm.to_owned()]),
        ("openstack", vec![format!("--image={base}"), vm.to_owned()]),
        ("virtualbox", vec![base.to_owned(), format!("{vm}.vdi")]),
    ] {
        let printed = script(&scratch, &[hypervisor, "a.iso", "--base", base, "--vm", vm]);
        let called = arguments(&scratch, &printed);
        for wanted in wanted {
            assert!(called.contains(&wanted), "{hypervisor}: {wanted}\n{called:#?}\n{printed}");
        }
        assert!(!scratch.path("pwned").exists(), "{hypervisor}: {printed}");
    }
}
