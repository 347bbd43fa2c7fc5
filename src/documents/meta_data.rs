//! meta-data: the hostname, and the instance-id by which cloud-init knows whether it has seen this seed before.
//!
//! The id is made of the hostname and a digest of all that was rendered, so that a changed seed is never ignored and an
//! unchanged one never runs again. Source: cloud-init's NoCloud data source.

use anyhow::Result;
use serde_json::json;

use super::{Document, Input, Rendered, earlier, network_config, user_data};
use crate::catalogue::Catalogue;

/// Path on the medium.
pub(super) const PATH: &str = "meta-data";

pub(super) struct MetaData;

impl Document for MetaData {
    fn path(&self) -> &'static str {
        PATH
    }

    fn render(&self, input: Input<'_>, rendered: &Rendered) -> Result<Option<String>> {
        let hostname = &input.host.hostname;
        let network = rendered.get(network_config::PATH).map_or("", String::as_str);
        let id = instance_id(hostname, earlier(rendered, user_data::PATH)?, network);
        let context = json!({ "hostname": hostname, "instance_id": id });
        input.templates.render("meta-data", Catalogue::document("meta-data.j2")?, context).map(Some)
    }
}

/// `iid-vastimg-HOSTNAME-DIGEST`, the digest 16 hexadecimal digits over hostname, user-data and network-config, the last
/// empty where there is none.
pub fn instance_id(hostname: &str, user_data: &str, network: &str) -> String {
    // Lengths keep one part from borrowing bytes of the next.
    let all = format!("{hostname}\0{}\0{user_data}{network}", user_data.len());
    let digest = crate::digest::sha256(all.as_bytes());
    format!("iid-vastimg-{hostname}-{}", &digest[..16])
}
