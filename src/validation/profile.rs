//! A profile: what `vastimg build` would refuse, and what it would build all the same and is a trap on Rocky 8.

use anyhow::Result;

use super::{Options, system};
use crate::bash;
use crate::catalogue::Setting;
use crate::diagnostic::{Diagnostic, Diagnostics, Place, Source};
use crate::documents;
use crate::embedded;
use crate::plan::{self, Access, Disk, Host, Plan, Templates};
use crate::profile::{self, Overrides, SelectedFix, Selection};

/// Everything that is to be told of a profile, by name or path.
pub(super) fn examine(name: &str, options: &Options) -> Vec<Diagnostic> {
    match profile::select(&options.catalogue, name, &Overrides::default()) {
        Ok(selection) => of_selection(selection, options),
        Err(error) => Diagnostics::of(&error),
    }
}

/// The same of what a profile and an inventory come to.
pub(super) fn of_selection(selection: Selection, options: &Options) -> Vec<Diagnostic> {
    let mut found: Vec<Diagnostic> = selection.left_out(&options.catalogue);
    match rendered(selection.clone(), options) {
        Ok(plan) => {
            match bash::check(&plan, &options.catalogue.own) {
                Ok(warnings) => found.extend(warnings),
                Err(error) => found.extend(Diagnostics::of(&error)),
            }
            found.extend(traps(&plan, &selection, options));
        }
        Err(error) => found.extend(Diagnostics::of(&error)),
    }
    found
}

/// Renders all that a seed of it would have, a kickstart among it; the disk is one that nobody has.
fn rendered(selection: Selection, options: &Options) -> Result<Plan> {
    let templates = Templates::new()?;
    let disk = Some(Disk::named("disk/by-id/none")?);
    let plan = plan::assemble(
        &options.catalogue,
        selection,
        Access::default(),
        &templates,
        embedded::VERIFIER,
        disk,
    )?;
    let host = Host { hostname: "vast-01".to_owned(), network: None, links: Vec::new() };
    documents::seed(&plan, &host, &templates)?;
    Ok(plan)
}

fn traps(plan: &Plan, selection: &Selection, options: &Options) -> Vec<Diagnostic> {
    system::judge(&files(plan, selection, &options.catalogue.own), options.memory)
}

/// The text files of a plan; those of the fixes `own` are known by their places in their folders.
pub(super) fn files(plan: &Plan, selection: &Selection, own: &[String]) -> Vec<system::File> {
    let mut files = Vec::new();
    for file in &plan.files {
        let Some(text) = file.text() else { continue };
        let path = file.settles.as_ref().unwrap_or(&file.path);
        let selected = selection.fixes.iter().find(|selected| selected.fix.id == file.fix);
        let declared = selected.and_then(|selected| selected.fix.spec.files.get(path));
        let place = selected.filter(|selected| own.contains(&selected.fix.id)).and_then(|selected| {
            let (_, name) = selected.fix.rootfs().find(|(placed, _)| placed == path)?;
            let source = Source::new(format!("{}/{name}", selected.fix.folder.name), text);
            Some(Place { source, line: 1, column: 1, width: 1 })
        });
        files.push(system::File {
            path: path.clone(),
            text: text.to_owned(),
            floors: declared.map(|options| options.floors.clone()).unwrap_or_default(),
            place,
            set: selected.map(numbers_set).unwrap_or_default(),
        });
    }
    files
}

/// The numbers that the profile sets for a fix, and where.
fn numbers_set(selected: &SelectedFix) -> Vec<(i64, Place)> {
    let number = |(name, place): (&String, &Place)| match selected.values.get(name) {
        Some(Setting::Integer(number)) => Some((*number, place.clone())),
        _ => None,
    };
    selected.set.iter().filter_map(number).collect()
}
