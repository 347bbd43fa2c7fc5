//! Version 1, curtin's form: a list of commands under `config`.
//!
//! Source: docs.cloud-init.io, network-config-format-v1, and cloud-init's network_state.py.

use std::net::IpAddr;

use super::draft::Draft;
use super::findings::Findings;
use super::keys::find;
use super::link::{Device, Kind};
use super::naming::renaming;
use super::v2::{no_route, search, vlan_id};
use super::{keys, options, scalar, subnet};
use crate::diagnostic::{Place, nearest};
use crate::yaml::{Key, Node, Value};

const TYPES: [&str; 8] =
    ["physical", "bond", "bridge", "vlan", "nameserver", "route", "loopback", "infiniband"];

/// A name server that is no one link's.
pub(super) type Global = (IpAddr, Place);

/// Every link, and the name servers of all.
pub(super) fn read(root: &[(Key, Node)], findings: &mut Findings) -> (Vec<Draft>, Vec<Global>) {
    let (mut drafts, mut globals, mut servers) = (Vec::new(), Vec::new(), Vec::new());
    for (key, node) in root {
        match key.name.as_str() {
            "version" => {}
            "config" => {
                for command in findings.list(node, "`config`") {
                    let Some(entries) = findings.map(command, "a command of `config`") else { continue };
                    match kind(entries, command, findings).as_deref() {
                        Some("nameserver") => servers.push(entries),
                        Some("route") => no_route(findings, &command.place),
                        Some("loopback") => loopback(entries, findings),
                        Some("infiniband") => findings.cannot(
                            &command.place,
                            "InfiniBand links are not carried over to the installer",
                            keys::AFTERWARDS,
                        ),
                        Some(kind) => drafts.extend(link(kind, entries, command, findings)),
                        None => {}
                    }
                }
            }
            _ => keys::judge(findings, key, node, &["config"]),
        }
    }
    for entries in servers {
        nameserver(entries, &mut drafts, &mut globals, findings);
    }
    (drafts, globals)
}

fn kind(entries: &[(Key, Node)], command: &Node, findings: &mut Findings) -> Option<String> {
    let Some(node) = find(entries, "type") else {
        findings.refuse(
            &command.place,
            "a command of `config` needs a `type`",
            format!("one of {}", TYPES.join(", ")),
        );
        return None;
    };
    let kind = findings.text(node, "`type`")?;
    if !TYPES.contains(&kind.as_str()) {
        let help = match nearest(&kind, TYPES) {
            Some(near) => format!("did you mean {near}?"),
            None => format!("one of {}", TYPES.join(", ")),
        };
        findings.refuse(
            &node.place,
            format!("cloud-init stops at type {kind:?}, which it does not know"),
            help,
        );
        return None;
    }
    Some(kind)
}

/// Every machine has it; only addresses besides its own would be news.
fn loopback(entries: &[(Key, Node)], findings: &mut Findings) {
    let Some(Node { value: Value::List(subnets), .. }) = find(entries, "subnets") else { return };
    for subnet in subnets {
        let own = matches!(&subnet.value, Value::Map(entries)
            if matches!(find(entries, "type"), Some(Node { value: Value::Text(kind), .. }) if kind == "loopback"));
        if !own {
            findings.cannot(
                &subnet.place,
                "the installer adds no addresses to the loopback device",
                keys::AFTERWARDS,
            );
        }
    }
}

fn link(kind: &str, entries: &[(Key, Node)], command: &Node, findings: &mut Findings) -> Option<Draft> {
    let Some(name_node) = find(entries, "name") else {
        findings.refuse(&command.place, format!("a {kind} needs a `name`"), "such as `name: ens3`");
        return None;
    };
    let name = findings.text(name_node, "`name`")?;
    findings.device_name(&name, &name_node.place);
    let (kind, required, own): (Kind, &[&str], &[&str]) = match kind {
        "bond" => (
            Kind::Bond { members: Vec::new(), options: Vec::new() },
            &["bond_interfaces", "params"],
            &["bond_interfaces", "params"],
        ),
        "bridge" => (
            Kind::Bridge { members: Vec::new(), options: Vec::new() },
            &["bridge_interfaces"],
            &["bridge_interfaces", "params"],
        ),
        "vlan" => (
            Kind::Vlan { id: 0, parent: String::new() },
            &["vlan_id", "vlan_link"],
            &["vlan_id", "vlan_link"],
        ),
        _ => (Kind::Ethernet, &[], &["mac_address"]),
    };
    for missing in required.iter().filter(|required| find(entries, required).is_none()) {
        let message = format!("cloud-init passes over `{name}`, since it has no `{missing}`");
        findings.refuse(&name_node.place, message, format!("add `{missing}:`"));
    }
    let mut draft = Draft::new(&name, &name_node.place, kind);
    for (key, node) in entries {
        match (key.name.as_str(), &mut draft.link.kind) {
            ("type" | "name", _) => {}
            ("mac_address" | "mtu" | "subnets", _) if matches!(node.value, Value::Null) => {}
            ("mtu", _) => draft.mtu(findings, node),
            ("subnets", _) => {
                for subnet in findings.list(node, "`subnets`") {
                    subnet::read(&mut draft, subnet, findings);
                }
            }
            ("mac_address", Kind::Ethernet) => mac_address(&mut draft, node, findings),
            ("bond_interfaces", Kind::Bond { .. }) | ("bridge_interfaces", Kind::Bridge { .. }) => {
                draft.members(findings, node);
            }
            ("params", Kind::Bond { options, .. }) => *options = options::bond(findings, node, 1),
            ("params", Kind::Bridge { options, .. }) => *options = options::bridge(findings, node, 1),
            ("vlan_id", Kind::Vlan { id, .. }) => *id = vlan_id(findings, node),
            ("vlan_link", Kind::Vlan { .. }) => {
                let parent = findings.text(node, "`vlan_link`");
                draft.references.extend(parent.map(|parent| (parent, node.place.clone())));
            }
            _ => keys::judge(findings, key, node, &[own, &["type", "name", "mtu", "subnets"]].concat()),
        }
    }
    Some(draft)
}

/// cloud-init finds the device by it, and gives it the name.
fn mac_address(draft: &mut Draft, node: &Node, findings: &mut Findings) {
    let Some(text) = findings.text(node, "`mac_address`") else { return };
    let Some(mac) = scalar::mac(&text) else {
        findings.refuse(
            &node.place,
            format!("{text:?} is no MAC address"),
            "six pairs of hexadecimal digits, such as \"52:54:00:ab:cd:ef\"",
        );
        return;
    };
    findings.warn_kickstart(&draft.place.clone(), &renaming(&draft.link.name, &mac));
    draft.renamed = Some(draft.link.name.clone());
    draft.link.device = Device::Mac(mac);
}

fn nameserver(
    entries: &[(Key, Node)],
    drafts: &mut [Draft],
    globals: &mut Vec<Global>,
    findings: &mut Findings,
) {
    let mut found = Vec::new();
    let mut interface = None;
    for (key, node) in entries {
        match key.name.as_str() {
            "type" => {}
            "address" => found = subnet::addresses(node, findings),
            "search" => search(findings, &key.place, node),
            "interface" => interface = findings.text(node, "`interface`").map(|name| (name, &node.place)),
            _ => keys::judge(findings, key, node, &["address", "search", "interface"]),
        }
    }
    match interface {
        None => globals.extend(found),
        Some((name, place)) => match drafts.iter_mut().find(|draft| draft.is_called(&name)) {
            Some(draft) => draft.nameservers.extend(found),
            None => findings.refuse(
                place,
                format!("name servers of `{name}`, which is not in this file"),
                "name a link of this file, or take `interface` out",
            ),
        },
    }
}
