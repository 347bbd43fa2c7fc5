//! Arguments of the commands that look at what would be built: `render`, `list` and `explain`.

use camino::Utf8PathBuf;
use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use clap::{Args, ValueEnum};

use super::{MessageFormat, SeedArgs};
use crate::catalogue;

/// Print one rendered document, or one file of the VM.
#[derive(Args, Debug)]
#[command(after_help = super::EXIT_CODES)]
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
#[command(after_help = super::EXIT_CODES)]
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
#[command(after_help = super::EXIT_CODES)]
pub struct ExplainArgs {
    /// A fix, by its id or as the source document counts ("Fix 2"); one of its
    /// values or checks (fd-limits.nofile); a path on the VM; base, which every
    /// seed has; kickstart, or kickstart.KEY
    #[arg(value_name = "FIX[.VALUE]|PATH", value_parser = Explained, hide_possible_values = true)]
    pub what: String,

    /// For a person, or for a program
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    pub message_format: MessageFormat,

    /// What goes into the seed.
    #[command(flatten)]
    pub seed: SeedArgs,
}

/// Any word is taken; what shells complete is the built-in fixes.
#[derive(Clone)]
struct Explained;

impl TypedValueParser for Explained {
    type Value = String;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&clap::Arg>,
        value: &std::ffi::OsStr,
    ) -> Result<String, clap::Error> {
        StringValueParser::new().parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let others = [catalogue::BASE, catalogue::KICKSTART];
        Some(Box::new(catalogue::built_in().chain(others).map(PossibleValue::new)))
    }
}
