//! VirtualBox, through VBoxManage: a DVD drive, or a converted disk that forgets what is written.
//!
//! Limits: the network is VirtualBox's NAT, which VAST's other nodes do not reach. Sources: its user manual, chapter VBoxManage
//! (storageattach, convertfromraw, modifymedium).

use super::{CLOUD_IMAGE, DVD, Facts, Hypervisor, Names, Sources};

/// VirtualBox, with VBoxManage.
#[derive(Debug)]
pub struct Virtualbox;

impl Hypervisor for Virtualbox {
    fn facts(&self) -> &'static Facts {
        &Facts {
            name: "virtualbox",
            title: "VirtualBox, with VBoxManage",
            template: "virtualbox.sh.j2",
            sources: Sources::Files,
            base: CLOUD_IMAGE,
            dvd: DVD,
            disk: "sda",
            names: Names::Free { longest: 200, without: "<>:\"/\\|?*" },
            serial: false,
        }
    }
}
