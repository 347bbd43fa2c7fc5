//! The schemas of profiles and inventories, out of the catalogue: every fix by name, every value with its kind and bounds.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::catalogue::{Catalogue, KICKSTART, Kind, ValueSpec};
use crate::profile::builtin;

const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

/// What a profile may say.
pub fn profile(catalogue: &Catalogue) -> Value {
    json!({
        "$schema": DRAFT,
        "title": "vastimg profile",
        "description": "Which fixes a seed has, and their values. What it leaves out has the document's value.",
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "description": {"type": "string", "description": "What it is for, in one line."},
            "extends": {
                "description": format!("A built-in profile ({}), or a file relative to this one.", builtin().join(", ")),
                "type": "string",
                "examples": builtin(),
            },
            "user": user(),
            "fixes": {"anyOf": [{"$ref": "#/$defs/fixes"}, {"type": "null"}]},
            KICKSTART: {
                "description": "What Rocky's installer does, where the medium has a kickstart.",
                "anyOf": [object(values(&catalogue.kickstart)), {"type": "null"}],
            },
        },
        "$defs": {"fixes": fixes(catalogue)},
    })
}

/// What an inventory may say.
pub fn inventory(catalogue: &Catalogue) -> Value {
    let mut group = settings();
    group["groups"] = json!({
        "description": "Groups whose settings it takes over, each over the one before.",
        "type": "array", "items": {"type": "string"},
    });
    let mut host = group.clone();
    host["fqdn"] =
        json!({"description": "Its host name, where that is more than its name here.", "type": "string"});
    host["install_disk"] = json!({"description": "The disk that Rocky's installer wipes.", "type": "string"});
    let nothing_or = |schema: Value| json!({"anyOf": [schema, {"type": "null"}]});
    json!({
        "$schema": DRAFT,
        "title": "vastimg inventory",
        "description": "Hosts, and what differs between them.",
        "type": "object",
        "additionalProperties": false,
        "required": ["hosts"],
        "properties": {
            "profile": {"description": "A built-in profile, or a file relative to this one.", "type": "string"},
            "defaults": nothing_or(object(settings())),
            "groups": {
                "description": "Settings by the name of a group.",
                "type": "object", "additionalProperties": nothing_or(object(group)),
            },
            "hosts": {
                "description": "Settings by the name of a host.",
                "type": "object", "additionalProperties": nothing_or(object(host)),
            },
        },
        "$defs": {"fixes": fixes(catalogue)},
    })
}

/// What defaults, groups and hosts may all say.
fn settings() -> Value {
    json!({
        "user": user(),
        "ssh_keys": {
            "description": "Files with public keys that may log in, relative to this one.",
            "type": "array", "items": {"type": "string"},
        },
        "network": {
            "description": "cloud-init's network-config: a file relative to this one, or what is in one.",
            "anyOf": [{"type": "string"}, {"type": "object"}],
        },
        "fixes": {"anyOf": [{"$ref": "#/$defs/fixes"}, {"type": "null"}]},
    })
}

fn user() -> Value {
    json!({"description": "The user that VAST's monitor logs in as.", "type": "string"})
}

fn fixes(catalogue: &Catalogue) -> Value {
    let mut properties = Map::new();
    for fix in catalogue.fixes.values() {
        properties.insert(
            fix.id.clone(),
            json!({
                "description": format!("{}: {}", fix.spec.label.as_str(), fix.spec.title),
                "anyOf": [{"type": ["null", "boolean"]}, object(values(&fix.spec.values))],
            }),
        );
    }
    json!({
        "description": "Fixes by name: empty for the document's values, false to leave one out.",
        "type": "object", "additionalProperties": false, "properties": properties,
    })
}

fn object(properties: Value) -> Value {
    json!({"type": "object", "additionalProperties": false, "properties": properties})
}

fn values(specs: &BTreeMap<String, ValueSpec>) -> Value {
    specs.iter().map(|(name, spec)| (name.clone(), value(spec))).collect::<Map<_, _>>().into()
}

fn value(spec: &ValueSpec) -> Value {
    let mut schema = match spec.kind {
        Kind::Integer => json!({"type": "integer"}),
        Kind::Text | Kind::Word => json!({"type": "string"}),
        Kind::Choice => json!({"enum": spec.choices}),
        Kind::Words | Kind::Packages => json!({"type": "array", "items": {"type": "string"}}),
    };
    let (least, most) = match spec.kind {
        Kind::Integer => ("minimum", "maximum"),
        Kind::Words | Kind::Packages => ("minItems", "maxItems"),
        _ => ("minLength", "maxLength"),
    };
    for (name, bound) in [(least, spec.min), (most, spec.max)] {
        if let Some(bound) = bound {
            schema[name] = bound.into();
        }
    }
    schema["default"] = spec.default.clone();
    schema["description"] = format!("{}; {}", spec.about, spec.expects()).into();
    schema
}
