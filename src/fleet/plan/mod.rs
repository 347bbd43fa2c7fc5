//! From an inventory to hosts and the plans that they share. Everything that can be refused is refused here, for all hosts
//! and in one go, also for those of other shares: two machines that take a share each see the same fleet.

mod planner;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use sha2::{Digest, Sha256};

use crate::bash;
use crate::catalogue::Catalogue;
use crate::diagnostic::{Diagnostic, Diagnostics, Severity, Source};
use crate::digest;
use crate::documents::{Common, GENERATOR, Seed};
use crate::embedded;
use crate::inventory;
use crate::media::Format;
use crate::network;
use crate::plan::{self, Access, Disk, Plan, Templates};
use crate::profile::{self, Layer, Overrides, Selection};

use planner::Planner;

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

impl Host {
    /// Hosts of one shape have images in which everything lies at the same place.
    pub(super) fn shape(&self) -> (usize, usize, Option<usize>) {
        (self.group, self.hostname.len(), self.network.as_ref().map(|network| network.len()))
    }
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
        profile::check_words(&request.catalogue, &request.overrides)?;
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
        let mut planner = Planner::begun(errors);
        for entry in inventory.hosts {
            fleet.add(entry, &mut planner);
        }
        fleet.nobody_can_log_in();
        let errors = planner.finish(fleet.request.format);
        if errors.is_empty() {
            fleet.hosts.sort_unstable_by(|a, b| a.name.cmp(&b.name));
            fleet.digest = fleet.digest_of(&planner.digests);
            return Ok(fleet);
        }
        Err(Diagnostics(errors).into())
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
