//! The JSON report, version [`super::SCHEMA`].

use anyhow::Result;

use super::Report;
use super::format::Format;

/// `--format json`.
#[derive(Debug)]
pub struct Json;

impl Format for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn render(&self, report: &Report, _colour: bool) -> Result<String> {
        Ok(render(report)?)
    }
}

/// The report as indented JSON.
///
/// # Errors
/// When it cannot be represented, which its types exclude.
pub fn render(report: &Report) -> serde_json::Result<String> {
    serde_json::to_string_pretty(report).map(|text| text + "\n")
}
