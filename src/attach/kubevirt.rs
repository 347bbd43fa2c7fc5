//! KubeVirt: volumes that virtctl uploads, and a manifest with a virtio disk or a second CD-ROM.
//!
//! Limits: needs CDI and a default storage class; the manifest was held against the API's types by hand, and by no schema in
//! the tests, since no package registry has one. A name is a label of RFC 1123 with room for "-seed". Sources: the API's types
//! of KubeVirt 1.7 (V1Disk, V1CDRomTarget, V1DataVolumeTemplateSpec); virtctl image-upload.

use super::{CLOUD_IMAGE, DVD, Facts, Hypervisor, Names, Sources};

/// KubeVirt, with virtctl and kubectl.
#[derive(Debug)]
pub struct Kubevirt;

impl Hypervisor for Kubevirt {
    fn facts(&self) -> &'static Facts {
        &Facts {
            name: "kubevirt",
            title: "KubeVirt, with virtctl and kubectl",
            template: "kubevirt.sh.j2",
            sources: Sources::Files,
            base: CLOUD_IMAGE,
            dvd: DVD,
            disk: "vda",
            names: Names::Host { longest: 58, dotted: false },
            serial: false,
        }
    }
}
