//! Names in the place of what one side says of itself all over its documents: digests of its own files, profile, host name,
//! version. Lines that differ in nothing else say nothing that is not told once, elsewhere.
//!
//! A digest is replaced where its line names the file, and the file is in both sides and not the same; the others only
//! after the words that documents have before them.

use std::collections::HashMap;

use super::side::Side;
use crate::documents::PAYLOAD;
use crate::inspection::Seed;

/// Digits of a digest.
const DIGITS: usize = 64;

/// Paths that are kept of one digest, and bytes of a line that is looked through: documents need two and 200.
const MOST: usize = 8;
const LONGEST: usize = 4096;

/// Words before what a seed is called, by what it is.
const BEFORE: [(&str, &[&str]); 3] = [
    ("profile", &["profile "]),
    ("host name", &["host ", "for ", "--hostname="]),
    ("version", &["vastimg ", "# "]),
];

/// What is replaced in the documents of one side.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// The paths that have a digest.
    digests: HashMap<String, Vec<String>>,
    words: Vec<(String, String)>,
}

impl Names {
    /// Those of `side`, which is held against `other`.
    pub(super) fn of(side: &Side, other: &Side) -> Self {
        let mut names = Names::default();
        for (path, file) in &side.files {
            let (Some(digest), Some(theirs)) = (&file.state.sha256, other.sha256(path)) else { continue };
            if digest != theirs {
                let paths = names.digests.entry(digest.clone()).or_default();
                if paths.len() < MOST {
                    paths.push(path.clone());
                }
            }
        }
        if let (Some(own), Some(theirs)) = (side.seed(), other.seed()) {
            for ((what, before), (own, theirs)) in BEFORE.iter().zip(said(own).into_iter().zip(said(theirs)))
            {
                if let (Some(own), Some(theirs)) = (own, theirs)
                    && own != theirs
                    && !own.is_empty()
                {
                    let words = before.iter().map(|word| (format!("{word}{own}"), format!("{word}[{what}]")));
                    names.words.extend(words);
                }
            }
        }
        names
    }

    /// A line with names in the places of what they name.
    pub(super) fn apply(&self, line: &str) -> String {
        if line.len() > LONGEST {
            return line.to_owned();
        }
        let mut line = self.digested(line);
        for (word, name) in &self.words {
            if line.contains(word) {
                line = replaced(&line, word, name);
            }
        }
        line
    }

    fn digested(&self, line: &str) -> String {
        let mut out = String::with_capacity(line.len());
        let mut rest = line;
        while let Some(start) = rest.find(|c: char| c.is_ascii_hexdigit()) {
            let (before, from) = rest.split_at(start);
            let end = from.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(from.len());
            let (digits, after) = from.split_at(end);
            out.push_str(before);
            let path = (digits.len() == DIGITS).then(|| self.digests.get(digits)).flatten();
            match path.and_then(|paths| paths.iter().find(|path| line.contains(on_vm(path)))) {
                Some(path) => out.push_str(&format!("[sha256 of {path}]")),
                None => out.push_str(digits),
            }
            rest = after;
        }
        out.push_str(rest);
        out
    }
}

/// Profile, host name and version, in the order of [`BEFORE`].
fn said(seed: &Seed) -> [Option<&str>; 3] {
    let version = seed.generator.as_deref().and_then(|generator| generator.strip_prefix("vastimg "));
    [seed.profile.as_deref(), seed.hostname.as_deref(), version]
}

/// Where a file of the payload is on the VM; for others, on the medium.
fn on_vm(path: &str) -> &str {
    path.strip_prefix(PAYLOAD).unwrap_or(path)
}

/// Replaces whole words: what goes on after it is another.
fn replaced(line: &str, word: &str, name: &str) -> String {
    let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find(word) {
        let (before, after) = (&rest[..at], &rest[at + word.len()..]);
        // A full stop ends a sentence, or goes on in a name.
        let goes_on = after.strip_prefix('.').unwrap_or(after).starts_with(part);
        out.push_str(before);
        out.push_str(if goes_on || out.ends_with(part) { word } else { name });
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::replaced;

    #[test]
    fn only_whole_words_are_replaced() {
        let line = "# profile web, profile web-2. profile web.example; a profile web.";
        let wanted = "# profile X, profile web-2. profile web.example; a profile X.";
        assert_eq!(replaced(line, "profile web", "profile X"), wanted);
        assert_eq!(replaced("multiprofile web", "profile web", "profile X"), "multiprofile web");
    }
}
