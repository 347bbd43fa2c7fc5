//! Keys that this program knows and does not carry over to the installer: those that change nothing there, those that it
//! cannot say, and those that cloud-init on Rocky 8 does not read either. What is in no list, and read nowhere, is unknown.
//!
//! Sources: cloud-init's network-config formats 1 and 2, what its network_state.py of 23.4 reads of them, and netplan's
//! reference, whose keys version 2 borrows.

use super::findings::Findings;
use super::scalar;
use crate::diagnostic::nearest;
use crate::yaml::{Key, Node, Value};

/// Left out for the installer, since nothing on the VM depends on them.
const HARMLESS: [(&str, &str); 9] = [
    ("renderer", "says which program is to write the files; the installer knows one"),
    ("optional", "says whether systemd-networkd waits for the link, which Rocky does not run"),
    ("optional-addresses", "the same for its addresses"),
    ("critical", "says whether systemd-networkd keeps it when it ends"),
    ("ignore-carrier", "says whether systemd-networkd sets it up without a cable"),
    ("wakeonlan", "wakes a machine that is off; a VM is started by its host"),
    ("bridge_gcint", "an option of Debian's brctl, which Linux has no more"),
    ("bridge_maxwait", "how long Debian's ifup waits for a bridge's members"),
    ("bridge_waitport", "the same"),
];

/// Read by cloud-init on Rocky 8, and beyond the installer's `network` command.
const READ: [&str; 12] = [
    "accept-ra",
    "broadcast",
    "control",
    "dhcp4-overrides",
    "dhcp6-overrides",
    "mac_address",
    "metric",
    "mtu",
    "params",
    "path-cost",
    "pointopoint",
    "port-priority",
];

/// netplan's, to which cloud-init hands on the whole file where it is there. Rocky has none: cloud-init writes ifcfg files
/// there, and passes over these without a word.
const NETPLAN: [&str; 37] = [
    "access-points",
    "activation-mode",
    "advertised-receive-window",
    "auth",
    "congestion-window",
    "delay-virtual-functions-rebind",
    "dhcp-identifier",
    "embedded-switch-mode",
    "emit-lldp",
    "from",
    "generic-receive-offload",
    "generic-segmentation-offload",
    "hairpin",
    "infiniband-mode",
    "ipv6-address-generation",
    "ipv6-address-token",
    "ipv6-mtu",
    "ipv6-privacy",
    "large-receive-offload",
    "link-local",
    "macaddress",
    "neigh-suppress",
    "networkmanager",
    "on-link",
    "openvswitch",
    "port-mac-learning",
    "ra-overrides",
    "receive-checksum-offload",
    "routing-policy",
    "scope",
    "table",
    "tcp-segmentation-offload",
    "tcp6-segmentation-offload",
    "transmit-checksum-offload",
    "type",
    "virtual-function-count",
    "wakeonwlan",
];

/// The way out for what has no other.
pub(super) const AFTERWARDS: &str =
    "leave it out of this file, and set it on the installed VM with nmcli; or use a cloud-init medium";

/// Judges a key that nothing else reads; `read` are those that would have been.
pub(super) fn judge(findings: &mut Findings, key: &Key, node: &Node, read: &[&str]) {
    let name = key.name.as_str();
    if HARMLESS.iter().any(|(known, _)| *known == name) || is_default(name, node) {
        return;
    }
    if READ.contains(&name) || NETPLAN.contains(&name) {
        if !scalar::is_empty(node) {
            if NETPLAN.contains(&name) {
                findings.warn(
                    &key.place,
                    &format!("cloud-init on Rocky 8 passes over `{name}`, which only netplan reads"),
                );
            }
            findings.cannot(
                &key.place,
                format!("the installer's `network` command knows no `{name}`"),
                AFTERWARDS,
            );
        }
        return;
    }
    let known = || read.iter().copied().chain(HARMLESS.iter().map(|(known, _)| *known)).chain(READ);
    unknown(findings, key, nearest(name, known()), &read.join(", "));
}

/// cloud-init says nothing of a key that it does not know. What is near to one that it knows is a slip; anything else may be
/// of a newer version, and is hardly why somebody wrote the file.
pub(super) fn unknown(findings: &mut Findings, key: &Key, near: Option<&str>, known: &str) {
    let message = format!("cloud-init passes over `{}`, which it does not know", key.name);
    match near {
        Some(near) => findings.refuse(&key.place, message, format!("did you mean `{near}`?")),
        None => {
            findings.warn(&key.place, &message);
            findings.cannot(
                &key.place,
                format!("unknown key `{}`", key.name),
                format!("known here are {known}"),
            );
        }
    }
}

/// What says only what holds anyway.
fn is_default(name: &str, node: &Node) -> bool {
    match &node.value {
        Value::Text(text) => name == "control" && text == "auto",
        _ => false,
    }
}

/// The value of a key.
pub(super) fn find<'a>(entries: &'a [(Key, Node)], name: &str) -> Option<&'a Node> {
    entries.iter().find(|(key, _)| key.name == name).map(|(_, node)| node)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_in_one_list() {
        for (name, reason) in HARMLESS {
            assert!(!NETPLAN.contains(&name) && !reason.is_empty(), "{name}");
        }
        for name in READ {
            assert!(!NETPLAN.contains(&name), "{name}");
        }
    }
}
