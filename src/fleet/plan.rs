//! From an inventory to hosts and the plans that they share. Everything that can be refused is refused here, for all hosts
//! and in one go, also for those of other shares: two machines that take a share each see the same fleet.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use sha2::{Digest, Sha256};

use crate::bash;
use crate::catalogue::Catalogue;
use crate::diagnostic::{Diagnostic, Diagnostics, Place, Severity, Source};
use crate::digest;
use crate::documents::kickstart::network as kickstart_network;
use crate::documents::{Common, GENERATOR, Seed};
use crate::embedded;
use crate::inventory::{self, Entry};
use crate::media::Format;
use crate::network::{self, Network};
use crate::plan::{self, Access, Disk, Plan, Templates};
use crate::profile::{self, Layer, Overrides, Selection};

/// Plans that are kept for the next host.
const KEPT: usize = 16;

/// What is asked for.
#[derive(Debug)]
pub struct Request {
    /// Fixes.
    pub catalogue: Catalogue,
    /// The profile, unless the inventory names one.
    pub profile: Option<String>,
    /// What the command line adds to it.
    pub overrides: Overrides,
    /// Who may log in to every host, beside those that the inventory names.
    pub access: Access,
    /// The disk of hosts that name none, where there is a kickstart.
    pub install_disk: Option<Disk>,
    /// Kind of medium.
    pub format: Format,
    /// The time of every file, in seconds since 1970.
    pub modified: u64,
}

/// Hosts and their plans, nothing written yet.
#[derive(Debug)]
pub struct Fleet {
    /// Name of the profile.
    pub profile: String,
    /// All hosts of the inventory, by name.
    pub hosts: Vec<Host>,
    /// Digest of all that decides what the images are.
    pub digest: String,
    /// What is to be told, and stops nothing; each once.
    pub warnings: Vec<Diagnostic>,
    request: Request,
    base: profile::Base,
    templates: Templates,
    groups: Vec<Group>,
    ready: Mutex<VecDeque<(usize, Arc<Ready>)>>,
}

/// One host.
#[derive(Debug)]
pub struct Host {
    /// What the inventory calls it.
    pub name: String,
    /// Its name in the network.
    pub hostname: String,
    /// Hosts of one group have one plan.
    pub group: usize,
    network: Option<Arc<str>>,
}

/// What hosts of one plan have in common.
#[derive(Debug)]
struct Group {
    layers: Vec<Arc<Layer>>,
    access: Access,
    disk: Option<Disk>,
}

/// A plan and what was rendered of it.
#[derive(Debug)]
struct Ready {
    plan: Plan,
    common: Common,
}

impl Fleet {
    /// Reads an inventory and plans all of its hosts.
    ///
    /// # Errors
    /// All that is wrong with any host, each at its place.
    pub fn plan(source: &Arc<Source>, request: Request, templates: Templates) -> Result<Self> {
        let (inventory, found) = inventory::read(source, &request.catalogue);
        let (errors, warnings) = found.into_iter().partition(|one| one.severity == Severity::Error);
        let profile = request.profile.clone().or(inventory.profile);
        let profile = profile.unwrap_or_else(|| profile::DEFAULT.to_owned());
        let mut fleet = Fleet {
            base: profile::base(&profile)?,
            profile,
            hosts: Vec::with_capacity(inventory.hosts.len()),
            digest: String::new(),
            warnings,
            request,
            templates,
            groups: Vec::new(),
            ready: Mutex::default(),
        };
        let mut planner = Planner { errors, ..Planner::default() };
        for entry in inventory.hosts {
            fleet.add(entry, &mut planner);
        }
        fleet.nobody_can_log_in();
        if planner.errors.is_empty() {
            fleet.hosts.sort_unstable_by(|a, b| a.name.cmp(&b.name));
            fleet.digest = fleet.digest_of(&planner.digests);
            return Ok(fleet);
        }
        Err(Diagnostics(planner.errors).into())
    }

    /// The seed of one of its hosts, and the disk that it wipes.
    ///
    /// # Errors
    /// When a document fails, which planning has tried with another host of the group.
    pub fn seed(&self, host: &Host) -> Result<(Seed, Option<&Disk>)> {
        let ready = self.ready(host.group)?;
        let disk = self.groups[host.group].disk.as_ref();
        let links = match (&host.network, disk) {
            (Some(text), Some(_)) => {
                network::parse(&Source::new(&host.name, &**text))?.for_kickstart()?.links
            }
            _ => Vec::new(),
        };
        let network = host.network.as_deref().map(ToOwned::to_owned);
        let host = plan::Host { hostname: host.hostname.clone(), network, links };
        Ok((ready.common.seed(&ready.plan, &host, &self.templates)?, disk))
    }

    /// Disks that are wiped, with how many hosts.
    pub fn wiped(&self) -> BTreeMap<String, usize> {
        let mut wiped = BTreeMap::new();
        for disk in self.hosts.iter().filter_map(|host| self.groups[host.group].disk.as_ref()) {
            *wiped.entry(disk.to_string()).or_default() += 1;
        }
        wiped
    }

    /// Whether any host brings a network of its own.
    pub fn has_networks(&self) -> bool {
        self.hosts.iter().any(|host| host.network.is_some())
    }

    /// Whether its media hold a secret.
    pub fn private(&self) -> bool {
        self.request.access.password_hash.is_some()
    }

    fn add(&mut self, entry: Entry, planner: &mut Planner) {
        let Entry { name, place, hostname, ssh_keys, network, install_disk, layers } = entry;
        let format = self.request.format;
        let with_kickstart = matches!(format, Format::Oemdrv | Format::Disk | Format::Dir);
        let disk = install_disk.or_else(|| self.request.install_disk.clone()).filter(|_| with_kickstart);
        if disk.is_none() && matches!(format, Format::Oemdrv | Format::Disk) {
            let message = format!(
                "{name} names no disk, and --format {} carries a kickstart, for which Rocky's installer wipes one without a question",
                format.name()
            );
            let help = "set `install_disk`, such as `install_disk: vda`, or give --install-disk for all";
            planner.errors.push(Diagnostic::at(&place, message).help(help));
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
            let place =
                one.place.clone().or_else(|| (one.severity == Severity::Error).then(|| place.clone()));
            self.tell(Diagnostic { place, ..one }, planner);
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
        kickstart: bool,
        planner: &mut Planner,
    ) {
        let mut found = network.warnings().to_vec();
        if matches!(self.request.format, Format::Iso | Format::Disk | Format::NocloudNet) {
            found.extend(network.warnings_for_cloud_images());
        }
        if kickstart {
            match network.for_kickstart() {
                Ok(installer) => {
                    found.extend(installer.warnings);
                    let commands = kickstart_network::commands(&installer.links, hostname);
                    found.extend(kickstart_network::warnings(&commands));
                }
                Err(error) => found.extend(Diagnostics::of(&error).into_iter().map(|one| Diagnostic {
                    place: one.place.clone().or_else(|| Some(place.clone())),
                    ..one
                })),
            }
        }
        for one in found {
            self.tell(one, planner);
        }
    }

    fn select(&self, group: &Group) -> Result<Selection> {
        let Request { catalogue, overrides, .. } = &self.request;
        profile::select_over(catalogue, &self.base, &group.layers, overrides)
    }

    fn make(&self, group: usize) -> Result<(Ready, Vec<Diagnostic>)> {
        let catalogue = &self.request.catalogue;
        let group = &self.groups[group];
        let selection = self.select(group)?;
        let mut warnings = selection.left_out(catalogue);
        let (access, disk) = (group.access.clone(), group.disk.clone());
        let plan = plan::assemble(catalogue, selection, access, &self.templates, embedded::VERIFIER, disk)?;
        warnings.extend(bash::check(&plan, &catalogue.own)?);
        let common = Common::of(&plan, &self.templates)?;
        Ok((Ready { plan, common }, warnings))
    }

    /// The plan of a group, made again if it was not kept.
    fn ready(&self, group: usize) -> Result<Arc<Ready>> {
        let kept = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept.iter().find(|(number, _)| *number == group).map(|(_, ready)| Arc::clone(ready));
        drop(kept);
        if let Some(ready) = found {
            return Ok(ready);
        }
        let ready = Arc::new(self.make(group)?.0);
        self.keep(group, Arc::clone(&ready));
        Ok(ready)
    }

    fn keep(&self, group: usize, ready: Arc<Ready>) {
        let mut kept = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() == KEPT {
            kept.pop_front();
        }
        kept.push_back((group, ready));
    }

    fn nobody_can_log_in(&mut self) {
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

    fn digest_of(&self, groups: &[String]) -> String {
        let mut all = Sha256::new();
        let Request { format, modified, .. } = &self.request;
        all.update(format!("{GENERATOR}\n{}\n{modified}\n{}\n", format.name(), self.private()));
        for host in &self.hosts {
            let disk = self.groups[host.group].disk.as_ref().map(ToString::to_string).unwrap_or_default();
            let network = host.network.as_deref().map(|text| digest::sha256(text.as_bytes()));
            let (network, group) = (network.unwrap_or_default(), &groups[host.group]);
            all.update(format!("{}\0{}\0{group}\0{disk}\0{network}\n", host.name, host.hostname));
        }
        digest::hex(&all.finalize())
    }
}

/// What decides which plan a host has: its layers, which live as long as the inventory does; its keys; its disk.
type Key = (Vec<usize>, Vec<String>, Option<Disk>);

/// What is needed while planning only.
#[derive(Default)]
struct Planner {
    errors: Vec<Diagnostic>,
    told: BTreeSet<String>,
    groups: HashMap<Key, usize>,
    /// Groups by what their plans are made of.
    contents: HashMap<String, usize>,
    digests: Vec<String>,
}
