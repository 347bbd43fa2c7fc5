//! The verifier's runs over time: [`keep`] keeps each, `history` ([`runs`]) lists them, `drift` ([`drift`]) tells what
//! has changed since the first.
//!
//! A kept report is `TIME-NUMBER.json`, and the number is what orders them: clocks go back, and two runs fall into one
//! second. Reports are read through [`Root`], bounded, and taken for hostile.

pub mod drift;
pub mod keep;
pub mod options;
pub mod past;
pub mod runs;

use std::fs;
use std::io;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::Serialize;

use super::facts::Root;
use options::{Options, What};
use past::Past;

/// Where they are.
pub const REPORTS: &str = "/var/lib/vastimg/reports";

/// More digits are no number of ours.
const MOST_DIGITS: usize = 9;
const LAST_NUMBER: u32 = 999_999_999;

/// Prints what was asked for; returns the exit code.
pub fn main(options: &Options) -> u8 {
    let root = Root::new(&options.root);
    let answer = match options.what {
        What::History => runs::answer(&root, options),
        What::Drift => drift::answer(&root, options),
    };
    match answer {
        Ok((text, code)) => {
            super::print(&text);
            code
        }
        Err(error) => {
            super::complain(&format!("vastimg-verify: ERROR {error:#}"));
            2
        }
    }
}

/// A report that is there but cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unreadable {
    /// Its file's name.
    pub file: String,
    /// Why.
    pub unreadable: String,
}

/// The number of a report's name; none for other names. Reports of before there were numbers have 0.
pub fn number(name: &str) -> Option<u32> {
    let stem = name.strip_suffix(".json")?;
    let (time, number) = match stem.split_once("Z-") {
        Some((time, number)) => (time, number),
        None => (stem.strip_suffix('Z')?, "0"),
    };
    let digits =
        |text: &str, most: usize| text.len() <= most && text.bytes().all(|byte| byte.is_ascii_digit());
    let (date, clock) = time.split_once('T')?;
    if !digits(clock, 6)
        || !date.split('-').all(|part| digits(part, MOST_DIGITS))
        || !digits(number, MOST_DIGITS)
    {
        return None;
    }
    number.parse().ok()
}

/// Sorts the names of reports as they were written, the first one first, and drops other names.
fn ordered(names: Vec<String>) -> Vec<String> {
    let mut numbered: Vec<(u32, String)> =
        names.into_iter().filter_map(|name| Some((number(&name)?, name))).collect();
    numbered.sort_unstable();
    numbered.into_iter().map(|(_, name)| name).collect()
}

/// Names in a directory; those that are not UTF-8 are left out.
fn names(directory: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(directory)? {
        if let Ok(name) = entry?.file_name().into_string() {
            names.push(name);
        }
    }
    Ok(names)
}

/// Every kept report's name, the first one first; none where none was ever kept.
fn kept(root: &Root) -> Result<Vec<String>> {
    match root.locate(REPORTS).and_then(|directory| names(&directory)) {
        Ok(names) => Ok(ordered(names)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error).with_context(|| format!("listing {REPORTS}")),
    }
}

/// A kept report, read.
fn read(root: &Root, file: &str) -> Result<Past, Unreadable> {
    let read = || -> Result<Past> { past::parse(&root.read_bytes(&format!("{REPORTS}/{file}"))?) };
    read()
        .map_err(|error| Unreadable { file: file.to_owned(), unreadable: shown(&format!("{error:#}"), 200) })
}

/// For a terminal: cut to a width in characters, control characters as `?`.
fn shown(text: &str, width: usize) -> String {
    text.chars().map(|c| if c.is_control() { '?' } else { c }).take(width).collect()
}

/// Says that nothing was kept, and what would change that.
fn none_yet() -> String {
    format!("no run is kept in {REPORTS}; each sudo vastimg-verify keeps one")
}

fn json<T: Serialize>(value: &T) -> Result<String> {
    Ok(serde_json::to_string_pretty(value)? + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_orders_and_the_time_does_not() {
        let names = [
            "2026-01-01T000000Z-3.json",
            "2027-01-01T000000Z-2.json",
            "2026-01-01T000000Z-10.json",
            "2026-01-01T000000Z-1.json",
            "2025-12-31T235959Z.json",
            "2025-12-31T235959Z-2.json",
        ];
        let sorted = ordered(names.map(str::to_owned).to_vec());
        assert_eq!(sorted, [names[4], names[3], names[5], names[1], names[0], names[2]]);
    }

    #[test]
    fn other_names_are_not_reports() {
        for name in [
            "latest.json",
            "2026-01-01T000000Z-1.json.new",
            "2026-01-01T000000Z-1x.json",
            "2026-01-01T000000Z--1.json",
            "2026-01-01T000000Z-+1.json",
            "2026-01-01T000000Z-1234567890.json",
            "2026-01-01.json",
            "../T1Z-1.json",
            ".json",
            "é-01-01T000000Z-1.json",
        ] {
            assert_eq!(number(name), None, "{name}");
        }
        assert_eq!(number("1970-01-01T000000Z-999999999.json"), Some(999_999_999));
    }
}
