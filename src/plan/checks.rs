//! From what a fix declares to checks: those of its `checks:`, and those that follow from its files, packages and units.
//!
//! A check in fix.yaml is a mapping with an `id`, an optional `label` and one kind of [`Assertion`]; strings in it are
//! templates. Two kinds exist here only and become many: `sysctl-file: PATH` (one check for each key of that file) and
//! `limits-file: PATH` (one for each limit that root and the VAST user get from it). So what is written is what is
//! verified.

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use super::PlannedFile;
use crate::catalogue::Setting;
use crate::manifest::{Assertion, Check, Label};
use crate::profile::SelectedFix;
use crate::verify::facts::accounts::Account;
use crate::verify::facts::{limits, sysctl};

/// The checks of one fix. `files` are those that this fix places; `render` renders a string of fix.yaml.
pub(super) fn checks_of(
    selected: &SelectedFix,
    files: &[&PlannedFile],
    user: &str,
    render: &dyn Fn(&str) -> Result<String>,
) -> Result<Vec<Check>> {
    let fix = &selected.fix;
    let mut checks = Vec::new();
    let mut push = |name: &str, label: Label, assertion| {
        checks.push(Check { id: format!("{}.{name}", fix.id), fix: fix.id.clone(), label, assertion });
    };

    for spec in &fix.spec.checks {
        let Value::Object(mut spec) = rendered(spec, render)? else {
            bail!("reading {}/fix.yaml: a check must be a mapping", fix.folder.name);
        };
        let label = match spec.remove("label") {
            Some(label) => serde_json::from_value(label)
                .with_context(|| format!("reading {}/fix.yaml: label of a check", fix.folder.name))?,
            None => fix.spec.label,
        };
        if let Some(path) = spec.get("sysctl-file").and_then(Value::as_str) {
            let floors =
                fix.spec.files.get(path).map(|options| options.floors.as_slice()).unwrap_or_default();
            for (key, value) in sysctl::lines::assignments(text_of(files, path)?) {
                let floor = floors.contains(&key);
                let assertion = Assertion::Sysctl { key: key.clone(), value, floor, path: path.to_owned() };
                push(&key, label, assertion);
            }
        } else if let Some(path) = spec.get("limits-file").and_then(Value::as_str) {
            let lines = limits::parse(text_of(files, path)?);
            for (role, who) in [("root", "root"), ("user", user)] {
                let account = Account::to_be(who);
                for item in ["nofile", "nproc"] {
                    if let Some(limit) = limits::effective(&lines, &account, item).hard {
                        let assertion = Assertion::LoginLimit {
                            who: who.to_owned(),
                            item: item.to_owned(),
                            value: limits::shown(limit.value),
                            path: path.to_owned(),
                        };
                        push(&format!("login.{role}.{item}"), label, assertion);
                    }
                }
            }
        } else {
            let id = spec.remove("id").and_then(|id| id.as_str().map(ToOwned::to_owned));
            let id =
                id.with_context(|| format!("reading {}/fix.yaml: a check without an id", fix.folder.name))?;
            ensure!(
                id.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c)),
                "reading {}/fix.yaml: check id {id:?} must be of letters, digits and ._-",
                fix.folder.name
            );
            let assertion = serde_json::from_value(Value::Object(spec))
                .with_context(|| format!("reading {}/fix.yaml: check {id}", fix.folder.name))?;
            push(&id, label, assertion);
        }
    }
    for group in &fix.spec.packages {
        if let Some(Setting::Words(names)) = selected.values.get(&group.names) {
            for name in names {
                push(name, group.label.unwrap_or(fix.spec.label), Assertion::Package { name: name.clone() });
            }
        }
    }
    for unit in fix.spec.units.iter().chain(&fix.spec.enable) {
        push(unit, fix.spec.label, Assertion::UnitEnabled { unit: unit.clone() });
    }
    if !files.is_empty() {
        push("files", fix.spec.label, Assertion::Files {});
    }
    Ok(checks)
}

fn text_of<'a>(files: &[&'a PlannedFile], path: &str) -> Result<&'a str> {
    files
        .iter()
        .find(|file| file.settles.as_deref().unwrap_or(&file.path) == path)
        .and_then(|file| file.text())
        .with_context(|| format!("finding {path}, which a check names, among the files of its fix"))
}

/// Renders every string of a value.
fn rendered(value: &Value, render: &dyn Fn(&str) -> Result<String>) -> Result<Value> {
    Ok(match value {
        Value::String(text) => Value::String(render(text)?),
        Value::Array(items) => {
            Value::Array(items.iter().map(|item| rendered(item, render)).collect::<Result<_>>()?)
        }
        Value::Object(entries) => Value::Object(
            entries
                .iter()
                .map(|(key, value)| Ok((key.clone(), rendered(value, render)?)))
                .collect::<Result<_>>()?,
        ),
        other => other.clone(),
    })
}
