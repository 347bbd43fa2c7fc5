//! Networks by chance, and what each is as a network-config of both versions.

use std::net::IpAddr;

use serde_json::{Map, Value, json};
use vastimg::network::{Device, Ipv4, Ipv6, Kind, Link};

use crate::chance::Chance;

/// Links that cloud-init and the installer both can set up; every name begins with `prefix`. First NICs, then bonds,
/// bridges and VLANs, which is also the order of the texts.
pub(crate) fn network(chance: &mut Chance, prefix: &str) -> Vec<Link> {
    let mut links: Vec<Link> =
        (0..1 + chance.below(4)).map(|n| bare(format!("{prefix}n{n}"), Kind::Ethernet)).collect();
    let mut free: Vec<String> = links.iter().map(|link| link.name.clone()).collect();
    if free.len() >= 2 && !chance.once_in(3) {
        let members: Vec<String> = free.drain(..2).collect();
        links.push(bare(
            format!("{prefix}b"),
            Kind::Bond { options: bond_options(chance, &members[0]), members },
        ));
        free.push(format!("{prefix}b"));
    }
    if chance.once_in(3) {
        let member = free.remove(chance.below(free.len()));
        let options = [("forward-delay", "4"), ("max-age", "20"), ("stp", chance.one(&["yes", "no"]))];
        let options =
            options.iter().filter(|_| chance.once_in(2)).map(|(a, b)| ((*a).into(), (*b).into())).collect();
        links.push(bare(format!("{prefix}r"), Kind::Bridge { members: vec![member], options }));
        free.push(format!("{prefix}r"));
    }
    for n in 0..chance.below(3) {
        let parent = free[chance.below(free.len())].clone();
        let id = u16::try_from(1 + n + 2 * chance.below(2046)).unwrap();
        let name = if chance.once_in(2) { format!("{prefix}.{id}") } else { format!("{prefix}v{n}") };
        links.push(bare(name, Kind::Vlan { id, parent }));
    }
    let members: Vec<String> = links.iter().flat_map(|link| link.kind.members().to_vec()).collect();
    for (index, link) in links.iter_mut().enumerate() {
        if members.contains(&link.name) {
            continue;
        }
        if link.kind == Kind::Ethernet && chance.once_in(3) {
            link.device = Device::Mac(format!(
                "52:54:00:{:02x}:{:02x}:{index:02x}",
                chance.below(256),
                chance.below(256)
            ));
        }
        addresses(chance, link, index);
    }
    links
}

fn bare(name: String, kind: Kind) -> Link {
    Link {
        device: Device::Name(name.clone()),
        name,
        kind,
        ipv4: Ipv4::None,
        ipv6: Ipv6::None,
        nameservers: Vec::new(),
        mtu: None,
    }
}

/// In alphabetical order of their names in both versions.
fn bond_options(chance: &mut Chance, first: &str) -> Vec<(String, String)> {
    let option = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let mut options = Vec::new();
    if chance.once_in(3) {
        options.push(option("arp_ip_target", chance.one(&["10.0.0.1", "10.0.0.1,10.0.0.2"])));
    }
    options.push(option("miimon", chance.one(&["100", "1000"])));
    if !chance.once_in(4) {
        options.push(option("mode", chance.one(&["802.3ad", "active-backup", "1"])));
    }
    if chance.once_in(2) {
        options.push(option("primary", first));
    }
    if chance.once_in(2) {
        options.push(option("xmit_hash_policy", "layer3+4"));
    }
    options
}

fn addresses(chance: &mut Chance, link: &mut Link, index: usize) {
    link.mtu = chance.once_in(3).then(|| 1280 + u32::try_from(chance.below(7721)).unwrap());
    let gateway = chance.once_in(2);
    link.ipv4 = match chance.below(3) {
        0 => Ipv4::None,
        1 => Ipv4::Dhcp,
        _ => Ipv4::Static {
            address: format!(
                "10.{index}.{}.{}/{}",
                chance.below(256),
                2 + chance.below(200),
                8 + chance.below(17)
            )
            .parse()
            .unwrap(),
            gateway: None,
        },
    };
    if let Ipv4::Static { address, gateway: of_link } = &mut link.ipv4 {
        *of_link = gateway.then(|| address.hosts().next().unwrap());
    }
    link.ipv6 = match chance.below(3) {
        0 => Ipv6::None,
        1 => Ipv6::Dhcp,
        _ => Ipv6::Static {
            address: format!("2001:db8:{index:x}::{:x}/64", 2 + chance.below(60000)).parse().unwrap(),
            gateway: gateway.then(|| format!("2001:db8:{index:x}::1").parse().unwrap()),
        },
    };
    for server in ["10.0.0.53", "2001:db8::53", "10.0.1.53"] {
        let server: IpAddr = server.parse().unwrap();
        if chance.once_in(2) && link.has_family_of(server) {
            link.nameservers.push(server);
        }
    }
}

/// As version 2.
pub(crate) fn version_2(links: &[Link]) -> String {
    let mut text = String::from("version: 2\n");
    for section in ["ethernets", "bonds", "bridges", "vlans"] {
        let of_section: Vec<&Link> = links.iter().filter(|link| self::section(link) == section).collect();
        if !of_section.is_empty() {
            text += &format!("{section}:\n");
        }
        for link in of_section {
            text += &format!("  {}: {}\n", link.name, device_2(link));
        }
    }
    text
}

fn section(link: &Link) -> &'static str {
    match link.kind {
        Kind::Ethernet => "ethernets",
        Kind::Bond { .. } => "bonds",
        Kind::Bridge { .. } => "bridges",
        Kind::Vlan { .. } => "vlans",
    }
}

fn device_2(link: &Link) -> Value {
    let mut device = Map::new();
    let mut say = |key: &str, value: Value| device.insert(key.to_owned(), value);
    let mut addresses = Vec::new();
    match &link.kind {
        Kind::Ethernet => {}
        Kind::Bond { members, options } => {
            say("interfaces", json!(members));
            say(
                "parameters",
                parameters(options, |name| match name {
                    "arp_ip_target" => "arp-ip-target".into(),
                    "miimon" => "mii-monitor-interval".into(),
                    "xmit_hash_policy" => "transmit-hash-policy".into(),
                    other => other.to_owned(),
                }),
            );
        }
        Kind::Bridge { members, options } => {
            say("interfaces", json!(members));
            say("parameters", parameters(options, str::to_owned));
        }
        Kind::Vlan { id, parent } => {
            say("id", json!(id));
            say("link", json!(parent));
        }
    }
    if let Device::Mac(mac) = &link.device {
        say("match", json!({ "macaddress": mac }));
        say("set-name", json!(link.name));
    }
    match &link.ipv4 {
        Ipv4::None => {}
        Ipv4::Dhcp => drop(say("dhcp4", true.into())),
        Ipv4::Static { address, gateway } => {
            addresses.push(address.to_string());
            gateway.map(|gateway| say("gateway4", json!(gateway.to_string())));
        }
    }
    match &link.ipv6 {
        Ipv6::None => {}
        Ipv6::Auto => panic!("version 2 has no word for it"),
        Ipv6::Dhcp => drop(say("dhcp6", true.into())),
        Ipv6::Static { address, gateway } => {
            addresses.push(address.to_string());
            gateway.map(|gateway| say("gateway6", json!(gateway.to_string())));
        }
    }
    if !addresses.is_empty() {
        say("addresses", json!(addresses));
    }
    if !link.nameservers.is_empty() {
        say("nameservers", json!({ "addresses": link.nameservers }));
    }
    link.mtu.map(|mtu| say("mtu", json!(mtu)));
    Value::Object(device)
}

fn parameters(options: &[(String, String)], name: impl Fn(&str) -> String) -> Value {
    let value = |value: &str| match value {
        "yes" => json!(true),
        "no" => json!(false),
        // More than one address.
        text if text.contains(',') => json!(text.split(',').collect::<Vec<_>>()),
        text => text.parse::<u32>().map_or_else(|_| json!(text), |number| json!(number)),
    };
    options.iter().map(|(key, text)| (name(key), value(text))).collect::<Map<_, _>>().into()
}

/// As version 1.
pub(crate) fn version_1(links: &[Link]) -> String {
    let mut text = String::from("version: 1\nconfig:\n");
    for link in links {
        let mut command = match &link.kind {
            Kind::Ethernet => json!({ "type": "physical" }),
            Kind::Bond { members, options } => json!({
                "type": "bond", "bond_interfaces": members,
                "params": parameters(options, |name| format!("bond-{name}")),
            }),
            Kind::Bridge { members, options } => json!({
                "type": "bridge", "bridge_interfaces": members,
                "params": parameters(options, |name| match name {
                    "forward-delay" => "bridge_fd".into(),
                    "max-age" => "bridge_maxage".into(),
                    other => format!("bridge_{other}"),
                }),
            }),
            Kind::Vlan { id, parent } => json!({ "type": "vlan", "vlan_id": id, "vlan_link": parent }),
        };
        command["name"] = json!(link.name);
        if let Device::Mac(mac) = &link.device {
            command["mac_address"] = json!(mac);
        }
        if let Some(mtu) = link.mtu {
            command["mtu"] = json!(mtu);
        }
        let mut subnets = subnets(link);
        if let Some(first) = subnets.first_mut().filter(|_| !link.nameservers.is_empty()) {
            first["dns_nameservers"] = json!(link.nameservers);
        }
        command["subnets"] = json!(subnets);
        text += &format!("  - {command}\n");
    }
    text
}

/// As cloud-init has them of either version, but for name servers and, in version 1's text, prefixes.
fn subnets(link: &Link) -> Vec<Value> {
    let mut subnets = Vec::new();
    let fixed = |address: String, gateway: Option<String>| {
        let mut subnet = json!({ "type": "static", "address": address });
        if let Some(gateway) = gateway {
            subnet["gateway"] = json!(gateway);
        }
        subnet
    };
    match &link.ipv4 {
        Ipv4::None => {}
        Ipv4::Dhcp => subnets.push(json!({ "type": "dhcp4" })),
        Ipv4::Static { address, gateway } => {
            subnets.push(fixed(address.to_string(), gateway.map(|gateway| gateway.to_string())));
        }
    }
    match &link.ipv6 {
        Ipv6::None => {}
        Ipv6::Auto => subnets.push(json!({ "type": "ipv6_slaac" })),
        Ipv6::Dhcp => subnets.push(json!({ "type": "dhcp6" })),
        Ipv6::Static { address, gateway } => {
            subnets.push(fixed(address.to_string(), gateway.map(|gateway| gateway.to_string())));
        }
    }
    subnets
}
