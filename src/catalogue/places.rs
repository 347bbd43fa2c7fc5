//! Where in a fix.yaml something is declared, for what turns out to be wrong only when it is used.

use super::fix::Fix;
use crate::diagnostic::{Place, Source};
use crate::yaml;

impl Fix {
    /// The place of what a path of keys, and of numbers in lists, names; of the last that is there.
    pub fn place_of(&self, path: &[String]) -> Option<Place> {
        let source =
            Source::new(format!("{}/fix.yaml", self.folder.name), self.folder.text("fix.yaml").ok()?);
        let root = yaml::parse(&source).ok()?;
        let (mut node, mut key) = (&root, None);
        for name in path {
            let item = name.parse().ok().and_then(|index: usize| node.items().get(index));
            (node, key) = match (item, node.entry(name)) {
                (Some(item), _) => (item, None),
                (None, Some((key, inner))) => (inner, Some(key)),
                (None, None) => break,
            };
        }
        // A list or a mapping is known by its key.
        match (node.text(), key) {
            (Some(text), _) => Some(Place { width: text.chars().count().max(1), ..node.place.clone() }),
            (None, Some(key)) if !(node.items().is_empty() && node.entries().is_empty()) => {
                Some(key.place.clone())
            }
            _ => Some(node.place.clone()),
        }
    }

    /// The place of some words of a text that such a path names; of the whole text where they are written otherwise.
    pub fn place_within(&self, path: &[String], words: &str) -> Option<Place> {
        let whole = self.place_of(path)?;
        let lines = whole.source.text.lines().enumerate().skip(whole.line - 1);
        for (index, line) in lines.take(LONGEST_TEXT) {
            let from = if index + 1 == whole.line { whole.column - 1 } else { 0 };
            let begin = line.char_indices().nth(from).map_or(line.len(), |(at, _)| at);
            if let Some(found) = line[begin..].find(words).filter(|_| !words.is_empty()) {
                return Some(Place {
                    line: index + 1,
                    column: line[..begin + found].chars().count() + 1,
                    width: words.chars().count(),
                    ..whole
                });
            }
        }
        Some(whole)
    }
}

/// Lines of a block scalar in which words are looked for.
const LONGEST_TEXT: usize = 50;
