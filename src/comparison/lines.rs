//! Texts as they are compared: lines that know where they were, some of which may be left out or have names in them.

use std::collections::BTreeMap;

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Line {
    /// Without what ends it.
    pub(super) text: String,
    /// Whether a line feed ends it, as it does for all but a last one.
    pub(super) ended: bool,
}

/// A text's lines, and their numbers in the file.
#[derive(Clone, Debug, Default)]
pub(super) struct Lines {
    pub(super) lines: Vec<Line>,
    /// From 1, as many as lines.
    pub(super) numbers: Vec<usize>,
    /// What the lines of the file hold that is secret, by number.
    pub(super) secrets: BTreeMap<usize, &'static str>,
}

impl Lines {
    /// Those lines of a text for which `change` gives one; it sees number and text.
    pub(super) fn of(text: &str, mut change: impl FnMut(usize, &str) -> Option<String>) -> Self {
        let mut all = Lines::default();
        for (index, line) in text.split_inclusive('\n').enumerate() {
            let (line, ended) = line.strip_suffix('\n').map_or((line, false), |line| (line, true));
            if let Some(text) = change(index + 1, line) {
                all.lines.push(Line { text, ended });
                all.numbers.push(index + 1);
            }
        }
        all
    }

    /// All lines of a text.
    pub(super) fn all(text: &str) -> Self {
        Lines::of(text, |_, line| Some(line.to_owned()))
    }

    /// The same with its secrets marked; `text` is what it was made of.
    pub(super) fn with_secrets(mut self, path: &str, text: &str) -> Self {
        self.secrets = super::redact::secret_lines(path, text);
        self
    }
}
