//! The command line as types, without any logic. [`crate::commands`] has one module for each command.

mod attach;
mod build;
mod inspect;

use clap::{Parser, Subcommand};

pub use attach::AttachArgs;
pub use build::{BuildArgs, FormatArg};
pub use inspect::{InspectArgs, MessageFormat, ValidateArgs};

/// Prepare Rocky 8 VMs for VAST Data 5.4 in loopback mode.
#[derive(Debug, Parser)]
#[command(name = "vastimg", version, about, max_term_width = 100, arg_required_else_help = true)]
#[command(
    after_help = "Exit codes: 0 done; 1 not valid; 2 wrong usage, bad input, or an error\nwhile reading or writing."
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Build a seed that prepares the VM it is attached to
    Build(Box<BuildArgs>),
    /// Say what is in a finished image, and whether it wipes a disk
    Inspect(InspectArgs),
    /// Say whether a finished image holds what it should
    Validate(ValidateArgs),
    /// Print the commands that attach a finished image to a VM
    Attach(AttachArgs),
}
