//! This program's own form: from its tree to hosts with all of their layers.

use std::collections::BTreeMap;

use super::entry::Reader;
use super::settings::Settings;
use super::{Inventory, hints};
use crate::catalogue::Catalogue;
use crate::diagnostic::{Diagnostic, Place, nearest};
use crate::profile;
use crate::schema;
use crate::yaml::{Node, shape};

/// Levels of groups in groups; more than anybody nests on purpose.
const DEEPEST: usize = 16;

/// Groups by name, each with the names of those that it takes over.
type Groups = BTreeMap<String, (Settings, Vec<(String, Place)>)>;

pub(super) fn read(root: &Node, catalogue: &Catalogue, found: &mut Vec<Diagnostic>) -> Inventory {
    let mut inventory = Inventory { profile: None, hosts: Vec::new() };
    // Kinds and names of keys; values of fixes are the profile's to check, which knows their bounds.
    let mut schema = schema::inventory(catalogue);
    schema["$defs"]["fixes"] = serde_json::json!({"type": "object"});
    hints::misplaced(root, found);
    let mut shapes = Vec::new();
    shape::check(root, &schema, "an inventory", &mut shapes);
    hints::add(shapes, found);
    if !found.is_empty() {
        return inventory;
    }
    let mut reader = Reader::new(&root.place.source, found);
    inventory.profile = root.get("profile").and_then(Node::text).map(|name| {
        if profile::is_path(name) { reader.directory.join(name).into_string() } else { name.to_owned() }
    });
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
            group(&groups, &name, &place, &mut layers, &mut Vec::new(), reader.found);
        }
        layers.push(&own);
        let entry = reader.host(&key.name, &key.place, node.get("fqdn"), node.get("install_disk"), &layers);
        inventory.hosts.push(entry);
    }
    inventory
}

/// The groups that a host or group names.
fn names(node: &Node) -> Vec<(String, Place)> {
    let items = node.get("groups").map(Node::items).unwrap_or_default();
    items.iter().filter_map(|item| Some((item.text()?.to_owned(), item.place.clone()))).collect()
}

/// Adds a group, after those that it names itself.
fn group<'g>(
    groups: &'g Groups,
    name: &str,
    place: &Place,
    layers: &mut Vec<&'g Settings>,
    above: &mut Vec<String>,
    found: &mut Vec<Diagnostic>,
) {
    let Some((settings, own)) = groups.get(name) else {
        let help = match nearest(name, groups.keys().map(String::as_str)) {
            Some(near) => format!("did you mean {near}?"),
            None if groups.is_empty() => "there is no `groups:` here".to_owned(),
            None => format!("groups are {}", groups.keys().cloned().collect::<Vec<_>>().join(", ")),
        };
        found.push(Diagnostic::at(place, format!("no group is named {name:?}")).help(help));
        return;
    };
    if above.iter().any(|other| other == name) || above.len() >= DEEPEST {
        above.push(name.to_owned());
        let message = format!("groups go round in a circle: {}", above.join(" -> "));
        found.push(Diagnostic::at(place, message).help("let one of them name no group"));
        above.pop();
        return;
    }
    above.push(name.to_owned());
    for (name, place) in own {
        group(groups, name, place, layers, above, found);
    }
    above.pop();
    layers.push(settings);
}
