//! user-data: cloud-config that places the files and starts prepare.
//!
//! Text files are in it, for a person to read; what is not text (the verifier) is taken from the medium by prepare.
//! Source: cloud-init 23.4, modules users_groups, write_files and runcmd.

use anyhow::Result;
use serde_json::json;

use super::{Document, Input, Rendered, earlier, manifest, mode_of_access, octal, prepare};
use crate::catalogue::Catalogue;
use crate::plan::{MANIFEST, PREPARE, Plan};

/// Path on the medium.
pub(super) const PATH: &str = "user-data";

pub(super) struct UserData;

impl Document for UserData {
    fn path(&self) -> &'static str {
        PATH
    }

    fn mode(&self, plan: &Plan) -> u32 {
        mode_of_access(plan)
    }

    fn render(&self, input: Input<'_>, rendered: &Rendered) -> Result<Option<String>> {
        let plan = input.plan;
        let mut files: Vec<(&str, u32, &str)> = plan
            .files
            .iter()
            .filter_map(|file| file.text().map(|text| (file.path.as_str(), file.mode, text)))
            .collect();
        files.push((PREPARE, 0o755, earlier(rendered, prepare::PATH)?));
        files.push((MANIFEST, 0o644, earlier(rendered, manifest::PATH)?));
        files.sort_unstable();
        let files: Vec<_> = files
            .into_iter()
            .map(|(path, mode, content)| json!({ "path": path, "mode": octal(mode), "content": content }))
            .collect();
        let context = json!({ "version": env!("CARGO_PKG_VERSION"), "profile": plan.profile, "hostname": input.host.hostname, "user": plan.user, "ssh_keys": plan.ssh_keys, "password_hash": plan.password_hash, "files": files });
        input.templates.render("user-data", Catalogue::document("user-data.j2")?, context).map(Some)
    }
}
