//! Units, and what prepare said of its last run.

use super::{Context, Outcome, PREPARE};
use crate::verify::facts::named;
use crate::verify::facts::systemd::{self, State};

const STATUS: &str = "/var/lib/vastimg/prepare.json";

pub(super) fn enabled(context: &Context<'_>, unit: &str) -> Outcome {
    let outcome = Outcome::new("enabled");
    let read = || -> std::io::Result<_> {
        Ok((systemd::state(context.root, unit)?, systemd::enabled_by(context.root, unit)?))
    };
    match read() {
        Ok((State::NotFound, _)) => outcome.persisted("no such unit").fail(PREPARE),
        Ok((State::Masked, _)) => {
            // Unmasking takes a link away that stands where the seed's own unit was.
            outcome.persisted("masked").fail(format!("sudo systemctl unmask {unit} && {PREPARE}"))
        }
        Ok((_, Some(link))) => outcome.persisted("enabled").source(link),
        Ok((state, None)) => {
            // An alias makes it known, and starts nothing.
            let shown = if state == State::Enabled { "nothing starts it" } else { state.as_str() };
            outcome.persisted(shown).fail(format!("sudo systemctl enable {unit}"))
        }
        Err(error) => outcome.error(&error),
    }
}

/// Whether a unit runs whenever another one does; skipped where that one does not.
pub(super) fn runs_with(context: &Context<'_>, unit: &str, host: &str) -> Outcome {
    let outcome = Outcome::new(format!("runs with {host}"));
    if !context.root.is_live() {
        return outcome.skip("nothing runs in another tree");
    }
    let read = || -> std::io::Result<_> {
        Ok((systemd::is_running(context.root, host)?, systemd::is_running(context.root, unit)?))
    };
    let running = match read() {
        Ok((false, _)) => return outcome.skip(format!("{host} does not run")),
        Ok((true, running)) => running,
        Err(error) => return outcome.error(&error),
    };
    let live = if running { "running" } else { "not running" };
    outcome.live(live).source(unit).unless(running, format!("sudo systemctl start {unit}"))
}

/// Whether prepare's last run was of this manifest, and which of its steps failed.
pub(super) fn prepared(context: &Context<'_>) -> Outcome {
    #[derive(serde::Deserialize)]
    struct Status {
        manifest: String,
        exit: i32,
        steps: Vec<Step>,
    }
    #[derive(serde::Deserialize)]
    struct Step {
        step: String,
        result: String,
    }
    let outcome = Outcome::new("every step done").source(STATUS);
    let text = match context.root.read_if_there(STATUS) {
        Ok(Some(text)) => text,
        Ok(None) => return outcome.persisted("prepare has not run").fail(PREPARE),
        Err(error) => return outcome.error(&named(STATUS)(error)),
    };
    let status: Status = match serde_json::from_str(&text) {
        Ok(status) => status,
        Err(error) => return outcome.error(&std::io::Error::other(format!("{STATUS}: {error}"))),
    };
    if status.manifest != format!("sha256:{}", context.digest) {
        return outcome.persisted("prepare ran for another seed").fail(PREPARE);
    }
    let failed: Vec<&str> =
        status.steps.iter().filter(|step| step.result == "failed").map(|step| step.step.as_str()).collect();
    let shown =
        if failed.is_empty() { "all done".to_owned() } else { format!("failed: {}", failed.join(", ")) };
    let remedy = format!("see /var/log/vastimg/prepare.log, then {PREPARE}");
    let outcome = outcome.persisted(shown);
    if failed.is_empty() {
        outcome.unless(status.exit == 0, remedy)
    } else {
        outcome.warn(&remedy).unless(status.exit == 0, remedy)
    }
}
