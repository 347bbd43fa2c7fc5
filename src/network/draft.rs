//! A link while its file is read: as in [`Link`], with the places that errors point at, and everything of which a link
//! can have one only.

use std::net::IpAddr;

use ipnet::IpNet;

use super::findings::Findings;
use super::link::{Device, Ipv4, Ipv6, Kind, Link};
use crate::diagnostic::Place;
use crate::yaml::Node;

/// A name of another link, where it was used.
pub(super) type Reference = (String, Place);

#[derive(Clone, Debug)]
pub(super) struct Draft {
    /// Without its addresses; [`finish`] adds them.
    pub link: Link,
    /// Of its name.
    pub place: Place,
    /// The name that cloud-init gives a device that it finds by its MAC address.
    pub renamed: Option<String>,
    /// Members, or a VLAN's link.
    pub references: Vec<Reference>,
    /// Whether a bridge or bond says at all who its members are.
    pub members_given: bool,
    pub dhcp4: Option<Place>,
    pub dhcp6: Option<Place>,
    pub auto6: Option<Place>,
    pub addresses: Vec<(IpNet, Place)>,
    pub gateways: Vec<(IpAddr, Place)>,
    pub nameservers: Vec<(IpAddr, Place)>,
}

impl Draft {
    pub fn new(name: &str, place: &Place, kind: Kind) -> Self {
        Draft {
            link: Link {
                name: name.to_owned(),
                device: Device::Name(name.to_owned()),
                kind,
                ipv4: Ipv4::None,
                ipv6: Ipv6::None,
                nameservers: Vec::new(),
                mtu: None,
            },
            place: place.clone(),
            renamed: None,
            references: Vec::new(),
            members_given: false,
            dhcp4: None,
            dhcp6: None,
            auto6: None,
            addresses: Vec::new(),
            gateways: Vec::new(),
            nameservers: Vec::new(),
        }
    }

    /// Whether others may call it by this name.
    pub fn is_called(&self, name: &str) -> bool {
        self.link.name == name || self.renamed.as_deref() == Some(name)
    }

    pub fn nameserver(&mut self, findings: &mut Findings, node: &Node) {
        if let Some(address) = findings.plain::<IpAddr>(node, "name server", "IP address") {
            self.nameservers.push((address, node.place.clone()));
        }
    }

    pub fn mtu(&mut self, findings: &mut Findings, node: &Node) {
        self.link.mtu = findings.number(node, "`mtu`", 68, 65535, "usually 1500, or 9000 for jumbo frames");
    }

    pub fn members(&mut self, findings: &mut Findings, node: &Node) {
        self.members_given = true;
        for item in findings.list(node, "the list of members") {
            if let Some(name) = findings.text(item, "a member's name") {
                self.references.push((name, item.place.clone()));
            }
        }
    }
}

/// Of each family the one source that a link has; what there is besides goes into the findings.
pub(super) fn finish(draft: &mut Draft, findings: &mut Findings) {
    let name = draft.link.name.clone();
    let one_only = |findings: &mut Findings, place: &Place, family: &str| {
        findings.cannot(
            place,
            format!("`{name}` has more than one source of {family} addresses, and the installer takes one for a link"),
            "keep one here, and add the others on the installed VM with nmcli; or use a cloud-init medium",
        );
    };
    let (mut v4, mut v6) = (Vec::new(), Vec::new());
    v4.extend(draft.dhcp4.clone().map(|place| (Ipv4::Dhcp, place)));
    v6.extend(draft.dhcp6.clone().map(|place| (Ipv6::Dhcp, place)));
    v6.extend(draft.auto6.clone().map(|place| (Ipv6::Auto, place)));
    let gateway =
        |wanted_v4: bool| draft.gateways.iter().map(|(ip, _)| *ip).find(|ip| ip.is_ipv4() == wanted_v4);
    for (net, place) in &draft.addresses {
        match net {
            IpNet::V4(address) => {
                let gateway =
                    gateway(true).and_then(|ip| if let IpAddr::V4(ip) = ip { Some(ip) } else { None });
                v4.push((Ipv4::Static { address: *address, gateway }, place.clone()));
            }
            IpNet::V6(address) => {
                let gateway =
                    gateway(false).and_then(|ip| if let IpAddr::V6(ip) = ip { Some(ip) } else { None });
                v6.push((Ipv6::Static { address: *address, gateway }, place.clone()));
            }
        }
    }
    v4.iter().skip(1).for_each(|(_, place)| one_only(findings, place, "IPv4"));
    v6.iter().skip(1).for_each(|(_, place)| one_only(findings, place, "IPv6"));
    draft.link.ipv4 = v4.into_iter().next().map_or(Ipv4::None, |(source, _)| source);
    draft.link.ipv6 = v6.into_iter().next().map_or(Ipv6::None, |(source, _)| source);
    draft.link.nameservers = draft.nameservers.iter().map(|(address, _)| *address).collect();
    gateways(draft, findings);
    let references: Vec<String> = draft.references.iter().map(|(name, _)| name.clone()).collect();
    match &mut draft.link.kind {
        Kind::Bond { members, .. } | Kind::Bridge { members, .. } => *members = references,
        Kind::Vlan { parent, .. } => *parent = references.into_iter().next().unwrap_or_default(),
        Kind::Ethernet => {}
    }
}

fn gateways(draft: &Draft, findings: &mut Findings) {
    let mut seen: Vec<IpAddr> = Vec::new();
    for (gateway, place) in &draft.gateways {
        if let Some(first) = seen.iter().find(|first| first.is_ipv4() == gateway.is_ipv4()) {
            findings.cannot(place, format!("a second gateway besides {first}"), "keep one");
        }
        seen.push(*gateway);
        let mut own =
            draft.addresses.iter().filter(|(net, _)| net.addr().is_ipv4() == gateway.is_ipv4()).peekable();
        if own.peek().is_none() {
            findings.cannot(
                place,
                format!("gateway {gateway} without an address of its family"),
                "take it out, since DHCP brings its own; or give the link an address",
            );
            continue;
        }
        let link_local = matches!(gateway, IpAddr::V6(ip) if ip.segments()[0] & 0xffc0 == 0xfe80);
        if !link_local && !own.any(|(net, _)| net.contains(gateway)) {
            findings.warn(
                place,
                &format!("gateway {gateway} is in none of the subnets of `{}`", draft.link.name),
            );
        }
    }
}
