//! The Test Anything Protocol, version 13 (testanything.org): the newest that the Perl of Rocky 8 and Debian 12 and the
//! parser of Jenkins know. Of version 14 it keeps what older readers understand: `\` escapes itself and `#`.
//!
//! What deviates has a YAML block below it, also a warning, which is a plain `ok`: `not ok # TODO` is a failure to
//! Jenkins unless it is told otherwise, and `ok # TODO` is to all of them something that was not expected to be well.
//! `not ok` are those that the report counts as `fail`.

use anyhow::Result;

use super::format::{Format, findings, plain, word};
use super::{CheckResult, Report};
use crate::verify::checks::Verdict;

/// `--format tap`.
#[derive(Debug)]
pub struct Tap;

impl Format for Tap {
    fn name(&self) -> &'static str {
        "tap"
    }

    fn render(&self, report: &Report, _colour: bool) -> Result<String> {
        let mut out = format!("TAP version 13\n1..{}", report.results.len());
        out.push_str(if report.results.is_empty() { " # SKIP no check was asked for\n" } else { "\n" });
        for (number, result) in (1..).zip(&report.results) {
            let counted = report.counted(result);
            let failed = matches!(counted, Verdict::Fail | Verdict::Error);
            out.push_str(if failed { "not ok " } else { "ok " });
            out.push_str(&number.to_string());
            out.push_str(" - ");
            escaped(&mut out, &result.id);
            if counted == Verdict::Skip {
                out.push_str(" # SKIP ");
                escaped(&mut out, result.source.as_deref().unwrap_or("it does not apply here"));
            }
            out.push('\n');
            if failed || counted == Verdict::Warn {
                diagnostics(&mut out, result);
            }
        }
        out.push_str("# ");
        out.push_str(&super::line(report));
        out.push('\n');
        Ok(out)
    }
}

/// In single quotes, where YAML and the subset of it that TAP readers know have one escape, and the same.
fn diagnostics(out: &mut String, result: &CheckResult) {
    out.push_str("  ---\n");
    let head = [
        ("severity", word(result.result)),
        ("fix", &result.fix),
        ("label", result.label.as_str()),
        ("wanted", &result.wanted),
    ];
    for (name, value) in head.into_iter().chain(findings(result)) {
        out.extend(["  ", name, ": '"]);
        for c in plain(value) {
            out.push_str(if c == '\'' { "'" } else { "" });
            out.push(c);
        }
        out.push_str("'\n");
    }
    out.push_str("  ...\n");
}

fn escaped(out: &mut String, text: &str) {
    for c in plain(text) {
        out.push_str(if matches!(c, '#' | '\\') { "\\" } else { "" });
        out.push(c);
    }
}
