//! From the text to hosts with all of their layers.

use std::collections::BTreeMap;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use super::settings::{self, Settings};
use super::{Entry, Inventory};
use crate::access;
use crate::catalogue::Catalogue;
use crate::diagnostic::{Diagnostic, Place, Source, nearest};
use crate::plan::Disk;
use crate::profile;
use crate::schema;
use crate::yaml::{self, Node, Value, shape};

/// Levels of groups in groups; more than anybody nests on purpose.
const DEEPEST: usize = 16;

/// Groups by name, each with the names of those that it takes over.
type Groups = BTreeMap<String, (Settings, Vec<(String, Place)>)>;

pub(super) fn read(source: &Arc<Source>, catalogue: &Catalogue, found: &mut Vec<Diagnostic>) -> Inventory {
    let mut inventory = Inventory { profile: None, hosts: Vec::new() };
    let root = match yaml::parse(source) {
        Ok(root) => root,
        Err(error) => {
            found.push(error);
            return inventory;
        }
    };
    // Kinds and names of keys; values of fixes are the profile's to check, which knows their bounds.
    let mut schema = schema::inventory(catalogue);
    schema["$defs"]["fixes"] = serde_json::json!({"type": "object"});
    shape::check(&root, &schema, "an inventory", found);
    if !found.is_empty() {
        return inventory;
    }
    let directory = Utf8Path::new(&source.name).parent().unwrap_or(Utf8Path::new("")).to_owned();
    inventory.profile = root.get("profile").and_then(Node::text).map(|name| {
        if profile::is_path(name) { directory.join(name).into_string() } else { name.to_owned() }
    });
    let mut reader = Reader { directory, keys: BTreeMap::new(), found };
    let defaults = root.get("defaults").map(|node| reader.settings(node));
    let groups: Groups = root
        .get("groups")
        .map(Node::entries)
        .unwrap_or_default()
        .iter()
        .map(|(key, node)| (key.name.clone(), (reader.settings(node), names(node))))
        .collect();
    let hosts = root.get("hosts").map(Node::entries).unwrap_or_default();
    if hosts.is_empty() {
        let place = root.place_of(&["hosts"]);
        reader.found.push(Diagnostic::at(place, "`hosts` has no host").help("name one: `  vast-01:`"));
    }
    for (key, node) in hosts {
        let own = reader.settings(node);
        let mut layers: Vec<&Settings> = defaults.iter().collect();
        for (name, place) in names(node) {
            reader.group(&groups, &name, &place, &mut layers, &mut Vec::new());
        }
        layers.push(&own);
        let entry = reader.host(&key.name, &key.place, node, &layers);
        inventory.hosts.push(entry);
    }
    inventory
}

/// The groups that a host or group names.
fn names(node: &Node) -> Vec<(String, Place)> {
    let items = node.get("groups").map(Node::items).unwrap_or_default();
    items.iter().filter_map(|item| Some((item.text()?.to_owned(), item.place.clone()))).collect()
}

struct Reader<'a> {
    directory: Utf8PathBuf,
    /// Files of keys, each read once.
    keys: BTreeMap<Utf8PathBuf, Vec<String>>,
    found: &'a mut Vec<Diagnostic>,
}

impl Reader<'_> {
    fn settings(&mut self, node: &Node) -> Settings {
        settings::read(node, &self.directory, &mut self.keys, self.found)
    }

    /// Adds a group, after those that it names itself.
    fn group<'g>(
        &mut self,
        groups: &'g Groups,
        name: &str,
        place: &Place,
        layers: &mut Vec<&'g Settings>,
        above: &mut Vec<String>,
    ) {
        let Some((settings, own)) = groups.get(name) else {
            let help = match nearest(name, groups.keys().map(String::as_str)) {
                Some(near) => format!("did you mean {near}?"),
                None if groups.is_empty() => "there is no `groups:` here".to_owned(),
                None => format!("groups are {}", groups.keys().cloned().collect::<Vec<_>>().join(", ")),
            };
            self.found.push(Diagnostic::at(place, format!("no group is named {name:?}")).help(help));
            return;
        };
        if above.iter().any(|other| other == name) || above.len() >= DEEPEST {
            above.push(name.to_owned());
            let message = format!("groups go round in a circle: {}", above.join(" -> "));
            self.found.push(Diagnostic::at(place, message).help("let one of them name no group"));
            above.pop();
            return;
        }
        above.push(name.to_owned());
        for (name, place) in own {
            self.group(groups, name, place, layers, above);
        }
        above.pop();
        layers.push(settings);
    }

    fn host(&mut self, name: &str, place: &Place, node: &Node, layers: &[&Settings]) -> Entry {
        let fqdn = node.get("fqdn");
        let (hostname, at) = match fqdn.and_then(Node::text) {
            Some(fqdn) => (fqdn.to_owned(), fqdn_place(node, place)),
            None => (name.to_owned(), place.clone()),
        };
        // Its name becomes a file's, whatever its host name is.
        let mut checked = vec![(name, place)];
        if hostname != name {
            checked.push((&hostname, &at));
        }
        for (name, place) in checked {
            if let Err(error) = access::check_hostname(name) {
                self.found.push(Diagnostic::at(place, error.to_string()));
            }
        }
        let install_disk = node.get("install_disk").and_then(|node| match Disk::named(node.text()?) {
            Ok(disk) => Some(disk),
            Err(error) => {
                self.found.push(Diagnostic::at(&node.place, error.to_string()));
                None
            }
        });
        let mut ssh_keys: Vec<String> = Vec::new();
        for key in layers.iter().flat_map(|layer| &layer.ssh_keys) {
            if !ssh_keys.contains(key) {
                ssh_keys.push(key.clone());
            }
        }
        Entry {
            name: name.to_owned(),
            place: place.clone(),
            hostname,
            ssh_keys,
            network: layers.iter().rev().find_map(|layer| layer.network.clone()),
            install_disk,
            layers: layers.iter().map(|layer| Arc::clone(&layer.layer)).collect(),
        }
    }
}

fn fqdn_place(node: &Node, place: &Place) -> Place {
    match node.get("fqdn") {
        Some(Node { value: Value::Text(_), place }) => place.clone(),
        _ => place.clone(),
    }
}
