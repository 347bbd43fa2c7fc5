//! The variables that count: `vastimg`, a mapping of what a host has in this program's own form, and `vastimg_KEY`, one of it.

use serde_json::Value as Json;

use crate::catalogue::Catalogue;
use crate::diagnostic::{Diagnostic, nearest};
use crate::schema;
use crate::yaml::{Key, Node, Value, shape};

/// The mapping, and how the names of single settings begin.
const WHOLE: &str = "vastimg";
const ONE: &str = "vastimg_";

/// Variables by their names, in their order.
pub(super) type Vars<'n> = Vec<(&'n Key, &'n Node)>;

/// What a host may say, as a JSON Schema.
pub(super) struct Shape(Json);

impl Shape {
    pub fn new(catalogue: &Catalogue) -> Self {
        let whole = schema::inventory(catalogue);
        let mut host = whole["properties"]["hosts"]["additionalProperties"]["anyOf"][0].clone();
        if let Some(properties) = host["properties"].as_object_mut() {
            properties.remove("groups");
        }
        // Values of fixes are the profile's to check, which knows their bounds.
        host["$defs"] = serde_json::json!({"fixes": {"type": "object"}});
        Shape(host)
    }

    /// Those of a mapping of variables that count, held against their kinds where they are written.
    pub fn counting<'n>(&self, node: &'n Node, found: &mut Vec<Diagnostic>) -> Vars<'n> {
        let mut vars = Vars::new();
        for (key, node) in node.entries() {
            if key.name == WHOLE && matches!(node.value, Value::Map(_) | Value::Null) {
                self.check(node, &self.0, "`vastimg`", found);
            } else if key.name == WHOLE {
                let message = format!("`vastimg` must be a mapping, not {}", node.value.kind());
                found.push(Diagnostic::at(&node.place, message).help("such as vastimg: {install_disk: vda}"));
                continue;
            } else if let Some(name) = key.name.strip_prefix(ONE) {
                let Some(schema) = self.0["properties"].get(name) else {
                    found.push(self.unknown(key, name));
                    continue;
                };
                let mut schema = schema.clone();
                schema["$defs"] = self.0["$defs"].clone();
                self.check(node, &schema, &format!("`{}`", key.name), found);
            } else {
                found.extend(misspelt(key));
                continue;
            }
            vars.push((key, node));
        }
        vars
    }

    fn check(&self, node: &Node, schema: &Json, what: &str, found: &mut Vec<Diagnostic>) {
        let before = found.len();
        unread(node, found);
        if found.len() == before && !matches!(node.value, Value::Null) {
            shape::check(node, schema, what, found);
        }
    }

    fn unknown(&self, key: &Key, name: &str) -> Diagnostic {
        let known = self.0["properties"].as_object().into_iter().flat_map(|known| known.keys());
        let known: Vec<&str> = known.map(String::as_str).collect();
        let help = match nearest(name, known.iter().copied()) {
            Some(near) => format!("did you mean `{ONE}{near}`?"),
            None => format!("there are {}, each behind {ONE}", known.join(", ")),
        };
        Diagnostic::at(&key.place, format!("no variable is named `{}`", key.name)).help(help)
    }
}

/// A variable that is somebody else's by its name, and hardly meant so.
fn misspelt(key: &Key) -> Option<Diagnostic> {
    nearest(&key.name, [WHOLE])?;
    let message = format!("the variable `{}` is not read", key.name);
    Some(Diagnostic::warning(Some(&key.place), message).help(format!("did you mean `{WHOLE}`?")))
}

/// What is in a value that only Ansible could read.
fn unread(node: &Node, found: &mut Vec<Diagnostic>) {
    match &node.value {
        Value::Map(entries) => entries.iter().for_each(|(_, node)| unread(node, found)),
        Value::List(items) => items.iter().for_each(|item| unread(item, found)),
        Value::Text(text) => {
            let column = node.place.column.saturating_sub(1);
            let line = node.place.source.line(node.place.line).unwrap_or_default();
            let before: String = line.chars().take(column).collect();
            let tagged = |tag: &str| before.trim_end().ends_with(tag);
            if text.starts_with("$ANSIBLE_VAULT") || tagged("!vault") {
                let help =
                    "nothing that vastimg takes is secret; write the value itself, or the path of a file";
                found.push(
                    Diagnostic::at(&node.place, "this is encrypted by Ansible's vault, which is not read")
                        .help(help),
                );
            } else if ["{{", "{%", "{#"].iter().any(|begin| text.contains(begin)) {
                let help = "write the value itself; hosts that differ may each have their own";
                found.push(
                    Diagnostic::at(&node.place, "Ansible's templates are not rendered here").help(help),
                );
            } else if tagged("!unsafe") {
                let help = "take the tag out; nothing is a template here";
                found.push(Diagnostic::at(&node.place, "`!unsafe` has no meaning here").help(help));
            }
        }
        _ => {}
    }
}

/// The settings that variables come to: `vastimg_KEY` over the keys of `vastimg`.
pub(super) fn settings<'n>(vars: &Vars<'n>) -> Vec<(&'n str, &'n Node)> {
    let mut settings: Vec<(&str, &Node)> = Vec::new();
    let mut set = |name: &'n str, node: &'n Node| match settings.iter_mut().find(|(known, _)| *known == name)
    {
        Some(known) => known.1 = node,
        None => settings.push((name, node)),
    };
    for (_, node) in vars.iter().filter(|(key, _)| key.name == WHOLE) {
        node.entries().iter().for_each(|(key, node)| set(&key.name, node));
    }
    for (key, node) in vars {
        if let Some(name) = key.name.strip_prefix(ONE) {
            set(name, node);
        }
    }
    settings.retain(|(_, node)| !matches!(node.value, Value::Null));
    settings
}

/// Puts variables over others; each replaces the whole of one of its name.
pub(super) fn over<'n>(vars: &mut Vars<'n>, others: &Vars<'n>) {
    for other in others {
        match vars.iter_mut().find(|(key, _)| key.name == other.0.name) {
            Some(own) => *own = *other,
            None => vars.push(*other),
        }
    }
}
