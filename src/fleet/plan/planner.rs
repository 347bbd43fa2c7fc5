//! Planning host by host: what is wrong is gathered, what was said before is not said again, and hosts that come to the same
//! plan share it.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::{Fleet, Group, Host};
use crate::diagnostic::{Diagnostic, Diagnostics, Place, Severity};
use crate::documents::kickstart;
use crate::inventory::Entry;
use crate::media::{Carried, Format};
use crate::network::Network;
use crate::plan::Disk;
use crate::profile::Layer;

/// What decides which plan a host has: its layers, which live as long as the inventory does; its keys; its disk.
type Key = (Vec<usize>, Vec<String>, Option<Disk>);

/// What is needed while planning only.
#[derive(Default)]
pub(super) struct Planner {
    pub(super) errors: Vec<Diagnostic>,
    told: BTreeSet<String>,
    /// Hosts whose medium wipes a disk that nobody names.
    without_disk: Vec<(String, Place)>,
    groups: HashMap<Key, usize>,
    /// Groups by what their plans are made of.
    contents: HashMap<String, usize>,
    /// Digests of what hosts of each group have in common.
    pub(super) digests: Vec<String>,
}

impl Planner {
    /// With what reading the inventory has found.
    pub(super) fn begun(errors: Vec<Diagnostic>) -> Self {
        Planner { errors, ..Planner::default() }
    }

    /// All that was found wrong.
    pub(super) fn finish(&mut self, format: Format) -> Vec<Diagnostic> {
        if let [(first, place), others @ ..] = &*self.without_disk {
            let who = match others.len() {
                0 => format!("{first} names"),
                more => format!("{first} and {more} more name"),
            };
            let message = format!(
                "{who} no disk, and --format {} carries a kickstart, for which Rocky's installer wipes one without a question",
                format.name()
            );
            let help = "set `install_disk`, such as `install_disk: vda`, or give --install-disk for all";
            self.errors.push(Diagnostic::at(place, message).help(help));
        }
        std::mem::take(&mut self.errors)
    }
}

impl Fleet {
    /// Plans one host.
    pub(super) fn add(&mut self, entry: Entry, planner: &mut Planner) {
        let Entry { name, place, hostname, ssh_keys, network, install_disk, layers } = entry;
        let format = self.request.format;
        let disk = install_disk
            .or_else(|| self.request.install_disk.clone())
            .filter(|_| format.kickstart() != Carried::Never);
        if disk.is_none() && format.kickstart() == Carried::Always {
            planner.without_disk.push((name.clone(), place.clone()));
        }
        if let Some(network) = &network {
            self.examine_network(network, &hostname, &place, disk.is_some(), planner);
        }
        let layers: Vec<_> = layers.into_iter().filter(|layer| !layer.is_empty()).collect();
        let key = (layers.iter().map(|layer| Arc::as_ptr(layer) as usize).collect(), ssh_keys, disk);
        let group = match planner.groups.get(&key) {
            Some(group) => *group,
            None => {
                let group = self.group(layers, &key.1, key.2.as_ref(), &place, planner);
                planner.groups.insert(key, group);
                group
            }
        };
        let network = network.map(|network| Arc::from(network.text()));
        self.hosts.push(Host { name, hostname, group, network });
    }

    /// The group of a host whose layers are new; another host may say the same in other words.
    fn group(
        &mut self,
        layers: Vec<Arc<Layer>>,
        ssh_keys: &[String],
        disk: Option<&Disk>,
        place: &Place,
        planner: &mut Planner,
    ) -> usize {
        let mut access = self.request.access.clone();
        access.ssh_keys.extend(ssh_keys.iter().cloned());
        let mut seen = BTreeSet::new();
        access.ssh_keys.retain(|line| seen.insert(line.clone()));
        let group = Group { layers, access, disk: disk.cloned() };
        let content = self.select(&group).ok().map(|selection| {
            let fixes: Vec<_> = selection.fixes.iter().map(|one| (&one.fix.id, &one.values)).collect();
            format!("{:?}", (&selection.user, fixes, &group.access.ssh_keys, disk))
        });
        if let Some(known) = content.as_ref().and_then(|content| planner.contents.get(content)) {
            return *known;
        }
        self.groups.push(group);
        let number = self.groups.len() - 1;
        planner.contents.extend(content.map(|content| (content, number)));
        self.try_group(number, place, planner);
        number
    }

    /// Makes the plan of a new group, so that it is known to work.
    fn try_group(&mut self, group: usize, place: &Place, planner: &mut Planner) {
        let found = match self.make(group) {
            Ok((ready, warnings)) => {
                planner.digests.push(ready.common.sha256());
                self.keep(group, Arc::new(ready));
                warnings
            }
            Err(error) => {
                planner.digests.push(String::new());
                Diagnostics::of(&error)
            }
        };
        for one in found {
            // What warns of a plan is not one host's.
            self.tell(if one.severity == Severity::Error { one.or_at(place) } else { one }, planner);
        }
    }

    /// Tells each thing once, however many hosts it is of.
    fn tell(&mut self, one: Diagnostic, planner: &mut Planner) {
        if planner.told.insert(one.to_string()) {
            let list = if one.severity == Severity::Error { &mut planner.errors } else { &mut self.warnings };
            list.push(one);
        }
    }

    fn examine_network(
        &mut self,
        network: &Network,
        hostname: &str,
        place: &Place,
        with_kickstart: bool,
        planner: &mut Planner,
    ) {
        let mut found = network.warnings().to_vec();
        if matches!(self.request.format, Format::Iso | Format::Disk | Format::NocloudNet) {
            found.extend(network.warnings_for_cloud_images());
        }
        if with_kickstart {
            match kickstart::network::for_host(network, hostname) {
                Ok(installer) => found.extend(installer.warnings),
                Err(error) => {
                    found.extend(Diagnostics::of(&error).into_iter().map(|one| one.or_at(place)));
                }
            }
        }
        for one in found {
            self.tell(one, planner);
        }
    }

    /// One warning for all hosts without a way in.
    pub(super) fn nobody_can_log_in(&mut self) {
        let open = |group: &Group| !group.access.ssh_keys.is_empty() || group.access.password_hash.is_some();
        let shut = self.hosts.iter().filter(|host| !open(&self.groups[host.group])).count();
        if shut > 0 && !matches!(self.request.format, Format::Tar | Format::Zip) {
            let hosts = if shut == 1 { "1 host".to_owned() } else { format!("{shut} hosts") };
            let message =
                format!("NOBODY CAN LOG IN to {hosts}: there is neither a key nor a password for them");
            let help =
                "VAST's own monitor brings its key; add --ssh-key FILE, or `ssh_keys` to the inventory";
            self.warnings.insert(0, Diagnostic::warning(None, message).help(help));
        }
    }
}
