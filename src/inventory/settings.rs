//! What defaults, groups and hosts may all say, read once each.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};

use crate::access;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::network::{self, Network};
use crate::profile::Layer;
use crate::yaml::{Node, Value};

/// One layer.
#[derive(Debug)]
pub(super) struct Settings {
    pub ssh_keys: Vec<String>,
    pub network: Option<Network>,
    pub layer: Arc<Layer>,
}

/// Reads one layer; what is wrong is told where it is named.
pub(super) fn read(
    node: &Node,
    directory: &Utf8Path,
    known: &mut BTreeMap<Utf8PathBuf, Vec<String>>,
    found: &mut Vec<Diagnostic>,
) -> Settings {
    let mut ssh_keys = Vec::new();
    for item in node.get("ssh_keys").map(Node::items).unwrap_or_default() {
        let Some(path) = item.text().map(|name| directory.join(name)) else { continue };
        if let Some(keys) = known.get(&path) {
            ssh_keys.extend(keys.iter().cloned());
            continue;
        }
        match access::ssh_keys(&path) {
            Ok(keys) => {
                ssh_keys.extend(keys.iter().cloned());
                known.insert(path, keys);
            }
            Err(error) => found.push(Diagnostic::at(&item.place, format!("{error:#}"))),
        }
    }
    let network = node.get("network").and_then(|node| match network_of(node, directory) {
        Ok(network) => Some(network),
        Err(error) => {
            let told = Diagnostics::of(&error);
            found.extend(told.into_iter().map(|one| Diagnostic {
                place: one.place.clone().or_else(|| Some(node.place.clone())),
                ..one
            }));
            None
        }
    });
    let layer = Arc::new(Layer::of(node.get("user"), node.get("fixes"), found));
    Settings { ssh_keys, network, layer }
}

/// A file, or what would be in one.
fn network_of(node: &Node, directory: &Utf8Path) -> Result<Network> {
    match &node.value {
        Value::Text(name) => network::read(&directory.join(name)),
        _ => network::of_node(node),
    }
}
