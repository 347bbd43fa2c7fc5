//! The JSON report, version [`super::SCHEMA`]; each run is kept, up to a number, and the newest is `latest.json`.

use std::fs;
use std::io;
use std::path::Path;

use anyhow::Result;

use super::Report;
use super::format::Format;

/// How many reports are kept.
const KEPT: usize = 400;

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

/// Writes the report into `directory`, named by its time, and as `latest.json`.
///
/// # Errors
/// Those of the system; the caller has its verdict all the same.
pub fn keep(report: &Report, directory: &Path) -> io::Result<()> {
    let text = render(report)?;
    fs::create_dir_all(directory)?;
    let name = format!("{}.json", report.time.replace(':', ""));
    for target in [name.as_str(), "latest.json"] {
        let new = directory.join(format!("{target}.new"));
        fs::write(&new, &text)?;
        fs::rename(&new, directory.join(target))?;
    }
    let mut names: Vec<_> = fs::read_dir(directory)?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.starts_with(|c: char| c.is_ascii_digit()) && name.ends_with(".json"))
        .collect();
    names.sort_unstable();
    for old in names.iter().rev().skip(KEPT) {
        fs::remove_file(directory.join(old))?;
    }
    Ok(())
}
