//! virt-install: the script is run, with a driver that has no machines, and the domain that it would define is looked at.

use std::fs;

use crate::bench::{images, script, shell, stand_in};
use crate::harness::Scratch;
use crate::tools;

/// The domain's XML; none where virt-install is missing.
fn domain(scratch: &Scratch, printed: &str) -> Option<String> {
    tools::find("virt-install")?;
    // The test driver's storage pool is too small for the disk, and nothing is stored.
    let program =
        r#"PATH=${PATH#*:}; exec virt-install "$@" --connect test:///default --check all=off --print-xml 1"#;
    stand_in(scratch, "virt-install", program);
    Some(tools::output(&mut shell(scratch, printed)))
}

fn value(scratch: &Scratch, domain: &str, expression: &str) -> Option<String> {
    scratch.file("domain.xml", domain);
    let mut xmllint = tools::find("xmllint")?;
    let found = tools::output(xmllint.args(["--xpath", expression]).arg(scratch.path("domain.xml")));
    Some(found.trim_end().to_owned())
}

#[test]
fn the_seed_is_a_read_only_virtio_disk_after_the_systems() {
    let scratch = images("vda");
    for (source, name) in
        [("a.iso", "a, seed,x.iso"), ("d.img", "-d, =img.qcow2"), ("a.iso", "a:b $HOME.iso")]
    {
        fs::copy(scratch.path(source), scratch.path(name)).unwrap();
        fs::write(scratch.path("my base,1.qcow2"), "").unwrap();
        let printed = script(&scratch, &["libvirt", "--base", "my base,1.qcow2", "--", name]);
        let Some(domain) = domain(&scratch, &printed) else { return };
        let path = fs::canonicalize(scratch.path(name)).unwrap();
        for (expression, wanted) in [
            ("string(/domain/name)", "vast-01"),
            ("count(//disk)", "2"),
            ("string(//disk[1]/target/@dev)", "vda"),
            ("string(//disk[1]/target/@bus)", "virtio"),
            ("string(//disk[2]/source/@file)", path.to_str().unwrap()),
            ("string(//disk[2]/@device)", "disk"),
            ("string(//disk[2]/target/@bus)", "virtio"),
            ("string(//disk[2]/driver/@type)", "raw"),
            ("count(//disk[2]/readonly)", "1"),
            ("string(/domain/vcpu)", "12"),
            ("string(/domain/memory)", "134217728"),
        ] {
            let Some(found) = value(&scratch, &domain, expression) else { return };
            assert_eq!(found, wanted, "{expression}\n{domain}\n{printed}");
        }
    }
}

#[test]
fn the_installer_boots_from_the_dvd_after_the_blank_disk() {
    let scratch = images("vda");
    scratch.file("my dvd,1.iso", "");
    for (image, device, bus) in [("k.iso", "cdrom", ""), ("d.img", "disk", "virtio")] {
        let printed = script(&scratch, &["libvirt", image, "--dvd", "my dvd,1.iso"]);
        let Some(domain) = domain(&scratch, &printed) else { return };
        let path = |name| fs::canonicalize(scratch.path(name)).unwrap().to_str().unwrap().to_owned();
        for (expression, wanted) in [
            ("count(//disk)", "3".to_owned()),
            ("string(//disk[1]/boot/@order)", "1".to_owned()),
            ("string(//disk[1]/target/@dev)", "vda".to_owned()),
            ("string(//disk[2]/boot/@order)", "2".to_owned()),
            ("string(//disk[2]/@device)", "cdrom".to_owned()),
            ("string(//disk[2]/source/@file)", path("my dvd,1.iso")),
            ("string(//disk[3]/source/@file)", path(image)),
            ("string(//disk[3]/@device)", device.to_owned()),
            ("count(//disk[3]/readonly)", "1".to_owned()),
            ("count(//disk[3]/boot)", "0".to_owned()),
            ("count(//os/boot)", "0".to_owned()),
        ] {
            let Some(found) = value(&scratch, &domain, expression) else { return };
            assert_eq!(found, wanted, "{expression}\n{domain}\n{printed}");
        }
        if !bus.is_empty() {
            assert_eq!(value(&scratch, &domain, "string(//disk[3]/target/@bus)").as_deref(), Some(bus));
        }
    }
}
