//! What is no YAML, or hardly meant as it is: the parser's errors at their places, each with a way out where one is known.

use std::sync::Arc;

use serde_yaml::Spanned;
use serde_yaml::options::DuplicateKeyPolicy;

use super::{Item, Key, Node, Raw, Spot, roomy};
use crate::diagnostic::{Diagnostic, Place, Source};

/// A parser's error at its place in the source.
pub fn syntax_error(source: &Arc<Source>, error: &serde_yaml::Error) -> Diagnostic {
    let full = error.without_snippet().to_string();
    // The parser appends the place, which ours is drawn below, and hints for programmers.
    if full.contains("budget") {
        let place = error.location().map(|location| Spot::of(location).located(source));
        let message = "too large, or too deeply nested, for a file that a person wrote".to_owned();
        return Diagnostic { place, ..Diagnostic::new(message) };
    }
    let message = [" at line ", ", set ", "; use from_str"]
        .iter()
        .fold(full.as_str(), |message, hint| message.split(hint).next().unwrap_or(message));
    let place = error.location().map(|location| Spot::of(location).located(source));
    if let Some(name) = message.strip_prefix("duplicate mapping key: ") {
        return twice(source, name, place);
    }
    let told = Diagnostic { place, ..Diagnostic::new(message) };
    if message.starts_with("tabs ") {
        told.help("YAML is indented with spaces; put some in place of the tab")
    } else {
        told
    }
}

/// A key that a mapping has a second time.
fn twice(source: &Arc<Source>, name: &str, second: Option<Place>) -> Diagnostic {
    let mut options = roomy(source);
    options.duplicate_keys = DuplicateKeyPolicy::PassThrough;
    let root: Option<Spanned<Raw>> = serde_yaml::from_str_with_options(&source.text, options).ok();
    let first = root.and_then(|root| {
        let at = second.as_ref().map(|place| (place.line, place.column))?;
        first_of(&Item::of(root).located(source), name, at)
    });
    let help = first.map_or_else(
        || "leave one of them out".to_owned(),
        |(line, column)| format!("the first is in line {line}, column {column}; keep one of them"),
    );
    Diagnostic { place: second, ..Diagnostic::new(format!("`{name}` is a key twice")) }.help(help)
}

/// Line and column of the first of two keys of one name, of which the second is at a line and column.
fn first_of(node: &Node, name: &str, second: (usize, usize)) -> Option<(usize, usize)> {
    let same = || node.entries().iter().map(|(key, _)| key).filter(|key| key.name == name);
    let at = |key: &Key| (key.place.line, key.place.column);
    if same().any(|key| at(key) == second) {
        return same().next().map(at);
    }
    let inner = node.entries().iter().map(|(_, inner)| inner).chain(node.items());
    inner.filter_map(|inner| first_of(inner, name, second)).next()
}

/// The help for a key or a text in which the space behind the colon is missing, such as `nofile:2097152`; `known` tells
/// whether what is before the colon is a key.
pub fn missing_space(text: &str, known: impl Fn(&str) -> bool) -> Option<String> {
    let (key, value) = text.split_once(':').filter(|(key, value)| known(key) && !value.is_empty())?;
    Some(format!("a space is missing behind the colon: `{key}: {value}`"))
}
