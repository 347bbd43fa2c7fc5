//! An inventory: hosts, and what differs between them.
//!
//! ```yaml
//! profile: loopback
//! defaults: {ssh_keys: [operator.pub]}
//! groups:
//!   large: {fixes: {fd-limits: {nofile: 2097152}}}
//! hosts:
//!   vast-01: {groups: [large], network: net/vast-01.yaml}
//!   vast-02: {fqdn: vast-02.example.com, network: {version: 2, ethernets: {eth0: {dhcp4: true}}}}
//! ```
//!
//! Settings are layers: the defaults, then each group of the host in the order in which it names them (a group's own groups
//! before it), then the host's own. A later layer's values replace those of an earlier one; keys add up. Paths are
//! relative to the inventory. Limits: one YAML file.

mod check;
mod read;
mod settings;

use std::sync::Arc;

use crate::catalogue::Catalogue;
use crate::diagnostic::{Diagnostic, Place, Source};
use crate::network::Network;
use crate::plan::Disk;
use crate::profile::Layer;

/// Everything that an inventory says.
#[derive(Debug)]
pub struct Inventory {
    /// The profile, by name, or by path from where the program runs; none where the command line names it.
    pub profile: Option<String>,
    /// In the order of the text.
    pub hosts: Vec<Entry>,
}

/// One host.
#[derive(Debug)]
pub struct Entry {
    /// What the inventory calls it; a file name, too.
    pub name: String,
    /// Where it is named.
    pub place: Place,
    /// Its host name: `fqdn`, or its name.
    pub hostname: String,
    /// Lines of authorized_keys, each once.
    pub ssh_keys: Vec<String>,
    /// Its network; none asks DHCP.
    pub network: Option<Network>,
    /// What Rocky's installer wipes.
    pub install_disk: Option<Disk>,
    /// What it sets of profile, the first layer first.
    pub layers: Vec<Arc<Layer>>,
}

/// Reads an inventory, and holds its hosts against each other. What is wrong is told beside what could be read.
pub fn read(source: &Arc<Source>, catalogue: &Catalogue) -> (Inventory, Vec<Diagnostic>) {
    let mut found = Vec::new();
    let inventory = read::read(source, catalogue, &mut found);
    check::check(&inventory, &mut found);
    (inventory, found)
}
