//! Arguments of `vastimg inspect`.

use camino::Utf8PathBuf;
use clap::{Args, ValueEnum};

/// Say what is in a finished image, and whether it wipes a disk.
#[derive(Args, Debug)]
#[command(after_help = super::EXIT_CODES)]
pub struct InspectArgs {
    /// Image, archive or directory; its name says nothing
    #[arg(value_name = "IMAGE")]
    pub image: Utf8PathBuf,

    /// Print one file of it instead, such as user-data
    #[arg(long, value_name = "PATH")]
    pub extract: Option<String>,

    /// Print that file even if it holds a secret
    #[arg(long, requires = "extract")]
    pub show_sensitive: bool,

    /// For a person, or for a program
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t, conflicts_with = "extract")]
    pub message_format: MessageFormat,
}

/// Who reads the output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum MessageFormat {
    /// Text for a person
    #[default]
    Text,
    /// One JSON object
    Json,
}
