//! `vastimg-verify drift`: what the newest run found otherwise than the first, check by check, and between which two
//! runs that appeared.
//!
//! Exit codes are diff(1)'s, which are the verifier's too: 0 the same, 1 different, 2 no answer. What another manifest
//! brought or took away was somebody's decision, and is no drift.

mod text;
pub mod track;

use anyhow::{Result, bail};
use serde::Serialize;

use super::options::Options;
use super::{Unreadable, none_yet};
use crate::verify::facts::Root;
use track::{Change, Found, Kind, Tracks};

/// Name and version of the JSON form.
const SCHEMA: &str = "vastimg/drift/1";

/// The answer.
#[derive(Debug, Serialize)]
pub struct Drift {
    schema: &'static str,
    /// What is compared with.
    first: Run,
    /// What is compared.
    last: Run,
    /// How many runs could be read, from the first to the last.
    runs: usize,
    /// What differs.
    changes: Vec<Change>,
    /// Checks that differed in between and are as they were.
    returned: Vec<String>,
    /// Runs that could not be read.
    unreadable: Vec<Unreadable>,
}

/// A run that is compared.
#[derive(Clone, Debug, Serialize)]
struct Run {
    file: String,
    time: String,
    manifest: String,
}

/// The differences, and the exit code.
pub(super) fn answer(root: &Root, options: &Options) -> Result<(String, u8)> {
    let drift = compare(root, options.since.as_deref())?;
    let drifted = drift.changes.iter().any(|change| drift.is_drift(change));
    let text = if options.json { super::json(&drift)? } else { text::render(&drift) };
    Ok((text, u8::from(drifted)))
}

impl Drift {
    /// Whether a difference is one of the host: what held and holds in another way, as when docker has started since, is
    /// told, and so is what another manifest brings; but they are no drift.
    fn is_drift(&self, change: &Change) -> bool {
        let fine = |found: &Option<Found>| {
            found.as_ref().is_some_and(|found| matches!(found.result.as_str(), "pass" | "skip"))
        };
        match change.kind {
            Kind::Changed => !(fine(&change.then) && fine(&change.now)),
            _ => self.first.manifest == self.last.manifest,
        }
    }
}

fn compare(root: &Root, since: Option<&str>) -> Result<Drift> {
    let mut tracks = Tracks::default();
    let mut unreadable = Vec::new();
    let mut ends: Option<(Run, Run)> = None;
    let (mut runs, mut before) = (0, 0);
    let files = super::kept(root)?;
    if files.is_empty() {
        bail!(none_yet());
    }
    let mut newest = String::new();
    for file in files {
        let past = match super::read(root, &file) {
            Ok(past) => past,
            Err(why) => {
                unreadable.push(why);
                continue;
            }
        };
        newest.clone_from(&past.time);
        // Only until one is found: of clocks that went back, the order tells and not the time.
        if ends.is_none() && since.is_some_and(|since| past.time.as_str() < since) {
            continue;
        }
        let run = Run { file, time: super::shown(&past.time, 20), manifest: past.manifest() };
        tracks.add(past);
        runs += 1;
        match &mut ends {
            None => {
                ends = Some((run.clone(), run));
                before = unreadable.len();
            }
            Some((_, last)) => *last = run,
        }
    }
    let Some((first, last)) = ends else {
        match since {
            Some(since) if !newest.is_empty() => {
                bail!("no run is from {since} or later; the newest is from {newest}")
            }
            _ => bail!("none of the {} kept runs can be read: {}", unreadable.len(), why(&unreadable)),
        }
    };
    // With --since, what is older than the first run was not asked for.
    let asked = if since.is_some() { &unreadable[before..] } else { &unreadable[..] };
    if runs == 1 && !asked.is_empty() {
        bail!(
            "only the run of {} can be read, and there is nothing to compare it with: {}",
            first.time,
            why(asked)
        );
    }
    let (changes, returned) = tracks.end();
    Ok(Drift { schema: SCHEMA, first, last, runs, changes, returned, unreadable })
}

/// The first of what could not be read.
fn why(unreadable: &[Unreadable]) -> String {
    unreadable.first().map_or_else(String::new, |first| format!("{}: {}", first.file, first.unreadable))
}
