//! `vastimg`: dispatches to [`vastimg::commands`], and turns "no" into exit code 1, errors into 2.

use std::process::ExitCode;

use clap::Parser;
use vastimg::cli::{Cli, Command};
use vastimg::commands;

fn main() -> ExitCode {
    let Cli { command, talk } = Cli::parse();
    let talk = commands::talk(talk);
    let result = match command {
        Command::Build(args) => commands::build::run(&args, &talk).map(|()| true),
        Command::Render(args) => commands::render::run(&args, &talk).map(|()| true),
        Command::Validate(args) => commands::validate::run(&args, &talk),
        Command::List(args) => commands::list::run(&args).map(|()| true),
        Command::Explain(args) => commands::explain::run(&args).map(|()| true),
        Command::Inspect(args) => commands::inspect::run(&args).map(|()| true),
        Command::Diff(args) => commands::diff::run(&args, &talk),
        Command::Index(args) => commands::index::run(&args, &talk).map(|()| true),
        Command::Attach(args) => commands::attach::run(&args, &talk).map(|()| true),
        Command::Schema(args) => commands::schema::run(&args).map(|()| true),
        Command::Completions(args) => commands::reference::completions(&args).map(|()| true),
        Command::Man(args) => commands::reference::man(&args).map(|()| true),
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            talk.error(&error);
            ExitCode::from(2)
        }
    }
}
