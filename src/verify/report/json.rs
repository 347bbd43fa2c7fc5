//! The JSON report, version [`super::SCHEMA`].

use super::Report;

/// The report as indented JSON.
///
/// # Errors
/// When it cannot be represented, which its types exclude.
pub fn render(report: &Report) -> serde_json::Result<String> {
    serde_json::to_string_pretty(report).map(|text| text + "\n")
}
