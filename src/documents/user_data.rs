//! user-data: cloud-config that places the files and starts prepare. It says nothing of the host, which meta-data names.
//!
//! Text files are in it, for a person to read; what is not text (the verifier) is taken from the medium by prepare.
//! Source: cloud-init 23.4, modules users_groups, write_files and runcmd.

use anyhow::Result;
use serde_json::json;

use super::{Document, OfPlan, Rendered, earlier, manifest, mode_of_access, octal, prepare};
use crate::catalogue::Catalogue;
use crate::plan::{MANIFEST, PREPARE, Plan, Templates};

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
}

impl OfPlan for UserData {
    fn render(&self, plan: &Plan, templates: &Templates, rendered: &Rendered) -> Result<String> {
        let mut files: Vec<(&str, u32, &str)> = plan
            .files
            .iter()
            .filter_map(|file| file.text().map(|text| (file.path.as_str(), file.mode, text)))
            .collect();
        files.push((PREPARE, 0o755, &earlier(rendered, prepare::PATH)?.body));
        files.push((MANIFEST, 0o644, &earlier(rendered, manifest::PATH)?.body));
        files.sort_unstable();
        let files: Vec<_> = files
            .into_iter()
            .map(|(path, mode, content)| json!({ "path": path, "mode": octal(mode), "content": content }))
            .collect();
        let context = json!({ "version": env!("CARGO_PKG_VERSION"), "profile": plan.profile, "user": plan.user, "ssh_keys": plan.ssh_keys, "password_hash": plan.password_hash, "files": files });
        templates.render("user-data", Catalogue::document("user-data.j2")?, context)
    }
}
