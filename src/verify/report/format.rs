//! What every format of the report answers, and the table from which `--format`, its refusal and its help derive.

use std::ffi::OsString;
use std::fmt;

use anyhow::Result;

use super::{CheckResult, Report, json, junit, nagios, prometheus, tap, text};
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

/// All of them, the default first.
pub static ALL: [&dyn Format; 6] =
    [&text::Text, &json::Json, &junit::Junit, &tap::Tap, &nagios::Nagios, &prometheus::Prometheus];

/// The format of that name.
///
/// # Errors
/// Which ones there are.
pub fn format(name: &str) -> Result<&'static dyn Format, String> {
    let found = ALL.into_iter().find(|format| format.name() == name);
    found.ok_or_else(|| format!("--format {name}: formats are {}", names("and")))
}

/// The format that arguments ask for which could not be parsed: whoever reads it expects the refusal in it as well.
pub fn asked_for(arguments: &[OsString]) -> &'static dyn Format {
    let behind = |at: usize| arguments.get(at + 1).filter(|_| arguments[at] == "--format");
    let asked = (0..arguments.len()).rev().find_map(|at| {
        let joined = arguments[at].to_str().and_then(|argument| argument.strip_prefix("--format="));
        format(joined.or_else(|| behind(at)?.to_str())?).ok()
    });
    asked.unwrap_or(ALL[0])
}

/// `text, json AND prometheus`.
pub fn names(and: &str) -> String {
    let mut list = String::new();
    for (at, format) in ALL.iter().enumerate() {
        match at {
            0 => {}
            at if at + 1 == ALL.len() => list.extend([" ", and, " "]),
            _ => list.push_str(", "),
        }
        list.push_str(format.name());
    }
    list
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
