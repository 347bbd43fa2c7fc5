//! `vastimg`: dispatches to [`vastimg::commands`], and turns "no" into exit code 1, errors into 2.

use std::process::ExitCode;

use clap::Parser;
use vastimg::cli::{Cli, Command};
use vastimg::commands;

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Attach(args) => commands::attach::run(&args).map(|()| true),
        Command::Build(args) => commands::build::run(&args).map(|()| true),
        Command::Inspect(args) => commands::inspect::run(&args).map(|()| true),
        Command::Validate(args) => commands::validate::run(&args),
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}
