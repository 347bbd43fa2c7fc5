//! Which machines find something in an image, and what to do where none does.
//!
//! Sources: cloud-init 23.4 (ds-identify takes CIDATA and cidata alone; DataSourceNoCloud wants user-data and meta-data);
//! Anaconda 33.16 (ks.cfg on what is labelled OEMDRV).

use anyhow::{Result, bail, ensure};

use super::Facts;
use crate::documents::KICKSTART;
use crate::image::{Image, Kind, Volume};
use crate::inspection::{CIDATA, Inspection, OEMDRV, What};

/// Who finds something.
#[derive(Debug)]
pub(super) struct Found {
    /// cloud-init.
    pub(super) cloud: bool,
    /// Rocky's installer.
    pub(super) installer: bool,
    /// The only disks that the kickstart may touch, where it says so.
    disks: Vec<String>,
}

impl Found {
    /// Looks for both.
    ///
    /// # Errors
    /// When nobody finds anything: with the way out.
    pub(super) fn look(image: &Image, inspection: &Inspection, served: bool) -> Result<Self> {
        match image.kind {
            Kind::Tar | Kind::Zip => bail!(
                "a {}, and a VM reads none: unpack it on a host that runs and start vastimg/prepare.sh \
                 (docs/existing-hosts.md), or build it again with --format iso",
                image.kind.title()
            ),
            Kind::Dir if served => {
                let root = |path| image.volumes.iter().any(|volume| volume.file(path).is_some());
                ensure!(
                    root("user-data") && root("meta-data"),
                    "cloud-init takes no seed without user-data and meta-data: serve what vastimg build --format nocloud-net wrote"
                );
                return Ok(Found { cloud: true, installer: false, disks: Vec::new() });
            }
            Kind::Dir => bail!(
                "a directory has no label, by which a VM would find it: serve it and say where with --url \
                 http://SERVER/NAME/ (docs/serve.md), or build it again with --format iso"
            ),
            Kind::Unknown => bail!(
                "{}; attach one that vastimg build wrote with --format iso, oemdrv or disk",
                image.kind.title()
            ),
            Kind::Iso | Kind::Fat | Kind::Disk => {}
        }
        if inspection.what == What::NoSeed {
            bail!(
                "{}; a VM finds a seed by the label CIDATA, or OEMDRV for Rocky's installer",
                inspection.title
            );
        }
        let any = |labels: &[&str], wanted: &dyn Fn(&Volume) -> bool| {
            let labelled = |volume: &&Volume| volume.label().is_some_and(|label| labels.contains(&label));
            image.volumes.iter().filter(labelled).any(wanted)
        };
        let has_both =
            |volume: &Volume| volume.file("user-data").is_some() && volume.file("meta-data").is_some();
        let cloud = any(&CIDATA, &has_both);
        let installer = any(&[OEMDRV], &|volume| volume.file(KICKSTART).is_some());
        ensure!(
            cloud || installer,
            "no VM finds a seed in it: that has user-data and meta-data on a volume labelled CIDATA, or ks.cfg on one \
             labelled OEMDRV; vastimg validate says what is wrong"
        );
        Ok(Found { cloud, installer, disks: inspection.wipes.disks.clone() })
    }

    /// Whether the kickstart's disk is the one that the VM will have; links such as disk/by-id/NAME only the VM knows.
    pub(super) fn suits(&self, facts: &Facts) -> Result<()> {
        for disk in &self.disks {
            let disk = disk.trim_start_matches("/dev/");
            ensure!(
                disk == facts.disk || disk.contains('/'),
                "its kickstart installs on {disk}, and the disk of a VM on {} is {}: build it again with --install-disk {}",
                facts.name,
                facts.disk,
                facts.disk
            );
        }
        Ok(())
    }
}
