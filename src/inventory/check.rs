//! Hosts against each other: what two of them may not both have.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use super::{Entry, Inventory};
use crate::diagnostic::{Diagnostic, Place};
use crate::network::{Device, Network};

/// What only one host may have.
#[derive(PartialEq, Eq, Hash)]
enum Only<'a> {
    /// On file systems that fold case, two images would be one.
    Name(Cow<'a, str>),
    HostName(Cow<'a, str>),
    Mac(&'a str),
    Address(IpAddr),
}

impl fmt::Display for Only<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Only::Name(name) => write!(f, "name, {name}"),
            Only::HostName(name) => write!(f, "host name, {name}"),
            Only::Mac(mac) => write!(f, "MAC address, {mac}"),
            Only::Address(address) => write!(f, "address, {address}"),
        }
    }
}

/// Tells of names, addresses and NICs that two hosts share.
pub(super) fn check(inventory: &Inventory, found: &mut Vec<Diagnostic>) {
    let mut seen: HashMap<Only<'_>, &Entry> = HashMap::new();
    for host in &inventory.hosts {
        let mut same_name = false;
        unique(host, |only, place| match seen.get(&only) {
            // A bond and its VLAN may name one NIC.
            Some(other) if std::ptr::eq(*other, host) => {}
            // It comes with the same name.
            Some(_) if same_name && matches!(only, Only::HostName(_)) => {}
            Some(other) => {
                same_name |= matches!(only, Only::Name(_));
                let message = format!("{} and {} have the same {only}", other.name, host.name);
                let help = format!("{} is in line {}", other.name, other.place.line);
                found.push(Diagnostic::at(place, message).help(help));
            }
            None => drop(seen.insert(only, host)),
        });
    }
}

fn unique<'a>(host: &'a Entry, mut one: impl FnMut(Only<'a>, &'a Place)) {
    one(Only::Name(folded(&host.name)), &host.place);
    one(Only::HostName(folded(&host.hostname)), &host.place);
    for link in host.network.iter().flat_map(Network::links) {
        if let Device::Mac(mac) = &link.device {
            one(Only::Mac(mac), &host.place);
        }
    }
    for (address, place) in host.network.iter().flat_map(Network::addresses) {
        // What hosts share is not where one of them differs.
        let own = Arc::ptr_eq(&place.source, &host.place.source) && place.line >= host.place.line;
        one(Only::Address(address), if own { place } else { &host.place });
    }
}

fn folded(name: &str) -> Cow<'_, str> {
    if name.bytes().any(|b| b.is_ascii_uppercase()) { name.to_ascii_lowercase().into() } else { name.into() }
}
