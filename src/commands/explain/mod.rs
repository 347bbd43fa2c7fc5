//! `vastimg explain`: a fix with the values that a profile gives it.

use anyhow::{Context, Result, bail};

use super::seed::{self, Inputs};
use crate::catalogue::Catalogue;
use crate::cli::{ExplainArgs, MessageFormat};
use crate::diagnostic::nearest;
use crate::explanation;
use crate::plan::Templates;
use crate::profile::SelectedFix;
use crate::talk::{print, print_json};

/// Explains one fix.
///
/// # Errors
/// When nothing is known by that name; as `vastimg build` does for the profile.
pub fn run(args: &ExplainArgs) -> Result<()> {
    let mut inputs = Inputs::read(&args.seed)?;
    let id = find(&inputs.catalogue, &args.what)?;
    let fix = inputs.catalogue.fixes.get(&id).with_context(|| format!("finding {id}"))?;
    let in_profile = inputs.selection.fixes.iter().any(|selected| selected.fix.id == id);
    if !in_profile {
        inputs.selection.fixes.push(SelectedFix::with_defaults(fix.clone())?);
    }
    let disk = seed::install_disk(&args.seed)?;
    // The plan takes the selection, which the explanation needs too.
    let selected = inputs.selection.fixes.iter().find(|selected| selected.fix.id == id);
    let selected = selected.with_context(|| format!("finding {id}"))?.clone();
    let planned = inputs.plan(&Templates::new()?, disk)?;
    let explanation = explanation::explain(&selected, &planned.plan, in_profile)?;
    match args.message_format {
        MessageFormat::Text => print(explanation.to_string().as_bytes()),
        MessageFormat::Json => print_json(&explanation),
    }
}

/// The fix that is meant by its id, by `FIX.VALUE` or a check's id, or by the path of a file that it places.
fn find(catalogue: &Catalogue, what: &str) -> Result<String> {
    if catalogue.fixes.contains_key(what) {
        return Ok(what.to_owned());
    }
    if what.starts_with('/') {
        let places = |id: &&String| catalogue.fixes[*id].rootfs().any(|(path, _)| path == what);
        return match catalogue.fixes.keys().find(places) {
            Some(id) => Ok(id.clone()),
            None if catalogue.base.rootfs().any(|(path, _)| path == what) => {
                bail!(
                    "explaining {what}: every seed has it, whatever its fixes are; vastimg render {what} prints it"
                )
            }
            None => {
                let placed: Vec<String> =
                    catalogue.fixes.values().flat_map(|fix| fix.rootfs().map(|(path, _)| path)).collect();
                match nearest(what, placed.iter().map(String::as_str)) {
                    Some(near) => bail!("explaining {what}: no fix places it; did you mean {near}?"),
                    None => bail!(
                        "explaining {what}: no fix places it; vastimg build --dry-run lists what is placed"
                    ),
                }
            }
        };
    }
    if let Some((id, _)) = what.split_once('.')
        && catalogue.fixes.contains_key(id)
    {
        return Ok(id.to_owned());
    }
    match nearest(what, catalogue.fixes.keys().map(String::as_str)) {
        Some(near) => bail!("explaining {what}: no fix is named so; did you mean {near}?"),
        None => bail!(
            "explaining {what}: no fix is named so; vastimg list fixes has them all, and --catalogue DIR adds yours"
        ),
    }
}
