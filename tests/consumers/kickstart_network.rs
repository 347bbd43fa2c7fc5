//! The installer's `network` commands before pykickstart, by which the installer reads them.

use serde_json::{Value, json};
use vastimg::diagnostic::Source;
use vastimg::documents::kickstart::network::{commands, warnings};
use vastimg::network::{self, Device, Ipv4, Ipv6, Kind, Link};

use crate::chance::Chance;
use crate::networks;
use crate::pykickstart::{ksvalidator, parse};

/// A kickstart of nothing else, which pykickstart takes.
fn kickstart(commands: &[Vec<String>]) -> String {
    // In single quotes, as a shell would have them, since `;` and `#` mean something to it.
    let line =
        |words: &Vec<String>| words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" ");
    commands.iter().map(|words| line(words) + "\n").collect()
}

fn links(text: &str) -> Vec<Link> {
    let parsed =
        network::parse(&Source::new("net", text)).unwrap_or_else(|error| panic!("{text}\n{error:#}"));
    parsed.for_kickstart().unwrap_or_else(|error| panic!("{text}\n{error:#}")).links
}

fn written(text: &str) -> Vec<String> {
    commands(&links(text), "vast-01").iter().map(|words| words.join(" ")).collect()
}

/// What pykickstart finds says what the link says; `found` is the command that makes it.
fn assert_same(link: &Link, links: &[Link], found: &Value) {
    let is = |key: &str, value: Value| assert_eq!(found[key], value, "{key} of {link:?}");
    let (dhcp, fixed) = (json!("dhcp"), json!("static"));
    match &link.ipv4 {
        // pykickstart empties it, whatever was said.
        Ipv4::None => is("bootProto", json!("")),
        Ipv4::Dhcp => is("bootProto", dhcp.clone()),
        Ipv4::Static { address, gateway } => {
            is("bootProto", fixed);
            is("ip", json!(address.addr()));
            is("netmask", json!(address.netmask()));
            is("gateway", json!(gateway.map_or(String::new(), |gateway| gateway.to_string())));
        }
    }
    is("noipv4", json!(link.ipv4 == Ipv4::None));
    is("noipv6", json!(link.ipv6 == Ipv6::None));
    match &link.ipv6 {
        Ipv6::None => is("ipv6", json!("")),
        Ipv6::Auto => is("ipv6", json!("auto")),
        Ipv6::Dhcp => is("ipv6", dhcp),
        Ipv6::Static { address, gateway } => {
            is("ipv6", json!(address.to_string()));
            is("ipv6gateway", json!(gateway.map_or(String::new(), |gateway| gateway.to_string())));
        }
    }
    let servers: Vec<String> = link.nameservers.iter().map(ToString::to_string).collect();
    is("nameserver", json!(servers.join(",")));
    is("mtu", json!(link.mtu.map_or(String::new(), |mtu| mtu.to_string())));
    is("onboot", json!(true));
    is("activate", json!(true));
    is("nodefroute", json!(false));
    match &link.kind {
        Kind::Ethernet => {
            is("vlanid", json!(""));
            let bound = matches!(link.device, Device::Mac(_));
            is("bindto", if bound { json!("mac") } else { Value::Null });
        }
        Kind::Bond { .. } => assert_bond(link, found),
        Kind::Bridge { members, options } => {
            is("bridgeslaves", json!(members.join(",")));
            let options: Vec<String> =
                options.iter().map(|(name, value)| format!("{name}={value}")).collect();
            is("bridgeopts", json!(options.join(",")));
        }
        Kind::Vlan { id, parent } => {
            is("vlanid", json!(id.to_string()));
            is("interfacename", json!(link.name));
            let parent = links.iter().find(|link| link.name == *parent).unwrap();
            let (Device::Name(device) | Device::Mac(device)) = &parent.device;
            is("device", json!(device));
            if found["bondslaves"] != "" {
                assert_bond(parent, found);
            }
        }
    }
}

fn assert_bond(bond: &Link, found: &Value) {
    let Kind::Bond { members, options } = &bond.kind else { panic!("{bond:?}") };
    assert_eq!(found["device"], json!(bond.name));
    assert_eq!(found["bondslaves"], json!(members.join(",")));
    let text = found["bondopts"].as_str().unwrap();
    // As Anaconda takes them apart.
    let separator = if text.contains(';') { ';' } else { ',' };
    let found: Vec<(&str, &str)> =
        text.split(separator).map(|option| option.split_once('=').unwrap()).collect();
    let wanted: Vec<(&str, &str)> =
        options.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let without = |options: &[(&str, &str)]| {
        options
            .iter()
            .copied()
            .filter(|option| *option != ("mode", "balance-rr"))
            .map(|(a, b)| format!("{a}={b}"))
            .collect::<Vec<_>>()
    };
    assert_eq!(without(&found), without(&wanted), "{bond:?}");
    assert!(found.iter().any(|(name, _)| *name == "mode"), "{bond:?}");
}

/// Whether a link is there without a command of its own.
fn needs_none(link: &Link, links: &[Link], commands: &[Value]) -> bool {
    let member = links.iter().any(|other| other.kind.members().contains(&link.name));
    let below =
        links.iter().any(|other| matches!(&other.kind, Kind::Vlan { parent, .. } if *parent == link.name));
    let with_vlan = commands.iter().any(|found| {
        found["device"] == json!(link.name) && found["bondslaves"] != "" && found["vlanid"] != ""
    });
    link.is_bare()
        && match link.kind {
            Kind::Ethernet => member || (below && link.mtu.is_none()),
            Kind::Bond { .. } => with_vlan && link.mtu.is_none(),
            _ => false,
        }
}

fn command_of<'a>(link: &Link, commands: &'a [Value]) -> Option<&'a Value> {
    let (Device::Name(device) | Device::Mac(device)) = &link.device;
    commands.iter().find(|found| match link.kind {
        Kind::Vlan { .. } => found["interfacename"] == json!(link.name),
        _ => found["device"] == json!(device) && found["vlanid"] == "",
    })
}

fn assert_all(links: &[Link], found: &[Value]) {
    let mut used = 0;
    for link in links {
        match command_of(link, found) {
            Some(command) => {
                used += 1;
                assert_same(link, links, command);
            }
            None => assert!(needs_none(link, links, found), "{link:?} has no command"),
        }
    }
    assert_eq!(used, found.len(), "a command that no link asked for");
}

/// Both versions of each, and the commands that are to come of them.
#[test]
fn chosen_networks() {
    let cases: [(&str, &str, &[&str]); 7] = [
        (
            "version: 2\nethernets: {ens3: {dhcp4: yes}}\n",
            "version: 1\nconfig: [{type: physical, name: ens3, subnets: [{type: dhcp}]}]\n",
            &["--device=ens3 --bootproto=dhcp --noipv6"],
        ),
        (
            "version: 2\nethernets: {ens3: {addresses: [192.0.2.5/24, '2001:db8::5/64'], gateway4: 192.0.2.1, \
             gateway6: '2001:db8::1', mtu: 9000, nameservers: {addresses: [192.0.2.53, '2001:db8::53']}}}\n",
            "version: 1\nconfig:\n- type: physical\n  name: ens3\n  mtu: 9000\n  subnets:\n  - {type: static, \
             address: 192.0.2.5, netmask: 255.255.255.0, gateway: 192.0.2.1}\n  - {type: static6, \
             address: '2001:db8::5/64', gateway: '2001:db8::1'}\n- {type: nameserver, address: [192.0.2.53, '2001:db8::53']}\n",
            &["--device=ens3 --bootproto=static --ip=192.0.2.5 --netmask=255.255.255.0 --gateway=192.0.2.1 \
               --ipv6=2001:db8::5/64 --ipv6gateway=2001:db8::1 --nameserver=192.0.2.53,2001:db8::53 --mtu=9000"],
        ),
        (
            "version: 2\nethernets: {ens3: {}}\nvlans: {ens3.7: {id: 7, link: ens3, dhcp4: true, dhcp6: true}}\n",
            "version: 1\nconfig:\n- {type: vlan, name: ens3.7, vlan_id: 7, vlan_link: ens3, \
             subnets: [{type: dhcp4}, {type: dhcp6}]}\n- {type: physical, name: ens3}\n",
            &["--device=ens3 --vlanid=7 --interfacename=ens3.7 --bootproto=dhcp --ipv6=dhcp"],
        ),
        (
            "version: 2\nethernets: {ens3: {}, ens4: {}}\nbonds: {bond0: {interfaces: [ens3, ens4], dhcp4: true, \
             parameters: {mode: active-backup, mii-monitor-interval: 100, arp-ip-target: [192.0.2.1, 192.0.2.2]}}}\n",
            "version: 1\nconfig:\n- {type: physical, name: ens3}\n- {type: physical, name: ens4}\n- {type: bond, \
             name: bond0, bond_interfaces: [ens3, ens4], subnets: [{type: dhcp4}], params: {bond-mode: active-backup, \
             bond_miimon: 100, bond-arp-ip-target: [192.0.2.1, 192.0.2.2]}}\n",
            &["--device=bond0 --bondslaves=ens3,ens4 \
               --bondopts=mode=active-backup;miimon=100;arp_ip_target=192.0.2.1,192.0.2.2 --bootproto=dhcp --noipv6"],
        ),
        (
            "version: 2\nethernets: {ens3: {}, ens4: {}}\nbonds: {bond0: {interfaces: [ens3, ens4], \
             parameters: {mode: 802.3ad, lacp-rate: fast}}}\nvlans: {bond0.100: {id: 100, link: bond0, \
             addresses: [192.0.2.5/24], routes: [{to: 0.0.0.0/0, via: 192.0.2.1}], nameservers: {addresses: [192.0.2.53]}}}\n",
            "version: 1\nconfig:\n- {type: physical, name: ens3}\n- {type: physical, name: ens4}\n- {type: bond, \
             name: bond0, bond_interfaces: [ens3, ens4], params: {bond-mode: 802.3ad, bond-lacp-rate: fast}}\n- {type: vlan, \
             name: bond0.100, vlan_link: bond0, vlan_id: 100, subnets: [{type: static, address: 192.0.2.5/24, \
             routes: [{network: 0.0.0.0, netmask: 0.0.0.0, gateway: 192.0.2.1}], dns_nameservers: [192.0.2.53]}]}\n",
            &["--device=bond0 --bondslaves=ens3,ens4 --bondopts=mode=802.3ad,lacp_rate=fast --vlanid=100 \
               --interfacename=bond0.100 --bootproto=static --ip=192.0.2.5 --netmask=255.255.255.0 --gateway=192.0.2.1 \
               --noipv6 --nameserver=192.0.2.53"],
        ),
        (
            "version: 2\nethernets: {ens3: {}}\nbridges: {br0: {interfaces: [ens3], dhcp4: true, \
             parameters: {stp: false, forward-delay: 4}}}\n",
            "version: 1\nconfig:\n- {type: bridge, name: br0, bridge_interfaces: [ens3], subnets: [{type: dhcp4}], \
             params: {bridge_stp: 'off', bridge_fd: 4, bridge_maxwait: 0}}\n- {type: physical, name: ens3}\n",
            &[
                "--device=br0 --bridgeslaves=ens3 --bridgeopts=stp=no,forward-delay=4 --bootproto=dhcp --noipv6",
            ],
        ),
        (
            "version: 2\nethernets: {ens3: {match: {macaddress: '52:54:00:AB:cd:ef'}, set-name: ens3, dhcp4: true}}\n",
            "version: 1\nconfig: [{type: physical, name: ens3, mac_address: '52:54:00:ab:cd:ef', subnets: [{type: dhcp4}]}]\n",
            &["--device=52:54:00:ab:cd:ef --bindto=mac --bootproto=dhcp --noipv6"],
        ),
    ];
    for (two, one, wanted) in cases {
        let mut all = vec!["network --hostname=vast-01".to_owned()];
        all.extend(wanted.iter().map(|words| format!("network {words} --onboot=on --activate")));
        assert_eq!(written(two), all, "{two}");
        assert_eq!(written(one), all, "{one}");
        let commands = commands(&links(two), "vast-01");
        assert!(warnings(&commands).is_empty());
        let text = kickstart(&commands);
        let Some(read) = parse(&text) else { return };
        let found = read["commands"]["network"]["network"].as_array().unwrap();
        assert_eq!(found[0]["hostname"], "vast-01");
        assert_all(&links(two), &found[1..]);
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), &text).unwrap();
        let ran = ksvalidator(file.path()).unwrap();
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{text}{}", ran.stdout);
    }
}

/// The bond's mtu has no place in the VLAN's command, nor has a second VLAN.
#[test]
fn what_takes_two_commands_for_one_device() {
    let nics = "version: 2\nethernets: {ens3: {mtu: 9000}, ens4: {mtu: 9000}}\n";
    let text = format!(
        "{nics}bonds: {{bond0: {{interfaces: [ens3, ens4], mtu: 9000}}}}\n\
         vlans: {{data: {{id: 7, link: bond0, mtu: 9000, dhcp4: true}}, mgmt: {{id: 8, link: bond0, dhcp4: true}}}}\n"
    );
    let commands = commands(&links(&text), "vast-01");
    let lines: Vec<String> = commands[1..].iter().map(|words| words[1..words.len() - 2].join(" ")).collect();
    assert_eq!(
        lines,
        [
            "--device=bond0 --bondslaves=ens3,ens4 --bondopts=mode=balance-rr --noipv4 --noipv6 --mtu=9000",
            "--device=bond0 --vlanid=7 --interfacename=data --bootproto=dhcp --noipv6 --mtu=9000",
            "--device=bond0 --vlanid=8 --interfacename=mgmt --bootproto=dhcp --noipv6",
        ]
    );
    assert_eq!(warnings(&commands).len(), 1, "{:?}", warnings(&commands));
    let Some(read) = parse(&kickstart(&commands)) else { return };
    assert_all(&links(&text), &read["commands"]["network"]["network"].as_array().unwrap()[1..]);
}

#[test]
fn without_a_network_config() {
    let commands = commands(&[], "vast-01.example.com");
    assert_eq!(commands[0].join(" "), "network --bootproto=dhcp --device=link --onboot=on --activate");
    assert_eq!(commands[1].join(" "), "network --hostname=vast-01.example.com");
    let Some(read) = parse(&kickstart(&commands)) else { return };
    let found = &read["commands"]["network"]["network"];
    assert_eq!((&found[0]["device"], &found[0]["activate"]), (&json!("link"), &json!(true)));
    assert_eq!(found[1]["hostname"], "vast-01.example.com");
}

#[test]
fn networks_by_chance() {
    let mut chance = Chance(21);
    let mut all = Vec::new();
    let mut text = String::new();
    for n in 0..150 {
        // Names of their own, so that all fit into one kickstart.
        let network = networks::network(&mut chance, &format!("x{n}"));
        let (one, two) = (networks::version_1(&network), networks::version_2(&network));
        assert_eq!(written(&one), written(&two), "{one}{two}");
        let links = links(&two);
        let commands = commands(&links, "vast-01");
        text += &kickstart(&commands);
        all.push((links, commands.len()));
    }
    let Some(read) = parse(&text) else { return };
    let mut found = read["commands"]["network"]["network"].as_array().unwrap().as_slice();
    for (links, count) in &all {
        let (own, rest) = found.split_at(*count);
        assert_all(links, &own[1..]);
        found = rest;
    }
    assert!(found.is_empty());
}

/// What only version 1 can say, and what is passed over since it changes nothing.
#[test]
fn words_of_version_1() {
    let text = "version: 1\nconfig:\n\
        - {type: loopback, name: lo, subnets: [{type: loopback}]}\n\
        - {type: physical, name: ens3, mac_address: null, wakeonlan: true, subnets: [{type: ipv6_slaac, control: auto}]}\n\
        - {type: vlan, name: data, vlan_id: 5, vlan_link: nic, subnets: [{type: static, address: 192.0.2.5/24, gateway: 192.0.2.1}]}\n\
        - {type: physical, name: nic, mac_address: '52:54:00:00:00:0a', subnets: [{type: manual}]}\n\
        - {type: nameserver, address: ['2001:db8::53', 192.0.2.53]}\n\
        - {type: nameserver, address: 192.0.2.54, interface: data}\n";
    assert_eq!(
        written(text)[1..],
        [
            "network --device=ens3 --noipv4 --ipv6=auto --nameserver=2001:db8::53 --onboot=on --activate",
            "network --device=52:54:00:00:00:0a --vlanid=5 --interfacename=data --bootproto=static --ip=192.0.2.5 \
             --netmask=255.255.255.0 --gateway=192.0.2.1 --noipv6 --nameserver=192.0.2.54,192.0.2.53 --onboot=on --activate",
        ]
    );
    let all = commands(&links(text), "vast-01");
    let Some(read) = parse(&kickstart(&all)) else { return };
    assert_all(&links(text), &read["commands"]["network"]["network"].as_array().unwrap()[1..]);
}

/// A bond has to be there before the bridge that takes it, whose entry Anaconda adds to the bond's file.
#[test]
fn a_bond_comes_before_its_bridge() {
    let text = "version: 2\nrenderer: NetworkManager\nbridges: {br0: {interfaces: [bond0], dhcp4: true, optional: true}}\n\
                bonds: {bond0: {interfaces: [ens3, ens4], parameters: {mode: 1}}}\nethernets: {ens3: {}, ens4: {}}\n";
    assert_eq!(
        written(text)[1..],
        [
            "network --device=bond0 --bondslaves=ens3,ens4 --bondopts=mode=1 --noipv4 --noipv6 --onboot=on --activate",
            "network --device=br0 --bridgeslaves=bond0 --bootproto=dhcp --noipv6 --onboot=on --activate",
        ]
    );
}
