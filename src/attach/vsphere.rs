//! vSphere, through govc: a CD-ROM with an ISO of the datastore, or a converted disk.
//!
//! Limits: --base is a template in the inventory, --dvd a path in the datastore. VAST's OVA takes no NoCloud seed. A CD-ROM
//! needs an IDE controller, which templates have by default. Sources: govc's USAGE.md and vmdk/import.go of govmomi.

use super::{Facts, Hypervisor, Names, Sources};

/// vSphere, with govc.
#[derive(Debug)]
pub struct Vsphere;

impl Hypervisor for Vsphere {
    fn facts(&self) -> &'static Facts {
        &Facts {
            name: "vsphere",
            title: "vSphere, with govc",
            template: "vsphere.sh.j2",
            sources: Sources::Names,
            base: "rocky8-template",
            dvd: "iso/Rocky-8.10-x86_64-dvd1.iso",
            disk: "sda",
            names: Names::Free { longest: 75, without: "/\\%" },
            serial: false,
        }
    }
}
