//! network-config: the user's own, byte for byte; without one the VM asks DHCP.

use anyhow::Result;

use super::{Document, Input, OfHost, Rendered};

/// Path on the medium.
pub(super) const PATH: &str = "network-config";

pub(super) struct NetworkConfig;

impl Document for NetworkConfig {
    fn path(&self) -> &'static str {
        PATH
    }
}

impl OfHost for NetworkConfig {
    fn render(&self, input: Input<'_>, _: &Rendered) -> Result<Option<String>> {
        Ok(input.host.network.clone())
    }
}
