//! An Ansible inventory in YAML, as it is: groups in groups, ranges of hosts, variables with Ansible's precedence.
//!
//! Of variables count those of `vars`; a variable replaces the whole of one of its name, as in Ansible. Where any host has
//! one that counts, hosts that have none are left out: an inventory is a site's, and not all hosts are VAST's. `ansible_host`
//! says where Ansible connects to, which need not be in the VM's network, and is ignored with everything else.
//! Limits: no INI form (which is recognised, and refused), no group_vars and host_vars, no plugins, no templates, no vault.

mod groups;
mod range;
mod vars;

use std::collections::HashMap;
use std::sync::Arc;

use super::Inventory;
use super::entry::Reader;
use super::settings::Settings;
use crate::catalogue::Catalogue;
use crate::diagnostic::{Diagnostic, Place, Severity, Source};
use crate::network::Network;
use crate::profile::Layer;
use crate::yaml::{Node, Value};
use groups::{ALL, Tree};
use vars::{Shape, Vars, over};

/// Whether a tree is such an inventory, or the configuration of a plugin that would make one.
pub(super) fn is(root: &Node) -> bool {
    let group = |node: &Node| {
        let part = |name: &str| node.get(name).is_some_and(|node| !matches!(node.value, Value::Text(_)));
        part("hosts") || part("children")
    };
    let is_group =
        |name: &str| root.get(name).is_some_and(|node| matches!(node.value, Value::Map(_) | Value::Null));
    let is_plugin = root.get("plugin").is_some_and(|node| node.text().is_some());
    let own = |name: &str| ["hosts", "groups", "defaults"].contains(&name);
    root.get("hosts").is_none()
        && (is_group(ALL)
            || is_plugin
            || root.entries().iter().any(|(key, node)| !own(&key.name) && group(node)))
}

/// The line of the first section, such as `[vast]` or `[vast:children]`, of a text in Ansible's INI form. YAML may have such a
/// line too, a list, but hardly without a key that ends its line.
pub(super) fn section(source: &Source) -> Option<usize> {
    let word = |c: char| c.is_ascii_alphanumeric() || "_-.:".contains(c);
    let is = |line: &str| {
        let inner = line.trim_end().strip_prefix('[').and_then(|line| line.strip_suffix(']'));
        inner.is_some_and(|inner| !inner.is_empty() && inner.chars().all(word))
    };
    let mut lines = source.text.lines();
    let begins = lines.clone().position(is)? + 1;
    (!lines.any(|line| line.trim_end().ends_with(':'))).then_some(begins)
}

/// What to say of a text in Ansible's INI form.
pub(super) fn in_ini(source: &Arc<Source>, line: usize) -> Diagnostic {
    let width = source.line(line).unwrap_or_default().trim_end().len();
    let place = Place { source: Arc::clone(source), line, column: 1, width };
    Diagnostic::at(&place, "this is an Ansible inventory in its INI form, which is not read")
        .help("make YAML of it: ansible-inventory -i FILE --list --yaml --output hosts.yaml")
}

pub(super) fn read(root: &Node, catalogue: &Catalogue, found: &mut Vec<Diagnostic>) -> Inventory {
    let mut inventory = Inventory { profile: None, hosts: Vec::new() };
    if let Some((key, _)) = root.entry("plugin") {
        let message = "this configures a plugin of Ansible's, and has no hosts in it";
        let help = "give what it makes: ansible-inventory -i FILE --list --yaml --output hosts.yaml";
        found.push(Diagnostic::at(&key.place, message).help(help));
        return inventory;
    }
    let shape = Shape::new(catalogue);
    let mut tree = Tree::default();
    for (key, node) in root.entries() {
        if key.name == "_meta" {
            let message = "this is what `ansible-inventory --list` prints";
            let help = "give what it prints with --yaml as well";
            found.push(Diagnostic::at(&key.place, message).help(help));
            return inventory;
        }
        tree.add(key, node, None, &shape, found);
    }
    tree.settle(found);
    if found.iter().any(|one| one.severity == Severity::Error) {
        return inventory;
    }
    if tree.hosts.is_empty() {
        let help = "name one: `all: {hosts: {vast-01: }}`";
        found.push(Diagnostic::at(&root.place, "the inventory has no host").help(help));
    }
    let mut held: HashMap<&[usize], Vars<'_>> = HashMap::new();
    let mut left_out = Vec::new();
    let mut hosts = Vec::new();
    for host in &tree.hosts {
        let mut vars = held.entry(&host.groups).or_insert_with(|| tree.vars_of(&host.groups)).clone();
        over(&mut vars, &host.vars);
        if vars.is_empty() {
            left_out.push(host);
        } else {
            hosts.push((host, vars));
        }
    }
    let nothing_said = hosts.is_empty() && !left_out.is_empty();
    if hosts.is_empty() {
        hosts = std::mem::take(&mut left_out).into_iter().map(|host| (host, Vars::new())).collect();
    }
    let mut shared = Shared::default();
    let mut reader = Reader::new(&root.place.source, found);
    for (host, vars) in hosts {
        let settings = vars::settings(&vars);
        let get = |name: &str| settings.iter().find(|(known, _)| *known == name).map(|(_, node)| *node);
        let layer = Settings {
            ssh_keys: get("ssh_keys").map(|node| reader.ssh_keys(node)).unwrap_or_default(),
            network: get("network").and_then(|node| shared.network(node, &mut reader)),
            layer: shared.layer(get("user"), get("fixes"), &mut reader),
        };
        let entry = reader.host(&host.name, host.place, get("fqdn"), get("install_disk"), &[&layer]);
        inventory.hosts.push(entry);
    }
    if nothing_said {
        let message = format!(
            "no host has a `vastimg` variable: all {} are taken, and ask DHCP for their network",
            inventory.hosts.len()
        );
        let help = "to take some, or to give them a network, set `vastimg` or `vastimg_network` for them; see docs/inventory.md";
        reader
            .found
            .push(Diagnostic::note(inventory.hosts.first().map(|host| &host.place), message).help(help));
    }
    if let Some(first) = left_out.first() {
        let all = left_out.len() + inventory.hosts.len();
        let message =
            format!("{} of {all} hosts have no `vastimg` variable, and are left out", left_out.len());
        let help = "to have them too, give their group `vastimg: {}`";
        reader.found.push(Diagnostic::note(Some(first.place), message).help(help));
    }
    inventory
}

/// What hosts have in common, by the nodes that say it: those live as long as the tree.
#[derive(Default)]
struct Shared {
    networks: HashMap<*const Node, Option<Network>>,
    layers: HashMap<[Option<*const Node>; 2], Arc<Layer>>,
}

impl Shared {
    fn network(&mut self, node: &Node, reader: &mut Reader<'_>) -> Option<Network> {
        self.networks.entry(node).or_insert_with(|| reader.network(node)).clone()
    }

    fn layer(&mut self, user: Option<&Node>, fixes: Option<&Node>, reader: &mut Reader<'_>) -> Arc<Layer> {
        let key = [user, fixes].map(|node| node.map(std::ptr::from_ref));
        Arc::clone(self.layers.entry(key).or_insert_with(|| reader.layer(user, fixes)))
    }
}
