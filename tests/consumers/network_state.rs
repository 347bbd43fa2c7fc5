//! What this program reads in a network-config before what cloud-init reads in it: the interpreter that all of its
//! renderers work from (22.4).

use std::path::Path;

use serde_json::{Value, json};
use vastimg::diagnostic::Source;
use vastimg::network::{self, Device, Ipv4, Ipv6, Kind, Link};

use crate::chance::Chance;
use crate::cloud_init::unpacked;
use crate::{networks, tools};

fn states(texts: &[String]) -> Option<Vec<Value>> {
    let packages = unpacked().join("usr/lib/python3/dist-packages");
    if !packages.join("cloudinit").is_dir() {
        tools::skipped(&format!("cloud-init is not in {}", unpacked().display()));
        return None;
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    serde_json::to_writer(file.as_file(), texts).unwrap();
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/consumers/network_state.py");
    let mut command = tools::bounded("/usr/bin/python3");
    command.arg("-B").env("PYTHONPATH", packages).arg(program).arg(file.path());
    Some(serde_json::from_str(&tools::output(&mut command)).unwrap())
}

fn links(text: &str) -> Vec<Link> {
    let parsed =
        network::parse(&Source::new("net", text)).unwrap_or_else(|error| panic!("{text}\n{error:#}"));
    parsed.links().cloned().collect()
}

/// The same in cloud-init's words.
fn assert_same(links: &[Link], state: &Value, text: &str) {
    assert_eq!(state.as_object().unwrap().len(), links.len(), "{state}\n{text}");
    for link in links {
        let interface = &state[&link.name];
        let is =
            |key: &str, value: Value| assert_eq!(interface[key], value, "{key} of {}\n{text}", link.name);
        is("mtu", json!(link.mtu));
        let mac = if let Device::Mac(mac) = &link.device { json!(mac) } else { Value::Null };
        is("mac_address", mac);
        let master = links.iter().find(|other| {
            matches!(other.kind, Kind::Bond { .. }) && other.kind.members().contains(&link.name)
        });
        is("bond-master", json!(master.map(|master| &master.name)));
        match &link.kind {
            Kind::Ethernet => is("type", json!("physical")),
            Kind::Bond { options, .. } => {
                is("type", json!("bond"));
                for (name, value) in options {
                    let key = [format!("bond-{name}"), format!("bond-{}", name.replace('_', "-"))];
                    let found = key.iter().map(|key| &interface[key]).find(|value| !value.is_null()).unwrap();
                    let words = match found {
                        Value::Array(items) => items.iter().map(word).collect::<Vec<_>>().join(","),
                        other => word(other),
                    };
                    assert_eq!(words, *value, "{name} of {}\n{text}", link.name);
                }
            }
            Kind::Bridge { members, options } => {
                is("type", json!("bridge"));
                is("bridge_ports", json!(members));
                let stp = options.iter().find(|(name, _)| name == "stp").map(|(_, value)| value == "yes");
                is("bridge_stp", json!(stp));
            }
            Kind::Vlan { id, parent } => {
                is("vlan_id", json!(id));
                is("vlan-raw-device", json!(parent));
            }
        }
        assert_addresses(link, interface, text);
    }
}

fn word(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn assert_addresses(link: &Link, interface: &Value, text: &str) {
    let mut wanted = Vec::new();
    let fixed = |address: String, prefix: u8, gateway: Option<String>| json!({ "type": "static", "address": address, "prefix": prefix, "gateway": gateway });
    match &link.ipv4 {
        Ipv4::None => {}
        Ipv4::Dhcp => wanted.push(json!({ "type": "dhcp4" })),
        Ipv4::Static { address, gateway } => wanted.push(fixed(
            address.addr().to_string(),
            address.prefix_len(),
            gateway.map(|gateway| gateway.to_string()),
        )),
    }
    match &link.ipv6 {
        Ipv6::None => {}
        Ipv6::Auto => wanted.push(json!({ "type": "ipv6_slaac" })),
        Ipv6::Dhcp => wanted.push(json!({ "type": "dhcp6" })),
        Ipv6::Static { address, gateway } => wanted.push(fixed(
            address.addr().to_string(),
            address.prefix_len(),
            gateway.map(|gateway| gateway.to_string()),
        )),
    }
    let mut found = interface["subnets"].as_array().cloned().unwrap_or_default();
    // Version 2's are also called so.
    let dns =
        ["addresses", "nameservers"].map(|key| interface["dns"][key].as_array().cloned().unwrap_or_default());
    let mut servers: Vec<Value> = dns.concat();
    for subnet in &mut found {
        let subnet = subnet.as_object_mut().unwrap();
        assert_eq!(subnet.remove("routes"), Some(json!([])), "{text}");
        subnet.remove("netmask");
        if let Some(Value::Array(more)) = subnet.remove("dns_nameservers") {
            servers.extend(more.into_iter().filter(|server| !servers.contains(server)).collect::<Vec<_>>());
        }
        if subnet["type"] == "static" {
            subnet.entry("gateway").or_insert(Value::Null);
        }
    }
    // DHCP comes first in version 2.
    let sorted = |mut subnets: Vec<Value>| {
        subnets.sort_by_key(Value::to_string);
        subnets
    };
    assert_eq!(sorted(found), sorted(wanted), "{}\n{text}", link.name);
    assert_eq!(json!(servers), json!(link.nameservers), "{}\n{text}", link.name);
}

#[test]
fn cloud_init_reads_the_same() {
    let mut chance = Chance(20);
    let (mut texts, mut models) = (Vec::new(), Vec::new());
    for _ in 0..150 {
        let network = networks::network(&mut chance, "x");
        texts.extend([networks::version_1(&network), networks::version_2(&network)]);
        models.extend([network.clone(), network]);
    }
    for (text, model) in texts.iter().zip(&models) {
        assert_eq!(links(text), *model, "{text}");
    }
    let Some(states) = states(&texts) else { return };
    for ((text, model), state) in texts.iter().zip(&models).zip(&states) {
        assert_same(model, state, text);
    }
}

/// Each is refused here, since cloud-init stops at it.
#[test]
fn what_stops_cloud_init_is_refused() {
    let texts = [
        "version: 2\ntunnels: {a: {mode: sit}}\n",
        "version: 2\nethernets: {ens3: }\n",
        "version: 2\nethernets: {ens3: {match: {macaddress: 52:54:00:12:34:56}}}\n",
        "version: 2\nethernets: {ens3: {addresses: [192.0.2.300/24]}}\n",
        "version: 2\nbridges: {br0: {}}\n",
        "version: 2\nethernets: {a: {addresses: [192.0.2.5/24], routes: [{to: default, via: 192.0.2.1}]}}\n",
        "version: 2\nethernets: {a: {}}\nbonds: {b: {interfaces: [a], parameters: {arp-ip-targets: [192.0.2.1]}}}\n",
        "version: 2\nbonds: {bond0: {}}\n",
        "version: 1\nconfig: [{type: fysical, name: ens3}]\n",
        "version: 1\nconfig: [{name: ens3}]\n",
        "version: 1\nconfig: [{type: bond, name: bond0, bond_interfaces: [ens3]}, {type: physical, name: ens3}]\n",
        "version: 1\nconfig: [{type: vlan, name: v, vlan_id: 3}]\n",
        "version: 1\nconfig: [{type: nameserver, address: 192.0.2.1, interface: ens3}]\n",
        "version: 1\nconfig: [{type: physical, name: ens3, subnets: [{type: static}]}]\n",
    ]
    .map(str::to_owned);
    for text in &texts {
        assert!(network::parse(&Source::new("net", text.as_str())).is_err(), "{text}");
    }
    let Some(states) = states(&texts) else { return };
    for (text, state) in texts.iter().zip(&states) {
        assert!(state["error"].is_string(), "cloud-init takes it: {text}{state}");
    }
}

/// What a program writes that fills in every field.
#[test]
fn nothing_said_is_nothing() {
    let texts = [
        "version: 2\nethernets: {a: {dhcp4: ~, dhcp6: true, gateway4: ~, mtu: null}}\n",
        "version: 1\nconfig:\n- {type: physical, name: a, mac_address: null, mtu: ~, subnets: [{type: dhcp6, netmask: ~, \
         gateway: ~, dns_nameservers: ~}]}\n",
    ]
    .map(str::to_owned);
    let Some(states) = states(&texts) else { return };
    for (text, state) in texts.iter().zip(&states) {
        let links = links(text);
        assert_eq!(
            (&links[0].ipv4, &links[0].ipv6, links[0].mtu),
            (&Ipv4::None, &Ipv6::Dhcp, None),
            "{text}"
        );
        assert_same(&links, state, text);
    }
}
