//! `vastimg completions` and `vastimg man`: what follows from the command line's own types.

use std::fmt::Write as _;

use anyhow::{Context, Result, bail};
use clap::CommandFactory;
use clap::builder::Resettable;

use crate::cli::{Cli, CompletionsArgs, ManArgs};
use crate::diagnostic::nearest;
use crate::talk::print;

/// Prints a completion script.
///
/// # Errors
/// When it cannot be written.
pub fn completions(args: &CompletionsArgs) -> Result<()> {
    let mut out = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "vastimg", &mut out);
    print(&out)
}

/// Prints a manual page in roff, for man(1).
///
/// # Errors
/// When there is no such command.
pub fn man(args: &ManArgs) -> Result<()> {
    let mut root = Cli::command();
    root.build();
    let command = match &args.command {
        None => root,
        Some(name) => match root.find_subcommand(name) {
            Some(command) => {
                let page: &'static str = format!("vastimg-{name}").leak();
                command.clone().name(page).display_name(page).version(env!("CARGO_PKG_VERSION"))
            }
            None => {
                let names: Vec<&str> = root.get_subcommands().map(clap::Command::get_name).collect();
                match nearest(name, names.iter().copied()) {
                    Some(near) => bail!("no command is named {name:?}; did you mean {near}?"),
                    None => bail!("no command is named {name:?}; the commands are {}", names.join(", ")),
                }
            }
        },
    };
    // Of all commands, what follows the options is what the exit codes mean.
    let codes = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let command = command.after_help(Resettable::Reset);
    let mut out = Vec::new();
    clap_mangen::Man::new(command).render(&mut out).context("rendering the manual page")?;
    out.extend(exit_status(&codes).into_bytes());
    print(&out)
}

/// A section of the manual page out of `Exit codes: 0 done; 2 ...`.
fn exit_status(codes: &str) -> String {
    let mut out = String::from(".SH \"EXIT STATUS\"\n");
    for code in codes.trim_start_matches("Exit codes: ").trim_end_matches('.').split("; ") {
        let (code, meaning) = code.split_once(' ').unwrap_or((code, ""));
        let _ = writeln!(out, ".TP\n\\fB{code}\\fR\n{}", meaning.replace('-', "\\-"));
    }
    out
}
