//! What a word means to `vastimg explain`.

use std::sync::Arc;

use anyhow::{Result, bail};

use crate::catalogue::{BASE, Catalogue, Fix, KICKSTART};
use crate::diagnostic::nearest;
use crate::explanation::{CheckExplanation, Explanation};

/// What is to be explained.
pub(super) enum Subject {
    /// A fix, or the base.
    Fix(Arc<Fix>),
    /// One of its values or checks, by its name within the fix.
    Part(Arc<Fix>, String),
    /// What a profile may set below `kickstart:`, or one of that.
    Kickstart(Option<String>),
}

/// By a fix's id or its place in the document, by `FIX.NAME`, by `kickstart.KEY`, or by the path of a file that a fix places.
pub(super) fn find(catalogue: &Catalogue, what: &str) -> Result<Subject> {
    if let Some(fix) = by_id(catalogue, what) {
        return Ok(Subject::Fix(fix));
    }
    if what.starts_with('/') {
        return by_path(catalogue, what);
    }
    if what == KICKSTART {
        return Ok(Subject::Kickstart(None));
    }
    if let Some((id, name)) = what.split_once('.') {
        if id == KICKSTART {
            let known = catalogue.kickstart.keys().map(String::as_str);
            return match catalogue.kickstart.get(name) {
                Some(_) => Ok(Subject::Kickstart(Some(name.to_owned()))),
                None => unknown(what, name, known.collect(), "`kickstart`"),
            };
        }
        if let Some(fix) = by_id(catalogue, id) {
            return Ok(Subject::Part(fix, name.to_owned()));
        }
    }
    if let Some(fixes) = by_document(catalogue, what) {
        return match fixes.as_slice() {
            [fix] => Ok(Subject::Fix(fix.clone())),
            several => {
                let ids: Vec<&str> = several.iter().map(|fix| fix.id.as_str()).collect();
                bail!("explaining {what}: of that part of the document are {}; name one", ids.join(" and "))
            }
        };
    }
    let id = what.split('.').next().unwrap_or(what);
    match nearest(id, catalogue.fixes.keys().map(String::as_str).chain([BASE, KICKSTART])) {
        Some(near) => bail!("explaining {what}: no fix is named {id}; did you mean {near}?"),
        None => bail!(
            "explaining {what}: no fix is named {id}; vastimg list fixes has them all, and --catalogue DIR adds yours"
        ),
    }
}

fn by_id(catalogue: &Catalogue, id: &str) -> Option<Arc<Fix>> {
    if id == BASE { Some(catalogue.base.clone()) } else { catalogue.fixes.get(id).cloned() }
}

/// `Fix 3`, `fix3` or `3`, as the source document counts; `Post-container`.
fn by_document(catalogue: &Catalogue, what: &str) -> Option<Vec<Arc<Fix>>> {
    let plain = |text: &str| text.to_lowercase().replace([' ', '-', '#'], "");
    let asked = plain(what);
    let asked = if asked.bytes().all(|b| b.is_ascii_digit()) { format!("fix{asked}") } else { asked };
    let all = catalogue.fixes.values().chain([&catalogue.base]);
    let of = |fix: &&Arc<Fix>| fix.spec.document.as_deref().is_some_and(|place| plain(place) == asked);
    let found: Vec<Arc<Fix>> = all.filter(of).cloned().collect();
    (!found.is_empty()).then_some(found)
}

fn by_path(catalogue: &Catalogue, what: &str) -> Result<Subject> {
    let all = || catalogue.fixes.values().chain([&catalogue.base]);
    if let Some(fix) = all().find(|fix| fix.rootfs().any(|(path, _)| path == what)) {
        return Ok(Subject::Fix(fix.clone()));
    }
    let placed: Vec<String> = all().flat_map(|fix| fix.rootfs().map(|(path, _)| path)).collect();
    match nearest(what, placed.iter().map(String::as_str)) {
        Some(near) => bail!("explaining {what}: no fix places it; did you mean {near}?"),
        None => bail!("explaining {what}: no fix places it; vastimg build --dry-run lists what is placed"),
    }
}

/// A check by its name within its fix.
pub(super) fn check(explanation: &Explanation, name: &str) -> Result<CheckExplanation> {
    let id = format!("{}.{name}", explanation.id);
    if let Some(found) = explanation.of_check(&id) {
        return Ok(found);
    }
    let prefix = format!("{}.", explanation.id);
    let checks = explanation.checks.iter().filter_map(|check| check.id.strip_prefix(&prefix));
    let values = explanation.values.iter().map(|value| value.name.as_str());
    let owner = format!("fix {}", explanation.id);
    match nearest(name, values.clone().chain(checks)) {
        Some(near) => {
            bail!("explaining {id}: {owner} has no such value or check; did you mean {prefix}{near}?")
        }
        None => unknown(&id, name, values.collect(), &owner),
    }
}

fn unknown<T>(what: &str, name: &str, known: Vec<&str>, owner: &str) -> Result<T> {
    match nearest(name, known.iter().copied()) {
        Some(near) => bail!("explaining {what}: {owner} has no value {name}; did you mean {near}?"),
        None if known.is_empty() => bail!("explaining {what}: {owner} has no values"),
        None => bail!("explaining {what}: {owner} has no value {name}; its values are {}", known.join(", ")),
    }
}
