//! An inventory: its hosts against each other, and each of them with its profile as `vastimg build` would take it.

use std::collections::HashSet;
use std::sync::Arc;

use super::{Options, profile};
use crate::diagnostic::{Diagnostic, Diagnostics, Source};
use crate::inventory;
use crate::profile::{self as profiles, Overrides};

/// Different sets of values that are rendered; of the others kinds and bounds are checked.
const RENDERED: usize = 100;

/// Everything that is to be told of an inventory.
pub(super) fn examine(source: &Arc<Source>, options: &Options) -> Vec<Diagnostic> {
    let (inventory, mut found) = inventory::read(source, &options.catalogue);
    let name = inventory.profile.as_deref().unwrap_or(profiles::DEFAULT);
    // Hosts of the same layers have the same faults, which are told once.
    let mut combinations = HashSet::new();
    let mut told: HashSet<String> = found.iter().map(ToString::to_string).collect();
    if inventory.hosts.is_empty() {
        return found;
    }
    let base = match profiles::base(name) {
        Ok(base) => base,
        Err(error) => {
            found.extend(Diagnostics::of(&error));
            return found;
        }
    };
    for host in &inventory.hosts {
        if let Some(network) = &host.network {
            found.extend(network.warnings().iter().filter(|one| told.insert(one.to_string())).cloned());
        }
        let key: Vec<*const profiles::Layer> = host.layers.iter().map(Arc::as_ptr).collect();
        if !combinations.insert(key) {
            continue;
        }
        let selection = profiles::select_over(&options.catalogue, &base, &host.layers, &Overrides::default());
        let of_host = match selection {
            Ok(selection) if combinations.len() <= RENDERED => profile::of_selection(selection, options),
            Ok(_) => Vec::new(),
            Err(error) => Diagnostics::of(&error),
        };
        for one in of_host {
            if told.insert(one.to_string()) {
                found.push(one.or_at(&host.place));
            }
        }
    }
    if combinations.len() > RENDERED {
        let message = format!(
            "hosts have {} different sets of values; the first {RENDERED} were rendered, the others held against their bounds",
            combinations.len()
        );
        found.push(Diagnostic::note(None, message));
    }
    found
}
