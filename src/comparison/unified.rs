//! The differences of two texts as unified diffs have them: bounded, without secrets and without what a terminal would obey.
//!
//! Bounds: [`MOST`] lines of a file and [`ALL`] of a comparison, [`LONGEST`] characters of a line, [`SOON`] until no shorter
//! way to tell the differences is looked for. Source: POSIX diff, option -u.

use std::time::{Duration, Instant};

use serde::Serialize;
use similar::{Algorithm, DiffOp, DiffTag, capture_diff_slices_deadline, group_diff_ops};

use super::lines::{Line, Lines};
use crate::image::entries::plain;

/// Lines of a diff that are kept, for one file and for all.
const MOST: usize = 200;
const ALL: usize = 2000;

/// Characters of a line that are kept.
const LONGEST: usize = 300;

/// Lines of a text that is compared line by line.
pub(super) const LINES: usize = 20_000;

/// How long the lines of all files are compared exactly; afterwards more is told as changed than is.
const SOON: Duration = Duration::from_secs(5);

/// Lines around a change.
const AROUND: usize = 3;

/// Differences of two texts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diff {
    /// What was left out of both texts before, since it is told elsewhere.
    pub without: Option<&'static str>,
    /// As in a unified diff, from the first `@@`; a line with a secret says what it is instead.
    pub lines: Vec<String>,
    /// How many more lines there are.
    pub more: usize,
}

/// What is left of the bounds of a comparison.
#[derive(Debug)]
pub(super) struct Bounds {
    left: usize,
    until: Instant,
    show_sensitive: bool,
}

impl Bounds {
    pub(super) fn new(show_sensitive: bool) -> Self {
        Bounds { left: ALL, until: Instant::now() + SOON, show_sensitive }
    }

    pub(super) fn used_up(&self) -> bool {
        self.left == 0
    }

    /// The differences of `a` and `b`.
    pub(super) fn diff(&mut self, a: &Lines, b: &Lines, without: Option<&'static str>) -> Diff {
        let ops = capture_diff_slices_deadline(Algorithm::Myers, &a.lines, &b.lines, Some(self.until));
        let most = MOST.min(self.left);
        let mut out = Out { lines: Vec::new(), most, more: 0, show_sensitive: self.show_sensitive };
        for group in group_diff_ops(ops, AROUND) {
            out.hunk(&group, a, b);
        }
        self.left -= out.lines.len();
        Diff { without, lines: out.lines, more: out.more }
    }
}

struct Out {
    lines: Vec<String>,
    most: usize,
    more: usize,
    show_sensitive: bool,
}

impl Out {
    fn push(&mut self, line: impl FnOnce() -> String) {
        if self.lines.len() < self.most {
            self.lines.push(line());
        } else {
            self.more += 1;
        }
    }

    fn hunk(&mut self, group: &[DiffOp], a: &Lines, b: &Lines) {
        let (Some(first), Some(last)) = (group.first(), group.last()) else { return };
        let place = |lines: &Lines, start: usize, end: usize| {
            // Of no lines, diff names the one before.
            let number = match lines.numbers.get(start).filter(|_| start < end) {
                Some(number) => *number,
                None => start.checked_sub(1).and_then(|at| lines.numbers.get(at)).copied().unwrap_or(0),
            };
            if end - start == 1 { number.to_string() } else { format!("{number},{}", end - start) }
        };
        let old = place(a, first.old_range().start, last.old_range().end);
        let new = place(b, first.new_range().start, last.new_range().end);
        self.push(|| format!("@@ -{old} +{new} @@"));
        for op in group {
            match op.tag() {
                DiffTag::Equal => self.all(' ', b, op.new_range()),
                DiffTag::Delete | DiffTag::Insert | DiffTag::Replace => {
                    self.all('-', a, op.old_range());
                    self.all('+', b, op.new_range());
                }
            }
        }
    }

    fn all(&mut self, sign: char, lines: &Lines, range: std::ops::Range<usize>) {
        for at in range {
            let (Some(line), Some(number)) = (lines.lines.get(at), lines.numbers.get(at)) else { continue };
            let secret = lines.secrets.get(number).filter(|_| !self.show_sensitive);
            self.push(|| match secret {
                Some(what) => format!("{sign}({what}, not shown)"),
                None => format!("{sign}{}", shown(line)),
            });
            if !line.ended {
                self.push(|| "\\ No newline at end of file".to_owned());
            }
        }
    }
}

/// A line for a person; tabs stay.
fn shown(line: &Line) -> String {
    let cut: String = line.text.chars().take(LONGEST).collect();
    let shown = cut.split('\t').map(plain).collect::<Vec<_>>().join("\t");
    match line.text.chars().count() - cut.chars().count() {
        0 => shown,
        more => format!("{shown} [{more} more characters]"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn diff(a: &str, b: &str) -> Diff {
        let lines = |text: &str| Lines::all(text).with_secrets("f", text);
        Bounds::new(false).diff(&lines(a), &lines(b), None)
    }

    #[test]
    fn lines_are_told_as_diff_does() {
        let found = diff("a\nb\nc\nd\ne\n", "a\nb\nc\nd\x1b[2J\ne\tf");
        let wanted = [
            "@@ -1,5 +1,5 @@",
            " a",
            " b",
            " c",
            "-d",
            "-e",
            "+d\\u{1b}[2J",
            "+e\tf",
            "\\ No newline at end of file",
        ];
        assert_eq!(found.lines, wanted);
        assert_eq!(diff("", "a\n").lines, ["@@ -0,0 +1 @@", "+a"]);
    }

    #[test]
    fn secrets_are_told_and_not_shown() {
        let found = diff("password: a\nx: 1\n", "password: b\nx: 1\n");
        let what = "(a password or key, not shown)";
        assert_eq!(found.lines, ["@@ -1,2 +1,2 @@", &format!("-{what}"), &format!("+{what}"), " x: 1"]);
    }

    #[test]
    fn what_is_long_is_cut_and_what_is_hard_ends() {
        let text = |seed: u64| -> String {
            (0..LINES as u64).map(|n| format!("{}\n", (n * n + seed * n) % 97)).collect()
        };
        let started = Instant::now();
        let found = diff(&text(1), &text(2));
        assert!(started.elapsed() < Duration::from_secs(30), "{:?}", started.elapsed());
        assert!(found.lines.len() == MOST && found.more > 1000, "{}", found.more);
        let line = diff("", &"x".repeat(1000)).lines.remove(1);
        assert!(line.ends_with("x [700 more characters]"), "{line}");
    }
}
