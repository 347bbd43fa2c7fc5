//! Which device a link of version 2 is: by its name, or by its MAC address, and what it is called then.

use super::draft::Draft;
use super::findings::Findings;
use super::link::{Device, Kind};
use super::{keys, scalar};
use crate::diagnostic::Diagnostic;
use crate::yaml::Node;

/// Version 2's `match`.
pub(super) fn matching(draft: &mut Draft, node: &Node, findings: &mut Findings) {
    for (key, node) in findings.map(node, "`match`").unwrap_or_default() {
        match key.name.as_str() {
            "macaddress" => {
                if let Some(text) = findings.text(node, "`macaddress`") {
                    match scalar::mac(&text) {
                        Some(mac) => draft.link.device = Device::Mac(mac),
                        None => findings.refuse(
                            &node.place,
                            format!("{text:?} is no MAC address"),
                            "six pairs of hexadecimal digits, such as \"52:54:00:ab:cd:ef\"",
                        ),
                    }
                }
            }
            "name" => {
                let name = findings.text(node, "`name`").unwrap_or_else(|| draft.link.name.clone());
                if name != draft.link.name {
                    let wildcard = name.contains(['*', '?', '[']);
                    findings.cannot(
                        &node.place,
                        format!(
                            "the installer takes no {} for a device",
                            if wildcard { "wildcard" } else { "`match: name:`" }
                        ),
                        if wildcard {
                            "name the device, or match its MAC address".to_owned()
                        } else {
                            format!("call the device itself `{name}`")
                        },
                    );
                }
            }
            "driver" => findings.cannot(
                &key.place,
                "the installer does not find devices by their driver",
                "name the device, or match its MAC address",
            ),
            _ => keys::judge(findings, key, node, &["macaddress", "name", "driver"]),
        }
    }
}

/// A key that is a device's name has to be one; with a MAC address it is only what this file calls it.
pub(super) fn check(draft: &mut Draft, findings: &mut Findings) {
    let place = draft.place.clone();
    match &draft.link.device {
        Device::Name(name) => findings.device_name(&name.clone(), &place),
        Device::Mac(mac) if draft.renamed.as_deref() == Some(&draft.link.name) => {
            findings.warn_kickstart(&place, &renaming(&draft.link.name, mac));
        }
        Device::Mac(_) => {}
    }
}

/// NICs by a name that Rocky's cloud images do not give, which boot with net.ifnames=0 and have eth0.
pub(super) fn unknown_to_cloud_images(drafts: &[Draft]) -> Vec<Diagnostic> {
    let named = drafts.iter().filter(|draft| {
        draft.link.kind == Kind::Ethernet
            && matches!(&draft.link.device, Device::Name(name) if name.starts_with("en"))
    });
    named
        .map(|draft| {
            let message = format!(
                "Rocky's cloud images name NICs eth0, and none `{}`, whose settings then reach no NIC; \
                 match the MAC address and give set-name",
                draft.link.name
            );
            Diagnostic::warning(Some(&draft.place), message)
        })
        .collect()
}

/// What the installer does instead of renaming.
pub(super) fn renaming(name: &str, mac: &str) -> String {
    format!(
        "the installer renames no devices: the one with {mac} keeps the name that Rocky gives it, {name} or another; \
         if it is another, what is made of {name} has no member"
    )
}
