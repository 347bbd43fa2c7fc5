//! One fix by itself: whether everything of it renders with its values, without a profile that has it.
//!
//! Limits: what two fixes make of each other, such as a path that both place, is for [`super::assemble`] to see.

use std::collections::BTreeMap;

use serde_json::json;

use super::assemble::{Files, context_of, render_file};
use super::{PlannedFile, Templates, checks};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::profile::{DEFAULT_USER, SelectedFix};

/// Everything that is wrong with the templates and the checks of a fix. Templates may name the values of `others`, too.
pub fn faults_of(selected: &SelectedFix, others: &[SelectedFix], templates: &Templates) -> Vec<Diagnostic> {
    let fix = &selected.fix;
    let fixes: BTreeMap<&str, &BTreeMap<_, _>> =
        others.iter().chain([selected]).map(|one| (one.fix.id.as_str(), &one.values)).collect();
    // A fix's values may not have these names, so that any profile's and user's will do.
    let shared = json!({"user": DEFAULT_USER, "profile": "loopback", "ssh_keys": [], "fixes": fixes});
    let context = context_of(selected, &shared);
    let mut found = Vec::new();
    let mut files = Files::default();
    for (path, source) in fix.rootfs() {
        if let Err(error) = files.add_file(selected, path, source, &context, templates) {
            found.extend(Diagnostics::of(&error));
        }
    }
    for script in fix.spec.steps.iter().filter_map(|step| fix.script(&step.id)) {
        if let Err(error) = render_file(selected, script, &context, templates) {
            found.extend(Diagnostics::of(&error));
        }
    }
    // A check of a file that does not render would be told as one of a file that is missing.
    if found.is_empty() {
        let own: Vec<&PlannedFile> = files.0.values().collect();
        let name = format!("{}/fix.yaml", fix.folder.name);
        let string = |text: &str| templates.render(&name, text, &context);
        if let Err(error) = checks::checks_of(selected, &own, DEFAULT_USER, &string) {
            found.extend(Diagnostics::of(&error));
        }
    }
    found
}
