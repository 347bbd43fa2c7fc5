//! QEMU without a manager: a virtio disk, or a second CD-ROM beside the DVD.
//!
//! Limits: the network is QEMU's own, which VAST's other nodes do not reach; one VM at a time, since ports are fixed.
//! Sources: qemu-system-x86_64(1) of 7.2; qemu-img(1).

use super::{CLOUD_IMAGE, DVD, Facts, Hypervisor, Names, Sources};

/// QEMU by itself.
#[derive(Debug)]
pub struct Qemu;

impl Hypervisor for Qemu {
    fn facts(&self) -> &'static Facts {
        &Facts {
            name: "qemu",
            title: "QEMU by itself",
            template: "qemu.sh.j2",
            sources: Sources::Files,
            base: CLOUD_IMAGE,
            dvd: DVD,
            disk: "vda",
            names: Names::Free { longest: 200, without: "/:" },
            serial: true,
        }
    }
}
