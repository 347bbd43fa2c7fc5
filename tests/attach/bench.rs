//! A directory with one image of each kind, and with tools that stand in for those that the scripts call.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use crate::harness::Scratch;
use crate::tools;

pub const ALL: [&str; 8] =
    ["libvirt", "qemu", "proxmox", "vsphere", "openstack", "kubevirt", "hyperv", "virtualbox"];

/// A scratch directory with `a.iso` (CIDATA), `k.iso` (OEMDRV) and `d.img` (both), whose kickstarts install on `disk`.
pub fn images(disk: &str) -> Scratch {
    let scratch = Scratch::new();
    let build = ["build", "-p", "minimal", "--hostname", "vast-01", "-o"];
    scratch.done(&[&build[..], &["a.iso"]].concat());
    scratch.done(&[&build[..], &["k.iso", "--format", "oemdrv", "--install-disk", disk]].concat());
    scratch.done(&[&build[..], &["d.img", "--install-disk", disk]].concat());
    scratch
}

/// What the first disk of a hypervisor's VM is called.
pub fn disk_of(hypervisor: &str) -> &'static str {
    if ["vsphere", "hyperv", "virtualbox"].contains(&hypervisor) { "sda" } else { "vda" }
}

/// The script for one image.
pub fn script(scratch: &Scratch, arguments: &[&str]) -> String {
    String::from_utf8(scratch.done(&[&["attach"], arguments].concat()).stdout).unwrap()
}

/// Puts a program of shell into the scratch directory's `bin`.
pub fn stand_in(scratch: &Scratch, name: &str, program: &str) {
    let path = format!("bin/{name}");
    scratch.file(&path, format!("#!/bin/sh\n{program}\n"));
    fs::set_permissions(scratch.path(&path), fs::Permissions::from_mode(0o755)).unwrap();
}

/// A shell that runs a script as it is, with those programs before all others.
pub fn shell(scratch: &Scratch, script: &str) -> Command {
    scratch.file("script", script);
    let mut shell = tools::bounded("sh");
    let path = format!("{}:{}", scratch.path("bin").display(), std::env::var("PATH").unwrap());
    shell.args(["-eu", "script"]).current_dir(scratch.path(".")).env("PATH", path);
    shell
}
