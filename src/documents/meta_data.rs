//! meta-data: the hostname, and the instance-id by which cloud-init knows whether it has seen this seed before.
//!
//! The id is made of the hostname and a digest of all that was rendered before, so that a changed seed is never ignored and an
//! unchanged one never runs again. Source: cloud-init's NoCloud data source.

use anyhow::Result;
use serde_json::json;

use super::{Document, Input, OfHost, Rendered, earlier, network_config, user_data};
use crate::catalogue::Catalogue;

/// Path on the medium.
pub(super) const PATH: &str = "meta-data";

pub(super) struct MetaData;

impl Document for MetaData {
    fn path(&self) -> &'static str {
        PATH
    }
}

impl OfHost for MetaData {
    fn render(&self, input: Input<'_>, rendered: &Rendered) -> Result<Option<String>> {
        let hostname = &input.host.hostname;
        let context = json!({ "hostname": hostname, "instance_id": id_of(hostname, rendered)? });
        input.templates.render("meta-data", Catalogue::document("meta-data.j2")?, context).map(Some)
    }
}

/// The instance-id of the host whose other documents are rendered.
pub(super) fn id_of(hostname: &str, rendered: &Rendered) -> Result<String> {
    let network = rendered.get(network_config::PATH).map_or("", |text| &text.body);
    Ok(instance_id(hostname, &earlier(rendered, user_data::PATH)?.sha256, network))
}

/// `iid-vastimg-HOSTNAME-DIGEST`, the digest 16 hexadecimal digits over hostname, the digest of user-data, and
/// network-config, the last empty where there is none.
pub fn instance_id(hostname: &str, user_data_sha256: &str, network: &str) -> String {
    // None of the first two has a NUL, so no part can borrow bytes of the next.
    let all = format!("{hostname}\0{user_data_sha256}\0{network}");
    let digest = crate::digest::sha256(all.as_bytes());
    format!("iid-vastimg-{hostname}-{}", &digest[..16])
}
