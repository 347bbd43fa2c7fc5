//! fix.yaml against its own types, for a person: every key and value that is wrong, each at its place.
//!
//! Reading alone stops at the first; this goes through all of it once something is known to be wrong, or before a fix of
//! somebody's own is used.

use std::sync::Arc;

use super::schema;
use crate::diagnostic::{Diagnostic, Source, nearest};
use crate::yaml::{self, Node, Value, shape};

/// Everything that is wrong with a text that could not be read; the reader's own error where nothing else is.
pub(super) fn faults(source: &Arc<Source>, error: &serde_yaml::Error) -> Vec<Diagnostic> {
    let root = match yaml::parse(source) {
        Ok(root) => root,
        Err(diagnostic) => return vec![diagnostic],
    };
    let found = check(&root);
    if found.is_empty() { vec![yaml::syntax_error(source, error)] } else { found }
}

/// Everything that the types do not take.
pub(super) fn check(root: &Node) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut schema = schema::fix();
    // Told below, in the words of checks.
    schema["properties"]["checks"]["items"] = serde_json::json!({"type": "object"});
    shape::check(root, &schema, "a fix", &mut found);
    let checks = root.get("checks").map(Node::items).unwrap_or_default();
    let kinds = schema::assertions();
    for check in checks.iter().filter(|check| matches!(check.value, Value::Map(_))) {
        check_of(check, &kinds, &mut found);
    }
    found
}

fn check_of(check: &Node, kinds: &[(String, serde_json::Value)], found: &mut Vec<Diagnostic>) {
    let named = check.entries().iter().filter(|(key, _)| !matches!(key.name.as_str(), "id" | "label"));
    let named: Vec<_> = named.collect();
    let [(key, body)] = named.as_slice() else {
        let help = "one key says what is checked, such as `package: {name: gcc}`, beside `id` and `label`";
        let message = format!("a check has one kind, and this one has {}", named.len());
        found.push(Diagnostic::at(&check.place, message).help(help));
        return;
    };
    let Some((kind, schema)) = kinds.iter().find(|(kind, _)| *kind == key.name) else {
        let names = || kinds.iter().map(|(kind, _)| kind.as_str());
        let help = match nearest(&key.name, names()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("kinds are {}", names().collect::<Vec<_>>().join(", ")),
        };
        found
            .push(Diagnostic::at(&key.place, format!("no kind of check is named `{}`", key.name)).help(help));
        return;
    };
    shape::check(body, schema, &format!("`{kind}`"), found);
    // What becomes many checks is named after what it finds.
    if !kind.ends_with("-file") && check.get("id").is_none() {
        let help = "a name within the fix, of letters, digits and ._-";
        found.push(Diagnostic::at(&check.place, "a check without an `id`").help(help));
    }
}
