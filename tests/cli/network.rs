//! Bad network-configs, each with the words that it gets: from every build, or when it is to become a kickstart.

use insta::assert_snapshot;
use vastimg::diagnostic::Source;
use vastimg::network::{self, ForKickstart};

use crate::harness::Scratch;

/// The messages to all of these, each under its name.
fn refused(cases: &[(&str, &str)]) -> String {
    let scratch = Scratch::new();
    let message = |text: &str| {
        scratch.file("net", text);
        scratch.refused(&["build", "--format", "dir", "-o", "x", "--network", "net"])
    };
    cases.iter().map(|(name, text)| format!("# {name}\n{}\n", message(text))).collect()
}

fn for_kickstart(text: &str) -> anyhow::Result<ForKickstart> {
    let parsed = network::parse(&Source::new("net", text));
    parsed.unwrap_or_else(|error| panic!("refused for every medium: {text}\n{error}")).for_kickstart()
}

fn refused_for_kickstart(cases: &[(&str, &str)]) -> String {
    let message = |text: &str| match for_kickstart(text) {
        Ok(_) => panic!("taken: {text}"),
        Err(error) => format!("error: {error}"),
    };
    cases.iter().map(|(name, text)| format!("# {name}\n{}\n\n", message(text))).collect()
}

#[test]
fn links_that_do_not_fit_together() {
    let text = refused(&[
        ("a bond without members", "version: 2\nbonds:\n  bond0:\n    dhcp4: true\n"),
        (
            "a member that is not there",
            "version: 2\nethernets: {ens3: {}}\nbonds:\n  bond0:\n    interfaces: [ens3, ens4]\n",
        ),
        (
            "a member of two",
            "version: 2\nethernets: {a: {}}\nbonds:\n  b: {interfaces: [a]}\n  c: {interfaces: [a]}\n",
        ),
        ("a bridge that says nothing of members", "version: 2\nbridges:\n  br0: {dhcp4: true}\n"),
        ("a VLAN on nothing", "version: 2\nvlans:\n  bond0.5: {id: 5, link: bond0}\n"),
        ("a VLAN without id and link", "version: 2\nvlans:\n  v: {dhcp4: true}\n"),
        ("a VLAN's id", "version: 2\nethernets: {ens3: {}}\nvlans:\n  v: {id: 4095, link: ens3}\n"),
        ("a circle", "version: 2\nvlans:\n  a: {id: 1, link: b}\n  b: {id: 2, link: a}\n"),
        ("one name twice", "version: 2\nethernets:\n  x: {}\nbonds:\n  x: {interfaces: [x]}\n"),
        (
            "one MAC address twice",
            "version: 2\nethernets:\n  a: {match: {macaddress: '52:54:00:00:00:0a'}}\n  b: {match: {macaddress: '52:54:00:00:00:0A'}}\n",
        ),
        ("version 1, a VLAN without link", "version: 1\nconfig:\n- {type: vlan, name: v, vlan_id: 3}\n"),
        (
            "version 1, servers of a stranger",
            "version: 1\nconfig:\n- {type: nameserver, interface: ens3, address: 192.0.2.1}\n",
        ),
    ]);
    assert_snapshot!(text);
}

#[test]
fn values_that_are_none() {
    let text = refused(&[
        ("an address", "version: 2\nethernets:\n  ens3:\n    addresses: [192.0.2.300/24, 192.0.2.1/40]\n"),
        ("no prefix", "version: 2\nethernets:\n  ens3:\n    addresses: [192.0.2.1, '2001:db8::1']\n"),
        (
            "one address twice",
            "version: 2\nethernets:\n  ens3: {addresses: [192.0.2.1/24]}\n  ens4: {addresses: [192.0.2.1/25]}\n",
        ),
        ("an address for nobody", "version: 2\nethernets:\n  ens3: {addresses: [0.0.0.0/0, 224.0.0.1/4]}\n"),
        (
            "a gateway",
            "version: 2\nethernets:\n  ens3: {addresses: [192.0.2.1/24], gateway4: '2001:db8::1'}\n",
        ),
        ("a MAC address", "version: 2\nethernets:\n  a: {match: {macaddress: 52-54-00-aa-bb-cc}}\n"),
        (
            "a MAC address in base 60",
            "version: 2\nethernets:\n  a:\n    match:\n      macaddress: 52:54:00:12:34:56\n",
        ),
        ("a device's name", "version: 2\nethernets:\n  a/b: {}\n  longer-than-fifteen: {}\n"),
        ("a truth", "version: 2\nethernets:\n  ens3: {dhcp4: \"yes\"}\n"),
        ("a mapping", "version: 2\nethernets:\n  ens3:\n"),
        ("a list", "version: 2\nethernets:\n  ens3: {addresses: 192.0.2.1/24}\n"),
        ("an mtu", "version: 2\nethernets:\n  ens3: {mtu: 65536}\n"),
        ("a section", "version: 2\nethernet:\n  ens3: {}\n"),
        ("a section that Rocky 8 has not", "version: 2\ntunnels:\n  t: {mode: sit}\n"),
        (
            "a route",
            "version: 2\nethernets:\n  ens3: {addresses: [192.0.2.1/24], routes: [{to: 0.0.0.0/0}]}\n",
        ),
        (
            "a bond's option",
            "version: 2\nethernets: {a: {}}\nbonds:\n  b: {interfaces: [a], parameters: {mode: 'a b'}}\n",
        ),
        (
            "the default route by name",
            "version: 2\nethernets:\n  ens3: {addresses: [192.0.2.1/24], routes: [{to: default, via: 192.0.2.2}]}\n",
        ),
        (
            "unknown options",
            "version: 2\nethernets: {a: {}}\nbonds:\n  c: {interfaces: [a], parameters: {arp-ip-targets: [192.0.2.1], all-slaves-active: true}}\n",
        ),
        ("version 1, a type", "version: 1\nconfig:\n- {type: physcal, name: ens3}\n- {name: ens3}\n"),
        (
            "version 1, a netmask",
            "version: 1\nconfig:\n- type: physical\n  name: ens3\n  subnets:\n  - {type: static, address: 192.0.2.1, netmask: 255.0.255.0}\n",
        ),
        ("version 1, no name", "version: 1\nconfig:\n- {type: physical}\n"),
        (
            "version 1, no address",
            "version: 1\nconfig:\n- {type: physical, name: ens3, subnets: [{type: static}]}\n",
        ),
    ]);
    assert_snapshot!(text);
}

#[test]
fn what_works_and_may_not_be_meant() {
    let scratch = Scratch::new();
    scratch.file(
        "net",
        "version: 2\nethernets:\n  ens3: {addresses: [192.0.2.5/24], gateway4: 192.0.3.1, nameservers: {search: [a.example]}}\n  \
         ens4: {addresses: [198.51.100.5/24], routes: [{to: 0.0.0.0/0, via: 198.51.100.1}]}\n",
    );
    let run = scratch.done(&["build", "--format", "dir", "-o", "x", "--network", "net"]);
    let (warnings, _) = run.stderr.split_once("wrote ").unwrap();
    assert_snapshot!(warnings);
}

#[test]
fn keys_beyond_the_installer() {
    let text = refused_for_kickstart(&[
        (
            "many at once",
            "version: 2\nrenderer: networkd\nethernets:\n  ens3:\n    optional: true\n    wakeonlan: true\n    dhcp4: true\n    \
             dhcp4-overrides: {use-dns: false}\n    accept-ra: true\n    routing-policy: [{from: 192.0.2.0/24}]\n    \
             routes: [{to: 198.51.100.0/24, via: 192.0.2.1}]\n    nameservers: {addresses: [192.0.2.1], search: [a.example]}\n    \
             my-own: 1500\n    link-local: []\n",
        ),
        ("wifis", "version: 2\nethernets: {ens3: {dhcp4: true}}\nwifis: {w: {dhcp4: true}}\n"),
        (
            "version 1",
            "version: 1\nconfig:\n- {type: physical, name: ens3, my_own: []}\n- {type: route, destination: 198.51.100.0/24}\n- {type: infiniband, name: ib0}\n",
        ),
        (
            "a bond's and a bridge's",
            "version: 2\nethernets: {a: {}, b: {}}\nbonds:\n  c: {interfaces: [a], parameters: {mode: 4}}\nbridges:\n  d: {interfaces: [b], parameters: {path-cost: {b: 4}}}\n",
        ),
        (
            "version 1, an unknown option",
            "version: 1\nconfig:\n- {type: physical, name: a}\n- {type: bond, name: b, bond_interfaces: [a], params: {bond-quick-start: 4}}\n",
        ),
        ("nothing at all", "version: 2\n"),
    ]);
    assert_snapshot!(text);
}

/// cloud-init says nothing of them: near to a known key they are refused, otherwise told.
#[test]
fn keys_that_cloud_init_passes_over() {
    let scratch = Scratch::new();
    for (text, near) in [
        ("version: 2\nethernets:\n  ens3: {adresses: [192.0.2.5/24]}\n", "addresses"),
        (
            "version: 2\nethernets:\n  ens3: {dhcp4: true, nameserver: {addresses: [192.0.2.1]}}\n",
            "nameservers",
        ),
        (
            "version: 2\nethernets:\n  ens3: {addresses: [192.0.2.5/24], nameservers: {address: [192.0.2.1]}}\n",
            "addresses",
        ),
        (
            "version: 2\nethernets:\n  ens3: {match: {macadress: '52:54:00:00:00:0a'}, dhcp4: true}\n",
            "macaddress",
        ),
        (
            "version: 2\nethernets:\n  a: {}\nbonds:\n  b: {interfaces: [a], parameter: {mode: 4}}\n",
            "parameters",
        ),
        ("version: 1\nconfig:\n- {type: physical, name: ens3, subnetz: []}\n", "subnets"),
        (
            "version: 1\nconfig:\n- {type: physical, name: a}\n- {type: bond, name: b, bond_interfaces: [a], params: {bond-mod: 4}}\n",
            "bond-mode",
        ),
    ] {
        scratch.file("net", text);
        let error = scratch.refused(&["build", "-o", "x.iso", "--network", "net"]);
        assert!(
            error.contains("passes over") && error.contains(&format!("did you mean `{near}`?")),
            "{error}"
        );
    }
    scratch.file(
        "net",
        "version: 2\nethernets:\n  ens3:\n    dhcp4: true\n    dhcp4-overrides: {route-metric: 5}\n    accept-ra: true\n    \
         optional: true\n    link-local: [ipv6]\n    routing-policy: []\n    my-own: 1\n    \
         routes: [{to: 198.51.100.0/24, via: 192.0.2.1, on-link: true}]\n",
    );
    let run = scratch.done(&["build", "--format", "dir", "-o", "x", "--network", "net"]);
    let (warnings, _) = run.stderr.split_once("wrote ").unwrap();
    let told: Vec<&str> = warnings.lines().filter(|line| line.contains("passes over")).collect();
    assert_eq!(
        told,
        [
            "warning: cloud-init on Rocky 8 passes over `link-local`, which only netplan reads",
            "warning: cloud-init passes over `my-own`, which it does not know",
            "warning: cloud-init on Rocky 8 passes over `on-link`, which only netplan reads",
        ]
    );
}

#[test]
fn links_beyond_the_installer() {
    let text = refused_for_kickstart(&[
        (
            "two addresses",
            "version: 2\nethernets:\n  ens3: {addresses: [192.0.2.5/24, 192.0.2.6/24, '2001:db8::1/64'], dhcp6: true}\n",
        ),
        ("a gateway beside DHCP", "version: 2\nethernets:\n  ens3: {dhcp4: true, gateway4: 192.0.2.1}\n"),
        (
            "matches",
            "version: 2\nethernets:\n  a: {match: {driver: virtio_net}}\n  b: {match: {name: en*}}\n  c: {match: {name: ens3}}\n",
        ),
        (
            "renaming",
            "version: 2\nethernets:\n  nic: {match: {macaddress: '52:54:00:00:00:0a'}, set-name: lan0}\n",
        ),
        (
            "members by MAC address",
            "version: 2\nethernets:\n  nic: {match: {macaddress: '52:54:00:00:00:0a'}}\nbonds:\n  bond0: {interfaces: [nic]}\n",
        ),
        (
            "members that have more",
            "version: 2\nethernets:\n  a: {dhcp4: true}\n  b: {mtu: 9000}\nbonds:\n  bond0: {interfaces: [a, b]}\n",
        ),
        (
            "members of other kinds",
            "version: 2\nethernets: {a: {}}\nvlans: {v: {id: 3, link: a}}\nbridges:\n  br0: {interfaces: [v]}\n  br1: {interfaces: []}\n",
        ),
        (
            "a VLAN's name",
            "version: 2\nethernets: {a: {}}\nvlans:\n  a.5: {id: 6, link: a}\n  vlan7: {id: 8, link: a}\n",
        ),
        (
            "name servers",
            "version: 2\nethernets:\n  a: {dhcp4: true, nameservers: {addresses: ['2001:db8::53']}}\n  b: {nameservers: {addresses: [192.0.2.53]}}\n",
        ),
        (
            "name servers of all",
            "version: 1\nconfig:\n- {type: physical, name: a, subnets: [{type: dhcp4}]}\n- {type: nameserver, address: '2001:db8::53'}\n",
        ),
        ("words", "version: 2\nethernets:\n  link: {dhcp4: true}\n  a,b: {dhcp4: true}\n"),
    ]);
    assert_snapshot!(text);
}

#[test]
fn names_of_the_cloud_images() {
    let text = "version: 2\nethernets:\n  eth0: {dhcp4: true}\n  ens3: {match: {macaddress: '52:54:00:00:00:0a'}, set-name: ens3}\n";
    let warnings: Vec<String> =
        for_kickstart(text).unwrap().warnings.iter().map(ToString::to_string).collect();
    assert_snapshot!(warnings.join("\n"));
}
