//! Errors in what a user wrote: where, what, and the way out, with the line itself and a caret under the place.
//!
//! ```text
//! error: `nofile` must be at most 1073741816
//!   --> my.yaml:4:13
//!    |
//!  4 |     nofile: 9999999999
//!    |             ^^^^^^^^^^
//!    = help: open files per process; an integer from 1024 to 1073741816
//! ```
//!
//! Lines and columns count from 1 and in characters. The form is that of rustc, which editors already recognise.

use std::fmt;
use std::sync::{Arc, OnceLock};

use serde::Serialize;

/// A text with the name under which its user knows it: a path, or `--set`.
#[derive(Debug)]
pub struct Source {
    /// Path as the user gave it, or the option's name.
    pub name: String,
    /// The whole text.
    pub text: String,
    /// Where each line begins, once somebody has asked for one.
    lines: OnceLock<Vec<usize>>,
}

impl Source {
    /// A shared source.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Source { name: name.into(), text: text.into(), lines: OnceLock::new() })
    }

    /// A line by its number from 1, without its end.
    pub fn line(&self, number: usize) -> Option<&str> {
        let begins = self.lines.get_or_init(|| {
            std::iter::once(0).chain(self.text.match_indices('\n').map(|(at, _)| at + 1)).collect()
        });
        let from = *begins.get(number.checked_sub(1)?)?;
        self.text[from..].lines().next()
    }
}

/// A place in a [`Source`].
#[derive(Clone, Debug)]
pub struct Place {
    /// The text.
    pub source: Arc<Source>,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// How many characters the caret underlines; at least one is drawn. With 0 the line is not shown: it holds a secret.
    pub width: usize,
}

impl Place {
    /// The whole of an option's argument.
    pub fn of_argument(option: &str, argument: &str) -> Self {
        Place { source: Source::new(option, argument), line: 1, column: 1, width: argument.chars().count() }
    }
}

/// In bytes. A longer line is not shown; its place is named all the same.
const LONGEST_LINE: usize = 400;

/// How much a diagnostic matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// It cannot work, or locks somebody out.
    Error,
    /// It works, and is hardly what was meant. `--strict` makes it fail.
    Warning,
    /// Something to know; never a failure.
    Note,
}

impl Severity {
    /// As it heads a diagnostic.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        }
    }
}

/// One thing that is to be told.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// How much it matters.
    pub severity: Severity,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// Where.
    pub place: Option<Place>,
    /// The way out.
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error without a place.
    pub fn new(message: impl Into<String>) -> Self {
        Diagnostic { severity: Severity::Error, message: message.into(), place: None, help: None }
    }

    /// An error at a place.
    pub fn at(place: &Place, message: impl Into<String>) -> Self {
        Diagnostic { place: Some(place.clone()), ..Diagnostic::new(message) }
    }

    /// A warning, at a place where it has one.
    pub fn warning(place: Option<&Place>, message: impl Into<String>) -> Self {
        Diagnostic { severity: Severity::Warning, place: place.cloned(), ..Diagnostic::new(message) }
    }

    /// A note, at a place where it has one.
    pub fn note(place: Option<&Place>, message: impl Into<String>) -> Self {
        Diagnostic { severity: Severity::Note, place: place.cloned(), ..Diagnostic::new(message) }
    }

    /// At this place, where it has none of its own.
    pub fn or_at(mut self, place: &Place) -> Self {
        self.place.get_or_insert_with(|| place.clone());
        self
    }

    /// Adds the way out.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&harmless(&self.message))?;
        if let Some(place) = &self.place {
            let gutter = " ".repeat(place.line.to_string().len());
            let name = harmless(&place.source.name);
            write!(f, "\n{gutter} --> {name}:{}:{}", place.line, place.column)?;
            let line = place.source.line(place.line);
            if let Some(line) = line.filter(|line| line.len() <= LONGEST_LINE && place.width > 0) {
                let before: String = line
                    .chars()
                    .take(place.column.saturating_sub(1))
                    .map(|c| if c == '\t' { '\t' } else { ' ' })
                    .collect();
                let rest = line.chars().count().saturating_sub(place.column.saturating_sub(1));
                let carets = "^".repeat(place.width.min(rest).max(1));
                let line = harmless(line);
                write!(f, "\n {gutter} |\n {} | {line}\n {gutter} | {before}{carets}", place.line)?;
            }
        }
        if let Some(help) = &self.help {
            let indent = self.place.as_ref().map_or(1, |place| place.line.to_string().len() + 1);
            write!(f, "\n {}= help: {}", " ".repeat(indent), harmless(help))?;
        }
        Ok(())
    }
}

/// Whether a character turns the direction of a line, ends it unseen or has no width, so that what is shown is not what is there.
pub fn turns(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// What a terminal shows and does not obey, character for character, so that columns stay: the text may be anybody's.
fn harmless(text: &str) -> String {
    let obeyed = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
    text.chars().map(|c| if obeyed(c) || turns(c) { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// All the errors found in one go; never empty.
#[derive(Clone, Debug)]
pub struct Diagnostics(pub Vec<Diagnostic>);

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, diagnostic) in self.0.iter().enumerate() {
            if index > 0 {
                write!(f, "\n\nerror: ")?;
            }
            write!(f, "{diagnostic}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Diagnostics {}

impl Diagnostics {
    /// What an error tells, one by one; what was being done when it came up stands before the first.
    pub fn of(error: &anyhow::Error) -> Vec<Diagnostic> {
        let mut contexts = String::new();
        for cause in error.chain() {
            if let Some(Diagnostics(all)) = cause.downcast_ref::<Diagnostics>() {
                let mut all = all.clone();
                if let Some(first) = all.first_mut() {
                    first.message.insert_str(0, &contexts);
                }
                return all;
            }
            contexts.push_str(&format!("{cause}: "));
        }
        vec![Diagnostic::new(format!("{error:#}"))]
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Diagnostics(vec![diagnostic])
    }
}

/// The candidate that `word` is most likely a slip of, for "did you mean"; none when nothing is near.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.len() / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The candidate that is at most `most` letters away.
pub fn nearest_within<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
    most: usize,
) -> Option<&'a str> {
    candidates
        .into_iter()
        // What a slip costs in length; spares the rest, which is quadratic.
        .filter(|candidate| candidate.len().abs_diff(word.len()) <= most * 4)
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(distance, _)| *distance <= most)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Levenshtein distance in characters, case ignored.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.to_lowercase().chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.to_lowercase().chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_the_line_and_a_caret_of_the_right_width() {
        let source = Source::new("my.yaml", "fixes:\n  fd-limits:\n    nöfil: 10\n");
        let place = Place { source, line: 3, column: 5, width: 5 };
        let text = Diagnostic::at(&place, "unknown value `nöfil`").help("did you mean `nofile`?").to_string();
        insta::assert_snapshot!(text, @r"
        unknown value `nöfil`
          --> my.yaml:3:5
           |
         3 |     nöfil: 10
           |     ^^^^^
           = help: did you mean `nofile`?
        ");
    }

    #[test]
    fn lines_are_those_of_the_text() {
        let text = "a\r\n\nb\n";
        let source = Source::new("x", text);
        let found: Vec<_> = (1..4).map(|number| source.line(number)).collect();
        assert_eq!(found, text.lines().map(Some).collect::<Vec<_>>());
        assert_eq!((source.line(0), source.line(4)), (None, None));
    }

    #[test]
    fn a_terminal_obeys_nothing_of_what_is_shown() {
        let place =
            Place { source: Source::new("a\x1bb", "x: \x1b[2J\u{202e}y"), line: 1, column: 4, width: 3 };
        let text = Diagnostic::at(&place, "no `\x07`").help("not \u{9b}").to_string();
        assert!(!text.chars().any(|c| (c.is_control() && c != '\n') || c == '\u{202e}'), "{text:?}");
        assert!(text.contains("1 | x: \u{fffd}[2J\u{fffd}y\n   |    ^^^"), "{text:?}");
    }

    #[test]
    fn a_place_past_the_end_of_the_text_draws_no_line() {
        let place = Place { source: Source::new("x", "a: 1\n"), line: 9, column: 4, width: 2 };
        assert_eq!(Diagnostic::at(&place, "unfinished").to_string(), "unfinished\n  --> x:9:4");
    }

    #[test]
    fn nearest_knows_slips_and_leaves_strangers_alone() {
        let known = ["fd-limits", "packages", "pip-pin"];
        assert_eq!(nearest("fd-limit", known), Some("fd-limits"));
        assert_eq!(nearest("pippin", known), Some("pip-pin"));
        assert_eq!(nearest("kubernetes", known), None);
    }
}
