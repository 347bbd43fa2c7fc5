//! A fix's folder: its fix.yaml, what that names in the folder, whether everything renders with the defaults of its
//! values, whether bash takes its steps, and what it would place.
//!
//! Limits: values that a profile sets are validated with the profile.

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};

use super::{Options, profile, system, told};
use crate::bash;
use crate::catalogue::{Fix, Folder};
use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::embedded;
use crate::plan::{self, Access, Plan, Templates};
use crate::profile::{self as profiles, Overrides, SelectedFix, Selection};

/// Everything that is wrong with some folders, whose fixes may name each other.
///
/// # Errors
/// When one cannot be read.
pub(super) fn examine(folders: &[Utf8PathBuf], options: &Options) -> Result<Vec<Diagnostic>> {
    let mut found = Vec::new();
    let mut others = Vec::new();
    for fix in options.catalogue.fixes.values() {
        others.push(SelectedFix::with_defaults(fix.clone())?);
    }
    let mut fixes = Vec::new();
    for folder in folders {
        match read(folder) {
            Ok(fix) => fixes.push(fix),
            Err(error) => found.extend(told(error)?),
        }
    }
    others.extend(fixes.iter().cloned());
    let templates = Templates::new()?;
    for one in &fixes {
        let mut faults = profiles::defaults_crossed(&one.fix);
        faults.extend(plan::faults_of(one, &others, &templates));
        faults.extend(never_run(&one.fix));
        if !faults.iter().any(|one| one.severity == Severity::Error) {
            faults.extend(of_seed(one, &others, options).or_else(told)?);
        }
        found.extend(faults);
    }
    Ok(found)
}

/// A fix with its defaults.
fn read(folder: &Utf8Path) -> Result<SelectedFix> {
    let id = match folder.file_name() {
        Some(name) => name.to_owned(),
        // `.` has a name only where it really is.
        None => folder.canonicalize_utf8()?.file_name().unwrap_or_default().to_owned(),
    };
    SelectedFix::with_defaults(Fix::parse_strictly(&id, Folder::read(folder)?)?.into())
}

/// What is wrong with a seed that has the fix.
fn of_seed(fix: &SelectedFix, others: &[SelectedFix], options: &Options) -> Result<Vec<Diagnostic>> {
    let own = vec![fix.fix.id.clone()];
    let (plan, selection) = rendered(fix, others, options)?;
    let mut found = bash::check(&plan, &own).unwrap_or_else(|error| Diagnostics::of(&error));
    found.extend(system::judge_each(&profile::files(&plan, &selection, &own), options.memory));
    Ok(found)
}

/// A seed with the fix alone, or among those whose values its templates may name.
fn rendered(fix: &SelectedFix, others: &[SelectedFix], options: &Options) -> Result<(Plan, Selection)> {
    let mut selection = profiles::select(&options.catalogue, profiles::DEFAULT, &Overrides::default())?;
    selection.fixes = vec![fix.clone()];
    let alone = attempt(&selection, options);
    if alone.is_ok() {
        return alone;
    }
    selection.fixes.extend(others.iter().filter(|other| other.fix.id != fix.fix.id).cloned());
    attempt(&selection, options).or(alone)
}

fn attempt(selection: &Selection, options: &Options) -> Result<(Plan, Selection)> {
    let (templates, access) = (Templates::new()?, Access::default());
    let plan =
        plan::assemble(&options.catalogue, selection.clone(), access, &templates, embedded::VERIFIER, None)?;
    Ok((plan, selection.clone()))
}

/// What lies in steps/ and is no step's script.
fn never_run(fix: &Fix) -> impl Iterator<Item = Diagnostic> {
    let named: Vec<&str> = fix.spec.steps.iter().filter_map(|step| fix.script(&step.id)).collect();
    let others = fix.folder.files.keys().filter(|path| path.starts_with("steps/")).cloned();
    let place = fix.place_of(&["steps".to_owned()]);
    others.filter(move |path| !named.contains(&path.as_str())).map(move |path| {
        let name = path.trim_start_matches("steps/");
        let id = name.strip_suffix(".j2").unwrap_or(name).strip_suffix(".sh");
        let help = match id.filter(|id| !id.contains('/')) {
            Some(id) => format!("add `- {{id: {id}, title: ...}}` to `steps`, or remove the script"),
            None => "a step's script is steps/ID.sh or steps/ID.sh.j2".to_owned(),
        };
        Diagnostic::warning(place.as_ref(), format!("no step runs {path}")).help(help)
    })
}
