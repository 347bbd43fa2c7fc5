//! What goes into a seed, resolved from arguments: every file read and every name checked before anything is rendered.

use anyhow::{Context, Result};

use crate::access;
use crate::bash;
use crate::catalogue::Catalogue;
use crate::cli::SeedArgs;
use crate::diagnostic::Diagnostic;
use crate::documents::kickstart;
use crate::embedded;
use crate::network::{self, Network};
use crate::plan::{self, Access, Disk, Host, Plan, Templates};
use crate::profile::{self, Overrides, Selection};

/// What was read, each part checked by itself.
#[derive(Debug)]
pub(super) struct Inputs {
    pub catalogue: Catalogue,
    pub selection: Selection,
    pub network: Option<Network>,
    pub access: Access,
    pub hostname: String,
}

/// A plan, and the host that it is rendered for.
#[derive(Debug)]
pub(super) struct Planned {
    pub plan: Plan,
    pub host: Host,
    pub warnings: Vec<Diagnostic>,
}

impl Inputs {
    pub(super) fn read(args: &SeedArgs) -> Result<Self> {
        let catalogue = Catalogue::load(args.catalogue.as_deref())?;
        let name = args.profile.as_deref().unwrap_or(profile::DEFAULT);
        let selection = profile::select(&catalogue, name, &overrides(args))?;
        let network = args.network.as_deref().map(network::read).transpose()?;
        let access = access(args)?;
        let hostname = match &args.hostname {
            Some(hostname) => hostname.clone(),
            None => default_hostname(&selection.profile),
        };
        access::check_hostname(&hostname)?;
        Ok(Inputs { catalogue, selection, network, access, hostname })
    }

    /// Renders the files of the VM. The disk is given where there is to be a kickstart.
    pub(super) fn plan(self, templates: &Templates, install_disk: Option<Disk>) -> Result<Planned> {
        let Inputs { catalogue, selection, network, access, hostname } = self;
        let mut warnings = Vec::from_iter(network.iter().flat_map(Network::warnings).cloned());
        let links = match &network {
            Some(network) if install_disk.is_some() => {
                let installer = kickstart::network::for_host(network, &hostname)?;
                warnings.extend(installer.warnings);
                installer.links
            }
            _ => Vec::new(),
        };
        warnings.extend(selection.left_out(&catalogue));
        let plan =
            plan::assemble(&catalogue, selection, access, templates, embedded::VERIFIER, install_disk)?;
        warnings.extend(bash::check(&plan, &catalogue.own)?);
        let host = Host { hostname, network: network.map(|network| network.text().to_owned()), links };
        Ok(Planned { plan, host, warnings })
    }
}

/// The disk that was named, where one was.
pub(super) fn install_disk(args: &SeedArgs) -> Result<Option<Disk>> {
    args.install_disk.as_deref().map(Disk::named).transpose().context("--install-disk")
}

/// What the command line adds to a profile.
pub(super) fn overrides(args: &SeedArgs) -> Overrides {
    Overrides {
        set: args.set.clone(),
        only: args.only.clone(),
        skip: args.skip.clone(),
        user: args.user.clone(),
        install_source: args.install_source.clone(),
    }
}

/// The host name of a seed that is given none.
pub(super) fn default_hostname(profile: &str) -> String {
    format!("vast-{}", profile.replace(['_', '.'], "-"))
}

/// Who may log in, each key once.
pub(super) fn access(args: &SeedArgs) -> Result<Access> {
    let mut ssh_keys = Vec::new();
    for path in &args.ssh_key {
        for key in access::ssh_keys(path)? {
            if !ssh_keys.contains(&key) {
                ssh_keys.push(key);
            }
        }
    }
    let password_hash = args.password_hash_file.as_deref().map(access::password_hash).transpose()?;
    Ok(Access { ssh_keys, password_hash })
}
