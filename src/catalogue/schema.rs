//! The JSON Schema of fix.yaml, out of the types that it is read into, and the kinds of checks that it may have.

use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::spec::Spec;
use crate::manifest::Assertion;

/// What a fix.yaml may say.
pub fn fix() -> Value {
    let mut schema =
        SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<Spec>().to_value();
    schema["title"] = "fix.yaml".into();
    schema["properties"]["checks"]["items"] = check();
    for (name, schema_of) in assertions() {
        schema["$defs"][format!("check-{name}")] = schema_of;
    }
    schema
}

/// The kinds of checks by the key that names them, each with the schema of what is below that key; `sysctl-file` and
/// `limits-file` exist in fix.yaml only.
pub fn assertions() -> Vec<(String, Value)> {
    let whole =
        SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<Assertion>().to_value();
    let branches = whole.get("oneOf").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut kinds: Vec<(String, Value)> = branches
        .iter()
        .filter_map(|branch| {
            let (name, schema) = branch.get("properties")?.as_object()?.iter().next()?;
            let mut schema = schema.clone();
            // Whatever is text may be a template, and so may a number.
            if let Some(property) = schema.pointer_mut("/properties/older_than_minutes") {
                *property = serde_json::json!({"type": ["integer", "string"]});
            }
            if let Some(about) = branch.get("description") {
                schema["description"] = about.clone();
            }
            Some((name.clone(), schema))
        })
        .collect();
    for (name, about) in [
        ("sysctl-file", "A sysctl.d file that the fix places: one check for each of its keys."),
        (
            "limits-file",
            "A limits.d file that the fix places: one check for each limit, of root and of the user.",
        ),
    ] {
        kinds.push((name.to_owned(), serde_json::json!({"type": "string", "description": about})));
    }
    kinds
}

fn check() -> Value {
    let mut properties = serde_json::json!({
        "id": {"type": "string", "description": "Its name within the fix."},
        "label": {"$ref": "#/$defs/Label"},
    });
    for (name, _) in assertions() {
        properties[&name] = serde_json::json!({"$ref": format!("#/$defs/check-{name}")});
    }
    serde_json::json!({"type": "object", "additionalProperties": false, "properties": properties})
}
