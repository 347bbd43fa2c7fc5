//! Version 2, netplan's form: a mapping of devices for each kind.
//!
//! Source: docs.cloud-init.io, network-config-format-v2, and cloud-init's network_state.py, which has a say where the
//! documentation says more than it does.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::draft::Draft;
use super::findings::Findings;
use super::link::Kind;
use super::{keys, naming, options, scalar};
use crate::diagnostic::Place;
use crate::yaml::{Key, Node, Value};

const SECTIONS: [&str; 5] = ["ethernets", "bonds", "bridges", "vlans", "wifis"];
const COMMON: [&str; 8] =
    ["dhcp4", "dhcp6", "addresses", "gateway4", "gateway6", "nameservers", "mtu", "routes"];

/// Of these nothing is the same as not to mention them; cloud-init stops at the others.
const UNSAID: [&str; 6] = ["dhcp4", "dhcp6", "gateway4", "gateway6", "mtu", "set-name"];

/// Every device of every section.
pub(super) fn read(root: &[(Key, Node)], findings: &mut Findings) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for (section, node) in root {
        let kind = match section.name.as_str() {
            "version" | "renderer" => continue,
            "ethernets" => Kind::Ethernet,
            "bonds" => Kind::Bond { members: Vec::new(), options: Vec::new() },
            "bridges" => Kind::Bridge { members: Vec::new(), options: Vec::new() },
            "vlans" => Kind::Vlan { id: 0, parent: String::new() },
            "wifis" => {
                if !scalar::is_empty(node) {
                    findings.cannot(
                        &section.place,
                        "the installer sets up no wireless links",
                        keys::AFTERWARDS,
                    );
                }
                continue;
            }
            other => {
                findings.refuse(
                    &section.place,
                    format!("cloud-init on Rocky 8 stops at `{other}`, which it does not know"),
                    match crate::diagnostic::nearest(other, SECTIONS) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => format!("it knows {}", SECTIONS.join(", ")),
                    },
                );
                continue;
            }
        };
        for (key, node) in findings.map(node, &format!("`{}`", section.name)).unwrap_or_default() {
            drafts.extend(device(key, node, kind.clone(), findings));
        }
    }
    drafts
}

fn device(key: &Key, node: &Node, kind: Kind, findings: &mut Findings) -> Option<Draft> {
    let entries = findings.map(node, &format!("`{}`", key.name))?;
    let mut draft = Draft::new(&key.name, &key.place, kind);
    for (key, node) in entries {
        if UNSAID.contains(&key.name.as_str()) && matches!(node.value, Value::Null) {
            continue;
        }
        if !common(&mut draft, key, node, findings) && !special(&mut draft, key, node, findings) {
            let own: &[&str] = match draft.link.kind {
                Kind::Ethernet => &["match", "set-name"],
                Kind::Bond { .. } | Kind::Bridge { .. } => &["interfaces", "parameters"],
                Kind::Vlan { .. } => &["id", "link"],
            };
            keys::judge(findings, key, node, &[own, &COMMON].concat());
        }
    }
    naming::check(&mut draft, findings);
    if let Kind::Vlan { id, .. } = draft.link.kind {
        let missing = [("id", id == 0), ("link", draft.references.is_empty())];
        for (what, _) in
            missing.iter().filter(|(what, missing)| *missing && !entries.iter().any(|(k, _)| k.name == *what))
        {
            findings.refuse(
                &key.place,
                format!("VLAN `{}` has no `{what}`", key.name),
                "a VLAN needs `id:`, 1 to 4094, and `link:`, the device below",
            );
        }
    }
    Some(draft)
}

fn common(draft: &mut Draft, key: &Key, node: &Node, findings: &mut Findings) -> bool {
    let asked = |findings: &mut Findings| {
        findings.truth(node, &format!("`{}`", key.name)).unwrap_or(false).then(|| key.place.clone())
    };
    match key.name.as_str() {
        "dhcp4" => draft.dhcp4 = asked(findings),
        "dhcp6" => draft.dhcp6 = asked(findings),
        "addresses" => {
            for item in findings.list(node, "`addresses`") {
                let address = findings.address(item, "address");
                draft.addresses.extend(address.map(|address| (address, item.place.clone())));
            }
        }
        "gateway4" => {
            let gateway = findings.plain::<Ipv4Addr>(node, "`gateway4`", "IPv4 address");
            draft.gateways.extend(gateway.map(|gateway| (gateway.into(), node.place.clone())));
        }
        "gateway6" => {
            let gateway = findings.plain::<Ipv6Addr>(node, "`gateway6`", "IPv6 address");
            draft.gateways.extend(gateway.map(|gateway| (gateway.into(), node.place.clone())));
        }
        "nameservers" => nameservers(draft, key, node, findings),
        "mtu" => draft.mtu(findings, node),
        "routes" => {
            for item in findings.list(node, "`routes`") {
                route(draft, item, findings);
            }
        }
        _ => return false,
    }
    true
}

fn special(draft: &mut Draft, key: &Key, node: &Node, findings: &mut Findings) -> bool {
    match (&mut draft.link.kind, key.name.as_str()) {
        (Kind::Ethernet, "match") => naming::matching(draft, node, findings),
        (Kind::Ethernet, "set-name") => {
            if let Some(name) = findings.text(node, "`set-name`") {
                findings.device_name(&name, &node.place);
                if name != draft.link.name {
                    findings.cannot(
                        &key.place,
                        format!(
                            "the installer renames no devices, and `{}` is to become {name}",
                            draft.link.name
                        ),
                        "take `set-name` out, and match the MAC address",
                    );
                }
                draft.renamed = Some(name);
            }
        }
        (Kind::Bond { .. } | Kind::Bridge { .. }, "interfaces") => draft.members(findings, node),
        (Kind::Bond { options, .. }, "parameters") => *options = options::bond(findings, node, 2),
        (Kind::Bridge { options, .. }, "parameters") => *options = options::bridge(findings, node, 2),
        (Kind::Vlan { id, .. }, "id") => *id = vlan_id(findings, node),
        (Kind::Vlan { .. }, "link") => {
            let name = findings.text(node, "`link`");
            draft.references.extend(name.map(|name| (name, node.place.clone())));
        }
        _ => return false,
    }
    true
}

/// 0 when it is none.
pub(super) fn vlan_id(findings: &mut Findings, node: &Node) -> u16 {
    let id = findings.number(node, "a VLAN's id", 1, 4094, "the number that the switch has for it");
    id.and_then(|id| u16::try_from(id).ok()).unwrap_or(0)
}

fn nameservers(draft: &mut Draft, key: &Key, node: &Node, findings: &mut Findings) {
    let mut any = false;
    for (key, node) in findings.map(node, "`nameservers`").unwrap_or_default() {
        match key.name.as_str() {
            "addresses" => {
                for item in findings.list(node, "the list of name servers") {
                    any = true;
                    draft.nameserver(findings, item);
                }
            }
            "search" => search(findings, &key.place, node),
            _ => keys::judge(findings, key, node, &["addresses", "search"]),
        }
    }
    if !any {
        findings.warn(&key.place, "cloud-init passes over `nameservers` that have no `addresses`");
    }
}

pub(super) fn search(findings: &mut Findings, place: &Place, node: &Node) {
    if !scalar::is_empty(node) {
        findings.cannot(place, "Rocky 8's `network` command knows no search domains", keys::AFTERWARDS);
    }
}

fn route(draft: &mut Draft, node: &Node, findings: &mut Findings) {
    let entries = findings.map(node, "a route").unwrap_or_default();
    let find = |name: &str| entries.iter().find(|(key, _)| key.name == name);
    let to = find("to").and_then(|(_, node)| findings.text(node, "`to`"));
    let is_default = matches!(to.as_deref(), Some("0.0.0.0/0" | "::/0"));
    if let (Some("default"), Some((_, node))) = (to.as_deref(), find("to")) {
        findings.refuse(
            &node.place,
            "cloud-init on Rocky 8 stops at `default`",
            "write 0.0.0.0/0, or \"::/0\"",
        );
    }
    for (key, node) in entries {
        match key.name.as_str() {
            "to" => {}
            "via" => {
                let gateway = findings.plain::<std::net::IpAddr>(node, "`via`", "IP address");
                if is_default {
                    draft.gateways.extend(gateway.map(|gateway| (gateway, node.place.clone())));
                }
            }
            _ => keys::judge(findings, key, node, &["to", "via"]),
        }
    }
    let usable = |node: Option<&(Key, Node)>| matches!(node, Some((_, Node { value: Value::Text(_), .. })));
    if !usable(find("to")) || !usable(find("via")) {
        findings.refuse(
            &node.place,
            "a route needs `to` and `via`",
            "such as {to: 0.0.0.0/0, via: 192.0.2.1}",
        );
    } else if !is_default && to.as_deref() != Some("default") {
        no_route(findings, &node.place);
    }
}

pub(super) fn no_route(findings: &mut Findings, place: &Place) {
    findings.cannot(
        place,
        "the installer's `network` command knows no routes but the default one",
        keys::AFTERWARDS,
    );
}
