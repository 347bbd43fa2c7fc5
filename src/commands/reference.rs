//! `vastimg completions` and `vastimg man`: what follows from the command line's own types.

use anyhow::{Context, Result, bail};
use clap::CommandFactory;

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
    let mut out = Vec::new();
    clap_mangen::Man::new(command).render(&mut out).context("rendering the manual page")?;
    print(&out)
}
