//! One run: from the manifest to the report. With `--wait`, runs until nothing fails, each reading everything anew, of
//! which the last one counts.

use std::fmt;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::Result;

use super::checks::{self, Context};
use super::facts::Root;
use super::options::Options;
use super::report::{self, CheckResult, Report};
use super::{publish, wanted};
use crate::calendar::Utc;
use crate::manifest::{Check, Manifest};

/// Verifies, tells and keeps; returns the exit code.
pub fn main(options: &Options) -> u8 {
    let root = Root::new(&options.root);
    match until_healthy(options.wait, &mut || once(options, &root)) {
        Ok(report) => {
            publish::publish(options, &root, &report);
            options.format.exit_code(&report)
        }
        Err(error) => {
            let line = format!("vastimg-verify: ERROR {error:#}");
            if options.console {
                // Somebody waits for a line; no verdict is one too.
                report::announce(&Root::new("/"), &line);
            }
            // Even with --quiet: who finds no verdict has to learn why.
            super::refuse(options.format, &line)
        }
    }
}

/// Ids on the command line that leave nothing to check, or that the manifest does not have. Waiting brings nothing.
#[derive(Debug)]
struct UnknownId(String);

impl fmt::Display for UnknownId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for UnknownId {}

fn once(options: &Options, root: &Root) -> Result<Report> {
    let (manifest, digest) = wanted::load(options, root)?;
    for id in options.only.iter().chain(&options.skip) {
        if !manifest.checks.iter().any(|check| names(id, &check.id, &check.fix)) {
            let fixes = fixes(&manifest);
            let why = format!("no check or fix is named {id:?} in this manifest; its fixes are {fixes}");
            return Err(UnknownId(why).into());
        }
    }
    let context = Context::new(root, &manifest, &digest);
    let wanted = |check: &&Check| {
        let named = |ids: &[String]| ids.iter().any(|id| names(id, &check.id, &check.fix));
        (options.only.is_empty() || named(&options.only)) && !named(&options.skip)
    };
    let checks: Vec<&Check> = manifest.checks.iter().filter(wanted).collect();
    if checks.is_empty() {
        return Err(UnknownId("no check is left after --only and --skip".to_owned()).into());
    }
    checks::ahead(&checks, &context);
    let results = checks
        .into_iter()
        .map(|check| CheckResult::new(check, checks::run(check, &context), options.strict))
        .collect();
    let host =
        root.read("/proc/sys/kernel/hostname").or_else(|_| root.read("/etc/hostname")).unwrap_or_default();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let time = Utc::from_epoch(now).to_string();
    let host = if host.trim().is_empty() { "unknown" } else { host.trim() };
    Ok(Report::new(&manifest, &digest, host.to_owned(), time, options.strict, results))
}

/// Runs until a report passes or `limit` is over; the last one is at the limit, not before it. A manifest that cannot be
/// read is waited for too: a first boot may not have placed it yet.
fn until_healthy(limit: Duration, once: &mut dyn FnMut() -> Result<Report>) -> Result<Report> {
    let started = Instant::now();
    let mut rounds = 0;
    loop {
        let result = once();
        let left = limit.saturating_sub(started.elapsed());
        let done = match &result {
            Ok(report) => report.passed(),
            Err(error) => error.is::<UnknownId>(),
        };
        if done || left.is_zero() {
            return result;
        }
        thread::sleep(pause(rounds).min(left));
        rounds += 1;
    }
}

/// A second, then longer, up to five: what takes minutes is not asked for every second.
fn pause(rounds: u64) -> Duration {
    Duration::from_secs(rounds.saturating_add(1).min(5))
}

fn names(id: &str, check: &str, fix: &str) -> bool {
    id == check || id == fix
}

fn fixes(manifest: &Manifest) -> String {
    manifest.fixes.iter().map(|fix| fix.id.as_str()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_five_seconds() {
        let seconds = [0, 1, 3, 4, 5, u64::MAX].map(|rounds| pause(rounds).as_secs());
        assert_eq!(seconds, [1, 2, 4, 5, 5, 5]);
    }

    #[test]
    fn what_waiting_does_not_bring_is_not_waited_for() {
        let started = Instant::now();
        let mut rounds = 0;
        let mut unknown = || {
            rounds += 1;
            Err(UnknownId("no check".to_owned()).into())
        };
        assert!(until_healthy(Duration::from_secs(60), &mut unknown).is_err());
        assert_eq!(rounds, 1);
        rounds = 0;
        let mut missing = || {
            rounds += 1;
            anyhow::bail!("no manifest")
        };
        assert!(until_healthy(Duration::ZERO, &mut missing).is_err());
        assert_eq!(rounds, 1, "--wait 0 is once");
        assert!(started.elapsed() < Duration::from_secs(1));
    }
}
