//! Drift for people, in 80 columns: a line for each check, and below what is otherwise, then and now, and since when.

use std::fmt::Write as _;

use super::Drift;
use super::track::{Between, Change, Kind};
use crate::verify::history::shown;

/// Columns of a value.
const WIDTH: usize = 64;
/// Characters of a value that are shown.
const MOST: usize = 10 * WIDTH;
/// Runs that are named as unreadable.
const MOST_UNREADABLE: usize = 5;

pub(super) fn render(drift: &Drift) -> String {
    let mut out = String::new();
    let Drift { first, last, runs, .. } = drift;
    if *runs == 1 {
        let _ = writeln!(out, "the run of {} is the only one: nothing to compare it with yet", first.time);
    } else {
        let _ = writeln!(out, "{runs} runs, from {} to {}", first.time, last.time);
    }
    if first.manifest != last.manifest {
        let _ = writeln!(out, "the manifest changed: {} -> {}", first.manifest, last.manifest);
    }
    for why in drift.unreadable.iter().take(MOST_UNREADABLE) {
        let _ = writeln!(out, "not among them, since unreadable: {}", shown(&why.file, 46));
        let _ = writeln!(out, "    {}", shown(&why.unreadable, 76));
    }
    if drift.unreadable.len() > MOST_UNREADABLE {
        let _ = writeln!(out, "and {} more unreadable ones", drift.unreadable.len() - MOST_UNREADABLE);
    }
    for change in &drift.changes {
        out.push('\n');
        one(&mut out, drift, change);
    }
    if !drift.returned.is_empty() {
        out.push_str("\nDiffered in between, and is as it was:\n");
        for id in &drift.returned {
            let _ = writeln!(out, "    {}", shown(id, 76));
        }
    }
    if *runs > 1 {
        let drifted = drift.changes.iter().filter(|change| drift.is_drift(change)).count();
        let _ = match drifted {
            0 => writeln!(out, "\nno drift"),
            1 => writeln!(out, "\n1 check drifted"),
            n => writeln!(out, "\n{n} checks drifted"),
        };
    }
    out
}

fn one(out: &mut String, drift: &Drift, change: &Change) {
    let id = shown(&change.id, 44);
    let why =
        if drift.is_drift(change) { "though the manifest is the same" } else { "with another manifest" };
    let _ = match (change.kind, &change.then, &change.now) {
        (Kind::New, _, Some(now)) => writeln!(out, "{id}  new {why}: {}", shown(&now.result, 8)),
        (Kind::Gone, _, _) => writeln!(out, "{id}  gone {why}"),
        (_, Some(then), Some(now)) if then.result == now.result => {
            writeln!(out, "{id}  {}, as it was", shown(&now.result, 8))
        }
        (_, Some(then), Some(now)) => {
            writeln!(out, "{id}  {} -> {}", shown(&then.result, 8), shown(&now.result, 8))
        }
        _ => writeln!(out, "{id}"),
    };
    if let (Some(then), Some(now)) = (&change.then, &change.now) {
        pair(out, "persisted", then.persisted.as_deref(), now.persisted.as_deref());
        pair(out, "live", then.live.as_deref(), now.live.as_deref());
        pair(out, "source", then.source.as_deref(), now.source.as_deref());
    }
    let times = if change.times > 1 { format!("; {} changes", change.times) } else { String::new() };
    if change.left == change.since {
        when(out, "when", &change.since, &times);
    } else {
        when(out, "first", &change.left, "");
        when(out, "last", &change.since, &times);
    }
}

/// A value then and now; nothing where they are the same.
fn pair(out: &mut String, name: &str, then: Option<&str>, now: Option<&str>) {
    if then == now {
        return;
    }
    for (name, sign, value) in [(name, "  ", then), ("", "->", now)] {
        let mut name = name;
        let mut sign = sign;
        let value = shown(value.unwrap_or("(none)"), MOST);
        let characters: Vec<char> = if value.is_empty() { vec![' '] } else { value.chars().collect() };
        for line in characters.chunks(WIDTH) {
            let line: String = line.iter().collect();
            let _ = writeln!(out, "  {name:<9} {sign} {line}");
            (name, sign) = ("", "  ");
        }
    }
}

fn when(out: &mut String, name: &str, [before, after]: &Between, note: &str) {
    let _ = writeln!(out, "  {name:<9}    {} .. {}{note}", shown(before, 20), shown(after, 20));
    if after < before {
        let _ = writeln!(out, "{:15}in the order of the runs; the clock was set back", "");
    }
}
