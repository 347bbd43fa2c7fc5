//! What Rocky's installer is to do: the disk that it may wipe, and what a profile says under `kickstart:`.

use super::Disk;
use crate::catalogue::Setting;
use crate::profile::{Kickstart, Selection};

/// An installation by a kickstart.
#[derive(Clone, Debug)]
pub struct Installation {
    /// The one disk that is wiped.
    pub disk: Disk,
    /// The profile's settings.
    pub settings: Kickstart,
    /// Packages of BaseOS and AppStream that the fixes need.
    pub packages: Vec<String>,
    /// Packages of repositories that have to be added first, EPEL's for example.
    pub further_packages: Vec<String>,
    /// Kernel arguments of the fixes.
    pub kernel: Vec<String>,
}

impl Installation {
    pub(super) fn of(disk: Disk, selection: &Selection) -> Self {
        let (mut packages, mut further_packages, mut kernel) = (Vec::new(), Vec::new(), Vec::new());
        for selected in &selection.fixes {
            for group in &selected.fix.spec.packages {
                let names = match selected.values.get(&group.names) {
                    Some(Setting::Words(names)) => names.as_slice(),
                    _ => &[],
                };
                let list = if group.release.is_none() { &mut packages } else { &mut further_packages };
                list.extend_from_slice(names);
            }
            kernel.extend_from_slice(&selected.fix.spec.kernel);
        }
        Installation { disk, settings: selection.kickstart.clone(), packages, further_packages, kernel }
    }
}
