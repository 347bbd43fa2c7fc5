//! `vastimg-verify history`: the kept runs, the newest last, where a terminal shows it, and below each the checks whose
//! result differs from the run before. One that cannot be read has its place among them, and its reason.

use std::fmt::Write as _;

use anyhow::Result;
use serde::Serialize;

use super::options::Options;
use super::past::{Counts, Past, Row};
use super::{Unreadable, shown};
use crate::verify::facts::Root;

/// Name and version of the JSON form.
const SCHEMA: &str = "vastimg/history/1";
/// Rows below a run; the JSON form has all.
const MOST_ROWS: usize = 10;

#[derive(Serialize)]
struct History {
    schema: &'static str,
    runs: Vec<Entry>,
}

/// A run, or why it cannot be told. One plain struct, so that the reader of the JSON form finds one kind of entry.
#[derive(Default, Serialize)]
struct Entry {
    file: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    unreadable: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    counts: Option<Counts>,
    #[serde(skip_serializing_if = "Option::is_none")]
    manifest: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    changed: Vec<Change>,
}

/// A check whose result is not that of the run before; none where it was not part of one of the two.
#[derive(Serialize)]
struct Change {
    id: String,
    then: Option<String>,
    now: Option<String>,
}

/// The list, and the exit code.
pub(super) fn answer(root: &Root, options: &Options) -> Result<(String, u8)> {
    let mut runs = Vec::new();
    let mut before: Option<Past> = None;
    for file in super::kept(root)? {
        match super::read(root, &file) {
            Ok(run) => {
                runs.push(entry(file, &run, before.as_ref()));
                before = Some(run);
            }
            Err(Unreadable { file, unreadable }) => {
                runs.push(Entry { file, unreadable: Some(unreadable), ..Entry::default() });
            }
        }
    }
    let older = options.newest.map_or(0, |newest| runs.len().saturating_sub(newest));
    let history = History { schema: SCHEMA, runs: runs.split_off(older) };
    Ok((if options.json { super::json(&history)? } else { text(&history) }, 0))
}

fn entry(file: String, run: &Past, before: Option<&Past>) -> Entry {
    Entry {
        file,
        unreadable: None,
        time: Some(run.time.clone()),
        verdict: Some(run.verdict.clone()),
        counts: Some(run.counts),
        manifest: Some(run.manifest()),
        changed: before.map_or_else(Vec::new, |before| changes(before, run)),
    }
}

fn changes(before: &Past, run: &Past) -> Vec<Change> {
    let found = |rows: &[Row], id: &str| rows.iter().find(|row| row.id == id).map(|row| row.result.clone());
    let mut changes = Vec::new();
    for row in &run.results {
        let then = found(&before.results, &row.id);
        if then.as_ref() != Some(&row.result) {
            changes.push(Change { id: row.id.clone(), then, now: Some(row.result.clone()) });
        }
    }
    for row in &before.results {
        if found(&run.results, &row.id).is_none() {
            changes.push(Change { id: row.id.clone(), then: Some(row.result.clone()), now: None });
        }
    }
    changes
}

fn text(history: &History) -> String {
    if history.runs.is_empty() {
        return super::none_yet() + "\n";
    }
    let mut out = format!(
        "{:20}  {:7} {:>5} {:>5} {:>5} {:>5}  {}\n",
        "TIME", "VERDICT", "PASS", "FAIL", "WARN", "SKIP", "MANIFEST"
    );
    for run in &history.runs {
        match (&run.unreadable, run.counts) {
            (None, Some(counts)) => {
                let of = |text: &Option<String>, width| shown(text.as_deref().unwrap_or(""), width);
                let _ = writeln!(
                    out,
                    "{:20}  {:7} {:>5} {:>5} {:>5} {:>5}  {}",
                    of(&run.time, 20),
                    of(&run.verdict, 7),
                    counts.pass,
                    counts.fail,
                    counts.warn,
                    counts.skip,
                    of(&run.manifest, 12)
                );
            }
            (why, _) => {
                let _ = writeln!(out, "{}  unreadable:", shown(&run.file, 60));
                let _ = writeln!(out, "    {}", shown(why.as_deref().unwrap_or(""), 76));
            }
        }
        for change in run.changed.iter().take(MOST_ROWS) {
            let then = change.then.as_deref().unwrap_or("none");
            let now = change.now.as_deref().unwrap_or("none");
            let _ = writeln!(out, "    {}  {} -> {}", shown(&change.id, 54), shown(then, 8), shown(now, 8));
        }
        if run.changed.len() > MOST_ROWS {
            let _ = writeln!(out, "    and {} more", run.changed.len() - MOST_ROWS);
        }
    }
    out
}
