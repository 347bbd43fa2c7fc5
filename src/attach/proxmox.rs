//! Proxmox VE, through qm: a CD-ROM, or a disk of its own for a raw image.
//!
//! Limits: --base is an absolute path or a volume such as local:import/NAME, --dvd a volume, and neither has a comma, which
//! Proxmox's option lists cannot have in a value. Sources: qm(1) of 8 (import-from since 7.2); the storage's ISO_EXT_RE_0.

use anyhow::{Result, ensure};

use super::{Attachment, Facts, Hypervisor, Names, Sources, System};

/// Proxmox VE, with qm.
#[derive(Debug)]
pub struct Proxmox;

impl Hypervisor for Proxmox {
    fn facts(&self) -> &'static Facts {
        &Facts {
            name: "proxmox",
            title: "Proxmox VE, with qm",
            template: "proxmox.sh.j2",
            sources: Sources::Names,
            base: "/var/lib/vz/import/Rocky-8-GenericCloud-Base.latest.x86_64.qcow2",
            dvd: "local:iso/Rocky-8.10-x86_64-dvd1.iso",
            disk: "vda",
            names: Names::Host { longest: 200, dotted: true },
            serial: false,
        }
    }

    fn check(&self, attachment: &Attachment) -> Result<()> {
        let (option, path) = match &attachment.system {
            System::Cloud(base) => ("--base", base),
            System::Installer(dvd) => ("--dvd", dvd),
        };
        ensure!(!path.contains(','), "{option} {path}: Proxmox takes no commas there; rename it");
        ensure!(
            path.starts_with('/') || path.contains(':'),
            "{option} {path}: Proxmox wants an absolute path on its node, or STORAGE:VOLUME"
        );
        Ok(())
    }
}
