//! VAST's containers while they run: what they inherited from docker, and what the watcher puts into them.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;

use super::{Context, Outcome, at_least};
use crate::verify::facts::containers::{self, Container};
use crate::verify::facts::root::is_missing;
use crate::verify::facts::{Root, named, process};

/// Whether each has at least a limit of open files.
pub(super) fn limit(context: &Context<'_>, names: &str, value: &str) -> Outcome {
    let outcome = Outcome::new(format!(">= {value} in {names}*"));
    let found = match running(context, names) {
        Ok(found) => found,
        Err(why) => return why.told_by(outcome),
    };
    let mut live = Vec::new();
    let mut low = None;
    for container in &found {
        match process::open_files(context.root, container.pid) {
            Ok((soft, _)) => {
                if !at_least(&soft, value) {
                    low.get_or_insert(container);
                }
                live.push(format!("{} {soft}", container.name));
            }
            // It ended just now.
            Err(error) if is_missing(&error) => {}
            Err(error) => return outcome.error(&error),
        }
    }
    let outcome = outcome.live(live.join(", "));
    match low {
        None => outcome,
        Some(Container { own_limit: Some(path), .. }) => outcome
            .source(path)
            .fail(format!("raise the ulimit nofile of {path}, and make the container anew")),
        Some(container) => outcome
            .source(format!("container {}", container.name))
            .fail("sudo systemctl restart containerd docker, which restarts the containers"),
    }
}

/// Whether each has a program, links of its own file system followed inside it.
pub(super) fn program(context: &Context<'_>, names: &str, program: &str, by: &str) -> Outcome {
    let outcome = Outcome::new(format!("{program} in {names}*"));
    let found = match running(context, names) {
        Ok(found) => found,
        Err(why) => return why.told_by(outcome),
    };
    let mut live = Vec::new();
    let mut holds = true;
    for container in &found {
        let inside = Root::new(format!("/proc/{}/root", container.pid));
        let look = || fs::metadata(inside.locate(program)?);
        let word = match look() {
            Ok(file) if file.is_file() && file.permissions().mode() & 0o111 != 0 => "yes",
            Ok(_) => "not executable",
            Err(error) if is_missing(&error) => "missing",
            Err(error) => return outcome.error(&named(&format!("container {}", container.name))(error)),
        };
        holds &= word == "yes";
        live.push(format!("{} {word}", container.name));
    }
    let remedy = format!("sudo systemctl restart {by}, and see journalctl -u {by}");
    outcome.live(live.join(", ")).source(by).unless(holds, remedy)
}

/// Why there is no container to look at.
enum Nothing {
    Skip(String),
    Error(io::Error),
}

impl Nothing {
    fn told_by(self, outcome: Outcome) -> Outcome {
        match self {
            Nothing::Skip(why) => outcome.skip(why),
            Nothing::Error(error) => outcome.error(&error),
        }
    }
}

fn running(context: &Context<'_>, names: &str) -> Result<Vec<Container>, Nothing> {
    if !context.root.is_live() {
        return Err(Nothing::Skip("nothing runs in another tree".to_owned()));
    }
    match containers::running(context.root, names) {
        Ok(None) => Err(Nothing::Skip("docker has no containers here".to_owned())),
        Ok(Some(found)) if found.is_empty() => Err(Nothing::Skip(format!("no {names}* container runs"))),
        Ok(Some(found)) => Ok(found),
        Err(error) => Err(Nothing::Error(error)),
    }
}
