//! The installer's `network` commands, of RHEL 8's syntax.
//!
//! What decides on their form, besides their syntax, is what Anaconda (branch rhel-8) makes of them:
//! * The first command is special: the initramfs brings its device up, and gives a VLAN's address to the device below.
//!   A command with nothing but the host name takes that place, so that each of the others is what it says. A medium
//!   that is a disk needs no network in the initramfs.
//! * Each of the others needs `--activate`, or it is set up at the next boot only.
//! * `--noipv4` and `--noipv6` have to be said; without them DHCP and router advertisements are asked.
//! * A VLAN's `--device` is the link below, and its own name is `--interfacename`. On a bond that has nothing of its
//!   own, both are one command, as in Anaconda's own tests; otherwise two commands have the same `--device`.
//! * NICs that are members, or a VLAN's link and nothing else, need no command: their masters bring them up.

use anyhow::Result;

use crate::diagnostic::Diagnostic;
use crate::network::{Device, ForKickstart, Ipv4, Ipv6, Kind, Link, Network};

/// The network of a host as the installer is to set it up, with what it makes of it.
///
/// # Errors
/// Where it says what a kickstart cannot.
pub fn for_host(network: &Network, hostname: &str) -> Result<ForKickstart> {
    let mut installer = network.for_kickstart()?;
    installer.warnings.extend(warnings(&commands(&installer.links, hostname)));
    Ok(installer)
}

/// The commands for these links, of which each comes after those that it is made of; for none, DHCP on the first NIC
/// with a cable. Each is a list of words, unescaped, beginning with `network`.
pub fn commands(links: &[Link], hostname: &str) -> Vec<Vec<String>> {
    let name = vec!["network".to_owned(), format!("--hostname={hostname}")];
    if links.is_empty() {
        // First, since the initramfs refuses `link` in any other place.
        let dhcp = ["network", "--bootproto=dhcp", "--device=link", "--onboot=on", "--activate"];
        return vec![dhcp.map(str::to_owned).to_vec(), name];
    }
    let with_bond: Vec<(&Link, &Link)> = links
        .iter()
        .filter(|link| is_plain_bond(links, link))
        .filter_map(|bond| vlans_on(links, bond).next().map(|vlan| (bond, vlan)))
        .collect();
    let mut commands = vec![name];
    for link in links {
        if let Some((bond, _)) = with_bond.iter().find(|(_, vlan)| vlan.name == link.name) {
            let mut words = start(device(bond));
            words.extend(made_of(links, bond));
            words.extend(made_of(links, link));
            words.extend(settings(link));
            commands.push(words);
        } else if !with_bond.iter().any(|(bond, _)| bond.name == link.name) && needs_command(links, link) {
            let below = match &link.kind {
                Kind::Vlan { parent, .. } => links.iter().find(|other| other.name == *parent).unwrap_or(link),
                _ => link,
            };
            let mut words = start(device(below));
            words.extend(made_of(links, link));
            words.extend(settings(link));
            commands.push(words);
        }
    }
    commands
}

/// What the installer will say of such commands, and go on.
pub fn warnings(commands: &[Vec<String>]) -> Vec<Diagnostic> {
    let mut seen: Vec<&str> = Vec::new();
    let mut warnings = Vec::new();
    for device in commands.iter().flatten().filter_map(|word| word.strip_prefix("--device=")) {
        if seen.iter().filter(|other| **other == device).count() == 1 {
            let message = format!(
                "the installer will say that a network device {device} has already been defined, since a VLAN on it has \
                 a command of its own, and go on; with inst.ksstrict it stops there"
            );
            warnings.push(Diagnostic::warning(None, message));
        }
        seen.push(device);
    }
    warnings
}

fn start(device: String) -> Vec<String> {
    vec!["network".to_owned(), format!("--device={device}")]
}

/// By what the installer finds it.
fn device(link: &Link) -> String {
    match &link.device {
        Device::Mac(known) | Device::Name(known) => known.clone(),
    }
}

fn vlans_on<'a>(links: &'a [Link], below: &Link) -> impl Iterator<Item = &'a Link> {
    let name = below.name.clone();
    links.iter().filter(move |link| matches!(&link.kind, Kind::Vlan { parent, .. } if *parent == name))
}

fn is_member(links: &[Link], link: &Link) -> bool {
    links.iter().any(|other| other.kind.members().contains(&link.name))
}

/// Its file is written by the VLAN's command, which has no room for anything of its own.
fn is_plain_bond(links: &[Link], link: &Link) -> bool {
    matches!(link.kind, Kind::Bond { .. }) && link.is_bare() && link.mtu.is_none() && !is_member(links, link)
}

fn needs_command(links: &[Link], link: &Link) -> bool {
    let below_only = link.is_bare() && link.mtu.is_none() && vlans_on(links, link).next().is_some();
    link.kind != Kind::Ethernet || !(is_member(links, link) || below_only)
}

/// What makes it more than a NIC.
fn made_of(links: &[Link], link: &Link) -> Vec<String> {
    let names = |members: &[String]| {
        let name =
            |member: &String| match links.iter().find(|link| link.name == *member).map(|link| &link.device) {
                Some(Device::Name(name)) => name.clone(),
                _ => member.clone(),
            };
        members.iter().map(name).collect::<Vec<_>>().join(",")
    };
    match &link.kind {
        Kind::Ethernet => match link.device {
            Device::Mac(_) => vec!["--bindto=mac".to_owned()],
            Device::Name(_) => Vec::new(),
        },
        Kind::Vlan { id, .. } => vec![format!("--vlanid={id}"), format!("--interfacename={}", link.name)],
        Kind::Bond { members, options } => {
            let mut options: Vec<String> =
                options.iter().map(|(name, value)| format!("{name}={value}")).collect();
            if !options.iter().any(|option| option.starts_with("mode=")) {
                // The driver's default; without any, the installer tries an option with an empty name.
                options.insert(0, "mode=balance-rr".to_owned());
            }
            // The mode has no comma, so that wherever one value has, there are two options to separate.
            let separator = if options.iter().any(|option| option.contains(',')) { ";" } else { "," };
            let options = options.join(separator);
            vec![format!("--bondslaves={}", names(members)), format!("--bondopts={options}")]
        }
        Kind::Bridge { members, options } => {
            let mut words = vec![format!("--bridgeslaves={}", names(members))];
            if !options.is_empty() {
                let options: Vec<String> =
                    options.iter().map(|(name, value)| format!("{name}={value}")).collect();
                words.push(format!("--bridgeopts={}", options.join(",")));
            }
            words
        }
    }
}

/// What is the same for every kind of link.
fn settings(link: &Link) -> Vec<String> {
    let mut words = Vec::new();
    match &link.ipv4 {
        Ipv4::None => words.push("--noipv4".to_owned()),
        Ipv4::Dhcp => words.push("--bootproto=dhcp".to_owned()),
        Ipv4::Static { address, gateway } => {
            words.push("--bootproto=static".to_owned());
            words.push(format!("--ip={}", address.addr()));
            words.push(format!("--netmask={}", address.netmask()));
            words.extend(gateway.map(|gateway| format!("--gateway={gateway}")));
        }
    }
    match &link.ipv6 {
        Ipv6::None => words.push("--noipv6".to_owned()),
        Ipv6::Auto => words.push("--ipv6=auto".to_owned()),
        Ipv6::Dhcp => words.push("--ipv6=dhcp".to_owned()),
        Ipv6::Static { address, gateway } => {
            words.push(format!("--ipv6={address}"));
            words.extend(gateway.map(|gateway| format!("--ipv6gateway={gateway}")));
        }
    }
    if !link.nameservers.is_empty() {
        let servers: Vec<String> = link.nameservers.iter().map(ToString::to_string).collect();
        words.push(format!("--nameserver={}", servers.join(",")));
    }
    words.extend(link.mtu.map(|mtu| format!("--mtu={mtu}")));
    words.push("--onboot=on".to_owned());
    words.push("--activate".to_owned());
    words
}
