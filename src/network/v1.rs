//! Version 1, curtin's form: a list of commands under `config`.
//!
//! Source: docs.cloud-init.io, network-config-format-v1, and cloud-init's network_state.py.

use std::net::IpAddr;

use ipnet::IpNet;

use super::draft::Draft;
use super::findings::Findings;
use super::link::{Device, Kind};
use super::v2::{no_route, renaming, search, vlan_id};
use super::{keys, options, scalar};
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

fn find<'a>(entries: &'a [(Key, Node)], name: &str) -> Option<&'a Node> {
    entries.iter().find(|(key, _)| key.name == name).map(|(_, node)| node)
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
            ("mtu", _) => draft.mtu(findings, node),
            ("subnets", _) => {
                for subnet in findings.list(node, "`subnets`") {
                    self::subnet(&mut draft, subnet, findings);
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
    if scalar::is_empty(node) {
        return;
    }
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

fn subnet(draft: &mut Draft, node: &Node, findings: &mut Findings) {
    let Some(entries) = findings.map(node, "a subnet") else { return };
    let Some(kind_node) = find(entries, "type") else {
        findings.refuse(&node.place, "a subnet needs a `type`", "such as `type: dhcp4` or `type: static`");
        return;
    };
    let Some(kind) = findings.text(kind_node, "`type`") else { return };
    let place = Some(kind_node.place.clone());
    let mut fixed = false;
    match kind.as_str() {
        "dhcp" | "dhcp4" => draft.dhcp4 = place,
        "dhcp6" | "ipv6_dhcpv6-stateful" => draft.dhcp6 = place,
        "ipv6_slaac" | "ipv6_dhcpv6-stateless" => draft.auto6 = place,
        "static" | "static6" => fixed = true,
        "manual" => {}
        other => findings.cannot(
            &kind_node.place,
            format!("unknown type {other:?} of a subnet"),
            "known are dhcp4, dhcp6, static, static6, ipv6_slaac, ipv6_dhcpv6-stateful, ipv6_dhcpv6-stateless, manual",
        ),
    }
    if fixed {
        let address = address(entries, &kind_node.place, findings);
        draft.addresses.extend(address);
    }
    for (key, node) in entries {
        match key.name.as_str() {
            "type" => {}
            "address" | "netmask" | "gateway" if !fixed => {
                findings.cannot(&key.place, format!("`{}` beside `type: {kind}`", key.name), "take it out");
            }
            "address" | "netmask" => {}
            "gateway" => {
                let gateway = findings.plain::<IpAddr>(node, "`gateway`", "IP address");
                draft.gateways.extend(gateway.map(|gateway| (gateway, node.place.clone())));
            }
            "dns_nameservers" => addresses(node, findings).into_iter().for_each(|(address, place)| {
                draft.nameservers.push((address, place));
            }),
            "dns_search" => search(findings, &key.place, node),
            "routes" => {
                for item in findings.list(node, "`routes`") {
                    route(draft, item, findings);
                }
            }
            _ => keys::judge(
                findings,
                key,
                node,
                &["type", "address", "netmask", "gateway", "dns_nameservers", "dns_search", "routes"],
            ),
        }
    }
}

/// The address with the prefix that is in it, or `netmask`.
fn address(entries: &[(Key, Node)], place: &Place, findings: &mut Findings) -> Option<(IpNet, Place)> {
    let Some(node) = find(entries, "address") else {
        findings.refuse(place, "a static subnet needs an `address`", "such as `address: 192.0.2.10/24`");
        return None;
    };
    let (Some(mask), Value::Text(text)) = (find(entries, "netmask"), &node.value) else {
        return findings.address(node, "address").map(|net| (net, node.place.clone()));
    };
    let mask = findings.text(mask, "`netmask`").map(|text| (text, mask))?;
    let bare = text.split('/').next().unwrap_or_default();
    let Some(net) = scalar::net(&format!("{bare}/{}", mask.0)) else {
        if bare.parse::<IpAddr>().is_ok() {
            findings.refuse(
                &mask.1.place,
                format!("{:?} is no netmask for {bare}", mask.0),
                "such as 255.255.255.0",
            );
            return None;
        }
        return findings.address(node, "address").map(|net| (net, node.place.clone()));
    };
    if text.contains('/') && scalar::net(text) != Some(net) {
        findings.refuse(&mask.1.place, format!("the netmask contradicts {text}"), "take it out");
        return None;
    }
    findings.usable(net, node, "address").then(|| (net, node.place.clone()))
}

/// One address, a list of them, or several in a text.
fn addresses(node: &Node, findings: &mut Findings) -> Vec<(IpAddr, Place)> {
    let mut found = Vec::new();
    match &node.value {
        Value::List(items) => {
            for item in items {
                let address = findings.plain(item, "name server", "IP address");
                found.extend(address.map(|address| (address, item.place.clone())));
            }
        }
        Value::Text(text) if text.contains(' ') => {
            for word in text.split_whitespace() {
                match word.parse() {
                    Ok(address) => found.push((address, node.place.clone())),
                    Err(_) => {
                        findings.refuse(
                            &node.place,
                            format!("name server: {word:?} is no IP address"),
                            "such as 192.0.2.1, without a prefix",
                        );
                    }
                }
            }
        }
        _ => {
            let address = findings.plain(node, "name server", "IP address");
            found.extend(address.map(|address| (address, node.place.clone())));
        }
    }
    found
}

fn route(draft: &mut Draft, node: &Node, findings: &mut Findings) {
    let entries = findings.map(node, "a route").unwrap_or_default();
    let text = |name: &str| match find(entries, name) {
        Some(Node { value: Value::Text(text), .. }) => Some(text.as_str()),
        _ => None,
    };
    let to = text("network").or(text("destination"));
    let mask = text("netmask");
    let everything = match (to, mask) {
        (Some("0.0.0.0/0" | "::/0"), None) => true,
        (Some("0.0.0.0"), Some("0.0.0.0")) | (Some("::"), Some("::")) => true,
        _ => false,
    };
    if !everything {
        return no_route(findings, &node.place);
    }
    for (key, node) in entries {
        match key.name.as_str() {
            "network" | "destination" | "netmask" => {}
            "gateway" => {
                let gateway = findings.plain::<IpAddr>(node, "`gateway`", "IP address");
                draft.gateways.extend(gateway.map(|gateway| (gateway, node.place.clone())));
            }
            _ => keys::judge(findings, key, node, &["network", "netmask", "gateway"]),
        }
    }
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
            "address" => found = addresses(node, findings),
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
