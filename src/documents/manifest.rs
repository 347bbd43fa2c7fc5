//! manifest.json: what was built and what is to hold, for the verifier.

use anyhow::{Context, Result};
use serde_json::json;

use super::{Document, OfPlan, Rendered, earlier, octal, prepare};
use crate::catalogue::BASE;
use crate::manifest::{File, Fix, Manifest, SCHEMA};
use crate::plan::{PREPARE, Plan, PlannedFix, Templates};

/// This program and its version, by which a seed says what wrote it.
pub const GENERATOR: &str = concat!("vastimg ", env!("CARGO_PKG_VERSION"));

/// Path on the medium.
pub const PATH: &str = "vastimg/manifest.json";

pub(super) struct ManifestDocument;

impl Document for ManifestDocument {
    fn path(&self) -> &'static str {
        PATH
    }
}

impl OfPlan for ManifestDocument {
    fn render(&self, plan: &Plan, _: &Templates, rendered: &Rendered) -> Result<String> {
        let mut files: Vec<File> = plan
            .files
            .iter()
            .map(|file| File {
                path: file.path.clone(),
                mode: octal(file.mode),
                sha256: file.sha256.clone(),
                fix: file.fix.clone(),
            })
            .collect();
        files.push(File {
            path: PREPARE.to_owned(),
            mode: octal(0o755),
            sha256: earlier(rendered, prepare::PATH)?.sha256.to_string(),
            fix: BASE.to_owned(),
        });
        files.sort_by(|a, b| a.path.cmp(&b.path));
        let manifest = Manifest {
            schema: SCHEMA.to_owned(),
            generator: GENERATOR.to_owned(),
            profile: plan.profile.clone(),
            user: plan.user.clone(),
            fixes: plan.fixes.iter().map(fix).collect(),
            files,
            checks: plan.checks.clone(),
        };
        let mut text = serde_json::to_string_pretty(&manifest).context("rendering manifest.json")?;
        text.push('\n');
        Ok(text)
    }
}

fn fix(fix: &PlannedFix) -> Fix {
    let values = fix.values.iter().map(|(name, setting)| (name.clone(), json!(setting)));
    Fix { id: fix.id.clone(), label: fix.label, title: fix.title.clone(), values: values.collect() }
}
