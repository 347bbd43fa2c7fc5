//! Keys that this program knows and does not carry over to the installer: those that change nothing there, and those
//! that it cannot say, each with the reason. What is in neither list, and read nowhere, is unknown.
//!
//! Sources: cloud-init's network-config formats 1 and 2, and netplan's reference, whose keys version 2 borrows.

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

/// Known to cloud-init or netplan, and beyond the installer's `network` command.
const INEXPRESSIBLE: [&str; 31] = [
    "accept-ra",
    "auth",
    "dhcp-identifier",
    "dhcp4-overrides",
    "dhcp6-overrides",
    "emit-lldp",
    "embedded-switch-mode",
    "generic-receive-offload",
    "generic-segmentation-offload",
    "infiniband-mode",
    "ipv6-address-generation",
    "ipv6-address-token",
    "ipv6-mtu",
    "ipv6-privacy",
    "large-receive-offload",
    "link-local",
    "mac_address",
    "macaddress",
    "metric",
    "neigh-suppress",
    "openvswitch",
    "path-cost",
    "port-priority",
    "receive-checksum-offload",
    "routing-policy",
    "scope",
    "tcp-segmentation-offload",
    "tcp6-segmentation-offload",
    "transmit-checksum-offload",
    "virtual-function-count",
    "table",
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
    if INEXPRESSIBLE.contains(&name) {
        if !scalar::is_empty(node) {
            findings.cannot(
                &key.place,
                format!("the installer's `network` command knows no `{name}`"),
                AFTERWARDS,
            );
        }
        return;
    }
    let known = read.iter().copied().chain(HARMLESS.iter().map(|(known, _)| *known)).chain(INEXPRESSIBLE);
    let help = match nearest(name, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known here are {}", read.join(", ")),
    };
    findings.cannot(&key.place, format!("unknown key `{name}`"), help);
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
            assert!(!INEXPRESSIBLE.contains(&name) && !reason.is_empty(), "{name}");
        }
    }
}
