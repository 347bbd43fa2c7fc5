//! A host out of its layers, whichever form it was written in.

use std::collections::BTreeMap;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use super::settings::Settings;
use super::{Entry, names};
use crate::access;
use crate::diagnostic::{Diagnostic, Place, Source};
use crate::plan::Disk;
use crate::yaml::Node;

/// What reading the hosts of one inventory has in common.
pub(super) struct Reader<'a> {
    /// The inventory's, from which paths start.
    pub directory: Utf8PathBuf,
    /// Files of keys, each read once.
    pub keys: BTreeMap<Utf8PathBuf, Vec<String>>,
    pub found: &'a mut Vec<Diagnostic>,
}

impl<'a> Reader<'a> {
    pub fn new(source: &Source, found: &'a mut Vec<Diagnostic>) -> Self {
        let directory = Utf8Path::new(&source.name).parent().unwrap_or(Utf8Path::new("")).to_owned();
        Reader { directory, keys: BTreeMap::new(), found }
    }

    /// One host; `fqdn` and `install_disk` are its own, the layers may be shared.
    pub fn host(
        &mut self,
        name: &str,
        place: &Place,
        fqdn: Option<&Node>,
        install_disk: Option<&Node>,
        layers: &[&Settings],
    ) -> Entry {
        self.found.extend(names::fault(name, place));
        let fqdn = fqdn.and_then(|node| Some((node.text()?, &node.place)));
        if let Some((fqdn, at)) = fqdn.filter(|(fqdn, _)| *fqdn != name)
            && let Err(error) = access::check_hostname(fqdn)
        {
            self.found.push(Diagnostic::at(at, error.to_string()));
        }
        let install_disk = install_disk.and_then(|node| match Disk::named(node.text()?) {
            Ok(disk) => Some(disk),
            Err(error) => {
                self.found.push(Diagnostic::at(&node.place, error.to_string()));
                None
            }
        });
        let mut ssh_keys: Vec<String> = Vec::new();
        for key in layers.iter().flat_map(|layer| &layer.ssh_keys) {
            if !ssh_keys.contains(key) {
                ssh_keys.push(key.clone());
            }
        }
        Entry {
            name: name.to_owned(),
            place: place.clone(),
            hostname: fqdn.map_or(name, |(fqdn, _)| fqdn).to_owned(),
            ssh_keys,
            network: layers.iter().rev().find_map(|layer| layer.network.clone()),
            install_disk,
            layers: layers
                .iter()
                .filter(|layer| !layer.layer.is_empty())
                .map(|layer| Arc::clone(&layer.layer))
                .collect(),
        }
    }
}
