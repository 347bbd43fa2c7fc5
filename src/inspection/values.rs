//! The values of fixes as an image says them: bounded, and without what a terminal would obey.
//!
//! They are shown as `--set` takes them: words of a list with commas between them, text with spaces in quotes. None of them
//! is a secret today; one that were must not be in the manifest, where everybody reads it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::documents::shown;

/// Values by name.
pub type Values = BTreeMap<String, Value>;

/// Items of a list that are kept.
const ITEMS: usize = 200;

/// A value of which no text is longer than what is shown of one.
pub fn bounded(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(shown(text)),
        Value::Array(items) => items.iter().take(ITEMS).map(bounded).collect(),
        // No fix has such a value.
        Value::Object(_) => Value::String(shown(&value.to_string())),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

/// A bounded value for a person.
pub fn title(value: &Value) -> String {
    match value {
        Value::String(text) if text.is_empty() || text.contains([' ', '"', ',']) => format!("{text:?}"),
        Value::String(text) => text.clone(),
        Value::Array(items) => shown(&items.iter().map(title).collect::<Vec<_>>().join(",")),
        other => shown(&other.to_string()),
    }
}

/// `NAME=VALUE` for each, as many on a line as fit into `width` characters.
pub fn lines(values: &Values, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for (name, value) in values {
        let pair = format!("{name}={}", title(value));
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + pair.chars().count() <= width => {
                line.push(' ');
                line.push_str(&pair);
            }
            _ => lines.push(pair),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_of_every_kind_and_of_no_kind() {
        for (value, wanted) in [
            (json!(1), "1"),
            (json!("21.3.1"), "21.3.1"),
            (json!(""), "\"\""),
            (json!("VAST Data"), "\"VAST Data\""),
            (json!(["gcc", "jq"]), "gcc,jq"),
            (json!([]), ""),
            (json!("a\u{1b}[2J"), "a\\u{1b}[2J"),
            (json!({"a": ["\n"]}), "\"{\\\"a\\\":[\\\"\\\\n\\\"]}\""),
            (json!(null), "null"),
        ] {
            assert_eq!(title(&bounded(&value)), wanted);
        }
        let long = title(&bounded(&json!(vec!["w".repeat(1000); 1000])));
        assert_eq!(long.len(), 200);
    }

    #[test]
    fn lines_are_filled() {
        let values: Values = ["a", "b", "c"].map(|name| (name.to_owned(), json!(12345))).into();
        assert_eq!(lines(&values, 15), ["a=12345 b=12345", "c=12345"]);
    }
}
