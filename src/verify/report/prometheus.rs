//! Metrics in the text format 0.0.4, for node_exporter's textfile collector, which reads `*.prom` of one directory.
//!
//! Each check has a series for each result word, 1 for the one it has and 0 for the others, so that a series does not
//! end when its result changes. Of a series that comes twice node_exporter would take the first and complain at each
//! scrape: checks of one name, which no manifest of ours has, share theirs.

use std::fmt::Write as _;

use anyhow::Result;

use super::format::{Format, word};
use super::{CheckResult, Report};
use crate::calendar::Utc;
use crate::verify::checks::Verdict;

const WORDS: [Verdict; 5] = [Verdict::Pass, Verdict::Warn, Verdict::Fail, Verdict::Skip, Verdict::Error];

/// `--format prometheus`.
#[derive(Debug)]
pub struct Prometheus;

impl Format for Prometheus {
    fn name(&self) -> &'static str {
        "prometheus"
    }

    fn render(&self, report: &Report, _colour: bool) -> Result<String> {
        let mut out = String::new();
        family(&mut out, "info", "What was verified, and by what; always 1.");
        let verifier = report.verifier.as_str();
        let info = [
            ("profile", report.profile.as_str()),
            ("manifest", &report.manifest),
            ("host", &report.host),
            ("version", verifier.rsplit(' ').next().unwrap_or(verifier)),
        ];
        sample(&mut out, "info", &info, 1);
        family(&mut out, "passed", "Whether nothing failed that matters.");
        sample(&mut out, "passed", &[], u64::from(report.passed()));
        if let Some(time) = Utc::parse(&report.time) {
            family(&mut out, "last_run_timestamp_seconds", "When the checks ran.");
            sample(&mut out, "last_run_timestamp_seconds", &[], time.epoch());
        }
        let counts = report.counts;
        family(
            &mut out,
            "checks",
            "How many checks ended so; one that could not be read counts as fail or warn.",
        );
        for (name, count) in
            [("pass", counts.pass), ("fail", counts.fail), ("warn", counts.warn), ("skip", counts.skip)]
        {
            sample(&mut out, "checks", &[("result", name)], count as u64);
        }
        family(&mut out, "check_result", "Whether a check has this result.");
        let key = |result: &CheckResult| {
            let names = [("id", result.id.as_str()), ("fix", &result.fix), ("label", result.label.as_str())];
            format!("{}\t{}", labelled(&names), word(result.result))
        };
        let mut keys: Vec<String> = report.results.iter().map(key).collect();
        keys.sort_unstable();
        for same in keys.chunk_by(|a, b| split(a).0 == split(b).0) {
            let names = same.first().map(|key| split(key).0).unwrap_or_default();
            for result in WORDS.map(word) {
                let has = same.iter().any(|key| split(key).1 == result);
                let _ =
                    writeln!(out, "{PREFIX}check_result{{{names},result=\"{result}\"}} {}", u8::from(has));
            }
        }
        Ok(out)
    }
}

const PREFIX: &str = "vastimg_verify_";

fn family(out: &mut String, name: &str, help: &str) {
    out.extend(["# HELP ", PREFIX, name, " ", help, "\n# TYPE ", PREFIX, name, " gauge\n"]);
}

/// The tab between them is the last one, whatever is in the names.
fn split(key: &str) -> (&str, &str) {
    key.rsplit_once('\t').unwrap_or_default()
}

fn sample(out: &mut String, name: &str, labels: &[(&str, &str)], value: u64) {
    let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labelled(labels)) };
    let _ = writeln!(out, "{PREFIX}{name}{labels} {value}");
}

/// Label values may be any text; three characters are escaped.
fn labelled(labels: &[(&str, &str)]) -> String {
    let mut out = String::new();
    for (label, text) in labels {
        out.push_str(if out.is_empty() { "" } else { "," });
        out.extend([label, "=\""]);
        for c in text.chars() {
            match c {
                '\\' => out.push_str("\\\\"),
                '"' => out.push_str("\\\""),
                '\n' => out.push_str("\\n"),
                c => out.push(c),
            }
        }
        out.push('"');
    }
    out
}
