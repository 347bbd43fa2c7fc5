//! Arguments of the commands that look at what would be built: `render`, `list` and `explain`.

use camino::Utf8PathBuf;
use clap::{Args, ValueEnum};

use super::{MessageFormat, SeedArgs};

/// Print one rendered document, or one file of the VM.
#[derive(Args, Debug)]
pub struct RenderArgs {
    /// user-data, meta-data, ks.cfg, prepare.sh ..., or a path on the VM such
    /// as /etc/sysctl.d/99-vast-fd.conf
    #[arg(value_name = "DOCUMENT|PATH")]
    pub what: String,

    /// Print it even if it holds a secret
    #[arg(long)]
    pub show_sensitive: bool,

    /// What goes into the seed.
    #[command(flatten)]
    pub seed: SeedArgs,
}

/// List the profiles and fixes that there are.
#[derive(Args, Debug)]
pub struct ListArgs {
    /// Only these
    #[arg(value_enum, value_name = "WHAT")]
    pub what: Option<What>,

    /// Directory with fixes of your own, one folder each
    #[arg(long, value_name = "DIR")]
    pub catalogue: Option<Utf8PathBuf>,

    /// For a person, or for a program
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    pub message_format: MessageFormat,
}

/// What there is to list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum What {
    /// Sets of fixes with their values
    Profiles,
    /// The preparations
    Fixes,
}

/// Say why a fix is there, what it does, and how to undo it.
#[derive(Args, Debug)]
pub struct ExplainArgs {
    /// A fix, one of its values or checks (fd-limits.nofile), or a path on the
    /// VM
    #[arg(value_name = "FIX")]
    pub what: String,

    /// For a person, or for a program
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    pub message_format: MessageFormat,

    /// What goes into the seed.
    #[command(flatten)]
    pub seed: SeedArgs,
}
