//! A monitoring plugin's output (monitoring-plugins.org, development guidelines): a line of status and performance data,
//! then a line for each check that deviates; Nagios, Icinga, Naemon and NRPE run it.
//!
//! Exit: 0 OK, 1 WARNING where something warns, 2 CRITICAL where something failed, 3 UNKNOWN where there is no verdict,
//! be it that nothing was checked. `|` begins performance data wherever it stands, so texts have `?` for it.

use std::fmt::Write as _;

use anyhow::Result;

use super::Report;
use super::format::{Format, findings, plain, word};
use crate::verify::checks::Verdict;

/// `--format nagios`.
#[derive(Debug)]
pub struct Nagios;

impl Format for Nagios {
    fn name(&self) -> &'static str {
        "nagios"
    }

    fn render(&self, report: &Report, _colour: bool) -> Result<String> {
        let counts = report.counts;
        let status = ["OK", "WARNING", "CRITICAL", "UNKNOWN"][usize::from(self.exit_code(report))];
        let mut out = format!("VASTIMG {status} - ");
        if report.results.is_empty() {
            out.push_str("no check was asked for, ");
        }
        let _ = write!(
            out,
            "{} fail, {} warn, {} pass, {} skip, profile ",
            counts.fail, counts.warn, counts.pass, counts.skip
        );
        safe(&mut out, &report.profile);
        // The worst by name, for whoever gets the first line only.
        let worst = [Verdict::Fail, Verdict::Error, Verdict::Warn];
        let worst = worst
            .iter()
            .find_map(|verdict| report.results.iter().find(|result| report.counted(result) == *verdict));
        if let Some(result) = worst {
            out.push_str(": ");
            safe(&mut out, &result.id);
        }
        // A count is out of range, in Nagios's sense, when it is above 0.
        let _ = writeln!(
            out,
            "|fail={};;0;0;{all} warn={};0;;0;{all} pass={};;;0;{all} skip={};;;0;{all}",
            counts.fail,
            counts.warn,
            counts.pass,
            counts.skip,
            all = report.results.len()
        );
        for result in &report.results {
            if matches!(result.result, Verdict::Pass | Verdict::Skip) {
                continue;
            }
            out.extend([word(result.result), " "]);
            safe(&mut out, &result.id);
            out.push_str(": wanted ");
            safe(&mut out, &result.wanted);
            for (name, value) in findings(result) {
                out.extend([", ", name, " "]);
                safe(&mut out, value);
            }
            out.push('\n');
        }
        Ok(out)
    }

    fn exit_code(&self, report: &Report) -> u8 {
        match report.counts {
            _ if report.results.is_empty() => 3,
            counts if counts.fail > 0 => 2,
            counts => u8::from(counts.warn > 0),
        }
    }

    fn refusal(&self, error: &str) -> Option<(String, u8)> {
        let mut out = String::from("VASTIMG UNKNOWN - ");
        let error = error.strip_prefix("vastimg-verify: ").unwrap_or(error);
        safe(&mut out, error.strip_prefix("ERROR ").unwrap_or(error));
        out.push('\n');
        Some((out, 3))
    }
}

fn safe(out: &mut String, text: &str) {
    out.extend(plain(text).map(|c| if c == '|' { '?' } else { c }));
}
