//! A fix's folder: its fix.yaml, what that names in the folder, its templates with the defaults, and what it would place.
//!
//! Limits: values that a profile sets are validated with the profile.

use std::sync::Arc;

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};

use super::{Options, profile, system, told};
use crate::bash;
use crate::catalogue::{Fix, Folder};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::embedded;
use crate::plan::{self, Access, Plan, Templates};
use crate::profile::{Overrides, SelectedFix, Selection, select};

/// The profile among whose fixes it is tried.
const AMONG: &str = "loopback";

/// Everything that is wrong with a folder.
///
/// # Errors
/// When it cannot be read.
pub(super) fn examine(folder: &Utf8Path, options: &Options) -> Result<Vec<Diagnostic>> {
    match parse(folder) {
        Ok(fix) => of_fix(Arc::new(fix), folder, options),
        Err(error) => told(error),
    }
}

fn parse(folder: &Utf8Path) -> Result<Fix> {
    let id = match folder.file_name() {
        Some(name) => name.to_owned(),
        // `.` has a name only where it really is.
        None => folder.canonicalize_utf8()?.file_name().unwrap_or_default().to_owned(),
    };
    Fix::parse_strictly(&id, Folder::read(folder)?)
}

fn of_fix(fix: Arc<Fix>, folder: &Utf8Path, options: &Options) -> Result<Vec<Diagnostic>> {
    let own = vec![fix.id.clone()];
    let (plan, selection) = match rendered(&fix, folder, options) {
        Ok(rendered) => rendered,
        Err(error) => return told(error),
    };
    let mut found = bash::check(&plan, &own).unwrap_or_else(|error| Diagnostics::of(&error));
    found.extend(system::judge_each(&profile::files(&plan, &selection, &own), options.memory));
    Ok(found)
}

/// A seed with the fix, alone or among those whose values its templates may name.
fn rendered(fix: &Arc<Fix>, folder: &Utf8Path, options: &Options) -> Result<(Plan, Selection)> {
    let mut selection = select(&options.catalogue, AMONG, &Overrides::default())?;
    let among = std::mem::take(&mut selection.fixes);
    selection.fixes.push(SelectedFix::with_defaults(Arc::clone(fix))?);
    let alone = attempt(&selection, options);
    if alone.is_ok() {
        return alone;
    }
    selection.fixes.extend(among.into_iter().filter(|other| other.fix.id != fix.id));
    if let Ok(rendered) = attempt(&selection, options) {
        return Ok(rendered);
    }
    for sibling in siblings(folder) {
        if !selection.fixes.iter().any(|other| other.fix.id == sibling.id) {
            selection.fixes.push(SelectedFix::with_defaults(Arc::new(sibling))?);
        }
    }
    attempt(&selection, options).or(alone)
}

fn attempt(selection: &Selection, options: &Options) -> Result<(Plan, Selection)> {
    let (templates, access) = (Templates::new()?, Access::default());
    let plan =
        plan::assemble(&options.catalogue, selection.clone(), access, &templates, embedded::VERIFIER, None)?;
    Ok((plan, selection.clone()))
}

/// The other fixes of its catalogue, as far as they can be read.
fn siblings(folder: &Utf8Path) -> Vec<Fix> {
    let parent = folder.canonicalize_utf8().ok().and_then(|folder| folder.parent().map(Utf8PathBuf::from));
    let Some(parent) = parent else { return Vec::new() };
    let names = Folder::subdirectories(&parent).unwrap_or_default();
    names.iter().filter_map(|name| parse(&parent.join(name)).ok()).collect()
}
