//! What is installed: Python distributions, rpms, and programs that must answer as wanted.

use std::io;
use std::path::Path;

use super::asked::Question;
use super::{Context, Outcome, PREPARE, files};
use crate::manifest::{Assertion, Check};
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
        Err(error) => {
            let mut outcome = outcome.error(error);
            // What is never to be removed.
            if error.kind() == io::ErrorKind::InvalidData {
                outcome.remedy = Some("see: sudo rpm --verifydb".to_owned());
            }
            outcome
        }
    }
}

/// The package that a database which can be read has. Of one that is damaged or not there rpm says that no package provides
/// a name, whichever it is, and why to standard error alone, with the exit code of names that are missing.
/// Limit: of damage to what it looks up for another name alone nothing is known.
const ITSELF: &str = "rpm";

/// All packages of the manifest in one question, since rpm takes longer to start than to answer.
fn rpm(context: &Context<'_>) -> io::Result<Question> {
    let program = program::find("rpm", program::SUDO)
        .ok_or_else(|| io::Error::other("there is no rpm on this system"))?;
    // --whatprovides, for some names are virtual: python3-devel is provided by python36-devel.
    let options = ["-q", "--whatprovides", ITSELF].map(str::to_owned);
    let arguments = options.into_iter().chain(packages(context).map(str::to_owned)).collect();
    Ok(Question { real: program.clone(), program, arguments, path: program::SUDO })
}

fn packages<'a>(context: &'a Context<'_>) -> impl Iterator<Item = &'a str> {
    context.manifest.checks.iter().filter_map(|check| match &check.assertion {
        Assertion::Package { name } => Some(name.as_str()),
        _ => None,
    })
}

fn missing_packages(context: &Context<'_>) -> io::Result<Vec<String>> {
    let question = rpm(context)?;
    let (text, _) = context.asked.answer(&question).map_err(named(&question.program))?;
    // Silence is no answer: each name has a line, whether it is there or not.
    if text.lines().count() <= packages(context).count() {
        return Err(io::Error::other("rpm did not answer for every package"));
    }
    let missing = |name: &&str| text.lines().any(|line| line == format!("no package provides {name}"));
    // What is no answer of rpm's does not name it either.
    if !text.lines().any(|line| line.starts_with(ITSELF)) {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "rpm's database does not know rpm itself: it is damaged or not there",
        ));
    }
    Ok(packages(context).filter(missing).map(str::to_owned).collect())
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
    let question = match found(context, name, search, arguments) {
        Found::Nowhere => {
            return outcome.live(format!("no {name} on the PATH of {search}")).fail(PREPARE);
        }
        Found::Another(path) => {
            // prepare leaves alone what is not the seed's, and puts back what is.
            let remedy = context.remedy(&path, || format!("sudo mv {path} {path}.orig && {PREPARE}"));
            return outcome.live("another program, not the seed's").source(path).fail(remedy);
        }
        Found::Unreadable(error) => return outcome.error(&error),
        Found::Asking(question) => question,
    };
    match context.asked.answer(&question) {
        Ok((text, code)) => {
            let holds = code == 0 && text.lines().any(|line| line == contains);
            let first = text.lines().next().unwrap_or("nothing").to_owned();
            let live =
                if holds { "as wanted".to_owned() } else { format!("prints {first:.40}, exit {code}") };
            outcome.live(live).source(question.program).unless(holds, PREPARE)
        }
        Err(error) => outcome.error(&named(&question.program)(error)),
    }
}

/// What a PATH leads to.
enum Found {
    Nowhere,
    /// A file of that name that is not the seed's.
    Another(String),
    Unreadable(io::Error),
    /// How it is asked.
    Asking(Question),
}

fn found(context: &Context<'_>, name: &str, search: &str, arguments: &[String]) -> Found {
    let path = if search == "sudo" { program::SUDO } else { program::LOGIN };
    let Some(found) = program::find(name, path) else { return Found::Nowhere };
    let real = match std::fs::canonicalize(&found) {
        Ok(real) => real.display().to_string(),
        Err(error) => return Found::Unreadable(named(&found)(error)),
    };
    // By content, before it is asked anything: another program of that name may well print the same line.
    if let Some(own) = context.manifest.files.iter().find(|file| file.path.rsplit('/').next() == Some(name)) {
        match files::digest(Path::new(&real)) {
            Ok(digest) if digest == own.sha256 => {}
            Ok(_) => return Found::Another(real),
            Err(error) => return Found::Unreadable(named(&real)(error)),
        }
    }
    Found::Asking(Question { program: found, real, arguments: arguments.to_owned(), path })
}

/// Starts what a check will ask.
pub(super) fn ahead(context: &Context<'_>, check: &Check) {
    if !context.root.is_live() {
        return;
    }
    match &check.assertion {
        Assertion::Package { .. } => {
            if let Ok(question) = rpm(context) {
                context.asked.ahead(question);
            }
        }
        Assertion::Command { name, search, arguments, .. } => {
            if let Found::Asking(question) = found(context, name, search, arguments) {
                context.asked.ahead(question);
            }
        }
        _ => {}
    }
}
