//! What defaults, groups and hosts may all say, read once each.

use std::sync::Arc;

use anyhow::Result;
use camino::Utf8Path;

use super::entry::Reader;
use crate::access;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::network::{self, Network};
use crate::profile::Layer;
use crate::yaml::{Node, Value};

/// One layer.
#[derive(Debug, Default)]
pub(super) struct Settings {
    pub ssh_keys: Vec<String>,
    pub network: Option<Network>,
    pub layer: Arc<Layer>,
}

impl Reader<'_> {
    /// One layer, from a mapping; what is wrong is told where it is named.
    pub fn settings(&mut self, node: &Node) -> Settings {
        Settings {
            ssh_keys: node.get("ssh_keys").map(|node| self.ssh_keys(node)).unwrap_or_default(),
            network: node.get("network").and_then(|node| self.network(node)),
            layer: self.layer(node.get("user"), node.get("fixes")),
        }
    }

    /// The keys of a list of files.
    pub fn ssh_keys(&mut self, node: &Node) -> Vec<String> {
        let mut all = Vec::new();
        for item in node.items() {
            let Some(path) = item.text().map(|name| self.directory.join(name)) else { continue };
            if let Some(keys) = self.keys.get(&path) {
                all.extend(keys.iter().cloned());
                continue;
            }
            match access::ssh_keys(&path) {
                Ok(keys) => {
                    all.extend(keys.iter().cloned());
                    self.keys.insert(path, keys);
                }
                Err(error) => {
                    self.found.push(Diagnostic::at(&item.place, format!("{error:#}")));
                    // Once is enough.
                    self.keys.insert(path, Vec::new());
                }
            }
        }
        all
    }

    /// A network-config: a file, or what would be in one.
    pub fn network(&mut self, node: &Node) -> Option<Network> {
        match network_of(node, &self.directory) {
            Ok(network) => Some(network),
            Err(error) => {
                let told = Diagnostics::of(&error);
                self.found.extend(told.into_iter().map(|one| one.or_at(&node.place)));
                None
            }
        }
    }

    /// What goes over the profile.
    pub fn layer(&mut self, user: Option<&Node>, fixes: Option<&Node>) -> Arc<Layer> {
        Arc::new(Layer::of(user, fixes, self.found))
    }
}

fn network_of(node: &Node, directory: &Utf8Path) -> Result<Network> {
    match &node.value {
        Value::Text(name) => network::read(&directory.join(name)),
        _ => network::of_node(node),
    }
}
