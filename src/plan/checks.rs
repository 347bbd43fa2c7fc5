//! From what a fix declares to checks: those of its `checks:`, and those that follow from its files, packages and units.
//!
//! A check in fix.yaml is a mapping with an `id`, an optional `label` and one kind of [`Assertion`]; strings in it are
//! templates. Two kinds exist here only and become many: `sysctl-file: PATH` (one check for each key of that file) and
//! `limits-file: PATH` (one for each limit that root and the VAST user get from it). So what is written is what is
//! verified.

use anyhow::{Result, anyhow};
use serde_json::Value;

use super::PlannedFile;
use crate::catalogue::{Fix, Setting};
use crate::diagnostic::{Diagnostic, Diagnostics, Place};
use crate::manifest::{Assertion, Check, Label};
use crate::profile::SelectedFix;
use crate::verify::facts::accounts::Account;
use crate::verify::facts::{limits, sysctl};

/// The checks of one fix. `files` are those that this fix places; `render` renders a string of fix.yaml.
///
/// # Errors
/// All that is wrong with them, each at its place in fix.yaml.
pub(super) fn checks_of(
    selected: &SelectedFix,
    files: &[&PlannedFile],
    user: &str,
    render: &dyn Fn(&str) -> Result<String>,
) -> Result<Vec<Check>> {
    let fix = &selected.fix;
    let mut all = Checks { selected, render, checks: Vec::new(), found: Vec::new() };
    for (index, spec) in fix.spec.checks.iter().enumerate() {
        let path = path(&["checks", &index.to_string()]);
        let before = all.found.len();
        let spec = all.rendered(spec, &path);
        if all.found.len() == before {
            all.declared(spec, &path, files, user);
        }
    }
    for (index, group) in fix.spec.packages.iter().enumerate() {
        if let Some(Setting::Words(names)) = selected.values.get(&group.names) {
            let path = path(&["packages", &index.to_string(), "names"]);
            for name in names {
                let assertion = Assertion::Package { name: name.clone() };
                all.push(name, group.label.unwrap_or(fix.spec.label), assertion, &path);
            }
        }
    }
    for (key, units) in [("units", &fix.spec.units), ("enable", &fix.spec.enable)] {
        for (index, unit) in units.iter().enumerate() {
            let assertion = Assertion::UnitEnabled { unit: unit.clone() };
            all.push(unit, fix.spec.label, assertion, &path(&[key, &index.to_string()]));
        }
    }
    if !files.is_empty() {
        all.push("files", fix.spec.label, Assertion::Files {}, &path(&["files"]));
    }
    if all.found.is_empty() {
        Ok(all.checks.into_iter().map(|(check, _)| check).collect())
    } else {
        Err(Diagnostics(all.found).into())
    }
}

fn path(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn below(path: &[String], name: impl Into<String>) -> Vec<String> {
    path.iter().cloned().chain([name.into()]).collect()
}

/// Checks as they are collected, each with where fix.yaml has it.
struct Checks<'a> {
    selected: &'a SelectedFix,
    render: &'a dyn Fn(&str) -> Result<String>,
    checks: Vec<(Check, Vec<String>)>,
    found: Vec<Diagnostic>,
}

impl Checks<'_> {
    fn fix(&self) -> &Fix {
        &self.selected.fix
    }

    fn push(&mut self, name: &str, label: Label, assertion: Assertion, path: &[String]) {
        let fix = self.fix().id.clone();
        let id = format!("{fix}.{name}");
        let other = self.checks.iter().find(|(check, _)| check.id == id);
        if let Some(diagnostic) = other.map(|(_, other)| self.twice(&id, other, path)) {
            return self.found.push(diagnostic);
        }
        self.checks.push((Check { id, fix, label, assertion }, path.to_owned()));
    }

    /// Of a declared check and one that follows from the rest of the fix, the declared one can be named otherwise.
    fn twice(&self, id: &str, first: &[String], second: &[String]) -> Diagnostic {
        let declared = |path: &[String]| path.first().is_some_and(|key| key == "checks");
        let (here, other) =
            if declared(first) && !declared(second) { (second, first) } else { (first, second) };
        let message = format!("two checks are named {id}");
        if !declared(other)
            && here == other
            && let Some(name) = id.split_once('.').map(|(_, name)| name)
        {
            let help = format!("name {name} once");
            return Diagnostic { place: self.place_of_list(other), ..Diagnostic::new(message).help(help) };
        }
        let line = self.fix().place_of(here).map_or(0, |place| place.line);
        let help = if declared(here) {
            format!("give it another `id`; the first is in line {line}")
        } else {
            format!("give it another `id`; one of that name follows from `{}`", here[0])
        };
        Diagnostic { place: self.fix().place_of(other), ..Diagnostic::new(message).help(help) }
    }

    /// Where the list of packages is set, or what names it.
    fn place_of_list(&self, path: &[String]) -> Option<Place> {
        let group = path.get(1).and_then(|index| self.fix().spec.packages.get(index.parse::<usize>().ok()?));
        let value = group.filter(|_| path[0] == "packages").map(|group| group.names.as_str());
        let set = value.and_then(|value| self.selected.set.get(value).cloned());
        let default = || value.and_then(|v| self.fix().place_of(&self::path(&["values", v, "default"])));
        set.or_else(default).or_else(|| self.fix().place_of(path))
    }

    fn refuse(&mut self, path: &[String], message: String) {
        let place = self.fix().place_of(path);
        self.found.push(Diagnostic { place, ..Diagnostic::new(message) });
    }

    /// A check of fix.yaml, whose strings are rendered; those of a file become many.
    fn declared(&mut self, spec: Value, path: &[String], files: &[&PlannedFile], user: &str) {
        let Value::Object(mut spec) = spec else {
            return self.refuse(path, "a check must be a mapping".to_owned());
        };
        let label = match spec.remove("label").map(serde_json::from_value) {
            Some(Ok(label)) => label,
            Some(Err(error)) => {
                return self.refuse(&below(path, "label"), format!("label of a check: {error}"));
            }
            None => self.fix().spec.label,
        };
        for kind in ["sysctl-file", "limits-file"] {
            let Some(name) = spec.get(kind).and_then(Value::as_str) else { continue };
            let at = below(path, kind);
            return match text_of(files, name) {
                Ok(text) if kind == "sysctl-file" => self.of_sysctl(text, name, label, &at),
                Ok(text) => self.of_limits(text, name, label, user, &at),
                Err(error) => self.refuse(&at, error.to_string()),
            };
        }
        let Some(id) = spec.remove("id").and_then(|id| id.as_str().map(ToOwned::to_owned)) else {
            return self.refuse(path, "a check without an `id`".to_owned());
        };
        let at = below(path, "id");
        if id.is_empty() || !id.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c)) {
            return self.refuse(&at, format!("check id {id:?} must be of letters, digits and ._-"));
        }
        match serde_json::from_value(Value::Object(spec)) {
            Ok(assertion) => self.push(&id, label, assertion, &at),
            Err(error) => self.refuse(path, format!("check {id}: {error}")),
        }
    }

    fn of_sysctl(&mut self, text: &str, file: &str, label: Label, at: &[String]) {
        let options = self.fix().spec.files.get(file);
        let floors = options.map(|options| options.floors.clone()).unwrap_or_default();
        for (key, value) in sysctl::lines::assignments(text) {
            let floor = floors.contains(&key);
            let assertion = Assertion::Sysctl { key: key.clone(), value, floor, path: file.to_owned() };
            self.push(&key, label, assertion, at);
        }
    }

    fn of_limits(&mut self, text: &str, file: &str, label: Label, user: &str, at: &[String]) {
        let lines = limits::parse(text);
        for (role, who) in [("root", "root"), ("user", user)] {
            let account = Account::to_be(who);
            for item in ["nofile", "nproc"] {
                if let Some(limit) = limits::effective(&lines, &account, item).hard {
                    let assertion = Assertion::LoginLimit {
                        who: who.to_owned(),
                        item: item.to_owned(),
                        value: limits::shown(limit.value),
                        path: file.to_owned(),
                    };
                    self.push(&format!("login.{role}.{item}"), label, assertion, at);
                }
            }
        }
    }

    /// Renders every string of a value; one that cannot be is told, and stays as it is.
    fn rendered(&mut self, value: &Value, path: &[String]) -> Value {
        match value {
            Value::String(text) => match (self.render)(text) {
                Ok(text) => Value::String(text),
                Err(error) => {
                    let told: Vec<_> =
                        Diagnostics::of(&error).into_iter().map(|one| self.placed(one, path)).collect();
                    self.found.extend(told);
                    value.clone()
                }
            },
            Value::Array(items) => {
                let items = items.iter().enumerate();
                items.map(|(index, item)| self.rendered(item, &below(path, index.to_string()))).collect()
            }
            Value::Object(entries) => Value::Object(
                entries
                    .iter()
                    .map(|(key, value)| (key.clone(), self.rendered(value, &below(path, key))))
                    .collect(),
            ),
            other => other.clone(),
        }
    }

    /// A template's fault has its place in the string; a person looks for it in fix.yaml.
    fn placed(&self, fault: Diagnostic, path: &[String]) -> Diagnostic {
        let words = fault.place.as_ref().map(|place| {
            let line = place.source.text.lines().nth(place.line - 1).unwrap_or_default();
            line.chars().skip(place.column - 1).take(place.width).collect::<String>()
        });
        Diagnostic { place: self.fix().place_within(path, &words.unwrap_or_default()), ..fault }
    }
}

fn text_of<'a>(files: &[&'a PlannedFile], path: &str) -> Result<&'a str> {
    let file = files.iter().find(|file| file.settles.as_deref().unwrap_or(&file.path) == path);
    let file = file.ok_or_else(|| anyhow!("this fix places no {path}; put it below rootfs/"))?;
    file.text().ok_or_else(|| anyhow!("{path} is not text"))
}
