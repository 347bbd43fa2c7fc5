//! What every format of the report answers, and how texts are made fit for all of them. Which there are is in `all.rs`.

use std::fmt;

use anyhow::Result;

use super::{CheckResult, Report};
use crate::verify::checks::Verdict;

/// A format of the report.
pub trait Format: fmt::Debug + Sync {
    /// As `--format` names it.
    fn name(&self) -> &'static str;

    /// The whole report. `colour` is for a format that a person reads, on a terminal that has it.
    ///
    /// # Errors
    /// When it cannot be represented, which the report's types exclude.
    fn render(&self, report: &Report, colour: bool) -> Result<String>;

    /// The program's exit code.
    fn exit_code(&self, report: &Report) -> u8 {
        u8::from(!report.passed())
    }

    /// Standard output and exit code of a run without a verdict, where the format has its own for that.
    fn refusal(&self, _error: &str) -> Option<(String, u8)> {
        None
    }
}

/// `result` as it is written in every format for programs.
pub(super) fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass",
        Verdict::Warn => "warn",
        Verdict::Fail => "fail",
        Verdict::Skip => "skip",
        Verdict::Error => "error",
    }
}

/// What was found, by the names of the report's fields.
pub(super) fn findings(result: &CheckResult) -> impl Iterator<Item = (&'static str, &str)> {
    let optional = [
        ("live", &result.live),
        ("persisted", &result.persisted),
        ("source", &result.source),
        ("remedy", &result.remedy),
    ];
    optional.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?)))
}

/// Without what moves a cursor, ends a line, turns the writing direction, or is forbidden in XML 1.0 or YAML: each such
/// character becomes `?`, since names in /tmp may hold anything. JSON has the text as it is.
pub(super) fn plain(text: &str) -> impl Iterator<Item = char> {
    text.chars().map(|c| match c {
        '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fffe}' | '\u{ffff}' => '?',
        c if c.is_control() => '?',
        c => c,
    })
}
