//! `vastimg index merge`: one index of all shares of a fleet.

use anyhow::{Context, Result};

use crate::cli::{IndexArgs, IndexCommand};
use crate::diagnostic::Diagnostic;
use crate::fleet::{Directory, merge};
use crate::talk::Talk;

/// Merges, and writes index.json and SHA256SUMS.
///
/// # Errors
/// When something is missing, twice, or not what its index says.
pub fn run(args: &IndexArgs, talk: &Talk) -> Result<()> {
    let IndexCommand::Merge(args) = &args.command;
    let index = merge::merge(&args.directory).context("merging the shares")?;
    let directory = Directory::open(&args.directory, None)?;
    merge::check(&directory, &index, args.check).context("merging the shares")?;
    directory.write_sums(&index)?;
    directory.write_index(&index)?;
    if !index.removed.is_empty() {
        let files: Vec<&str> = index.removed.iter().map(|image| image.file.as_str()).collect();
        let message =
            format!("{} images are of no host any more, and stay, such as {}", files.len(), files[0]);
        talk.tell(&Diagnostic::warning(None, message).help("build the shares with --prune to remove them"));
    }
    talk.say(&format!(
        "wrote {}/index.json and SHA256SUMS: {} images, none missing, none twice",
        args.directory,
        index.images.len()
    ));
    Ok(())
}
