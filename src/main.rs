//! `vastimg`: dispatches to [`vastimg::commands`], and turns errors into exit code 2.

use std::process::ExitCode;

use clap::Parser;
use vastimg::cli::{Cli, Command};
use vastimg::commands;

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Build(args) => commands::build::run(&args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}
