//! Arguments of `vastimg validate`.

use camino::Utf8PathBuf;
use clap::{Args, ValueEnum};

use super::MessageFormat;

/// Say what is wrong with what you wrote, or with a finished image.
///
/// A subject is a profile, an inventory, a fix (its folder or its fix.yaml), a
/// user-data, network-config or ks.cfg, an image, an archive or a directory.
/// What it is, is told by its content.
#[derive(Args, Debug)]
#[command(
    after_help = "Exit codes: 0 valid; 1 not valid (with --strict, warnings count too); 2 it could not be read."
)]
pub struct ValidateArgs {
    /// What to look at; a built-in profile by its name
    #[arg(value_name = "SUBJECT", required = true)]
    pub subjects: Vec<String>,

    /// What it is, where its content does not tell
    #[arg(long = "as", value_enum, value_name = "KIND")]
    pub kind: Option<SubjectKind>,

    /// Warnings count as errors
    #[arg(long)]
    pub strict: bool,

    /// Memory of the VM, such as 120G: whether values are above what its
    /// kernel gives by itself
    #[arg(long, value_name = "SIZE")]
    pub memory: Option<String>,

    /// Directory with fixes of your own, which profiles may name
    #[arg(long, value_name = "DIR")]
    pub catalogue: Option<Utf8PathBuf>,

    /// For a person, or for a program
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    pub message_format: MessageFormat,
}

/// Kinds of subjects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SubjectKind {
    /// Which fixes a seed has, and their values
    Profile,
    /// Hosts and what differs between them
    Inventory,
    /// A fix.yaml with the files beside it
    Fix,
    /// What cloud-init is told
    UserData,
    /// The network, for cloud-init
    NetworkConfig,
    /// What Rocky's installer is told
    Kickstart,
    /// A finished image, archive or directory
    Image,
}
