//! Ways out for what people write in the wrong place of an inventory, because other programs have it there.

use crate::diagnostic::Diagnostic;
use crate::yaml::{Node, Value};

/// What belongs below `network:`, which is cloud-init's and netplan's.
const OF_NETWORK: [&str; 16] = [
    "address",
    "addresses",
    "bonds",
    "dhcp4",
    "dhcp6",
    "dns",
    "ethernets",
    "gateway",
    "gateway4",
    "interface",
    "ip",
    "ip_address",
    "mac",
    "macaddress",
    "nameservers",
    "vlans",
];

/// What is wrong with an inventory whose parts stand elsewhere than they should.
pub(super) fn misplaced(root: &Node, found: &mut Vec<Diagnostic>) {
    if let Some((key, Node { value: Value::List(_) | Value::Text(_), .. })) = root.entry("hosts") {
        let message = "`hosts` must be a mapping: a line for each host, with a colon behind its name";
        found.push(
            Diagnostic::at(&key.place, message).help("such as `  vast-01:`, and its settings below that"),
        );
    }
    for (name, help) in [
        ("vars", "what holds for all hosts stands below `defaults:`"),
        ("all", "Ansible's form has `hosts:` below `all:`, and no `hosts:` at its root"),
        ("children", "groups stand below `groups:`, and a host names its own: `groups: [large]`"),
        ("fixes", "what holds for all hosts stands below `defaults:`"),
        ("ssh_keys", "what holds for all hosts stands below `defaults:`"),
        ("network", "what holds for all hosts stands below `defaults:`"),
        ("user", "what holds for all hosts stands below `defaults:`"),
    ] {
        if let Some((key, _)) = root.entry(name) {
            found.push(unknown(name, &key.place, help));
        }
    }
    let defaults = root.entry("defaults").into_iter();
    let named = ["groups", "hosts"].into_iter().filter_map(|part| root.get(part)).flat_map(Node::entries);
    for (key, _) in defaults.chain(named.map(|(key, node)| (key, node))).flat_map(|(_, node)| node.entries())
    {
        if let Some(help) = help(&key.name) {
            found.push(unknown(&key.name, &key.place, help));
        }
    }
}

fn help(name: &str) -> Option<&'static str> {
    Some(match name {
        name if OF_NETWORK.contains(&name) => {
            "it belongs below `network:`, as cloud-init has it: \
             {version: 2, ethernets: {eth0: {addresses: [192.0.2.10/24], gateway4: 192.0.2.1}}}"
        }
        "vars" => "settings stand directly below the host or group, without `vars:`",
        "hosts" | "children" => "a host names its groups: `groups: [large]`",
        "profile" => "one profile holds for all hosts: `profile:` at the root",
        "hostname" => "the name before the colon is the host's; where that is not all of it, add `fqdn:`",
        name if name.starts_with("ansible_") => "in this form it means nothing; in Ansible's it may stay",
        _ => return None,
    })
}

fn unknown(name: &str, place: &crate::diagnostic::Place, help: &str) -> Diagnostic {
    Diagnostic::at(place, format!("`{name}` does not belong here")).help(help)
}

/// Adds what was found otherwise, but for places that have been told of.
pub(super) fn add(shapes: Vec<Diagnostic>, found: &mut Vec<Diagnostic>) {
    let at = |one: &Diagnostic| one.place.as_ref().map(|place| (place.line, place.column));
    let told: std::collections::HashSet<_> = found.iter().filter_map(at).collect();
    let hosts = found.iter().any(|one| one.message.starts_with("`hosts` must be"));
    let twice = |one: &Diagnostic| {
        at(one).is_some_and(|place| told.contains(&place))
            || (hosts && one.message.starts_with("`hosts` must be"))
    };
    found.extend(shapes.into_iter().filter(|one| !twice(one)));
}
