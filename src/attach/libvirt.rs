//! libvirt, through virt-install: a virtio disk, or a second CD-ROM beside the DVD.
//!
//! Limits: virt-install 4.1 escapes some characters of a path twice, and then looks for another file, so they are refused.
//! Sources: virt-install(1) and virtinst/cli.py of 4.1, which splits an option list as a shell does its words, at commas;
//! virsh(1).

use anyhow::Result;

use super::{Attachment, CLOUD_IMAGE, DVD, Facts, Hypervisor, Names, Sources};

/// libvirt, with virt-install.
#[derive(Debug)]
pub struct Libvirt;

impl Hypervisor for Libvirt {
    fn facts(&self) -> &'static Facts {
        &Facts {
            name: "libvirt",
            title: "libvirt, with virt-install",
            template: "libvirt.sh.j2",
            sources: Sources::Files,
            base: CLOUD_IMAGE,
            dvd: DVD,
            disk: "vda",
            names: Names::Free { longest: 200, without: " /,\"'\\&<>" },
            serial: true,
        }
    }

    fn check(&self, attachment: &Attachment) -> Result<()> {
        attachment.without("\"'\\&<>", "virt-install takes no quotes, backslashes, & < or > in a path")
    }
}
