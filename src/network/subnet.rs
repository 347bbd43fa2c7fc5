//! Version 1's `subnets`: where a link's addresses come from.
//!
//! Source: cloud-init's network_state.py (_normalize_subnet, _normalize_route).

use std::net::IpAddr;

use ipnet::IpNet;

use super::draft::Draft;
use super::findings::Findings;
use super::keys::find;
use super::v2::{no_route, search};
use super::{keys, scalar};
use crate::diagnostic::Place;
use crate::yaml::{Key, Node, Value};

/// One entry of `subnets`.
pub(super) fn read(draft: &mut Draft, node: &Node, findings: &mut Findings) {
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
            "netmask" | "gateway" | "dns_nameservers" | "dns_search" if matches!(node.value, Value::Null) => {
            }
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
    let mask = find(entries, "netmask").filter(|mask| !matches!(mask.value, Value::Null));
    let (Some(mask), Value::Text(text)) = (mask, &node.value) else {
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
pub(super) fn addresses(node: &Node, findings: &mut Findings) -> Vec<(IpAddr, Place)> {
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
    let everything = matches!(
        (to, mask),
        (Some("0.0.0.0/0" | "::/0"), None) | (Some("0.0.0.0"), Some("0.0.0.0")) | (Some("::"), Some("::"))
    );
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
