//! From what a fix declares to the steps of prepare: sysctl, limits, packages, scripts, units, in this order.

use anyhow::Result;

use super::{Action, PlannedFile, Step};
use crate::catalogue::{Fix, Setting};
use crate::profile::SelectedFix;

/// The steps of one fix. `files` are those that this fix places; `render` renders a template of the fix.
pub(super) fn steps_of(
    selected: &SelectedFix,
    files: &[&PlannedFile],
    render: &dyn Fn(&str) -> Result<String>,
) -> Result<Vec<Step>> {
    let fix: &Fix = &selected.fix;
    let mut steps = Vec::new();
    let mut push = |id: &str, label, title: String, action| {
        steps.push(Step { id: format!("{}/{id}", fix.id), label, title, action });
    };
    let label = fix.spec.label;

    // Kernel parameters first: limits above fs.nr_open would lock everybody out until it is raised.
    let floors =
        |path: &str| fix.spec.files.get(path).map(|options| options.floors.clone()).unwrap_or_default();
    for file in files {
        let path = file.settles.as_ref().unwrap_or(&file.path);
        if path.starts_with("/etc/sysctl.d/") {
            if file.settles.is_some() {
                let action = Action::SettleSysctl { path: path.clone(), keys: floors(path) };
                push("sysctl-floors", label, format!("Settle {path} on this VM"), action);
            }
            push("sysctl", label, format!("Load {path}"), Action::LoadSysctl { path: path.clone() });
        }
    }
    for path in files.iter().filter_map(|file| file.settles.as_ref()) {
        if path.starts_with("/etc/security/limits.d/") {
            let action = Action::SettleLimits { path: path.clone(), items: floors(path) };
            push("limits-floors", label, format!("Settle {path} on this VM"), action);
        }
    }
    for group in &fix.spec.packages {
        if let Some(Setting::Words(names)) = selected.values.get(&group.names)
            && !names.is_empty()
        {
            let action = Action::Install { release: group.release.clone(), names: names.clone() };
            push(&group.id, group.label.unwrap_or(label), format!("Install {}", names.join(", ")), action);
        }
    }
    for step in &fix.spec.steps {
        let Some(script) = fix.script(&step.id) else { continue };
        let action =
            Action::Script { source: format!("{}/{script}", fix.folder.name), body: render(script)? };
        push(&step.id, step.label.unwrap_or(label), step.title.clone(), action);
    }
    for (id, units, start) in [("units", &fix.spec.units, true), ("enable", &fix.spec.enable, false)] {
        if !units.is_empty() {
            let title = format!("Enable {}", units.join(", "));
            push(id, label, title, Action::Units { units: units.clone(), start });
        }
    }
    Ok(steps)
}
