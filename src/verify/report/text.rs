//! The table that a person reads on a serial console of 80 columns: a line for each check, and below what deviates what
//! was found, where it comes from and what to do. The deviating ones are last.
//!
//! Only ASCII is written, anything else is `?`: then a character is a column, on terminals of any encoding, and no table
//! of widths is needed. Long texts go on in the next line, under where they began; a word that has room in a line is
//! never broken, since most long ones are paths. The last line is [`super::line`], which is as long as it is.

use std::iter::repeat_n;

use anyhow::Result;

use super::format::{Format, findings, plain};
use super::{CheckResult, Report};
use crate::verify::checks::Verdict;

const COLUMNS: usize = 80;

/// The longest id for which the table makes room.
const LONGEST_ID: usize = 44;

/// `--format text`.
#[derive(Debug)]
pub struct Text;

impl Format for Text {
    fn name(&self) -> &'static str {
        "text"
    }

    fn render(&self, report: &Report, colour: bool) -> Result<String> {
        let mut out = String::new();
        let widest = report.results.iter().map(|result| result.id.chars().count()).max();
        let width = widest.unwrap_or(0).min(LONGEST_ID);
        // What deviates comes last, where a screen still shows it.
        let settled = |result: &&CheckResult| matches!(result.result, Verdict::Pass | Verdict::Skip);
        let (settled, deviating): (Vec<_>, Vec<_>) = report.results.iter().partition(settled);
        for result in settled.into_iter().chain(deviating) {
            row(&mut out, result, width, colour);
        }
        out.push('\n');
        out.push_str(&super::line(report));
        out.push('\n');
        Ok(out)
    }
}

fn row(out: &mut String, result: &CheckResult, width: usize, colour: bool) {
    let (word, ansi) = match result.result {
        Verdict::Pass => ("pass", "\x1b[32m"),
        Verdict::Warn => ("warn", "\x1b[33m"),
        Verdict::Fail => ("FAIL", "\x1b[31m"),
        Verdict::Skip => ("skip", "\x1b[36m"),
        Verdict::Error => ("ERROR", "\x1b[31m"),
    };
    if colour {
        out.extend([ansi, word, "\x1b[0m"]);
    } else {
        out.push_str(word);
    }
    spaces(out, 6 - word.len());
    let column = fill(out, 6, 6, &result.id);
    let gap = (6 + width).saturating_sub(column) + 2;
    spaces(out, gap);
    fill(out, column + gap, width + 8, &result.wanted);
    end_line(out);
    if result.result == Verdict::Pass {
        return;
    }
    for (name, value) in findings(result) {
        let name = if (name, result.result) == ("source", Verdict::Skip) { "because" } else { name };
        spaces(out, 6);
        out.push_str(name);
        spaces(out, 10 - name.len());
        // A command is to be copied: in a line of its own, if it does not fit behind what is said before it.
        let command = if name == "remedy" { value.find("sudo ") } else { None };
        match command.filter(|_| 16 + value.len() > COLUMNS) {
            Some(at) => {
                let (words, command) = value.split_at(at);
                fill(out, 16, 16, words);
                end_line(out);
                // A long one begins further to the left rather than going on in a second line.
                let indent = 16.min(COLUMNS.saturating_sub(command.len())).max(6);
                spaces(out, indent);
                fill(out, indent, indent, command);
            }
            None => {
                fill(out, 16, 16, value);
            }
        }
        end_line(out);
    }
}

/// Adds `text` to a line that has come to `column`, goes on in lines that begin at `indent`, and returns the column that
/// it ends at.
fn fill(out: &mut String, mut column: usize, indent: usize, text: &str) -> usize {
    let text: String = plain(text).map(|c| if c.is_ascii() { c } else { '?' }).collect();
    if column + text.len() <= COLUMNS {
        out.push_str(&text);
        return column + text.len();
    }
    let mut between = 0;
    for word in text.split_ascii_whitespace() {
        if column + between + word.len() <= COLUMNS {
            spaces(out, between);
            column += between;
        } else {
            end_line(out);
            // A word that is too long for what hangs there moves to the left, one that is too long for a line is cut.
            column = if word.len() > COLUMNS { indent } else { indent.min(COLUMNS - word.len()) };
            spaces(out, column);
        }
        for c in word.chars() {
            if column == COLUMNS {
                end_line(out);
                spaces(out, indent);
                column = indent;
            }
            out.push(c);
            column += 1;
        }
        between = 1;
    }
    column
}

fn spaces(out: &mut String, count: usize) {
    out.extend(repeat_n(' ', count));
}

fn end_line(out: &mut String) {
    out.truncate(out.trim_end_matches(' ').len());
    out.push('\n');
}
