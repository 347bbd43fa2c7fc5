//! `vastimg render`: one document, or one file of the VM, as a seed would have it.

use anyhow::{Context, Result, bail, ensure};

use super::seed::{self, Inputs};
use crate::cli::RenderArgs;
use crate::diagnostic::nearest;
use crate::documents::{self, PAYLOAD};
use crate::inspection::secrets::{self, Answer};
use crate::media::tree::{Entry, Tree};
use crate::plan::{PREPARE, Templates};
use crate::talk::{self, Talk};

/// Renders one thing to standard output.
///
/// # Errors
/// When there is nothing of that name, or it holds a secret; as `vastimg build` does for what goes into a seed.
pub fn run(args: &RenderArgs, talk: &Talk) -> Result<()> {
    let inputs = Inputs::read(&args.seed)?;
    let templates = Templates::new()?;
    let planned = inputs.plan(&templates, seed::install_disk(&args.seed)?)?;
    for warning in &planned.warnings {
        talk.tell(warning);
    }
    let seed = documents::seed(&planned.plan, &planned.host, &templates)?;
    let (path, bytes) =
        find(&seed.tree, &planned.plan, &args.what).with_context(|| format!("rendering {}", args.what))?;
    if !args.show_sensitive
        && let Answer::At(found) = secrets::look(&path, &bytes)
        && let Some(secret) = found.first()
    {
        bail!(
            "rendering {}: line {} holds {}; add --show-sensitive to print it all the same",
            args.what,
            secret.line,
            secret.what
        );
    }
    talk::print_file(&bytes)
}

/// By its path on the medium, by the end of that, or by its path on the VM.
fn find(tree: &Tree, plan: &crate::plan::Plan, what: &str) -> Result<(String, Vec<u8>)> {
    let files: Vec<(&str, &crate::media::tree::Payload)> = tree
        .iter()
        .filter_map(|(path, entry)| match entry {
            Entry::File { payload, .. } => Some((path, payload)),
            _ => None,
        })
        .collect();
    let on_medium = match what {
        PREPARE => documents::PREPARE.to_owned(),
        crate::plan::MANIFEST => documents::MANIFEST.to_owned(),
        _ if what.starts_with('/') => {
            let settled = plan.files.iter().find(|file| file.settles.as_deref() == Some(what));
            format!("{PAYLOAD}{}", settled.map_or(what, |file| &file.path))
        }
        _ => what.to_owned(),
    };
    let found = files
        .iter()
        .find(|(path, _)| *path == on_medium)
        .or_else(|| files.iter().find(|(path, _)| path.strip_prefix("vastimg/") == Some(&on_medium)));
    if let Some((path, payload)) = found {
        let mut bytes = Vec::new();
        payload.copy_to(&mut bytes).context("reading it")?;
        return Ok(((*path).to_owned(), bytes));
    }
    ensure!(
        what != documents::KICKSTART,
        "a kickstart names the disk that it wipes: add --install-disk DISK"
    );
    ensure!(what != "network-config", "without --network FILE there is none, and the VM asks DHCP");
    let vm = |path: &str| path.strip_prefix(PAYLOAD).map(ToOwned::to_owned);
    let names: Vec<String> = files
        .iter()
        .map(|(path, _)| vm(path).unwrap_or_else(|| (*path).to_owned()))
        .flat_map(|path| [path.strip_prefix("vastimg/").map(ToOwned::to_owned), Some(path)])
        .flatten()
        .chain(plan.files.iter().filter_map(|file| file.settles.clone()))
        .collect();
    match nearest(what, names.iter().map(String::as_str)) {
        Some(near) => bail!("there is no such document or file; did you mean {near}?"),
        None => bail!("there is no such document or file; vastimg build --dry-run lists them"),
    }
}
