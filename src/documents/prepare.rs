//! prepare.sh: the script that applies the live part of every fix, on every way of delivery.

use anyhow::Result;
use serde_json::{Value, json};

use super::{Document, OfPlan, PAYLOAD, Rendered, octal};
use crate::catalogue::Catalogue;
use crate::plan::{Action, Plan, Step, Templates};

/// Path on the medium.
pub const PATH: &str = "vastimg/prepare.sh";

pub(super) struct Prepare;

impl Document for Prepare {
    fn path(&self) -> &'static str {
        PATH
    }

    fn mode(&self, _: &Plan) -> u32 {
        0o755
    }
}

impl OfPlan for Prepare {
    fn render(&self, plan: &Plan, templates: &Templates, _: &Rendered) -> Result<String> {
        let files: Vec<_> = plan
            .files
            .iter()
            .map(|file| json!({ "path": file.path, "mode": octal(file.mode), "sha256": file.sha256, "settles": file.settles }))
            .collect();
        let steps: Vec<_> = plan.steps.iter().map(step_context).collect();
        let units: Vec<_> = plan.units().collect();
        let context = json!({ "profile": plan.profile, "version": env!("CARGO_PKG_VERSION"), "payload": PAYLOAD, "files": files, "steps": steps, "units": units });
        templates.render("prepare.sh", Catalogue::document("prepare.sh.j2")?, context)
    }
}

fn step_context(step: &Step) -> Value {
    let mut context = match &step.action {
        Action::SettleSysctl { path, keys } => json!({ "kind": "settle-sysctl", "path": path, "keys": keys }),
        Action::SettleLimits { path, items } => {
            json!({ "kind": "settle-limits", "path": path, "keys": items })
        }
        Action::LoadSysctl { path } => json!({ "kind": "load-sysctl", "path": path }),
        Action::Install { release, names } => {
            json!({ "kind": "install", "release": release, "names": names })
        }
        Action::Units { units, start } => json!({ "kind": "units", "units": units, "start": start }),
        Action::Script { source, body } => {
            json!({ "kind": "script", "source": source, "body": body.trim_end() })
        }
    };
    for (key, value) in [("id", &step.id), ("title", &step.title)] {
        context[key] = json!(value);
    }
    context["label"] = json!(step.label);
    context
}
