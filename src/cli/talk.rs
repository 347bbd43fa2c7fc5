//! Options of every command: how to talk.

use clap::{Args, ValueEnum};

/// How to talk.
#[derive(Args, Clone, Copy, Debug)]
pub struct TalkArgs {
    /// Say nothing but errors and warnings
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    pub quiet: bool,

    /// Say more
    #[arg(long, short, global = true)]
    pub verbose: bool,

    /// Colours in messages
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t)]
    pub color: ColourArg,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ColourArg {
    /// On a terminal, unless NO_COLOR is set
    #[default]
    Auto,
    /// In any case
    Always,
    /// Never
    Never,
}
