//! A network-config: what cloud-init refuses, or takes for something else, and what Rocky's installer cannot say.

use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Diagnostics, Severity, Source};
use crate::network::{self, Network};

/// Everything that is to be told of a network-config.
pub(super) fn examine(source: &Arc<Source>) -> Vec<Diagnostic> {
    let (mut found, network) = for_cloud_init(source, true);
    if let Some(network) = network {
        let notes = for_the_installer(&network);
        // What cloud-init does not do either was told.
        let told: Vec<_> = found.iter().filter_map(at).collect();
        found.extend(notes.into_iter().filter(|note| at(note).is_none_or(|at| !told.contains(&at))));
    }
    found
}

fn at(one: &Diagnostic) -> Option<(usize, usize)> {
    one.place.as_ref().map(|place| (place.line, place.column))
}

/// What cloud-init refuses, or takes for something else; and the network, where it takes it. `cloud_image`: whether it may be
/// for one of Rocky's cloud images.
pub(super) fn for_cloud_init(source: &Arc<Source>, cloud_image: bool) -> (Vec<Diagnostic>, Option<Network>) {
    let network = match network::parse(source) {
        Ok(network) => network,
        Err(error) => return (Diagnostics::of(&error), None),
    };
    let mut found = network.warnings().to_vec();
    if cloud_image {
        found.extend(network.warnings_for_cloud_images());
    }
    (found, Some(network))
}

/// Only for who uses a kickstart, which is not known here.
fn for_the_installer(network: &Network) -> Vec<Diagnostic> {
    let note = |one: Diagnostic| Diagnostic {
        severity: Severity::Note,
        message: format!("with a kickstart: {}", one.message),
        ..one
    };
    match network.for_kickstart() {
        Ok(installer) => installer.warnings.into_iter().map(note).collect(),
        Err(error) => Diagnostics::of(&error).into_iter().map(note).collect(),
    }
}
