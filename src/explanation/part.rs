//! A part of a fix by itself: one of its values, with what follows from it, or one of its checks.
//!
//! What follows from a value is found by planning the same with another one: whatever is not the same then does.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde::Serialize;

use super::{Check, Explanation, File, Step, Value};
use crate::catalogue::{KICKSTART, ValueSpec};
use crate::manifest::Label;
use crate::plan::{Plan, PlannedFile};

/// A value of a fix, or of the kickstart.
#[derive(Debug, Serialize)]
pub struct ValueExplanation {
    /// [`super::SCHEMA_OF_PARTS`].
    pub schema: &'static str,
    /// The fix, or `kickstart`.
    pub fix: String,
    /// What it is for, in one line.
    pub title: String,
    /// The profile whose value is shown; none for the kickstart, of which the default is.
    pub profile: Option<String>,
    /// Whether that profile has the fix.
    pub in_profile: bool,
    /// The value.
    pub value: Value,
    /// Paths on the VM of the files that it goes into.
    pub files: Vec<String>,
    /// Steps of prepare that it goes into.
    pub steps: Vec<Step>,
    /// Checks that it goes into.
    pub checks: Vec<Check>,
}

/// What a profile may set for the installer.
#[derive(Debug, Serialize)]
pub struct KickstartExplanation {
    /// [`super::SCHEMA_OF_PARTS`].
    pub schema: &'static str,
    /// Every value, with its default.
    pub values: Vec<Value>,
}

/// A check of a fix.
#[derive(Debug, Serialize)]
pub struct CheckExplanation {
    /// [`super::SCHEMA_OF_PARTS`].
    pub schema: &'static str,
    /// The fix.
    pub fix: String,
    /// What that is for, in one line.
    pub title: String,
    /// The check's id.
    pub id: String,
    /// How much depends on it.
    pub label: Label,
    /// What is to hold.
    pub wanted: String,
}

/// All that a profile may set for the installer, or one value of it.
///
/// # Errors
/// When a default is out of its own bounds.
pub fn kickstart(specs: &BTreeMap<String, ValueSpec>, name: Option<&str>) -> Result<Kickstart> {
    let values = specs.iter().filter(|(key, _)| name.is_none_or(|name| name == *key));
    let values: Vec<Value> = values.map(|(key, spec)| value(key, spec)).collect::<Result<_>>()?;
    match name {
        None => Ok(Kickstart::All(KickstartExplanation { schema: super::SCHEMA_OF_PARTS, values })),
        Some(name) => {
            let value = values.into_iter().next().with_context(|| format!("finding {name}"))?;
            Ok(Kickstart::One(Box::new(ValueExplanation {
                schema: super::SCHEMA_OF_PARTS,
                fix: KICKSTART.to_owned(),
                title: "what Rocky's installer is told".to_owned(),
                profile: None,
                in_profile: true,
                value,
                files: Vec::new(),
                steps: Vec::new(),
                checks: Vec::new(),
            })))
        }
    }
}

/// All of the kickstart's values, or one.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Kickstart {
    /// All.
    All(KickstartExplanation),
    /// One.
    One(Box<ValueExplanation>),
}

/// A value that has its default.
pub(super) fn value(name: &str, spec: &ValueSpec) -> Result<Value> {
    let default = spec.default_setting()?;
    Ok(Value {
        name: name.to_owned(),
        about: spec.about.clone(),
        expects: spec.expects(),
        at_most: spec.at_most.clone(),
        value: default.clone(),
        default,
        set_at: None,
    })
}

impl Explanation {
    /// One value. `other` is the plan in which it is another one.
    pub fn of_value(self, name: &str, plan: &Plan, other: Option<&Plan>) -> Option<ValueExplanation> {
        let value = self.values.into_iter().find(|value| value.name == name)?;
        let changed = |file: &&PlannedFile| {
            let same = |other: &PlannedFile| other.path == file.path && other.sha256 == file.sha256;
            other.is_some_and(|other| !other.files.iter().any(same))
        };
        let action = |plan: &Plan, id: &str| {
            plan.steps.iter().find(|step| step.id == id).map(|step| format!("{:?}", step.action))
        };
        let steps = self
            .steps
            .into_iter()
            .filter(|step| other.is_some_and(|other| action(plan, &step.id) != action(other, &step.id)));
        let assertion = |plan: &Plan, id: &str| {
            plan.checks.iter().find(|check| check.id == id).map(|check| format!("{:?}", check.assertion))
        };
        let changed_check = |id: &str| other.is_some_and(|other| assertion(plan, id) != assertion(other, id));
        let checks = plan.checks.iter().filter(|check| changed_check(&check.id));
        Some(ValueExplanation {
            schema: super::SCHEMA_OF_PARTS,
            fix: self.id,
            title: self.title,
            profile: Some(self.profile),
            in_profile: self.in_profile,
            value,
            files: plan.files.iter().filter(changed).map(|file| File::of(file).path).collect(),
            steps: steps.collect(),
            checks: checks.map(Check::of).collect(),
        })
    }

    /// One check, by its id.
    pub fn of_check(&self, id: &str) -> Option<CheckExplanation> {
        let check = self.checks.iter().find(|check| check.id == id)?;
        Some(CheckExplanation {
            schema: super::SCHEMA_OF_PARTS,
            fix: self.id.clone(),
            title: self.title.clone(),
            id: check.id.clone(),
            label: check.label,
            wanted: check.wanted.clone(),
        })
    }
}
