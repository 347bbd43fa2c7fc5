//! Arguments of `vastimg-verify history` and `vastimg-verify drift`.

use std::path::PathBuf;

use lexopt::prelude::*;

/// What `history --help` prints.
pub const HISTORY: &str = "\
List the kept runs of the verifier on this host, the newest last.

Usage: vastimg-verify history [OPTIONS]

Options:
  -n N              only the newest N runs
  --format FORMAT   text or json [default: text]
  --root DIR        the runs kept in another tree
  -h, --help        this text

Below a run are the checks whose result differs from the run before. A report
that cannot be read is listed with the reason.

Exit: 0 listed; 2 could not be listed.
";

/// What `drift --help` prints.
pub const DRIFT: &str = "\
Show what the newest run of the verifier found otherwise than the first, and
between which two runs each difference appeared.

Usage: vastimg-verify drift [OPTIONS]

Options:
  --since TIME      compare with the first run from TIME on, which is a UTC
                    time or its beginning: 2026-11-22, 2026-11-22T08:30
                    [default: the first run]
  --format FORMAT   text or json [default: text]
  --root DIR        the runs kept in another tree
  -h, --help        this text

Shown, and no drift: checks that came or went with another manifest, and those
that held and hold in another way, as when docker has started since.

Exit: 0 no drift; 1 drift; 2 there is nothing to compare.
";

/// Which question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// The list of runs.
    History,
    /// What has changed.
    Drift,
}

impl What {
    /// The command of that name.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "history" => Some(What::History),
            "drift" => Some(What::Drift),
            _ => None,
        }
    }

    /// Its help.
    pub fn help(self) -> &'static str {
        match self {
            What::History => HISTORY,
            What::Drift => DRIFT,
        }
    }
}

/// How to answer.
#[derive(Debug)]
pub struct Options {
    /// The question.
    pub what: What,
    /// The tree.
    pub root: PathBuf,
    /// Whether to answer in JSON.
    pub json: bool,
    /// How many runs are listed.
    pub newest: Option<usize>,
    /// The beginning of a time.
    pub since: Option<String>,
}

/// Reads the arguments behind the command; none when its help is asked for.
///
/// # Errors
/// What is wrong with them.
pub fn parse(what: What, parser: &mut lexopt::Parser) -> Result<Option<Options>, lexopt::Error> {
    let mut options = Options { what, root: PathBuf::from("/"), json: false, newest: None, since: None };
    while let Some(argument) = parser.next()? {
        match argument {
            Short('h') | Long("help") => return Ok(None),
            Long("root") => options.root = parser.value()?.into(),
            Long("format") => {
                options.json = match parser.value()?.string()?.as_str() {
                    "text" => false,
                    "json" => true,
                    other => return Err(format!("--format {other}: formats are text and json").into()),
                }
            }
            Short('n') if what == What::History => {
                let text = parser.value()?.string()?;
                let number = text.parse().ok().filter(|number| *number > 0);
                options.newest =
                    Some(number.ok_or_else(|| format!("-n {text}: expected a number of runs, 1 or more"))?);
            }
            Long("since") if what == What::Drift => {
                let text = parser.value()?.string()?;
                if !is_beginning(&text) {
                    let expected =
                        "expected a UTC time or its beginning, such as 2026-11-22 or 2026-11-22T08:30:00Z";
                    return Err(format!("--since {text}: {expected}").into());
                }
                options.since = Some(text);
            }
            other => return Err(other.unexpected()),
        }
    }
    Ok(Some(options))
}

/// Whether it is a time of RFC 3339 in UTC, or the beginning of one that has its year.
fn is_beginning(text: &str) -> bool {
    const SHAPE: &[u8] = b"0000-00-00T00:00:00Z";
    let fits = |(have, shape): (u8, &u8)| if *shape == b'0' { have.is_ascii_digit() } else { have == *shape };
    (4..=SHAPE.len()).contains(&text.len()) && text.bytes().zip(SHAPE).all(fits)
}

#[cfg(test)]
mod tests {
    use super::is_beginning;

    #[test]
    fn beginnings_of_times() {
        for good in ["2026", "2026-11-22", "2026-11-22T08:30", "2026-11-22T08:30:00Z"] {
            assert!(is_beginning(good), "{good}");
        }
        for bad in
            ["", "202", "first", "2026-11-22 08:30", "2026-11-22T08:30:00+01:00", "2026-11-22T08:30:00ZZ"]
        {
            assert!(!is_beginning(bad), "{bad}");
        }
    }
}
