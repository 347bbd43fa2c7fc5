//! What is refused: exit code 2, the reason, and the way out.

use insta::assert_snapshot;

use crate::bench::images;
use crate::harness::Scratch;
use crate::small;

#[test]
fn what_no_vm_finds() {
    let scratch = Scratch::new();
    for (name, format) in [("seed.tar.gz", "tar"), ("seed.zip", "zip"), ("seed", "dir")] {
        scratch.done(&["build", "-p", "minimal", "-o", name, "--format", format]);
        assert_snapshot!(format, scratch.refused(&["attach", "libvirt", name]));
    }
    scratch.file("text", "hello");
    assert_snapshot!("unknown", scratch.refused(&["attach", "libvirt", "text"]));
    assert_snapshot!("missing", scratch.refused(&["attach", "libvirt", "nothing.iso"]));
    scratch.file("label.iso", small::iso(&small::seed(), "HOLIDAY"));
    assert_snapshot!("label", scratch.refused(&["attach", "libvirt", "label.iso"]));
    scratch.file("kickstart.iso", small::iso(&small::seed(), "OEMDRV"));
    assert_snapshot!("no_kickstart", scratch.refused(&["attach", "libvirt", "kickstart.iso"]));
}

#[test]
fn what_does_not_go_together() {
    let scratch = images("vda");
    let refused = |arguments: &[&str]| scratch.refused(&[&["attach"], arguments].concat());
    assert_snapshot!("dvd_for_a_cloud_seed", refused(&["qemu", "a.iso", "--dvd", "dvd.iso"]));
    assert_snapshot!("base_for_an_installer", refused(&["qemu", "k.iso", "--base", "base.qcow2"]));
    assert_snapshot!("both", refused(&["qemu", "d.img", "--base", "base.qcow2", "--dvd", "dvd.iso"]));
    assert_snapshot!("another_disk", refused(&["vsphere", "k.iso"]));
    assert_snapshot!("no_dvd_on_openstack", refused(&["openstack", "k.iso"]));
    assert_snapshot!("no_such_hypervisor", refused(&["xen", "a.iso"]));
}

#[test]
fn what_a_tool_takes_in_no_form() {
    let scratch = images("vda");
    let refused = |arguments: &[&str]| scratch.refused(&[&["attach"], arguments].concat());
    assert_snapshot!("libvirt_quotes", refused(&["libvirt", "a.iso", "--base", "it's.qcow2"]));
    assert_snapshot!("libvirt_name", refused(&["libvirt", "a.iso", "--vm", "a b"]));
    assert_snapshot!("proxmox_comma", refused(&["proxmox", "a.iso", "--base", "/a,b.qcow2"]));
    assert_snapshot!("proxmox_relative", refused(&["proxmox", "a.iso", "--base", "a.qcow2"]));
    assert_snapshot!("proxmox_name", refused(&["proxmox", "a.iso", "--vm", "a_b"]));
    assert_snapshot!("kubevirt_name", refused(&["kubevirt", "a.iso", "--vm", "Vast-01"]));
    assert_snapshot!("hyperv_name", refused(&["hyperv", "a.iso", "--vm", "vast[1]"]));
    assert_snapshot!("a_name_like_an_option", refused(&["qemu", "a.iso", "--vm=-daemonize"]));
    assert_snapshot!("control_character", refused(&["qemu", "a.iso", "--base", "a\nreboot"]));
    assert_snapshot!("empty", refused(&["qemu", "a.iso", "--base", ""]));
}
