//! user-data without the files that it writes, where these are told: users, keys and commands are what is left.
//!
//! An entry of `write_files` is left out of both where each has the very bytes of the side's own file, says nothing but
//! path, owner, permissions and content, and the permissions are told too. All other entries stay, whole. Source: cloud-init
//! 23.4, cc_write_files.

use std::collections::{BTreeMap, BTreeSet};

use super::lines::Lines;
use super::names::Names;
use super::pairs::same_mode;
use super::told::{Known, Reduced, Told, on_medium};
use crate::diagnostic::Source;
use crate::digest::sha256;
use crate::yaml::{self, Node, Value};

/// An entry of `write_files`.
#[derive(Debug)]
struct Written {
    /// Its lines: from the first to before the last.
    lines: std::ops::Range<usize>,
    permissions: String,
    /// Whether its content is the side's own file.
    own: bool,
}

/// Both without the files that are told of; none where one is not YAML as vastimg writes it.
pub(super) fn outlines(a: &str, b: &str, told: &Told, names: &[Names; 2]) -> Option<Reduced> {
    let [x, y] = &told.sides;
    let (files_a, files_b) = (written(a, x)?, written(b, y)?);
    let left_out: BTreeSet<&String> = files_a
        .keys()
        .chain(files_b.keys())
        .filter(|path| {
            let place = on_medium(path);
            // What is on one side only is told with the mode that the medium has.
            let as_placed = |side: &Known, file: &Written| {
                let mode = side.files.get(&place).and_then(|state| state.mode.as_deref());
                same_mode(mode, Some(&file.permissions), told.mask)
            };
            match (files_a.get(*path), files_b.get(*path)) {
                (Some(a), Some(b)) => {
                    a.own && b.own && (a.permissions == b.permissions || told.modes.contains(&place))
                }
                (Some(a), None) => a.own && as_placed(x, a) && !y.files.contains_key(&place),
                (None, Some(b)) => b.own && as_placed(y, b) && !x.files.contains_key(&place),
                (None, None) => false,
            }
        })
        .collect();
    let outline = |text: &str, files: &BTreeMap<String, Written>, names: &Names| {
        let ranges: Vec<_> = files
            .iter()
            .filter(|(path, _)| left_out.contains(path))
            .map(|(_, file)| file.lines.clone())
            .collect();
        let gone: BTreeSet<usize> = ranges.into_iter().flatten().collect();
        Lines::of(text, |number, line| (!gone.contains(&number)).then(|| names.apply(line)))
    };
    let without = (!left_out.is_empty()).then_some("the files that it writes");
    let [of_a, of_b] = names;
    Some(Reduced { a: outline(a, &files_a, of_a), b: outline(b, &files_b, of_b), without, sources: None })
}

/// Its entries by path. None where two have one path, or an entry does not begin and end with a line.
fn written(text: &str, side: &Known) -> Option<BTreeMap<String, Written>> {
    let Value::Map(root) = yaml::parse(&Source::new("user-data", text)).ok()?.value else { return None };
    let mut files = BTreeMap::new();
    let Some(at) = root.iter().position(|(key, _)| key.name == "write_files") else { return Some(files) };
    let Value::List(items) = &root[at].1.value else { return None };
    // Lines that begin with neither a blank nor a hyphen begin the next part of the document.
    let end = match root.get(at + 1) {
        Some((key, _)) => key.place.line,
        None => text.lines().count() + 1,
    };
    let starts: Vec<usize> = items.iter().map(first_line).collect::<Option<_>>()?;
    let rising = |list: &[usize]| list.windows(2).all(|pair| pair[0] < pair[1]);
    if !rising(&starts)
        || starts.last().is_some_and(|last| *last >= end)
        || root[at].0.place.line >= *starts.first()?
    {
        return None;
    }
    for (index, item) in items.iter().enumerate() {
        let next = starts.get(index + 1).copied().unwrap_or(end);
        let Value::Map(entries) = &item.value else { return None };
        let text = |name: &str| match &entries.iter().find(|(key, _)| key.name == name)?.1.value {
            Value::Text(text) => Some(text.as_str()),
            _ => None,
        };
        let path = text("path")?.to_owned();
        let keys: Vec<usize> = entries.iter().map(|(key, _)| key.place.line).collect();
        let known = entries.len() == 4 && text("owner") == Some("root:root");
        let digest = text("content").map(|content| sha256(content.as_bytes()));
        let theirs = side.files.get(&on_medium(&path)).and_then(|state| state.sha256.clone());
        let own = known && rising(&keys) && digest.is_some() && digest == theirs;
        let permissions = text("permissions").unwrap_or_default().to_owned();
        if files.insert(path, Written { lines: starts[index]..next, permissions, own }).is_some() {
            return None;
        }
    }
    Some(files)
}

fn first_line(item: &Node) -> Option<usize> {
    match &item.value {
        Value::Map(entries) => entries.first().map(|(key, _)| key.place.line),
        _ => None,
    }
}
