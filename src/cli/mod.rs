//! The command line as types, without any logic. [`crate::commands`] has one module for each command.

mod attach;
mod build;
mod diff;
mod index;
mod inspect;
mod look;
mod reference;
mod seed;
mod talk;
mod validate;

use clap::{Parser, Subcommand};

pub use attach::AttachArgs;
pub use build::BuildArgs;
pub use diff::DiffArgs;
pub use index::{IndexArgs, IndexCommand, MergeArgs};
pub use inspect::{InspectArgs, MessageFormat};
pub use look::{ExplainArgs, ListArgs, RenderArgs, What};
pub use reference::{CompletionsArgs, ManArgs, SchemaArgs, SchemaOf};
pub use seed::SeedArgs;
pub use talk::{ColourArg, TalkArgs};
pub use validate::{SubjectKind, ValidateArgs};

/// What the exit codes of a command mean that has no answer to give.
const EXIT_CODES: &str =
    "Exit codes: 0 done; 2 wrong usage, bad input, or an error while reading or writing.";

/// Prepare Rocky 8 VMs for VAST Data 5.4 in loopback mode.
#[derive(Debug, Parser)]
#[command(name = "vastimg", version, max_term_width = 80, arg_required_else_help = true)]
#[command(
    after_help = "Exit codes: 0 done; 1 the answer is no (not valid, or different); 2 wrong usage, bad input, or an error while reading or writing."
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,

    /// How to talk about it.
    #[command(flatten)]
    pub talk: TalkArgs,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Build a seed that prepares the VM it is attached to
    Build(Box<BuildArgs>),
    /// Print one rendered document, or one file of the VM
    Render(Box<RenderArgs>),
    /// Say what is wrong with a profile, fix, seed or other input
    Validate(ValidateArgs),
    /// List the profiles and fixes that there are
    List(ListArgs),
    /// Say why a fix is there, what it does, and how to undo it
    Explain(Box<ExplainArgs>),
    /// Say what is in a finished image, and whether it wipes a disk
    Inspect(InspectArgs),
    /// Say how two images differ, or an image and a profile
    Diff(DiffArgs),
    /// Join the indexes of a fleet that several machines built
    Index(IndexArgs),
    /// Print the commands that attach a finished image to a VM
    Attach(AttachArgs),
    /// Print a JSON Schema, for editors and other programs
    Schema(SchemaArgs),
    /// Print a completion script for a shell
    Completions(CompletionsArgs),
    /// Print the manual page
    Man(ManArgs),
}
