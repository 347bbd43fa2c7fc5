//! A kept report, as far as history and drift need it. Fields that are not known here are passed over, other versions of
//! the format are refused by name.

use anyhow::{Context as _, Result, bail};
use serde::Serialize;
use serde_json::Value;

use crate::verify::report::SCHEMA;

/// No manifest has nearly so many checks.
const MOST_RESULTS: usize = 1000;

/// One run.
#[derive(Clone, Debug)]
pub struct Past {
    /// UTC, RFC 3339.
    pub time: String,
    /// `sha256:` and the digest of the manifest's file.
    pub manifest: String,
    /// `PASS` or `FAIL`.
    pub verdict: String,
    /// How many of each.
    pub counts: Counts,
    /// In the manifest's order.
    pub results: Vec<Row>,
}

/// How many checks ended how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Passed.
    pub pass: u64,
    /// Failed, and matter.
    pub fail: u64,
    /// Deviate, and are OPTIONAL.
    pub warn: u64,
    /// Do not apply.
    pub skip: u64,
}

/// One check's result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The check's id.
    pub id: String,
    /// How it ended.
    pub result: String,
    /// What the next boot gives.
    pub persisted: Option<String>,
    /// What holds now.
    pub live: Option<String>,
    /// What makes it so.
    pub source: Option<String>,
}

impl Row {
    /// Whether the host was found to be the same. What is wanted is the manifest's and not the host's.
    pub fn same(&self, other: &Row) -> bool {
        self.result == other.result
            && self.persisted == other.persisted
            && self.live == other.live
            && self.source == other.source
    }
}

/// Reads a report.
///
/// # Errors
/// When it is none, or one of another version.
pub fn parse(bytes: &[u8]) -> Result<Past> {
    let value: Value = serde_json::from_slice(bytes)?;
    let schema = value.get("schema").and_then(Value::as_str).context("it is no report of vastimg")?;
    if schema != SCHEMA {
        bail!("it is {schema:?}, and this verifier knows {SCHEMA}");
    }
    let counts = value.get("counts").context("counts are missing")?;
    let count = |name| {
        let count = counts.get(name).and_then(Value::as_u64).filter(|count| *count <= MOST_RESULTS as u64);
        count.with_context(|| format!("no count {name}"))
    };
    let rows = value.get("results").and_then(Value::as_array).context("results are missing")?;
    if rows.len() > MOST_RESULTS {
        bail!("it has more than {MOST_RESULTS} results");
    }
    Ok(Past {
        time: text(&value, "time")?,
        manifest: text(&value, "manifest")?,
        verdict: text(&value, "verdict")?,
        counts: Counts {
            pass: count("pass")?,
            fail: count("fail")?,
            warn: count("warn")?,
            skip: count("skip")?,
        },
        results: rows.iter().map(row).collect::<Result<_>>()?,
    })
}

fn row(value: &Value) -> Result<Row> {
    let found = |name| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let mut result = text(value, "result")?;
    // --strict judges otherwise, and the host is the same.
    if result == "fail" && value.get("label").and_then(Value::as_str) == Some("OPTIONAL") {
        "warn".clone_into(&mut result);
    }
    let (persisted, live, source) = (found("persisted"), found("live"), found("source"));
    Ok(Row { id: text(value, "id")?, result, persisted, live, source })
}

fn text(value: &Value, name: &str) -> Result<String> {
    value.get(name).and_then(Value::as_str).map(str::to_owned).with_context(|| format!("no text {name}"))
}

impl Past {
    /// The manifest's digest, as short as the console's line has it.
    pub fn manifest(&self) -> String {
        super::shown(self.manifest.strip_prefix("sha256:").unwrap_or(&self.manifest), 12)
    }
}
