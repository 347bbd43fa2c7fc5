//! What a person asks of a fix: why it is there, what it does, how that is proved, and how to undo it. The data behind
//! `vastimg explain`, `vastimg list` and `docs/fixes.md`.
//!
//! All of it follows from the catalogue and from a plan that has the fix; nothing is said here a second time.

mod checks;
mod markdown;
mod part;
mod part_text;
mod text;

use serde::Serialize;

use crate::catalogue::{Fix, Setting};
use crate::manifest::{self, Label};
use crate::plan::{Action, Plan, PlannedFile};
use crate::profile::SelectedFix;

pub use markdown::{table, whole};
pub use part::{CheckExplanation, Kickstart, KickstartExplanation, ValueExplanation, kickstart};

/// Name and version of the JSON form.
pub const SCHEMA: &str = "vastimg/explanation/1";
/// The same of a value, a check or the kickstart.
pub const SCHEMA_OF_PARTS: &str = "vastimg/explanation-part/1";

/// Everything about one fix.
#[derive(Debug, Serialize)]
pub struct Explanation {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// The fix's id.
    pub id: String,
    /// How much depends on it.
    pub label: Label,
    /// One line.
    pub title: String,
    /// Where the source document has it.
    pub document: Option<String>,
    /// The profile whose values are shown.
    pub profile: String,
    /// Whether that profile has the fix; if not, the values are the defaults.
    pub in_profile: bool,
    /// Why it is needed.
    pub problem: String,
    /// What the failure looks like.
    pub evidence: Option<String>,
    /// How it differs from the document, and why.
    pub differs: Vec<String>,
    /// Fixes that it cannot do without.
    pub needs: Vec<String>,
    /// Its values.
    pub values: Vec<Value>,
    /// The files that it places.
    pub files: Vec<File>,
    /// Kernel arguments, on the installer's way.
    pub kernel: Vec<String>,
    /// What prepare does for it, in order.
    pub steps: Vec<Step>,
    /// What proves it.
    pub checks: Vec<Check>,
    /// How to undo it.
    pub undo: String,
}

/// A value that a profile may set.
#[derive(Debug, Serialize)]
pub struct Value {
    /// Its name.
    pub name: String,
    /// What it is.
    pub about: String,
    /// Its kind and bounds in words.
    pub expects: String,
    /// Another value of the same fix that it may not exceed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_most: Option<String>,
    /// Without a profile.
    pub default: Setting,
    /// With this one.
    pub value: Setting,
    /// Where the profile sets it: `file:line:column`.
    pub set_at: Option<String>,
}

/// A file that is placed on the VM.
#[derive(Debug, Serialize)]
pub struct File {
    /// Its path on the VM.
    pub path: String,
    /// Four octal digits.
    pub mode: String,
    /// Whether prepare writes it, with its values raised to what the VM's kernel has.
    pub settled: bool,
}

/// One step of prepare.
#[derive(Debug, Serialize)]
pub struct Step {
    /// `FIX/STEP`, as prepare's log has it.
    pub id: String,
    /// How much depends on it.
    pub label: Label,
    /// One line.
    pub title: String,
    /// The script in the catalogue, where it is one.
    pub script: Option<String>,
}

/// One check of the verifier.
#[derive(Debug, Serialize)]
pub struct Check {
    /// Its id.
    pub id: String,
    /// How much depends on it.
    pub label: Label,
    /// What is to hold.
    pub wanted: String,
}

/// Explains a fix of a plan. `in_profile` says whether the profile brought it there.
///
/// # Errors
/// When a default is out of its own bounds, which the catalogue does not let happen.
pub fn explain(selected: &SelectedFix, plan: &Plan, in_profile: bool) -> anyhow::Result<Explanation> {
    let fix: &Fix = &selected.fix;
    let spec = &fix.spec;
    let values = spec
        .values
        .iter()
        .map(|(name, value)| {
            let own = part::value(name, value)?;
            Ok(Value {
                value: selected.values.get(name).cloned().unwrap_or_else(|| own.default.clone()),
                set_at: selected
                    .set
                    .get(name)
                    .map(|place| format!("{}:{}:{}", place.source.name, place.line, place.column)),
                ..own
            })
        })
        .collect::<anyhow::Result<_>>()?;
    let own = |file: &&PlannedFile| file.fix == fix.id;
    let prefix = format!("{}/", fix.id);
    Ok(Explanation {
        schema: SCHEMA,
        id: fix.id.clone(),
        label: spec.label,
        title: spec.title.clone(),
        document: spec.document.clone(),
        profile: plan.profile.clone(),
        in_profile,
        problem: spec.problem.clone(),
        evidence: spec.evidence.clone(),
        differs: spec.differs.clone(),
        needs: spec.needs.clone(),
        values,
        files: plan.files.iter().filter(own).map(File::of).collect(),
        kernel: spec.kernel.clone(),
        steps: plan
            .steps
            .iter()
            .filter(|step| step.id.starts_with(&prefix))
            .map(|step| Step {
                id: step.id.clone(),
                label: step.label,
                title: step.title.clone(),
                script: match &step.action {
                    Action::Script { source, .. } => Some(source.clone()),
                    _ => None,
                },
            })
            .collect(),
        checks: plan.checks.iter().filter(|check| check.fix == fix.id).map(Check::of).collect(),
        undo: spec.undo.clone(),
    })
}

impl File {
    fn of(file: &PlannedFile) -> Self {
        File {
            path: file.settles.as_ref().unwrap_or(&file.path).clone(),
            mode: format!("{:04o}", file.mode),
            settled: file.settles.is_some(),
        }
    }
}

impl Check {
    fn of(check: &manifest::Check) -> Self {
        Check { id: check.id.clone(), label: check.label, wanted: checks::sentence(&check.assertion) }
    }
}
