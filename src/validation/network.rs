//! A network-config: what cloud-init refuses, or takes for something else, and what Rocky's installer cannot say.

use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Diagnostics, Severity, Source};
use crate::network;

/// Everything that is to be told of a network-config.
pub(super) fn examine(source: &Arc<Source>) -> Vec<Diagnostic> {
    let network = match network::parse(source) {
        Ok(network) => network,
        Err(error) => return Diagnostics::of(&error),
    };
    let mut found = network.warnings().to_vec();
    found.extend(network.warnings_for_cloud_images());
    // Only for who uses a kickstart, which is not known here.
    let note = |one: Diagnostic| Diagnostic {
        severity: Severity::Note,
        message: format!("with a kickstart: {}", one.message),
        ..one
    };
    found.extend(match network.for_kickstart() {
        Ok(installer) => installer.warnings.into_iter().map(note).collect::<Vec<_>>(),
        Err(error) => Diagnostics::of(&error).into_iter().map(note).collect(),
    });
    found
}
