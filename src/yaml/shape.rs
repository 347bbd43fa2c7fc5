//! Holds a located tree against a JSON Schema, so that every key and value of a wrong kind is told at its place, in one go.
//!
//! Limits: what schemas of this program use (`$ref`, `type`, `properties`, `additionalProperties`, `required`, `items`, `enum`,
//! `const`, `anyOf`, `oneOf`, `minimum`, `maximum`); any other keyword asks for nothing. Source: JSON Schema, draft 2020-12.

use serde_json::Value as Json;

use super::{Key, Node, Value};
use crate::diagnostic::{Diagnostic, nearest};

/// Holds `node` against `schema`. `what` is what a sentence calls it: "a fix".
pub fn check(node: &Node, schema: &Json, what: &str, found: &mut Vec<Diagnostic>) {
    Shape { root: schema }.check(node, schema, what, found);
}

struct Shape<'a> {
    root: &'a Json,
}

impl<'a> Shape<'a> {
    fn resolved(&self, mut schema: &'a Json) -> &'a Json {
        // A reference to a reference is as deep as the generator goes.
        for _ in 0..8 {
            let Some(name) = schema.get("$ref").and_then(Json::as_str) else { break };
            let Some(target) = name.strip_prefix('#').and_then(|path| self.root.pointer(path)) else { break };
            schema = target;
        }
        schema
    }

    fn check(&self, node: &Node, schema: &'a Json, what: &str, found: &mut Vec<Diagnostic>) {
        let schema = self.resolved(schema);
        if choices(schema).is_some() && !matches!(node.value, Value::Text(_)) {
            let message = format!("{what} must be {}, not {}", self.expected(schema), node.value.kind());
            found.push(Diagnostic::at(&node.place, message));
            return;
        }
        if choices(schema).is_some() {
            return self.choice(node, schema, what, found);
        }
        for several in ["anyOf", "oneOf"] {
            if let Some(branches) = schema.get(several).and_then(Json::as_array) {
                return self.one_of(node, schema, branches, what, found);
            }
        }
        if !self.kind_fits(node, schema) {
            let help = schema.get("description").and_then(Json::as_str);
            // What YAML takes for something else.
            let plain = matches!(node.value, Value::Boolean(_) | Value::Integer(_) | Value::Float(_));
            let expected = self.expected(schema);
            let quotes = if plain && expected.contains("text") { "; put it in quotes" } else { "" };
            let message = format!("{what} must be {expected}, not {}{quotes}", node.value.kind());
            found.push(with_help(Diagnostic::at(&node.place, message), help));
            return;
        }
        match &node.value {
            Value::Integer(number) => {
                let bound = |name| schema.get(name).and_then(Json::as_i64).map(i128::from);
                let low = bound("minimum").is_some_and(|least| *number < least);
                let high = bound("maximum").is_some_and(|most| *number > most);
                if low || high {
                    let bounds = [("at least", bound("minimum")), ("at most", bound("maximum"))];
                    let bounds: Vec<String> = bounds
                        .iter()
                        .filter_map(|(word, bound)| Some(format!("{word} {}", (*bound)?)))
                        .collect();
                    found.push(Diagnostic::at(
                        &node.place,
                        format!("{what} must be {}", bounds.join(" and ")),
                    ));
                }
            }
            Value::List(items) => {
                if let Some(schema) = schema.get("items") {
                    for item in items {
                        self.check(item, schema, &format!("an item of {what}"), found);
                    }
                }
            }
            Value::Map(entries) => self.entries(node, entries, schema, what, found),
            _ => {}
        }
    }

    fn choice(&self, node: &Node, schema: &Json, what: &str, found: &mut Vec<Diagnostic>) {
        let choices = choices(schema).unwrap_or_default();
        let Value::Text(text) = &node.value else { return };
        if !choices.contains(&text.as_str()) {
            let help = nearest(text, choices.iter().copied()).map(|near| format!("did you mean {near}?"));
            let message = format!("{what} must be one of {}", choices.join(", "));
            found.push(with_help(Diagnostic::at(&node.place, message), help.as_deref()));
        }
    }

    fn entries(
        &self,
        node: &Node,
        entries: &[(Key, Node)],
        schema: &'a Json,
        what: &str,
        found: &mut Vec<Diagnostic>,
    ) {
        let properties = schema.get("properties").and_then(Json::as_object);
        let rest = schema.get("additionalProperties");
        for (key, node) in entries {
            let name = key.name.as_str();
            let known = properties.and_then(|properties| properties.get(name));
            match (known, rest) {
                (Some(schema), _) => self.check(node, schema, &format!("`{name}`"), found),
                (None, Some(Json::Bool(false))) => {
                    let names: Vec<&str> = properties
                        .map(|known| known.keys().map(String::as_str).collect())
                        .unwrap_or_default();
                    let spaced = super::missing_space(name, |key| names.contains(&key));
                    let help = match nearest(name, names.iter().copied()) {
                        _ if spaced.is_some() => spaced.unwrap_or_default(),
                        Some(near) => format!("did you mean `{near}`?"),
                        None => format!("{what} has {}", names.join(", ")),
                    };
                    found.push(
                        Diagnostic::at(&key.place, format!("unknown key `{name}` in {what}")).help(help),
                    );
                }
                (None, Some(schema)) => self.check(node, schema, &format!("`{name}`"), found),
                (None, None) => {}
            }
        }
        let required = schema.get("required").and_then(Json::as_array);
        for name in required.into_iter().flatten().filter_map(Json::as_str) {
            if !entries.iter().any(|(key, _)| key.name == name) {
                let about = properties.and_then(|known| known.get(name)?.get("description")?.as_str());
                let message = format!("{what} has no `{name}`");
                found.push(with_help(Diagnostic::at(&node.place, message), about));
            }
        }
    }

    /// The branch that has no fault; or the faults of the one that is nearest, which is the first of the right kind.
    fn one_of(
        &self,
        node: &Node,
        schema: &'a Json,
        branches: &'a [Json],
        what: &str,
        found: &mut Vec<Diagnostic>,
    ) {
        let mut nearest: Option<Vec<Diagnostic>> = None;
        for branch in branches {
            let mut own = Vec::new();
            self.check(node, branch, what, &mut own);
            if own.is_empty() {
                return;
            }
            if self.kind_fits(node, self.resolved(branch)) && nearest.is_none() {
                nearest = Some(own);
            }
        }
        match nearest {
            Some(own) => found.extend(own),
            None => {
                let kinds: Vec<String> =
                    branches.iter().map(|branch| self.expected(self.resolved(branch))).collect();
                let help = schema.get("description").and_then(Json::as_str);
                let message = format!("{what} must be {}, not {}", kinds.join(" or "), node.value.kind());
                found.push(with_help(Diagnostic::at(&node.place, message), help));
            }
        }
    }

    fn kind_fits(&self, node: &Node, schema: &Json) -> bool {
        let fits = |kind: &str| match kind {
            "null" => matches!(node.value, Value::Null),
            "boolean" => matches!(node.value, Value::Boolean(_)),
            "integer" => matches!(node.value, Value::Integer(_)),
            "number" => matches!(node.value, Value::Integer(_) | Value::Float(_)),
            "string" => matches!(node.value, Value::Text(_)),
            "array" => matches!(node.value, Value::List(_)),
            "object" => matches!(node.value, Value::Map(_)),
            _ => true,
        };
        match schema.get("type") {
            Some(Json::String(kind)) => fits(kind),
            Some(Json::Array(kinds)) => kinds.iter().filter_map(Json::as_str).any(fits),
            _ => true,
        }
    }

    fn expected(&self, schema: &Json) -> String {
        let kind = |name: &str| match name {
            "null" => "nothing",
            "boolean" => "true or false",
            "integer" => "an integer",
            "number" => "a number",
            "string" => "text",
            "array" => "a list",
            "object" => "a mapping",
            _ => "something else",
        };
        match schema.get("type") {
            Some(Json::String(name)) => kind(name).to_owned(),
            Some(Json::Array(names)) => {
                names.iter().filter_map(Json::as_str).map(kind).collect::<Vec<_>>().join(" or ")
            }
            _ => choices(schema)
                .map_or_else(|| "something else".to_owned(), |all| format!("one of {}", all.join(", "))),
        }
    }
}

/// The texts that a value may be. An enumeration with descriptions is several constants.
fn choices(schema: &Json) -> Option<Vec<&str>> {
    if let Some(only) = schema.get("const") {
        return Some(only.as_str().into_iter().collect());
    }
    if let Some(all) = schema.get("enum").and_then(Json::as_array) {
        return Some(all.iter().filter_map(Json::as_str).collect());
    }
    let branches = schema.get("oneOf")?.as_array()?;
    branches.iter().map(|branch| branch.get("const")?.as_str()).collect()
}

fn with_help(diagnostic: Diagnostic, help: Option<&str>) -> Diagnostic {
    match help {
        Some(help) => diagnostic.help(help.trim_end_matches('.').replace('\n', " ")),
        None => diagnostic,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::diagnostic::Source;
    use serde_json::json;

    fn told(schema: &Json, text: &str) -> Vec<String> {
        let mut found = Vec::new();
        check(&crate::yaml::parse(&Source::new("f", text)).unwrap(), schema, "a thing", &mut found);
        found
            .iter()
            .map(|one| {
                let place = one.place.as_ref().unwrap();
                let help = one.help.as_deref().unwrap_or_default();
                format!("{}:{} {} ({help})", place.line, place.column, one.message)
            })
            .collect()
    }

    #[test]
    fn every_fault_has_its_place() {
        let schema = json!({
            "type": "object", "additionalProperties": false, "required": ["name"],
            "properties": {
                "name": {"type": "string", "description": "One word."},
                "size": {"type": "integer", "minimum": 1, "maximum": 9},
                "kind": {"enum": ["round", "square"]},
                "parts": {"type": "array", "items": {"$ref": "#/$defs/Part"}},
                "more": {"anyOf": [{"type": "boolean"}, {"$ref": "#/$defs/Part"}, {"type": "null"}]},
            },
            "$defs": {"Part": {"type": "object", "additionalProperties": {"type": "integer"}}},
        });
        assert!(told(&schema, "name: a\nsize: 3\nkind: round\nparts: [{a: 1}]\nmore: {b: 2}\n").is_empty());
        assert!(
            told(&schema, "name: a\nmore:\n").is_empty() && told(&schema, "name: a\nmore: true\n").is_empty()
        );
        assert_eq!(
            told(&schema, "nam: a\nsize: 12\nkind: rond\nparts: [{a: x}, 3]\nmore: {b: y}\n"),
            [
                "1:1 unknown key `nam` in a thing (did you mean `name`?)",
                "2:7 `size` must be at least 1 and at most 9 ()",
                "3:7 `kind` must be one of round, square (did you mean round?)",
                "4:13 `a` must be an integer, not text ()",
                "4:17 an item of `parts` must be a mapping, not an integer ()",
                "5:11 `b` must be an integer, not text ()",
                "1:1 a thing has no `name` (One word)",
            ]
        );
        assert_eq!(
            told(&schema, "name: a\nmore: x\n"),
            ["2:7 `more` must be true or false or a mapping or nothing, not text ()"]
        );
        assert_eq!(told(&schema, "[]"), ["1:1 a thing must be a mapping, not a list ()"]);
    }
}
