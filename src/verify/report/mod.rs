//! Reports: what a run found, for people and for programs. One file for each format.

mod console;
mod json;
mod text;

use serde::Serialize;

use super::checks::{Outcome, Verdict};
use crate::manifest::{Check, Label, Manifest};

pub use console::{announce, line};
pub use json::render as json;
pub use text::render as text;

/// Name and version of the JSON report.
pub const SCHEMA: &str = "vastimg/report/1";

/// One run.
#[derive(Debug, Serialize)]
pub struct Report {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// Program and version that wrote it.
    pub verifier: String,
    /// UTC, RFC 3339.
    pub time: String,
    /// The kernel's host name.
    pub host: String,
    /// The manifest's profile.
    pub profile: String,
    /// `sha256:` and the digest of the manifest's file.
    pub manifest: String,
    /// `PASS` or `FAIL`.
    pub verdict: &'static str,
    /// How many of each.
    pub counts: Counts,
    /// In the manifest's order.
    pub results: Vec<CheckResult>,
}

/// How many checks ended how. Errors count as failures where the label makes failures count, else as warnings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Passed.
    pub pass: usize,
    /// Failed, or could not be read, and matter.
    pub fail: usize,
    /// Deviate, or could not be read, and are OPTIONAL.
    pub warn: usize,
    /// Do not apply.
    pub skip: usize,
}

/// One check's result.
#[derive(Debug, Serialize)]
pub struct CheckResult {
    /// The check's id.
    pub id: String,
    /// Its fix.
    pub fix: String,
    /// How much depends on it.
    pub label: Label,
    /// How it ended.
    pub result: Verdict,
    /// What is wanted.
    pub wanted: String,
    /// What the next boot gives.
    pub persisted: Option<String>,
    /// What holds now.
    pub live: Option<String>,
    /// What makes it so.
    pub source: Option<String>,
    /// What to do.
    pub remedy: Option<String>,
}

impl CheckResult {
    /// Applies the label: what is OPTIONAL warns, unless `strict`.
    pub fn new(check: &Check, outcome: Outcome, strict: bool) -> Self {
        let result = match outcome.verdict {
            Verdict::Fail if check.label == Label::Optional && !strict => Verdict::Warn,
            verdict => verdict,
        };
        CheckResult {
            id: check.id.clone(),
            fix: check.fix.clone(),
            label: check.label,
            result,
            wanted: outcome.wanted,
            persisted: outcome.persisted,
            live: outcome.live,
            source: outcome.source,
            remedy: outcome.remedy,
        }
    }
}

impl Report {
    /// Counts and judges.
    pub fn new(
        manifest: &Manifest,
        digest: &str,
        host: String,
        time: String,
        strict: bool,
        results: Vec<CheckResult>,
    ) -> Self {
        let mut counts = Counts::default();
        for result in &results {
            let matters = strict || result.label != Label::Optional;
            match result.result {
                Verdict::Pass => counts.pass += 1,
                Verdict::Skip => counts.skip += 1,
                Verdict::Warn => counts.warn += 1,
                Verdict::Error if !matters => counts.warn += 1,
                Verdict::Fail | Verdict::Error => counts.fail += 1,
            }
        }
        Report {
            schema: SCHEMA,
            verifier: format!("vastimg-verify {}", env!("CARGO_PKG_VERSION")),
            time,
            host,
            profile: manifest.profile.clone(),
            manifest: format!("sha256:{digest}"),
            verdict: if counts.fail == 0 { "PASS" } else { "FAIL" },
            counts,
            results,
        }
    }

    /// Whether nothing failed that matters.
    pub fn passed(&self) -> bool {
        self.counts.fail == 0
    }
}
