//! The VM's network, as the user gives it in cloud-init's network-config, version 1 or 2.
//!
//! The text itself goes to cloud-init verbatim. What it says is read here on two levels. What cloud-init would refuse,
//! or take for something else, is refused for every medium. What the `network` command of Rocky 8's installer cannot
//! say is kept, and refused by [`Network::for_kickstart`] alone; no key is passed over without being known to change
//! nothing.
//!
//! Sources: docs.cloud-init.io, network-config-format-v1 and -v2; cloud-init's network_state.py of 23.4, which Rocky 8
//! has, and which takes and refuses the same as 22.4; Anaconda's branch rhel-8.

mod check;
mod draft;
mod findings;
mod installer;
mod keys;
mod link;
mod naming;
mod options;
mod scalar;
mod subnet;
mod v1;
mod v2;

use std::net::IpAddr;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use camino::Utf8Path;

use crate::diagnostic::{Diagnostic, Diagnostics, Place, Source};
use crate::input;
use crate::yaml::{self, Node, Value};
use draft::Draft;
use findings::Findings;

pub use link::{Device, Ipv4, Ipv6, Kind, Link};

/// In bytes; a hundred VLANs with all that they can have take a fifth of it.
const LARGEST: usize = 128 << 10;
/// How many errors are shown at once.
const MOST: usize = 25;

/// A network-config that cloud-init takes; hosts may share one.
#[derive(Clone, Debug)]
pub struct Network(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    text: String,
    drafts: Vec<Draft>,
    globals: Vec<v1::Global>,
    root: Place,
    findings: Findings,
}

/// What the installer is to set up.
#[derive(Clone, Debug)]
pub struct ForKickstart {
    /// Links, each after those that it is made of; otherwise in the order of the file. Members are among them.
    pub links: Vec<Link>,
    /// What the installer will take and may not honour, besides [`Network::warnings`].
    pub warnings: Vec<Diagnostic>,
}

/// Reads a network-config.
///
/// # Errors
/// As [`parse`]; and when the file cannot be read.
pub fn read(path: &Utf8Path) -> Result<Network> {
    parse(&Source::new(path.as_str(), input::text("the network-config", path)?))
}

/// Parses a network-config.
///
/// # Errors
/// When it is no YAML mapping, has no version that cloud-init knows, or says something that cloud-init would refuse or
/// take for something else: all of that at once, as [`Diagnostics`].
pub fn parse(source: &Arc<Source>) -> Result<Network> {
    ensure!(
        source.text.len() <= LARGEST,
        "reading the network-config {}: it is larger than 128 KiB; is it the right file?",
        source.name
    );
    let root = yaml::parse(source).map_err(Diagnostics::from)?;
    resolve(&root, source.text.clone(), false)
}

/// The same of a mapping in another file, whose text is then made anew.
///
/// # Errors
/// As [`parse`].
pub fn of_node(root: &Node) -> Result<Network> {
    let root = scalar::settled(root);
    let mut text = serde_json::to_string_pretty(&root.to_json()).context("writing the network-config")?;
    text.push('\n');
    resolve(&root, text, true)
}

/// `in_quotes` is whether every text stands in quotes, wherever it came from.
fn resolve(root: &Node, text: String, in_quotes: bool) -> Result<Network> {
    let (entries, version) = head(root)?;
    let mut findings = Findings { in_quotes, ..Findings::default() };
    if let (2, Some(place)) = (version, globbed_match(root)) {
        findings.warn(
            place,
            "`match: name:` with a wildcard is not honoured on Rocky 8, and the VM comes up without network; \
             match the macaddress and give set-name, or name the device",
        );
    }
    let (mut drafts, globals) = match version {
        1 => v1::read(entries, &mut findings),
        _ => (v2::read(entries, &mut findings), Vec::new()),
    };
    for draft in &mut drafts {
        draft::finish(draft, &mut findings);
    }
    check::check(&drafts, &mut findings);
    installer::check(&drafts, &mut findings);
    if !findings.refused.is_empty() {
        return Err(Diagnostics(in_order(findings.refused)).into());
    }
    Ok(Network(Arc::new(Parts { text, drafts, globals, root: root.place.clone(), findings })))
}

impl Network {
    /// The file, byte for byte.
    pub fn text(&self) -> &str {
        &self.0.text
    }

    /// What cloud-init will take and not honour.
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.0.findings.warnings
    }

    /// What Rocky's cloud images will not find.
    pub fn warnings_for_cloud_images(&self) -> Vec<Diagnostic> {
        naming::unknown_to_cloud_images(&self.0.drafts)
    }

    /// Every link, in the order of the file. Where a link has several addresses of a family it is the first, so that
    /// this is all that there is only of files that [`Network::for_kickstart`] takes.
    pub fn links(&self) -> impl Iterator<Item = &Link> {
        self.0.drafts.iter().map(|draft| &draft.link)
    }

    /// Every address that a link is given, in the order of the file, and where.
    pub fn addresses(&self) -> impl Iterator<Item = (IpAddr, &Place)> {
        self.0.drafts.iter().flat_map(|draft| &draft.addresses).map(|(net, place)| (net.addr(), place))
    }

    /// The links for the installer. Name servers that are no one link's go to the first that has a gateway and the
    /// address family, or the family at least.
    ///
    /// # Errors
    /// What the `network` command of Rocky 8's installer cannot say, all at once, as [`Diagnostics`].
    pub fn for_kickstart(&self) -> Result<ForKickstart> {
        let mut problems = self.0.findings.kickstart.clone();
        if self.0.drafts.is_empty() {
            problems.push(
                Diagnostic::at(&self.0.root, "this network-config describes no links")
                    .help("describe one; or leave --network out, and the first NIC with a cable asks DHCP"),
            );
        }
        let mut ordered: Vec<(usize, &Link)> =
            check::depths(&self.0.drafts).into_iter().zip(self.links()).collect();
        ordered.sort_by_key(|(depth, _)| *depth);
        let mut links: Vec<Link> = ordered.into_iter().map(|(_, link)| link.clone()).collect();
        for (address, place) in &self.0.globals {
            let fits = |link: &Link| link.has_family_of(*address);
            let best = links.iter().position(|link| fits(link) && link.has_gateway());
            match best.or_else(|| links.iter().position(fits)) {
                Some(index) => links[index].nameservers.push(*address),
                None => problems.push(
                    Diagnostic::at(
                        place,
                        format!("name server {address}, and no link has its address family"),
                    )
                    .help("name one that the links reach"),
                ),
            }
        }
        if problems.is_empty() {
            return Ok(ForKickstart { links, warnings: self.0.findings.kickstart_warnings.clone() });
        }
        Err(Diagnostics(in_order(problems)).into())
    }
}

/// By their places, so that a person goes through the file once; no more than a person reads.
fn in_order(mut diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    diagnostics.sort_by_key(|diagnostic| diagnostic.place.as_ref().map(|place| (place.line, place.column)));
    if let Some(more) = diagnostics.len().checked_sub(MOST).filter(|more| *more > 0) {
        diagnostics.truncate(MOST);
        diagnostics.push(Diagnostic::new(format!("and {more} more like these")));
    }
    diagnostics
}

/// The mapping and its version.
fn head(root: &Node) -> Result<(&[(yaml::Key, Node)], u8)> {
    let refuse = |message: &str, help: &str| {
        Err(Diagnostics::from(Diagnostic::at(&root.place, message).help(help)).into())
    };
    let Value::Map(entries) = &root.value else {
        return refuse("a network-config must be a mapping", "begin it with `version: 2`");
    };
    if entries.iter().any(|(key, _)| key.name == "network") {
        return refuse(
            "the seed's network-config has no `network:` around it",
            "take that line out and move the rest to the left; netplan's files and user-data have it, this one does not",
        );
    }
    match entries.iter().find(|(key, _)| key.name == "version").map(|(_, node)| &node.value) {
        Some(Value::Integer(1)) => Ok((entries, 1)),
        Some(Value::Integer(2)) => Ok((entries, 2)),
        Some(Value::Text(text)) if text == "1" || text == "2" => {
            refuse("`version` must be a number", "take it out of its quotes")
        }
        _ => refuse("a network-config needs `version: 1` or `version: 2`", "add the line `version: 2`"),
    }
}

/// Where some device is matched by a name with a wildcard.
fn globbed_match(root: &Node) -> Option<&Place> {
    let Value::Map(entries) = &root.value else { return None };
    entries.iter().find_map(|(key, node)| {
        let names = match &node.value {
            Value::Map(entries) if key.name == "match" => entries.as_slice(),
            _ => &[],
        };
        let globbed = names.iter().find(|(key, node)| {
            key.name == "name" && matches!(&node.value, Value::Text(text) if text.contains(['*', '?', '[']))
        });
        globbed.map(|(_, node)| &node.place).or_else(|| globbed_match(node))
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    fn of(text: &str) -> Result<Network> {
        parse(&Source::new("net", text))
    }

    #[test]
    fn links_come_after_those_they_are_made_of() {
        let text = "version: 2\nvlans: {v: {id: 3, link: c}}\nbridges: {c: {interfaces: [b]}}\n\
                    bonds: {b: {interfaces: [a]}}\nethernets: {x: {}, a: {}}\n";
        let parsed = of(text).unwrap();
        let names = |links: &[Link]| links.iter().map(|link| link.name.clone()).collect::<Vec<_>>();
        assert_eq!(names(&parsed.links().cloned().collect::<Vec<_>>()), ["v", "c", "b", "x", "a"]);
        assert_eq!(names(&parsed.for_kickstart().unwrap().links), ["x", "a", "b", "c", "v"]);
    }

    #[test]
    fn servers_of_all_go_to_the_link_that_leads_out() {
        let text = "version: 1\nconfig:\n- {type: nameserver, address: [192.0.2.53, '2001:db8::53']}\n\
                    - {type: physical, name: a, subnets: [{type: static, address: 198.51.100.2/24}, {type: dhcp6}]}\n\
                    - {type: physical, name: b, subnets: [{type: static, address: 192.0.2.2/24, gateway: 192.0.2.1}]}\n";
        let links = of(text).unwrap().for_kickstart().unwrap().links;
        let servers =
            |index: usize| links[index].nameservers.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(
            (servers(0), servers(1)),
            (vec!["2001:db8::53".to_owned()], vec!["192.0.2.53".to_owned()])
        );
    }

    #[test]
    fn a_person_gets_no_more_than_a_person_reads() {
        let many: String = (0..40).map(|n| format!("  a/{n}: {{}}\n")).collect();
        let error = of(&format!("version: 2\nethernets:\n{many}")).unwrap_err().to_string();
        assert_eq!(error.matches("-->").count(), MOST);
        assert!(error.ends_with("error: and 15 more like these"), "{error}");
        let large = format!("version: 2\n{}", "#\n".repeat(LARGEST / 2));
        assert!(of(&large).unwrap_err().to_string().contains("128 KiB"));
    }

    #[test]
    fn what_is_written_anew_means_the_same() {
        let text =
            "version: 2\nethernets: {ens3: {match: {macaddress: 52:54:00:12:34:56}, dhcp4: no, dhcp6: on}}\n";
        let root = yaml::parse(&Source::new("hosts", text)).unwrap();
        let json: serde_json::Value = serde_json::from_str(of_node(&root).unwrap().text()).unwrap();
        let link = &json["ethernets"]["ens3"];
        assert_eq!((&link["dhcp4"], &link["dhcp6"]), (&false.into(), &true.into()));
        assert_eq!(link["match"]["macaddress"], "52:54:00:12:34:56");
        assert!(of(text).unwrap_err().to_string().contains("base 60"));
    }

    #[test]
    fn the_text_stays_as_it_is() {
        let text = "# B\u{fc}ro\r\nversion: 2\nethernets:\n    ens3:   {dhcp4: yes}  # odd";
        assert_eq!(of(text).unwrap().text(), text);
    }
}
