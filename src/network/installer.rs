//! What Rocky 8's installer can set up of links that cloud-init can, beyond single keys.
//!
//! Sources, of Anaconda's branch rhel-8: dracut/parse-kickstart (ksnet_to_ifcfg), which writes most of the files, and
//! pyanaconda/modules/network/nm_client.py (create_connections_from_ksdata), which writes the others; and
//! NetworkManager's reader of ifcfg files, for which a VLAN's name has more weight than its id.

use super::draft::Draft;
use super::findings::Findings;
use super::keys::AFTERWARDS;
use super::link::{Device, Kind};

/// Words that `--device=` takes for something else than a name.
const WORDS: [&str; 3] = ["link", "bootif", "ibft"];

/// Adds what the installer cannot do to the findings.
pub(super) fn check(drafts: &[Draft], findings: &mut Findings) {
    for draft in drafts {
        device(draft, findings);
        vlan_name(draft, findings);
        nameservers(draft, findings);
        for (wanted, place) in &draft.references {
            let Some(member) = drafts.iter().find(|other| other.is_called(wanted)) else { continue };
            if draft.link.kind.members().is_empty() {
                continue;
            }
            if matches!(member.link.device, Device::Mac(_)) && member.renamed.is_none() {
                findings.cannot(
                    place,
                    format!(
                        "the installer takes members by name, and `{wanted}` is known by its MAC address only"
                    ),
                    "call the device by its name, such as ens3, and take `match` out",
                );
            } else if matches!(member.link.device, Device::Mac(_)) && !member.link.name.starts_with("en") {
                findings.cannot(
                    place,
                    format!("the installer takes members by name and renames none, and gives none the name `{wanted}`"),
                    "call the device as the installer does, such as ens3",
                );
            }
            let fits = matches!(
                (&draft.link.kind, &member.link.kind),
                (_, Kind::Ethernet) | (Kind::Bridge { .. }, Kind::Bond { .. })
            );
            if !fits {
                findings.cannot(
                    place,
                    format!("the installer takes NICs as members, and bonds for bridges, and `{wanted}` is neither"),
                    AFTERWARDS,
                );
            }
            let has_more = !member.link.is_bare() || !member.nameservers.is_empty();
            if has_more {
                findings.cannot(
                    &member.place,
                    format!(
                        "`{wanted}` is a member of `{}` and has addresses or name servers of its own",
                        draft.link.name
                    ),
                    format!("give them to `{}`", draft.link.name),
                );
            }
            if member.link.mtu.is_some() && member.link.mtu != draft.link.mtu && fits {
                findings.cannot(
                    &member.place,
                    format!(
                        "the installer gives members the mtu of `{}`, and that of `{wanted}` differs",
                        draft.link.name
                    ),
                    format!("give `{}` the same mtu", draft.link.name),
                );
            }
        }
    }
}

fn device(draft: &Draft, findings: &mut Findings) {
    let Device::Name(name) = &draft.link.device else { return };
    if WORDS.contains(&name.as_str()) || name.contains([',', '\'', '"', '\\', '$', '#', '%']) {
        findings.cannot(
            &draft.place,
            format!("the installer takes {name:?} for something else than a device's name"),
            "call it by letters, digits, hyphens and dots",
        );
    }
    if name.starts_with("eth") && draft.link.kind == Kind::Ethernet {
        findings.warn_kickstart(
            &draft.place,
            &format!(
                "Rocky's installer names NICs ens3 or enp1s0, and `{name}` is a name of its cloud images; \
                 match the MAC address, unless you boot the installer with net.ifnames=0"
            ),
        );
    }
}

/// NetworkManager takes the number after a dot, or after `vlan`, for the id, whatever the id says.
fn vlan_name(draft: &Draft, findings: &mut Findings) {
    let Kind::Vlan { id, .. } = draft.link.kind else { return };
    let name = &draft.link.name;
    let number = name.split_once('.').map(|(_, tail)| tail).or_else(|| name.strip_prefix("vlan"));
    if number.is_some_and(|number| number != id.to_string()) || name.starts_with("vlan.") {
        findings.cannot(
            &draft.place,
            format!("NetworkManager on Rocky 8 reads the VLAN's id out of its name, and `{name}` does not say {id}"),
            format!("call it vlan{id}, or after its link with .{id} at the end, or by a name without a dot"),
        );
    }
}

/// NetworkManager refuses a connection with a name server of a family that it has switched off.
fn nameservers(draft: &Draft, findings: &mut Findings) {
    for (address, place) in &draft.nameservers {
        if !draft.link.is_bare() && !draft.link.has_family_of(*address) {
            let (family, other) = if address.is_ipv4() { ("IPv4", "IPv6") } else { ("IPv6", "IPv4") };
            findings.cannot(
                place,
                format!("name server {address} of a link that has no {family}"),
                format!("name one that {other} reaches, or give `{}` {family}", draft.link.name),
            );
        } else if draft.link.is_bare() {
            findings.cannot(
                place,
                format!("name server {address} of `{}`, which has no addresses", draft.link.name),
                "give it to a link that has some",
            );
        }
    }
}
