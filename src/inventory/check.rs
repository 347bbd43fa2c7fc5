//! Hosts against each other: what two of them may not both have.

use std::collections::HashMap;

use super::{Entry, Inventory};
use crate::diagnostic::Diagnostic;
use crate::network::{Device, Ipv4, Ipv6};

/// Tells of names, addresses and NICs that two hosts share.
pub(super) fn check(inventory: &Inventory, found: &mut Vec<Diagnostic>) {
    let mut seen: HashMap<(&str, String), &Entry> = HashMap::new();
    for host in &inventory.hosts {
        for (what, value) in unique(host) {
            match seen.get(&(what, value.clone())) {
                // A bond and its VLAN may name one NIC.
                Some(other) if other.name == host.name => {}
                Some(other) => {
                    let message = format!("{} and {} have the same {what}, {value}", other.name, host.name);
                    let help = format!("{} is in line {}", other.name, other.place.line);
                    found.push(Diagnostic::at(&host.place, message).help(help));
                }
                None => drop(seen.insert((what, value), host)),
            }
        }
    }
}

fn unique(host: &Entry) -> Vec<(&'static str, String)> {
    // On file systems that fold case, two images would be one.
    let mut all = vec![("name", host.name.to_ascii_lowercase())];
    if host.hostname != host.name {
        all.push(("host name", host.hostname.to_ascii_lowercase()));
    }
    for link in host.network.iter().flat_map(crate::network::Network::links) {
        if let Device::Mac(mac) = &link.device {
            all.push(("MAC address", mac.clone()));
        }
        if let Ipv4::Static { address, .. } = &link.ipv4 {
            all.push(("address", address.addr().to_string()));
        }
        if let Ipv6::Static { address, .. } = &link.ipv6 {
            all.push(("address", address.addr().to_string()));
        }
    }
    all
}
