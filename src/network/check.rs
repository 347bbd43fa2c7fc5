//! What holds between links: names, members, parents, addresses and gateways, for every medium.

use std::collections::BTreeMap;

use super::draft::Draft;
use super::findings::Findings;
use super::link::{Device, Ipv4, Ipv6, Kind};
use crate::diagnostic::nearest;

/// Checks all links of a file against each other.
pub(super) fn check(drafts: &[Draft], findings: &mut Findings) {
    for (index, draft) in drafts.iter().enumerate() {
        let name = &draft.link.name;
        if drafts[..index].iter().any(|other| other.link.name == *name) {
            findings.refuse(&draft.place, format!("`{name}` is in this file twice"), "make one of the two");
        }
        match &draft.link.device {
            Device::Mac(mac)
                if drafts[..index].iter().any(|other| other.link.device == draft.link.device) =>
            {
                findings.refuse(&draft.place, format!("a second link with {mac}"), "make one of the two");
            }
            _ => {}
        }
        references(drafts, draft, findings);
    }
    members(drafts, findings);
    circles(drafts, findings);
    addresses(drafts, findings);
}

fn references(drafts: &[Draft], draft: &Draft, findings: &mut Findings) {
    let name = &draft.link.name;
    match &draft.link.kind {
        Kind::Bond { .. } if draft.references.is_empty() => {
            findings.refuse(
                &draft.place,
                format!("bond `{name}` has no members"),
                "name them: `interfaces: [ens3, ens4]` in version 2, `bond_interfaces:` in version 1",
            );
        }
        Kind::Bridge { .. } if !draft.members_given => {
            findings.refuse(
                &draft.place,
                format!("cloud-init stops at bridge `{name}`, which does not say what its members are"),
                "name them, or write that there are none: `interfaces: []`",
            );
        }
        Kind::Bridge { .. } if draft.references.is_empty() => {
            findings.cannot(
                &draft.place,
                format!("the installer makes no bridge without members, and `{name}` has none"),
                "give it a member, or make the bridge on the installed VM with nmcli",
            );
        }
        _ => {}
    }
    for (wanted, place) in &draft.references {
        if drafts.iter().any(|other| other.is_called(wanted)) {
            continue;
        }
        let role = if matches!(draft.link.kind, Kind::Vlan { .. }) { "link" } else { "member" };
        // Not what is named beside it already.
        let taken = |other: &&Draft| {
            other.link.name == *name || draft.references.iter().any(|(r, _)| other.is_called(r))
        };
        let known = drafts.iter().filter(|other| !taken(other)).map(|other| other.link.name.as_str());
        let help = match nearest(wanted, known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!(
                "describe it, too: under `ethernets` in version 2 (`{wanted}: {{}}`), as `physical` in version 1"
            ),
        };
        findings.refuse(place, format!("{role} `{wanted}` of `{name}` is not in this file"), help);
    }
}

/// A device is member of one link at most, once.
fn members(drafts: &[Draft], findings: &mut Findings) {
    let mut taken: BTreeMap<&str, &str> = BTreeMap::new();
    for draft in drafts.iter().filter(|draft| !matches!(draft.link.kind, Kind::Vlan { .. })) {
        for (member, place) in &draft.references {
            if let Some(owner) = taken.insert(member, &draft.link.name) {
                findings.refuse(
                    place,
                    format!("`{member}` is a member of `{owner}` already"),
                    "take it out of one",
                );
            }
        }
    }
}

fn circles(drafts: &[Draft], findings: &mut Findings) {
    // Every link of the circle would say so.
    if let Some((draft, _)) = drafts.iter().zip(depths(drafts)).find(|(_, depth)| *depth >= drafts.len()) {
        findings.refuse(
            &draft.place,
            format!("`{}` is made of itself, by way of its members or links", draft.link.name),
            "take it out of what it is made of",
        );
    }
}

/// How many links are below each; as many as there are, or more, where it goes round in a circle.
pub(super) fn depths(drafts: &[Draft]) -> Vec<usize> {
    let position = |name: &String| drafts.iter().position(|other| other.is_called(name));
    let below: Vec<Vec<usize>> = drafts
        .iter()
        .map(|draft| draft.references.iter().filter_map(|(name, _)| position(name)).collect())
        .collect();
    let mut depths = vec![0; drafts.len()];
    for _ in 0..=drafts.len() {
        let next: Vec<usize> = below
            .iter()
            .map(|below| below.iter().map(|index| depths[*index] + 1).max().unwrap_or(0))
            .collect();
        if next == depths {
            break;
        }
        depths = next;
    }
    depths
}

fn addresses(drafts: &[Draft], findings: &mut Findings) {
    let mut seen = BTreeMap::new();
    let (mut gateway4, mut gateway6) = (None, None);
    for draft in drafts {
        for (net, place) in &draft.addresses {
            if let Some(owner) = seen.insert(net.addr(), &draft.link.name) {
                let message = format!("address {} is given twice, first to `{owner}`", net.addr());
                findings.refuse(place, message, "an address belongs to one link; correct one of the two");
            }
        }
        let has4 = matches!(draft.link.ipv4, Ipv4::Static { gateway: Some(_), .. });
        let has6 = matches!(draft.link.ipv6, Ipv6::Static { gateway: Some(_), .. });
        for (has, first, family) in [(has4, &mut gateway4, "IPv4"), (has6, &mut gateway6, "IPv6")] {
            match first {
                Some(first) if has => {
                    let name = &draft.link.name;
                    let message = format!(
                        "both `{first}` and `{name}` have a default gateway for {family}; which is used is left to chance"
                    );
                    findings.warn(&draft.place, &message);
                }
                None if has => *first = Some(draft.link.name.clone()),
                _ => {}
            }
        }
    }
}
