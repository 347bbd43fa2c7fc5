//! Options of bonds and bridges, from the names of both versions to those of the driver and of NetworkManager.
//!
//! Sources: cloud-init's network_state.py (NET_CONFIG_TO_V2), the Linux bonding documentation, nm-settings(5).

use super::findings::Findings;
use super::{keys, scalar};
use crate::diagnostic::nearest;
use crate::yaml::{Key, Node, Value};

/// The bonding driver's name, and netplan's where it is another. Version 1 writes `bond-` and the driver's name.
const BOND: [(&str, &str); 15] = [
    ("ad_select", "ad-select"),
    ("arp_interval", "arp-interval"),
    ("arp_ip_target", "arp-ip-target"),
    ("arp_validate", "arp-validate"),
    ("downdelay", "down-delay"),
    ("fail_over_mac", "fail-over-mac-policy"),
    ("lacp_rate", "lacp-rate"),
    ("miimon", "mii-monitor-interval"),
    ("min_links", "min-links"),
    ("mode", "mode"),
    ("num_grat_arp", "gratuitous-arp"),
    ("primary", "primary"),
    ("primary_reselect", "primary-reselect-policy"),
    ("updelay", "up-delay"),
    ("xmit_hash_policy", "transmit-hash-policy"),
];

/// The bonding driver's modes, which are also numbered from 0 in this order.
const MODES: [&str; 7] =
    ["balance-rr", "active-backup", "balance-xor", "broadcast", "802.3ad", "balance-tlb", "balance-alb"];

/// netplan's first spelling, which cloud-init takes as well.
const MISSPELT: (&str, &str) = ("num_grat_arp", "gratuitious-arp");

/// NetworkManager's name, which is netplan's, and version 1's.
const BRIDGE: [(&str, &str); 6] = [
    ("ageing-time", "bridge_ageing"),
    ("priority", "bridge_bridgeprio"),
    ("forward-delay", "bridge_fd"),
    ("hello-time", "bridge_hello"),
    ("max-age", "bridge_maxage"),
    ("stp", "bridge_stp"),
];

/// Version 1's names of what a bridge has for each of its members.
const BRIDGE_PORTS: [&str; 4] = ["bridge_pathcost", "bridge_portprio", "path-cost", "port-priority"];

/// The options of a bond, under `params` in version 1 and `parameters` in version 2.
pub(super) fn bond(findings: &mut Findings, node: &Node, version: u8) -> Vec<(String, String)> {
    let known = |name: &str| {
        let driver = match version {
            1 => name
                .strip_prefix("bond")
                .and_then(|rest| rest.strip_prefix(['-', '_']))
                .map(|s| s.replace('-', "_")),
            _ => BOND
                .iter()
                .chain([&MISSPELT])
                .find(|(_, netplan)| *netplan == name)
                .map(|(driver, _)| (*driver).to_owned()),
        };
        driver.filter(|driver| BOND.iter().any(|(known, _)| known == driver))
    };
    let names: Vec<String> = match version {
        1 => BOND.iter().map(|(driver, _)| format!("bond-{driver}")).collect(),
        _ => BOND.iter().map(|(_, netplan)| (*netplan).to_owned()).collect(),
    };
    let mut options: Vec<(String, String)> = Vec::new();
    for (key, value) in findings.map(node, "the bond's options").unwrap_or_default() {
        let Some(name) = known(&key.name) else {
            unknown(findings, key, &names, version);
            continue;
        };

        if let Some(text) = option(findings, key, value) {
            if options.iter().any(|(known, _)| *known == name) {
                findings.refuse(
                    &key.place,
                    format!("`{}` says again what was said", key.name),
                    "take one out",
                );
            }
            if name == "mode" && !MODES.contains(&text.as_str()) && !matches!(text.as_bytes(), [b'0'..=b'6'])
            {
                findings.refuse(
                    &value.place,
                    format!("a bond has no mode {text:?}"),
                    format!("modes are {}", MODES.join(", ")),
                );
            }
            options.push((name, text));
        }
    }
    options
}

/// The options of a bridge.
pub(super) fn bridge(findings: &mut Findings, node: &Node, version: u8) -> Vec<(String, String)> {
    let names: Vec<String> =
        BRIDGE.iter().map(|(manager, one)| if version == 1 { *one } else { *manager }.to_owned()).collect();
    let mut options = Vec::new();
    for (key, value) in findings.map(node, "the bridge's options").unwrap_or_default() {
        let here = |(manager, one): &&(&str, &str)| key.name == if version == 1 { *one } else { *manager };
        match BRIDGE.iter().find(here) {
            Some(("stp", _)) => options.extend(stp(findings, key, value).map(|stp| ("stp".to_owned(), stp))),
            Some((name, _)) => {
                let number = findings.number(
                    value,
                    &format!("`{}`", key.name),
                    0,
                    65535,
                    "see nm-settings(5), bridge",
                );
                options.extend(number.map(|number| ((*name).to_owned(), number.to_string())));
            }
            None if BRIDGE_PORTS.contains(&key.name.as_str()) => findings.cannot(
                &key.place,
                format!("the installer's `network` command knows no `{}`", key.name),
                keys::AFTERWARDS,
            ),
            None if version == 1 => {
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                keys::judge(findings, key, value, &names);
            }
            None => unknown(findings, key, &names, version),
        }
    }
    options
}

/// cloud-init takes on, off, 1 and 0 besides truths.
fn stp(findings: &mut Findings, key: &Key, node: &Node) -> Option<String> {
    let truth = match &node.value {
        Value::Integer(0) => Some(false),
        Value::Integer(1) => Some(true),
        Value::Text(text) if matches!(text.as_str(), "on" | "1") => Some(true),
        Value::Text(text) if matches!(text.as_str(), "off" | "0") => Some(false),
        _ => findings.truth(node, &format!("`{}`", key.name)),
    };
    truth.map(|truth| if truth { "yes" } else { "no" }.to_owned())
}

fn option(findings: &mut Findings, key: &Key, node: &Node) -> Option<String> {
    let text = scalar::plain(node).filter(|text| {
        !text.is_empty()
            && !text.contains(|c: char| c.is_whitespace() || c.is_control() || ";=\"'".contains(c))
    });
    if text.is_none() {
        findings.refuse(
            &node.place,
            format!("`{}` must be one word or number", key.name),
            "several addresses are written as a list",
        );
    }
    text
}

/// cloud-init stops at an option of version 2 that it does not know, and passes over one of version 1.
fn unknown(findings: &mut Findings, key: &Key, names: &[String], version: u8) {
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let near = nearest(&key.name, names.iter().copied());
    if version == 1 {
        return keys::unknown(findings, key, near, &names.join(", "));
    }
    let help = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known are {}", names.join(", ")),
    };
    let message = format!("cloud-init on Rocky 8 stops at option `{}`, which it does not know", key.name);
    findings.refuse(&key.place, message, help);
}
