//! What is installed: Python distributions, rpms, and programs that must answer as wanted.

use std::io;

use super::{Context, Outcome, PREPARE};
use crate::manifest::Assertion;
use crate::verify::facts::{named, program, python};

const ANOTHER_TREE: &str = "programs of another tree are not started";

pub(super) fn python(context: &Context<'_>, name: &str, version: &str) -> Outcome {
    let outcome = Outcome::new(format!("{name} {version}"));
    match python::distribution(context.root, name) {
        Ok(Some((found, path))) => {
            let holds = found == version;
            outcome.persisted(&found).live(found).source(path).unless(holds, PREPARE)
        }
        Ok(None) => outcome.persisted("not installed").fail(PREPARE),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            outcome.persisted(error.to_string()).fail(PREPARE)
        }
        Err(error) => outcome.error(&error),
    }
}

pub(super) fn package(context: &Context<'_>, name: &str) -> Outcome {
    let outcome = Outcome::new("installed");
    if !context.root.is_live() {
        return outcome.skip(ANOTHER_TREE);
    }
    match context.missing_packages.get_or_init(|| missing_packages(context)) {
        Ok(missing) => {
            let there = !missing.iter().any(|other| other == name);
            let found = if there { "installed" } else { "not installed" };
            outcome
                .persisted(found)
                .live(found)
                .source("rpm")
                .unless(there, format!("sudo dnf install -y {name}"))
        }
        Err(error) => outcome.error(error),
    }
}

/// All packages of the manifest in one question, since rpm takes longer to start than to answer.
fn missing_packages(context: &Context<'_>) -> io::Result<Vec<String>> {
    let names: Vec<&str> = context
        .manifest
        .checks
        .iter()
        .filter_map(|check| match &check.assertion {
            Assertion::Package { name } => Some(name.as_str()),
            _ => None,
        })
        .collect();
    let rpm = program::find("rpm", program::SUDO)
        .ok_or_else(|| io::Error::other("there is no rpm on this system"))?;
    // --whatprovides, for some names are virtual: python3-devel is provided by python36-devel.
    let arguments: Vec<&str> = ["-q", "--whatprovides"].into_iter().chain(names.iter().copied()).collect();
    let (text, _) =
        program::output(&rpm, &arguments, program::SUDO, &context.patience).map_err(named(&rpm))?;
    let missing = |name: &&str| text.lines().any(|line| line == format!("no package provides {name}"));
    // Silence is no answer: each name has a line, whether it is there or not.
    if text.lines().count() < names.len() {
        return Err(io::Error::other("rpm did not answer for every package"));
    }
    Ok(names.iter().filter(|name| missing(name)).map(|name| (*name).to_owned()).collect())
}

pub(super) fn command(
    context: &Context<'_>,
    name: &str,
    search: &str,
    arguments: &[String],
    contains: &str,
) -> Outcome {
    let outcome = Outcome::new(contains.split_whitespace().collect::<Vec<_>>().join(" "));
    if !context.root.is_live() {
        return outcome.skip(ANOTHER_TREE);
    }
    let path = if search == "sudo" { program::SUDO } else { program::LOGIN };
    let Some(found) = program::find(name, path) else {
        return outcome.live(format!("no {name} on the PATH of {search}")).fail(PREPARE);
    };
    // By content, before it is asked anything: another program of that name may well print the same line.
    if let Some(own) = context.manifest.files.iter().find(|file| file.path.rsplit('/').next() == Some(name)) {
        let look = || -> std::io::Result<(String, bool)> {
            let real = std::fs::canonicalize(&found)?;
            let digest = crate::digest::sha256_of(&mut std::fs::File::open(&real)?)?;
            Ok((real.display().to_string(), digest == own.sha256))
        };
        match look() {
            Ok((_, true)) => {}
            Ok((real, false)) => {
                return outcome.live("another program, not the seed's").source(real).fail(PREPARE);
            }
            Err(error) => return outcome.error(&named(&found)(error)),
        }
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match program::output(&found, &arguments, path, &context.patience) {
        Ok((text, code)) => {
            let holds = code == 0 && text.lines().any(|line| line == contains);
            let first = text.lines().next().unwrap_or("nothing").to_owned();
            let live =
                if holds { "as wanted".to_owned() } else { format!("prints {first:.40}, exit {code}") };
            outcome.live(live).source(found).unless(holds, PREPARE)
        }
        Err(error) => outcome.error(&named(&found)(error)),
    }
}
