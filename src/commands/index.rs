//! `vastimg index merge`: one index of all shares of a fleet.

use anyhow::{Context, Result};

use crate::cli::{IndexArgs, IndexCommand};
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
    talk.say(&format!(
        "wrote {}/index.json and SHA256SUMS: {} images, none missing, none twice",
        args.directory,
        index.images.len()
    ));
    Ok(())
}
