//! What two seeds say of themselves, their fixes and the values of these; and what else a person should know of the pair.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::derived::Documents;
use super::{Fact, FixAbout, FixChange, Side, ValueChange};
use crate::inspection::kickstart::Wipe;
use crate::inspection::{Seed, What};
use crate::manifest::Fix;

/// What differs, in the order in which a person asks.
pub(super) fn facts(a: &Side, b: &Side, documents: &Documents) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut add = |name, a: Option<String>, b: Option<String>| {
        if a != b {
            facts.push(Fact { name, a, b });
        }
    };
    let (x, y) = (a.seed(), b.seed());
    let mut said = |name, of: fn(&Seed) -> Option<&String>| {
        add(name, x.and_then(of).cloned(), y.and_then(of).cloned());
    };
    said("profile", |seed| seed.profile.as_ref());
    said("host name", |seed| seed.hostname.as_ref());
    said("user", |seed| seed.user.as_ref());
    if !documents.ids_follow() {
        said("instance-id", |seed| seed.instance_id.as_ref());
    }
    said("written by", |seed| seed.generator.as_ref());
    let (x, y) = (&a.inspection.wipes, &b.inspection.wipes);
    add("wiped", Some(wiped(x)), Some(wiped(y)));
    facts
}

/// What a kickstart wipes, whoever takes it.
fn wiped(wipe: &Wipe) -> String {
    match wipe.disks.as_slice() {
        _ if !wipe.kickstart => "no disk, there is no kickstart".to_owned(),
        _ if !wipe.wipes => "no disk that is in use".to_owned(),
        _ if wipe.any_disk => "any disk".to_owned(),
        [disk] => format!("disk {disk}"),
        disks => format!("disks {}", disks.join(", ")),
    }
}

fn by_id(side: &Side) -> BTreeMap<&str, &Fix> {
    let fixes = side.seed().map_or(&[][..], |seed| &seed.fixes);
    fixes.iter().map(|fix| (fix.id.as_str(), fix)).collect()
}

/// Fixes that differ, those that only the first has before those that only the second has; and values that do.
pub(super) fn fixes(a: &Side, b: &Side, notes: &mut Vec<String>) -> (Vec<FixChange>, Vec<ValueChange>) {
    let (x, y) = (by_id(a), by_id(b));
    let about = |fix: &Fix| FixAbout { label: fix.label, title: fix.title.clone() };
    let mut fixes = Vec::new();
    let mut values = Vec::new();
    let ids: BTreeSet<&str> = x.keys().chain(y.keys()).copied().collect();
    for id in &ids {
        let (a, b) = (x.get(id).map(|fix| about(fix)), y.get(id).map(|fix| about(fix)));
        if a != b {
            fixes.push(FixChange { id: (*id).to_owned(), a, b });
        }
    }
    fixes.sort_by_key(|change| match (&change.a, &change.b) {
        (Some(_), None) => 0,
        (None, Some(_)) => 1,
        _ => 2,
    });
    let silent = |fixes: &BTreeMap<&str, &Fix>| fixes.values().all(|fix| fix.values.is_empty());
    if silent(&x) || silent(&y) {
        for (side, fixes) in [(a, &x), (b, &y)] {
            if silent(fixes) && fixes.len() > 1 && !(silent(&x) && silent(&y)) {
                notes.push(format!(
                    "{}: its manifest does not say the values of its fixes",
                    side.about().name
                ));
            }
        }
        return (fixes, values);
    }
    for id in ids {
        let (Some(a), Some(b)) = (x.get(id), y.get(id)) else { continue };
        let names: BTreeSet<&String> = a.values.keys().chain(b.values.keys()).collect();
        for name in names {
            let (a, b): (Option<&Value>, Option<&Value>) = (a.values.get(name), b.values.get(name));
            if a != b {
                let (fix, name) = (id.to_owned(), name.clone());
                values.push(ValueChange { fix, name, a: a.cloned(), b: b.cloned() });
            }
        }
    }
    (fixes, values)
}

/// Media, labels and what is wrong with each: nothing of it is content.
pub(super) fn notes(a: &Side, b: &Side) -> Vec<String> {
    let mut notes = Vec::new();
    let title = |side: &Side| {
        let about = side.about();
        let medium = side.inspection.kind.title();
        if about.labels.is_empty() {
            medium.to_owned()
        } else {
            format!("{medium} labelled {}", about.labels.join(" and "))
        }
    };
    if a.on_medium && b.on_medium {
        if title(a) != title(b) {
            notes.push(format!("media differ: {}, and {}", title(a), title(b)));
        }
        for (side, other) in [(a, b), (b, a)] {
            if side.inspection.wipes.unasked
                && !other.inspection.wipes.unasked
                && other.inspection.wipes.kickstart
            {
                notes.push(format!(
                    "only {} has its kickstart where Rocky's installer takes it without being told to",
                    side.about().name
                ));
            }
        }
    }
    for side in [a, b] {
        let (found, name) = (side.inspection.findings.len(), side.about().name);
        if found > 0 && side.inspection.what == What::VastimgSeed {
            notes.push(format!("{name} is not as it was built; vastimg validate {name} says where"));
        }
    }
    notes
}

/// A change that machines would not see.
pub(super) fn unseen(a: &Side, b: &Side) -> Option<String> {
    let id = a.seed().and_then(|seed| seed.instance_id.as_ref())?;
    let same_id = b.seed().and_then(|seed| seed.instance_id.as_ref()) == Some(id);
    let changed = ["user-data", "network-config"].iter().any(|path| a.sha256(path) != b.sha256(path));
    (same_id && changed)
        .then(|| format!("both have the instance-id {id}: a VM that has seen one of them ignores the other"))
}
