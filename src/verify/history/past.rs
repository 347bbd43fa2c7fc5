//! A kept report, as far as history and drift need it. Fields that are not known here are passed over, other versions of
//! the format are refused by name.

use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};

use crate::verify::report::SCHEMA;

/// No manifest has nearly so many checks.
const MOST_RESULTS: usize = 1000;

/// One run.
#[derive(Clone, Debug, Deserialize)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Row {
    /// The check's id.
    pub id: String,
    /// How much depends on it.
    pub label: String,
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

#[derive(Deserialize)]
struct Version {
    schema: String,
}

/// Reads a report.
///
/// # Errors
/// When it is none, or one of another version.
pub fn parse(bytes: &[u8]) -> Result<Past> {
    let Version { schema } = serde_json::from_slice(bytes)?;
    if schema != SCHEMA {
        bail!("it is {schema:?}, and this verifier knows {SCHEMA}");
    }
    let mut past: Past = serde_json::from_slice(bytes)?;
    if past.results.len() > MOST_RESULTS {
        bail!("it has more than {MOST_RESULTS} results");
    }
    for row in &mut past.results {
        // --strict judges otherwise, and the host is the same.
        if row.label == "OPTIONAL" && row.result == "fail" {
            "warn".clone_into(&mut row.result);
        }
    }
    Ok(past)
}

impl Past {
    /// The manifest's digest, as short as the console's line has it.
    pub fn manifest(&self) -> String {
        super::shown(self.manifest.strip_prefix("sha256:").unwrap_or(&self.manifest), 12)
    }
}
