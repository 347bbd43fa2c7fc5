//! Which lines of a text are not shown since they hold a secret, or part of one.
//!
//! What is a secret is told by [`secrets`]; here it is followed to its end: to the next key of YAML, to the end of a private
//! key, and where the text is no YAML, over all lines that are further in. Rather a line too many than one too few. Limits: those
//! of [`secrets`]; what no word and no form tells is shown.

use std::collections::BTreeMap;

use crate::diagnostic::Source;
use crate::inspection::secrets;
use crate::yaml::{self, Node, Value};

/// Lines by number, from 1, and what is in them.
pub(super) fn secret_lines(path: &str, text: &str) -> BTreeMap<usize, &'static str> {
    let mut found = BTreeMap::new();
    let root = yaml::parse(&Source::new(path, text)).ok();
    let mut private = false;
    // The column of a secret whose lines are further in.
    let mut above: Option<(usize, &'static str)> = None;
    for (index, line) in text.lines().enumerate() {
        let column = line.chars().take_while(|c| matches!(c, ' ' | '\t' | '-')).count();
        if let Some((_, what)) = above.filter(|(at, _)| column > *at || line.trim().is_empty()) {
            found.insert(index + 1, what);
        } else {
            above = None;
        }
        if let Some(what) = secrets::in_line(line) {
            found.insert(index + 1, what);
            private |= line.contains("PRIVATE KEY-----") && !line.contains("-----END");
            if root.is_none() && above.is_none() {
                above = Some((column, what));
            }
        }
        if private {
            found.insert(index + 1, "a private key");
            private = !line.contains("-----END");
        }
    }
    if let Some(root) = root {
        let mut nodes = Vec::new();
        flatten(&root, None, &mut nodes);
        let last = text.lines().count() + 1;
        for (index, (line, what)) in nodes.iter().enumerate() {
            let Some(what) = what else { continue };
            let next = nodes.get(index + 1).map_or(last, |(next, _)| *next);
            for number in *line..next.max(line + 1) {
                found.entry(number).or_insert(*what);
            }
        }
    }
    found
}

/// The lines of keys and values in the order of the text, each with what it is part of.
fn flatten(node: &Node, within: Option<&'static str>, nodes: &mut Vec<(usize, Option<&'static str>)>) {
    match &node.value {
        Value::Map(entries) => {
            for (key, value) in entries {
                let within = within.or_else(|| secrets::below(&key.name, value));
                nodes.push((key.place.line, within));
                flatten(value, within, nodes);
            }
        }
        Value::List(items) => items.iter().for_each(|item| flatten(item, within, nodes)),
        _ => nodes.push((node.place.line, within)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let secret = secret_lines("user-data", text);
        let lines = text.lines().enumerate().filter(|(index, _)| !secret.contains_key(&(index + 1)));
        lines.map(|(_, line)| line).collect::<Vec<_>>().join("|")
    }

    #[test]
    fn a_secret_is_followed_to_its_end() {
        for (text, wanted) in [
            ("a: 1\npassword: hunter2\nb: 2\n", "a: 1|b: 2"),
            ("passwd:\n  hunter2\nb: 2\n", "b: 2"),
            ("passwd: |\n  # hunter2\n\n  hunter2\nb: 2\n", "b: 2"),
            ("passwd: \"hun\nter2\"\nb: 2\n", "b: 2"),
            ("chpasswd:\n  list: |\n    root:hunter2\nb: 2\n", "b: 2"),
            ("{\"a\": 1,\n\"password\":\n\"hunter2\",\n\"b\": 2}\n", "{\"a\": 1,|\"b\": 2}"),
            ("- passwd: |\n    hunter2\n  name: b\n", "  name: b"),
            // No YAML.
            ("a: [\npasswd: |\n  hunter2\nb: 2\n", "a: [|b: 2"),
            ("k: |\n  -----BEGIN PRIVATE KEY-----\n  abc\n  -----END PRIVATE KEY-----\nb: 2\n", "k: ||b: 2"),
        ] {
            assert_eq!(shown(text).replace("||", "|"), wanted.replace("||", "|"), "{text}");
        }
    }
}
