//! OpenStack: a read-only volume that is a second virtio disk.
//!
//! Limits: cloud images only; Nova boots an installer's DVD in ways that differ from cloud to cloud. A config drive is asked
//! before the seed. Sources: ds-identify of cloud-init 23.4 (order of its list); openstackclient 10.5 (--block-device since
//! 5.5); Cinder, which sets a volume read-only once it is available.

use anyhow::{Result, bail};

use super::{Attachment, Facts, Hypervisor, Names, Sources, System};

/// OpenStack, with its command line.
#[derive(Debug)]
pub struct Openstack;

impl Hypervisor for Openstack {
    fn facts(&self) -> &'static Facts {
        &Facts {
            name: "openstack",
            title: "OpenStack, with its command line",
            template: "openstack.sh.j2",
            sources: Sources::Names,
            base: "Rocky-8-GenericCloud-Base",
            dvd: "Rocky-8.10-x86_64-dvd1",
            disk: "vda",
            names: Names::Free { longest: 200, without: "," },
            serial: false,
        }
    }

    fn check(&self, attachment: &Attachment) -> Result<()> {
        if let System::Installer(_) = attachment.system {
            bail!("on OpenStack a VM boots an image and not a DVD: build it again with --format iso");
        }
        Ok(())
    }
}
