//! One command of a kickstart, split into words as pykickstart does it.
//!
//! Source: shlex.split with comments, of Python 3.6.

use crate::diagnostic::Place;

/// A command with its arguments.
pub(super) struct Line {
    words: Vec<(String, Place)>,
    /// Of the command itself.
    pub place: Place,
}

impl Line {
    /// `text` is the whole line, in which the command begins at `place`.
    pub fn new(text: &str, place: Place) -> Self {
        let words = split(text)
            .into_iter()
            .map(|(word, column, width)| (word, Place { column, width, ..place.clone() }))
            .collect();
        Line { words, place }
    }

    /// The command.
    pub fn name(&self) -> &str {
        self.words.first().map(|(word, _)| word.as_str()).unwrap_or_default()
    }

    /// Names of options without hyphens, each with its place; values are not part of it.
    pub fn options(&self) -> impl Iterator<Item = (String, Place)> {
        self.words.iter().skip(1).filter_map(|(word, place)| {
            let option = word.strip_prefix("--")?;
            let option = option.split('=').next().unwrap_or_default();
            let plain = !option.contains(char::is_whitespace);
            let width = option.chars().count() + 2;
            plain.then(|| (option.to_owned(), Place { width, ..place.clone() }))
        })
    }

    /// Whether it has an option.
    pub fn has(&self, option: &str) -> bool {
        self.options().any(|(name, _)| name == option)
    }

    /// The value of an option, `--option=VALUE` or `--option VALUE`, and its place.
    pub fn value(&self, option: &str) -> Option<(&str, &Place)> {
        let mut words = self.words.iter().skip(1);
        while let Some((word, place)) = words.next() {
            match word.strip_prefix("--").and_then(|word| word.strip_prefix(option)) {
                Some("") => return words.next().map(|(word, place)| (word.as_str(), place)),
                Some(rest) => match rest.strip_prefix('=') {
                    Some(value) => return Some((value, place)),
                    None => continue,
                },
                None => continue,
            }
        }
        None
    }

    /// The first argument that is no option.
    pub fn argument(&self) -> Option<&str> {
        self.words.iter().skip(1).map(|(word, _)| word.as_str()).find(|word| !word.starts_with("--"))
    }
}

/// Words with the column where each begins, from 1, and how many characters it takes.
fn split(text: &str) -> Vec<(String, usize, usize)> {
    let mut words = Vec::new();
    let mut word: Option<(String, usize)> = None;
    let mut quote = None;
    let mut escaped = false;
    let mut end = 0;
    for (index, c) in text.chars().enumerate() {
        end = index + 1;
        let begun = |word: &mut Option<(String, usize)>, c: Option<char>| {
            word.get_or_insert((String::new(), end)).0.extend(c);
        };
        match (quote, c) {
            _ if escaped => {
                begun(&mut word, Some(c));
                escaped = false;
            }
            (None | Some('"'), '\\') => {
                begun(&mut word, None);
                escaped = true;
            }
            (Some(open), _) if c == open => quote = None,
            (Some(_), _) => begun(&mut word, Some(c)),
            (None, '"' | '\'') => {
                begun(&mut word, None);
                quote = Some(c);
            }
            (None, '#') => {
                end = index;
                break;
            }
            (None, _) if c.is_whitespace() => {
                words.extend(word.take().map(|(word, column)| (word, column, end - column)));
            }
            (None, _) => begun(&mut word, Some(c)),
        }
    }
    words.extend(word.map(|(word, column)| (word, column, (end + 1).saturating_sub(column))));
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_shlex() {
        let of = |text| split(text).into_iter().map(|(word, ..)| word).collect::<Vec<_>>();
        assert_eq!(
            of(r#"bootloader --append="a --b" --timeout 1 # --c"#),
            ["bootloader", "--append=a --b", "--timeout", "1"]
        );
        assert_eq!(of(r#"a 'b "c' d\ e """#), ["a", "b \"c", "d e", ""]);
        assert_eq!(split("  ab  --c"), [("ab".to_owned(), 3, 2), ("--c".to_owned(), 7, 3)]);
    }
}
