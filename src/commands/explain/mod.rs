//! `vastimg explain`: a fix with the values that a profile gives it, one of its values or checks, or the kickstart.

mod find;

use anyhow::{Context, Result};

use super::seed::{self, Inputs};
use crate::catalogue::{BASE, Fix};
use crate::cli::{ExplainArgs, MessageFormat};
use crate::embedded;
use crate::explanation;
use crate::plan::{self, Disk, Plan, Templates};
use crate::profile::{SelectedFix, Selection};
use crate::talk::{print, print_json};
use find::Subject;

/// Explains one thing.
///
/// # Errors
/// When nothing is known by that name; as `vastimg build` does for the profile.
pub fn run(args: &ExplainArgs) -> Result<()> {
    let mut inputs = Inputs::read(&args.seed)?;
    let subject = find::find(&inputs.catalogue, &args.what)?;
    match subject {
        Subject::Fix(fix) => {
            let (selected, in_profile) = selected(&mut inputs.selection, &fix)?;
            let plan = planned(&inputs, inputs.selection.clone(), seed::install_disk(&args.seed)?)?;
            show(args, &explanation::explain(&selected, &plan, in_profile)?)
        }
        Subject::Part(fix, name) => {
            let (selected, in_profile) = selected(&mut inputs.selection, &fix)?;
            let disk = seed::install_disk(&args.seed)?;
            let plan = planned(&inputs, inputs.selection.clone(), disk.clone())?;
            let explanation = explanation::explain(&selected, &plan, in_profile)?;
            let Some(spec) = fix.spec.values.get(&name) else {
                return show(args, &find::check(&explanation, &name)?);
            };
            // What is another one with another value follows from it.
            let mut selection = inputs.selection.clone();
            for one in selection.fixes.iter_mut().filter(|one| one.fix.id == fix.id) {
                one.values.extend(selected.values.get(&name).map(|now| (name.clone(), spec.other_than(now))));
            }
            let other = planned(&inputs, selection, disk).ok();
            let told = explanation.of_value(&name, &plan, other.as_ref());
            show(args, &told.with_context(|| format!("explaining {}", args.what))?)
        }
        Subject::Kickstart(name) => {
            show(args, &explanation::kickstart(&inputs.catalogue.kickstart, name.as_deref())?)
        }
    }
}

/// The fix as the profile has it, or with its defaults, and then added; and whether the profile has it.
fn selected(selection: &mut Selection, fix: &std::sync::Arc<Fix>) -> Result<(SelectedFix, bool)> {
    if let Some(selected) = selection.fixes.iter().find(|selected| selected.fix.id == fix.id) {
        return Ok((selected.clone(), true));
    }
    let selected = SelectedFix::with_defaults(fix.clone())?;
    let base = fix.id == BASE;
    if !base {
        selection.fixes.push(selected.clone());
    }
    Ok((selected, base))
}

fn planned(inputs: &Inputs, selection: Selection, disk: Option<Disk>) -> Result<Plan> {
    let access = inputs.access.clone();
    plan::assemble(&inputs.catalogue, selection, access, &Templates::new()?, embedded::VERIFIER, disk)
}

fn show(args: &ExplainArgs, explanation: &(impl serde::Serialize + std::fmt::Display)) -> Result<()> {
    match args.message_format {
        MessageFormat::Text => print(explanation.to_string().as_bytes()),
        MessageFormat::Json => print_json(explanation),
    }
}
