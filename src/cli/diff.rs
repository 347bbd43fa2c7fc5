//! Arguments of `vastimg diff`.

use camino::Utf8PathBuf;
use clap::Args;

use super::MessageFormat;

/// Say how two images differ, or an image and a profile.
#[derive(Args, Debug)]
#[command(after_help = "Exit codes: 0 the same, on whatever medium; 1 different; 2 one could not be read.")]
pub struct DiffArgs {
    /// Image, archive, directory, or a profile: a built-in name or a YAML file
    ///
    /// A bare name such as loopback is a built-in profile; write ./loopback for
    /// a directory.
    #[arg(value_name = "A")]
    pub a: String,

    /// What to hold against it; at least one of the two is an image
    #[arg(value_name = "B")]
    pub b: String,

    /// Say what differs, without the contents of files
    #[arg(long)]
    pub brief: bool,

    /// Show lines that hold a secret too
    #[arg(long)]
    pub show_sensitive: bool,

    /// For a person, or for a program
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    pub message_format: MessageFormat,

    /// Set a value that the profile is to have, such as
    /// fd-limits.nofile=2097152
    #[arg(long, value_name = "FIX.KEY=VALUE")]
    pub set: Vec<String>,

    /// Directory with fixes of your own, for the profile
    #[arg(long, value_name = "DIR")]
    pub catalogue: Option<Utf8PathBuf>,
}
