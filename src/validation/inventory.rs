//! An inventory: its hosts against each other, and each of them with its profile as `vastimg build` would take it.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Options, profile};
use crate::diagnostic::{Diagnostic, Diagnostics, Place, Source};
use crate::inventory;
use crate::profile::{self as profiles, Overrides};

/// The profile of an inventory that names none.
const DEFAULT_PROFILE: &str = "loopback";

/// Everything that is to be told of an inventory.
pub(super) fn examine(source: &Arc<Source>, options: &Options) -> Vec<Diagnostic> {
    let (inventory, mut found) = inventory::read(source, &options.catalogue);
    let name = inventory.profile.as_deref().unwrap_or(DEFAULT_PROFILE);
    // Hosts of the same layers have the same faults, which are told once.
    let mut combinations = BTreeSet::new();
    let mut told: BTreeSet<String> = found.iter().map(ToString::to_string).collect();
    for host in &inventory.hosts {
        if let Some(network) = &host.network {
            found.extend(network.warnings().iter().filter(|one| told.insert(one.to_string())).cloned());
        }
        let key: Vec<*const profiles::Layer> =
            host.layers.iter().filter(|layer| !layer.is_empty()).map(Arc::as_ptr).collect();
        if !combinations.insert(key) {
            continue;
        }
        let of_host =
            match profiles::select_for(&options.catalogue, name, &host.layers, &Overrides::default()) {
                Ok(selection) => profile::of_selection(selection, options),
                Err(error) => Diagnostics::of(&error),
            };
        for one in of_host {
            if told.insert(one.to_string()) {
                let place: Option<Place> = one.place.clone().or_else(|| Some(host.place.clone()));
                found.push(Diagnostic { place, ..one });
            }
        }
    }
    found
}
