//! Hyper-V, through PowerShell: a DVD drive of a generation 2 VM, or a converted disk.
//!
//! Limits: no test parses PowerShell; the quoting is by its documented rules. Cmdlets take brackets in a name for a pattern.
//! Sources: the Hyper-V module (New-VM, Add-VMDvdDrive, Set-VMFirmware); qemu-img(1).

use anyhow::Result;

use super::{Attachment, CLOUD_IMAGE, DVD, Facts, Hypervisor, Names, Sources};

/// Hyper-V, with PowerShell.
#[derive(Debug)]
pub struct Hyperv;

impl Hypervisor for Hyperv {
    fn facts(&self) -> &'static Facts {
        &Facts {
            name: "hyperv",
            title: "Hyper-V, with PowerShell",
            template: "hyperv.ps1.j2",
            sources: Sources::WindowsFiles,
            base: CLOUD_IMAGE,
            dvd: DVD,
            disk: "sda",
            names: Names::Free { longest: 90, without: "<>:\"/\\|?*[]" },
            serial: false,
        }
    }

    fn check(&self, attachment: &Attachment) -> Result<()> {
        attachment.without("<>\"|?*", "Windows takes none of < > \" | ? * in a path")
    }
}
