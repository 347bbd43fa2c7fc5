//! The commands. Each resolves its arguments first, then runs the stages one after the other.

pub mod attach;
pub mod build;
pub mod diff;
pub mod explain;
pub mod index;
pub mod inspect;
pub mod list;
pub mod reference;
pub mod render;
pub mod schema;
pub mod validate;

mod seed;

use crate::cli::{ColourArg, TalkArgs};
use crate::talk::{Colour, Level, Talk};

/// How the user wants to be talked to.
pub fn talk(args: TalkArgs) -> Talk {
    let level = match (args.quiet, args.verbose) {
        (true, _) => Level::Quiet,
        (_, true) => Level::Verbose,
        _ => Level::Normal,
    };
    let colour = match args.color {
        ColourArg::Auto => Colour::Auto,
        ColourArg::Always => Colour::Always,
        ColourArg::Never => Colour::Never,
    };
    Talk::new(level, colour)
}
