//! Two manifests without what is told of profile, fixes, values and files: what is left is compared as JSON.
//!
//! Checks are left out where something is told of their fix, since they are derived from it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::told::{Known, Told, on_medium};
use crate::inspection::documents::shown;
use crate::inspection::values;

/// What is left of two manifests, as texts; none where one of them is not what a manifest is.
pub(super) fn unexplained(a: &str, b: &str, told: &Told) -> Option<(String, String)> {
    let parse = |text: &str| serde_json::from_str::<Map<String, Value>>(text).ok();
    let (mut a, mut b) = (parse(a)?, parse(b)?);
    let [x, y] = &told.sides;
    for (manifest, side) in [(&mut a, x), (&mut b, y)] {
        for key in ["profile", "user", "generator"] {
            if manifest.get(key).and_then(Value::as_str) == side.says.get(key).map(String::as_str) {
                manifest.remove(key);
            }
        }
    }
    let files = (listed(&mut a, "files", "path")?, listed(&mut b, "files", "path")?);
    let touched = touched(&files.0, &files.1, told);
    let (left_a, left_b) = (left_files(&files.0, &files.1, x, told), left_files(&files.1, &files.0, y, told));
    a.insert("files".to_owned(), left_a);
    b.insert("files".to_owned(), left_b);

    let order = (order(&a)?, order(&b)?);
    let fixes = (listed(&mut a, "fixes", "id")?, listed(&mut b, "fixes", "id")?);
    let common = |ids: &[String], other: &BTreeMap<String, Value>| -> Vec<String> {
        ids.iter().filter(|id| other.contains_key(*id)).cloned().collect()
    };
    let (order_a, order_b) = (common(&order.0, &fixes.1), common(&order.1, &fixes.0));
    if order_a != order_b {
        a.insert("order".to_owned(), json!(order_a));
        b.insert("order".to_owned(), json!(order_b));
    }
    a.insert("fixes".to_owned(), left_fixes(fixes.0));
    b.insert("fixes".to_owned(), left_fixes(fixes.1));

    let checks = (listed(&mut a, "checks", "id")?, listed(&mut b, "checks", "id")?);
    let explained = |check: &Value| {
        let fix = check.get("fix").and_then(Value::as_str).unwrap_or_default();
        told.of_all || told.fixes.contains(fix) || touched.contains(fix)
    };
    let left = |own: &BTreeMap<String, Value>, other: &BTreeMap<String, Value>| -> Value {
        own.iter()
            .filter(|(id, check)| other.get(*id) != Some(check) && !explained(check))
            .map(|(_, c)| c.clone())
            .collect()
    };
    let (left_a, left_b) = (left(&checks.0, &checks.1), left(&checks.1, &checks.0));
    a.insert("checks".to_owned(), left_a);
    b.insert("checks".to_owned(), left_b);
    let text = |manifest: &Map<String, Value>| serde_json::to_string_pretty(manifest).ok();
    Some((text(&a)?, text(&b)?))
}

/// Takes a list out, by what names its items; none where two have one name.
fn listed(manifest: &mut Map<String, Value>, list: &str, key: &str) -> Option<BTreeMap<String, Value>> {
    let Some(Value::Array(items)) = manifest.remove(list) else { return None };
    let count = items.len();
    let mut by_name = BTreeMap::new();
    for item in items {
        by_name.insert(item.get(key)?.as_str()?.to_owned(), item);
    }
    (by_name.len() == count).then_some(by_name)
}

/// The fixes in their order.
fn order(manifest: &Map<String, Value>) -> Option<Vec<String>> {
    let fixes = manifest.get("fixes")?.as_array()?;
    fixes.iter().map(|fix| Some(fix.get("id")?.as_str()?.to_owned())).collect()
}

/// Fixes without those of which all is told as it is: nothing cut short, nothing that this program does not know.
fn left_fixes(fixes: BTreeMap<String, Value>) -> Value {
    let known = ["id", "label", "title", "values"];
    let whole = |fix: &Value| {
        fix.as_object()
            .is_some_and(|fix| fix.iter().all(|(key, value)| known.contains(&key.as_str()) && as_told(value)))
    };
    fixes.into_iter().filter(|(_, fix)| !whole(fix)).map(|(_, fix)| fix).collect()
}

fn as_told(value: &Value) -> bool {
    match value {
        Value::Object(entries) => {
            entries.iter().all(|(name, value)| *name == shown(name) && *value == values::bounded(value))
        }
        other => *other == values::bounded(other),
    }
}

/// Files by path, without the digests that are those of the side's own files, and modes that are told.
fn left_files(
    own: &BTreeMap<String, Value>,
    other: &BTreeMap<String, Value>,
    side: &Known,
    told: &Told,
) -> Value {
    let mut left = BTreeMap::new();
    for (path, file) in own {
        let place = on_medium(path);
        let state = side.files.get(&place);
        let digest = file.get("sha256").and_then(Value::as_str);
        let right = digest.is_some() && state.and_then(|state| state.sha256.as_deref()) == digest;
        if right && !other.contains_key(path) {
            continue;
        }
        let mut file = file.clone();
        if let Some(file) = file.as_object_mut() {
            file.remove("path");
            if right {
                file.remove("sha256");
            }
            if told.modes.contains(&place) {
                file.remove("mode");
            }
        }
        left.insert(path, file);
    }
    json!(left)
}

/// Fixes that place a file of which something is told.
fn touched(a: &BTreeMap<String, Value>, b: &BTreeMap<String, Value>, told: &Told) -> BTreeSet<String> {
    let [x, y] = &told.sides;
    let digest = |side: &Known, path: &str| side.files.get(path).and_then(|state| state.sha256.clone());
    let mut touched = BTreeSet::new();
    for (path, file) in a.iter().chain(b) {
        let place = on_medium(path);
        if digest(x, &place) != digest(y, &place) || told.modes.contains(&place) {
            touched.extend(file.get("fix").and_then(Value::as_str).map(ToOwned::to_owned));
        }
    }
    touched
}
