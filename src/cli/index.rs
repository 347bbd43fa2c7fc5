//! Arguments of `vastimg index`.

use camino::Utf8PathBuf;
use clap::{Args, Subcommand};

/// Work on the index of a folder of images.
#[derive(Args, Debug)]
#[command(after_help = super::EXIT_CODES)]
pub struct IndexArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: IndexCommand,
}

/// What there is to do.
#[derive(Debug, Subcommand)]
pub enum IndexCommand {
    /// Join the indexes of all shares, and prove that nothing is missing
    Merge(MergeArgs),
}

/// Join the indexes of all shares, and prove that nothing is missing.
#[derive(Args, Debug)]
#[command(after_help = super::EXIT_CODES)]
pub struct MergeArgs {
    /// The folder that all shares wrote into, or were copied to
    #[arg(value_name = "DIR")]
    pub directory: Utf8PathBuf,

    /// Read every image, and hold it against its digest
    #[arg(long)]
    pub check: bool,
}
