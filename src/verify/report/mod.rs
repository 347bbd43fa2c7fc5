//! Reports: what a run found, for people and for programs. One file for each format.

mod all;
mod console;
mod file;
mod format;
mod json;
mod junit;
mod nagios;
mod prometheus;
#[cfg(feature = "generator")]
mod schema;
mod tap;
mod text;

use serde::Serialize;

use super::checks::{Outcome, Verdict};
use crate::manifest::{Check, Label, Manifest};

pub use all::{ALL, asked_for, format, names};
pub use console::{announce, line};
pub use file::replace;
pub use format::Format;
pub use json::render as json;
#[cfg(feature = "generator")]
pub use schema::schema;

/// Name and version of the JSON report.
pub const SCHEMA: &str = "vastimg/report/1";

/// One run of `vastimg-verify`.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "generator", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct Report {
    /// Name and version of this format, [`SCHEMA`].
    #[cfg_attr(feature = "generator", schemars(description = "Name and version of this format.", extend("const" = SCHEMA)))]
    pub schema: &'static str,
    /// Program and version that wrote it.
    #[cfg_attr(feature = "generator", schemars(regex(pattern = r"^vastimg-verify [0-9]+\.[0-9]+\.[0-9]+")))]
    pub verifier: String,
    /// UTC, RFC 3339.
    #[cfg_attr(
        feature = "generator",
        schemars(regex(pattern = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"))
    )]
    pub time: String,
    /// The kernel's host name.
    pub host: String,
    /// The manifest's profile.
    pub profile: String,
    /// `sha256:` and the digest of the manifest's file.
    #[cfg_attr(feature = "generator", schemars(regex(pattern = r"^sha256:[0-9a-f]{64}$")))]
    pub manifest: String,
    /// `PASS` or `FAIL`.
    #[cfg_attr(feature = "generator", schemars(extend("enum" = ["PASS", "FAIL"])))]
    pub verdict: &'static str,
    /// How many of each.
    pub counts: Counts,
    /// In the manifest's order.
    pub results: Vec<CheckResult>,
    /// Whether OPTIONAL deviations fail; results and counts tell.
    #[serde(skip)]
    pub strict: bool,
}

/// How many checks ended how. Errors count as failures where the label makes failures count, else as warnings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "generator", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
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
#[cfg_attr(feature = "generator", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
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
            Verdict::Warn if strict => Verdict::Fail,
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

    fn counted(&self, strict: bool) -> Verdict {
        match self.result {
            Verdict::Error if self.label == Label::Optional && !strict => Verdict::Warn,
            verdict => verdict,
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
            match result.counted(strict) {
                Verdict::Pass => counts.pass += 1,
                Verdict::Skip => counts.skip += 1,
                Verdict::Warn => counts.warn += 1,
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
            strict,
        }
    }

    /// What a result counts as: where it is OPTIONAL, not to know is a warning.
    fn counted(&self, result: &CheckResult) -> Verdict {
        result.counted(self.strict)
    }

    /// Whether nothing failed that matters.
    pub fn passed(&self) -> bool {
        self.counts.fail == 0
    }
}
