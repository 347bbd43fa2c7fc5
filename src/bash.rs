//! What bash says of the steps of somebody's own fixes, without running them: a fault in one would stop prepare.sh, and with
//! it every fix.
//!
//! Limits: what `bash -n` finds, by the bash of this machine, which may be newer than Rocky 8's 4.4. Source: bash(1).

use std::collections::BTreeSet;
use std::env;
use std::io::{ErrorKind, Seek, SeekFrom, Write};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result};

use crate::diagnostic::{Diagnostic, Diagnostics, Place, Source};
use crate::digest;
use crate::plan::{Action, Plan};

/// Checks the scripts of the fixes that are named, as they were rendered. What is not checked is a warning.
///
/// # Errors
/// What is wrong with them, as [`Diagnostics`]; and when bash cannot be started although it is there.
pub fn check(plan: &Plan, fixes: &[String]) -> Result<Vec<Diagnostic>> {
    let mut found = Vec::new();
    for step in &plan.steps {
        let (Action::Script { source, body }, Some((fix, _))) = (&step.action, step.id.split_once('/'))
        else {
            continue;
        };
        if !fixes.iter().any(|own| own == fix) {
            continue;
        }
        match fault_of(source, body).with_context(|| format!("checking {source} with bash -n"))? {
            Said::Fine => {}
            Said::Fault(fault) => found.push(fault),
            Said::Nothing => {
                let message = format!("{source} is not checked: there is no bash on the PATH to read it");
                let help = "install bash, or run bash -n where there is one; a fault in it stops every fix on the VM";
                return Ok(vec![Diagnostic::warning(None, message).help(help)]);
            }
        }
    }
    if found.is_empty() { Ok(found) } else { Err(Diagnostics(found).into()) }
}

/// What bash says.
#[derive(Debug)]
enum Said<T> {
    /// Nothing is wrong.
    Fine,
    /// The first thing that is wrong; what it says after that follows from it.
    Fault(T),
    /// There is no bash.
    Nothing,
}

/// Digests of scripts that are fine: hosts of a fleet have the same ones.
static FINE: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// What is wrong with one script.
fn fault_of(name: &str, body: &str) -> Result<Said<Diagnostic>> {
    let digest = digest::sha256(body.as_bytes());
    let known = || FINE.lock().unwrap_or_else(PoisonError::into_inner);
    if known().contains(&digest) {
        return Ok(Said::Fine);
    }
    let said = judge(name, body)?;
    if matches!(said, Said::Fine) {
        known().insert(digest);
    }
    Ok(said)
}

fn judge(name: &str, body: &str) -> Result<Said<Diagnostic>> {
    let (line, message, help) = match read(body)? {
        Said::Nothing => return Ok(Said::Nothing),
        Said::Fault((line, message)) => {
            (line, message, name.ends_with(".j2").then_some("lines are those of the rendered script"))
        }
        // A here-document that is indented does not end, and a function may not be empty.
        Said::Fine => match read(&embedded(body))? {
            Said::Fault((line, message)) => {
                let help = "prepare.sh has it indented, in a function: no here-document ends there (use printf, or a \
                            file of rootfs/), and some command must be in it";
                (line.saturating_sub(1), message, Some(help))
            }
            Said::Fine => return Ok(Said::Fine),
            Said::Nothing => return Ok(Said::Nothing),
        },
    };
    // Behind the end is what has none.
    let line = line.clamp(1, body.lines().count().max(1));
    let text = body.lines().nth(line - 1).unwrap_or_default();
    let column = text.chars().count() - text.trim_start().chars().count() + 1;
    let place = Place { source: Source::new(name, body), line, column, width: text.trim().chars().count() };
    let fault = Diagnostic::at(&place, format!("bash does not take this script: {message}"));
    Ok(Said::Fault(match help {
        Some(help) => fault.help(help),
        None => fault,
    }))
}

/// A script as prepare.sh has it.
fn embedded(body: &str) -> String {
    let mut text = String::from("step() {\n");
    for line in body.trim_end().lines() {
        if !line.is_empty() {
            text.push_str("    ");
            text.push_str(line);
        }
        text.push('\n');
    }
    text.push_str("}\n");
    text
}

/// Line and message of `bash -n`.
fn read(script: &str) -> Result<Said<(usize, String)>> {
    // A file and no pipe: bash may write before it has read all.
    let mut file = tempfile::tempfile().context("making a temporary file")?;
    file.write_all(script.as_bytes()).context("writing a temporary file")?;
    file.seek(SeekFrom::Start(0)).context("writing a temporary file")?;
    let mut command = Command::new("bash");
    // Nothing of the caller's, such as BASH_ENV, which bash would run.
    command.env_clear().env("LC_ALL", "C");
    if let Some(path) = env::var_os("PATH") {
        command.env("PATH", path);
    }
    let output = command.arg("-n").stdin(Stdio::from(file)).stdout(Stdio::null()).output();
    let output = match output {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Said::Nothing),
        other => other.context("starting bash")?,
    };
    let said = String::from_utf8_lossy(&output.stderr);
    // A here-document that has no end is a warning to bash, and takes all of prepare.sh that follows.
    Ok(match said.lines().find_map(fault) {
        Some(fault) => Said::Fault(fault),
        None if output.status.success() => Said::Fine,
        None => Said::Fault((1, said.lines().next().unwrap_or("it does not say why").to_owned())),
    })
}

/// `bash: line 3: MESSAGE`, or `bash: line 9: warning: here-document at line 3 delimited by ...`.
fn fault(said: &str) -> Option<(usize, String)> {
    let (_, rest) = said.split_once("line ")?;
    let (number, message) = rest.split_once(": ")?;
    if let Some((_, of_document)) = message.split_once("here-document at line ")
        && let Some((begin, message)) = of_document.split_once(' ')
        && let Ok(line) = begin.parse()
    {
        return Some((line, format!("here-document {message}")));
    }
    number.parse().ok().map(|line| (line, message.to_owned()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    /// None where there is no bash.
    fn told(body: &str) -> Option<String> {
        match fault_of("mine/steps/a.sh", body).unwrap() {
            Said::Nothing => None,
            Said::Fine => Some(String::new()),
            Said::Fault(one) => Some(format!("{}: {}", one.place.unwrap().line, one.message)),
        }
    }

    #[test]
    fn what_would_stop_every_fix_is_told_with_its_line() {
        for (body, line, words) in [
            ("true\nif true; then\n  echo a\n", "3: ", "end of file"),
            ("true\nfi\n", "2: ", "unexpected token `fi'"),
            ("}\nrm x\n{\n", "1: ", "unexpected token `}'"),
            ("cat <<EOF\nx\n", "1: ", "here-document delimited"),
            ("true\ncat >/etc/x <<EOF\nx\nEOF\n", "2: ", "here-document delimited"),
            ("# nothing\n", "1: ", "unexpected token `}'"),
            ("echo 'a\n", "1: ", "matching"),
        ] {
            let Some(told) = told(body) else { return };
            assert!(told.starts_with(line) && told.contains(words), "{body:?}: {told:?}");
        }
        for body in ["true\n", "cat <<<x\n", "[[ a =~ b ]] && case x in x) true ;; esac\n"] {
            assert_eq!(told(body).unwrap_or_default(), "", "{body:?}");
        }
    }

    #[test]
    fn nothing_is_run() {
        let directory = tempfile::tempdir().unwrap();
        let witness = directory.path().join("witness");
        told(&format!(": >{0}\n: \"$(: >{0})\"\n", witness.display()));
        assert!(!witness.exists());
    }
}
