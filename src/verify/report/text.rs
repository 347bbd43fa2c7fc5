//! The table that a person reads on a serial console of 80 columns: a line for each check, and below what deviates what
//! was found, where it comes from and what to do.

use std::fmt::Write as _;

use super::{CheckResult, Report};
use crate::verify::checks::Verdict;

/// The report as text. `colour` adds ANSI colours to the result words.
pub fn render(report: &Report, colour: bool) -> String {
    let mut out = String::new();
    let width = report.results.iter().map(|result| result.id.len()).max().unwrap_or(0).min(44);
    for result in &report.results {
        let (word, ansi) = match result.result {
            Verdict::Pass => ("pass", 32),
            Verdict::Warn => ("warn", 33),
            Verdict::Fail => ("FAIL", 31),
            Verdict::Skip => ("skip", 36),
            Verdict::Error => ("ERROR", 31),
        };
        let padding = " ".repeat(6 - word.len());
        let word = if colour { format!("\x1b[{ansi}m{word}\x1b[0m") } else { word.to_owned() };
        let _ = write!(
            out,
            "{word}{padding}{:width$}  {}",
            result.id,
            fitting(&result.wanted, 72_usize.saturating_sub(width))
        );
        out.push('\n');
        details(&mut out, result);
    }
    let _ = writeln!(out, "\n{}", super::line(report));
    out
}

fn details(out: &mut String, result: &CheckResult) {
    if result.result == Verdict::Pass {
        return;
    }
    let rows = [
        ("live", result.live.as_ref()),
        ("persisted", result.persisted.as_ref()),
        (if result.result == Verdict::Skip { "because" } else { "source" }, result.source.as_ref()),
        ("remedy", result.remedy.as_ref()),
    ];
    for (name, value) in rows {
        if let Some(value) = value {
            let _ = writeln!(out, "      {name:<9} {}", fitting(value, 4096));
        }
    }
}

/// Cut to a width in characters; control characters become `?`, since names in /tmp may hold anything.
fn fitting(text: &str, width: usize) -> String {
    text.chars().map(|c| if c.is_control() { '?' } else { c }).take(width).collect()
}
