//! user-data, meta-data and network-config: what they say, and whether cloud-init takes them.
//!
//! Errors name line and column and do not show the line, which may hold a secret.

use anyhow::{Context, Result};

use super::{Findings, Seed, What};
use crate::diagnostic::Source;
use crate::digest::sha256;
use crate::documents;
use crate::image::Image;
use crate::image::entries::plain;
use crate::yaml::{self, Node, Value};

/// How an instance-id of vastimg's begins.
pub(crate) const OWN_ID: &str = "iid-vastimg-";

/// Bytes of a document that is read. vastimg writes 80 KiB.
pub(super) const LARGEST: u64 = 4 << 20;

/// Characters of a value that are shown.
const LONGEST: usize = 200;

/// What the documents say.
#[derive(Debug, Default)]
pub(super) struct Documents {
    pub(super) seed: Seed,
}

/// Reads meta-data.
pub(super) fn read(image: &mut Image, home: usize, findings: &mut Findings) -> Documents {
    let mut seed = Seed::default();
    if let Some(Value::Map(entries)) = mapping(image, home, "meta-data", true, findings) {
        let value = |names: &[&str]| {
            let (_, node) = entries.iter().find(|(key, _)| names.contains(&key.name.as_str()))?;
            scalar(node).map(|text| shown(&text))
        };
        seed.hostname = value(&["local-hostname", "hostname"]);
        seed.instance_id = value(&["instance-id"]);
    }
    Documents { seed }
}

/// Text for a person: bounded, without what a terminal would obey.
pub(crate) fn shown(text: &str) -> String {
    plain(&text.chars().take(LONGEST).collect::<String>())
}

fn scalar(node: &Node) -> Option<String> {
    match &node.value {
        Value::Text(text) => Some(text.clone()),
        Value::Integer(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A document as text; none where the volume has no such file.
pub(super) fn text(image: &mut Image, volume: usize, path: &str) -> Option<Result<String>> {
    let (own, _) = image.volumes.get(volume)?.file(path)?;
    let own = own.to_owned();
    Some(
        image
            .read(volume, &own, LARGEST)
            .and_then(|bytes| String::from_utf8(bytes).context("it is not UTF-8 text")),
    )
}

/// A document that is to be a mapping; what is wrong with it becomes a finding. `empty`: whether it may be empty.
fn mapping(
    image: &mut Image,
    volume: usize,
    path: &str,
    empty: bool,
    findings: &mut Findings,
) -> Option<Value> {
    let text = match text(image, volume, path)? {
        Ok(text) => text,
        Err(error) => {
            findings.of(path, format!("{error:#}"));
            return None;
        }
    };
    match yaml::parse(&Source::new(path, text)) {
        Ok(Node { value: Value::Map(entries), .. }) => Some(Value::Map(entries)),
        Ok(Node { value: Value::Null, .. }) if empty => None,
        Ok(node) => {
            findings.of_text(path, format!("it is {}, and must be a mapping", node.value.kind()));
            None
        }
        Err(error) => {
            let place = error.place.map(|place| format!("line {}, column {}: ", place.line, place.column));
            findings.of_text(path, format!("{}{}", place.unwrap_or_default(), shown(&error.message)));
            None
        }
    }
}

/// Whether cloud-init takes user-data and network-config, and whether they are as they were built.
pub(super) fn check(image: &mut Image, home: usize, what: What, seed: &Seed, findings: &mut Findings) {
    if let Some(Value::Map(entries)) = mapping(image, home, "network-config", false, findings) {
        let version = entries.iter().find(|(key, _)| key.name == "version").map(|(_, node)| &node.value);
        if !matches!(version, Some(Value::Integer(1 | 2))) {
            findings
                .of_text("network-config", "it has no `version: 1` or `version: 2`; cloud-init ignores it");
        }
    }
    if what != What::VastimgSeed {
        return;
    }
    let Some(Ok(user_data)) = text(image, home, "user-data") else {
        if let Some(Err(error)) = text(image, home, "user-data") {
            findings.of("user-data", format!("{error:#}"));
        }
        return;
    };
    if user_data.lines().next().map(str::trim_end) == Some("#cloud-config") {
        mapping(image, home, "user-data", false, findings);
    } else {
        findings.of_text("user-data", "its first line is not #cloud-config; cloud-init ignores it");
    }
    let network = match text(image, home, "network-config") {
        Some(Ok(text)) => text,
        Some(Err(_)) => return,
        None => String::new(),
    };
    // Another version may make the id of other things.
    match (&seed.instance_id, &seed.hostname) {
        (Some(id), Some(hostname)) if id.starts_with(OWN_ID) => {
            if seed.is_of_this_version()
                && *id != documents::instance_id(hostname, &sha256(user_data.as_bytes()), &network)
            {
                findings.of(
                    "meta-data",
                    "the instance-id is of other documents: host name, user-data or network-config were changed since, \
                     and a VM that has seen this id ignores that",
                );
            }
        }
        (Some(_), Some(_)) => findings.of("meta-data", "the instance-id is not one that vastimg gives"),
        (None, _) => {
            findings.of("meta-data", "it has no instance-id; cloud-init cannot tell one seed from the next")
        }
        (_, None) => findings.of("meta-data", "it has no local-hostname"),
    }
}
