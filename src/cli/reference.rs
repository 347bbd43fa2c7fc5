//! Arguments of what is generated from the program itself: `schema`, `completions` and `man`.

use camino::Utf8PathBuf;
use clap::{Args, ValueEnum};
use clap_complete::Shell;

/// Print a JSON Schema, for editors and other programs.
#[derive(Args, Debug)]
#[command(after_help = super::EXIT_CODES)]
pub struct SchemaArgs {
    /// Of what
    #[arg(value_enum, value_name = "WHAT")]
    pub of: SchemaOf,

    /// Directory with fixes of your own, which profiles may name
    #[arg(long, value_name = "DIR")]
    pub catalogue: Option<Utf8PathBuf>,
}

/// What has a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SchemaOf {
    /// Which fixes a seed has, and their values
    Profile,
    /// Hosts and what differs between them
    Inventory,
    /// fix.yaml
    Fix,
    /// What a seed says of itself, which the verifier reads
    Manifest,
    /// What the verifier found (--format json)
    Report,
    /// Which image is whose (index.json of build --hosts)
    Index,
}

/// Print a completion script for a shell.
#[derive(Args, Debug)]
#[command(after_help = super::EXIT_CODES)]
pub struct CompletionsArgs {
    /// Which shell; for any other, such as tcsh, there is none
    #[arg(value_enum, value_name = "SHELL")]
    pub shell: Shell,
}

/// Print the manual page.
#[derive(Args, Debug)]
#[command(after_help = super::EXIT_CODES)]
pub struct ManArgs {
    /// Of this command; of vastimg itself without
    #[arg(value_name = "COMMAND")]
    pub command: Option<String>,
}
