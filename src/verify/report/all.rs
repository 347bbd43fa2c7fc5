//! The table of formats, from which `--format`, its refusal and its help derive.

use std::ffi::OsString;

use super::format::Format;
use super::{json, junit, nagios, prometheus, tap, text};

/// All of them, the default first.
pub static ALL: [&dyn Format; 6] =
    [&text::Text, &json::Json, &junit::Junit, &tap::Tap, &nagios::Nagios, &prometheus::Prometheus];

/// The format of that name.
///
/// # Errors
/// Which ones there are.
pub fn format(name: &str) -> Result<&'static dyn Format, String> {
    let found = ALL.into_iter().find(|format| format.name() == name);
    found.ok_or_else(|| format!("--format {name}: formats are {}", names("and")))
}

/// The format that arguments ask for which could not be parsed: whoever reads it expects the refusal in it as well.
pub fn asked_for(arguments: &[OsString]) -> &'static dyn Format {
    let behind = |at: usize| arguments.get(at + 1).filter(|_| arguments[at] == "--format");
    let asked = (0..arguments.len()).rev().find_map(|at| {
        let joined = arguments[at].to_str().and_then(|argument| argument.strip_prefix("--format="));
        format(joined.or_else(|| behind(at)?.to_str())?).ok()
    });
    asked.unwrap_or(ALL[0])
}

/// `text, json AND prometheus`.
pub fn names(and: &str) -> String {
    let mut list = String::new();
    for (at, format) in ALL.iter().enumerate() {
        match at {
            0 => {}
            at if at + 1 == ALL.len() => list.extend([" ", and, " "]),
            _ => list.push_str(", "),
        }
        list.push_str(format.name());
    }
    list
}
