//! From a chain of profiles and the command line to a [`Selection`]: every name known, every value within its bounds.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Result, bail, ensure};

use super::filter::{self, Chosen, Placed, ids};
use super::parse::{self, Layer, Profile, Wish};
use super::user::check_user;
use super::{DEFAULT_USER, Kickstart, Overrides, SelectedFix, Selection, kickstart, refuse};
use crate::catalogue::{Catalogue, Fix, KICKSTART, Setting, ValueSpec};
use crate::diagnostic::{Diagnostic, Place, nearest};
use crate::yaml::{self, Value};

/// Resolves a profile by name or file, with what the command line adds.
///
/// # Errors
/// All that is wrong with names, kinds and bounds, each at its place.
pub fn select(catalogue: &Catalogue, profile: &str, overrides: &Overrides) -> Result<Selection> {
    select_for(catalogue, profile, &[], overrides)
}

/// The same for one host, whose layers come between the profile and the command line.
///
/// # Errors
/// As [`select`].
pub fn select_for(
    catalogue: &Catalogue,
    profile: &str,
    layers: &[Arc<Layer>],
    overrides: &Overrides,
) -> Result<Selection> {
    select_over(catalogue, &base(profile)?, layers, overrides)
}

/// A profile with all that it extends, read once for many hosts.
#[derive(Debug)]
pub struct Base {
    name: String,
    profiles: Vec<Profile>,
    found: Vec<Diagnostic>,
}

/// Reads a profile by name or file. What is wrong in it is told by [`select_over`].
///
/// # Errors
/// When it cannot be read, or its name is not fit for its places.
pub fn base(profile: &str) -> Result<Base> {
    let mut found = Vec::new();
    let (name, profiles) = parse::chain(profile, &mut found)?;
    ensure!(
        name.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c)) && !name.is_empty(),
        "reading profile {profile}: its name, {name:?}, goes into file names and scripts; rename it to letters, digits and ._-"
    );
    Ok(Base { name, profiles, found })
}

/// As [`select_for`], of a profile that has been read.
///
/// # Errors
/// As [`select`].
pub fn select_over(
    catalogue: &Catalogue,
    base: &Base,
    layers: &[Arc<Layer>],
    overrides: &Overrides,
) -> Result<Selection> {
    let mut found = base.found.clone();
    let name = base.name.clone();
    let mut chosen = Chosen::new();
    let mut installer = BTreeMap::new();
    let mut user = DEFAULT_USER.to_owned();
    for profile in &base.profiles {
        apply(catalogue, &profile.layer, &mut chosen, &mut user, &mut found);
        for (key, node) in &profile.kickstart {
            let owner = Owner::kickstart(catalogue);
            set(&owner, &mut installer, &key.name, &key.place, &node.value, &node.place, &mut found);
        }
    }
    for layer in layers {
        apply(catalogue, layer, &mut chosen, &mut user, &mut found);
    }
    for argument in &overrides.set {
        set_from_argument(catalogue, &mut chosen, &mut installer, argument, &mut found);
    }
    if let Some(text) = &overrides.install_source {
        let place = Place::of_argument("--install-source", text);
        let value = Value::Text(text.clone());
        set(&Owner::kickstart(catalogue), &mut installer, "source", &place, &value, &place, &mut found);
    }
    let installer = kickstart::resolve(catalogue, installer, &mut found)?;
    if let Some(name) = &overrides.user {
        match check_user(name) {
            Ok(()) => user.clone_from(name),
            Err(error) => bail!("--user {name:?} {error}"),
        }
    }
    if !found.is_empty() {
        // In one go with the rest; otherwise only for the fixes that stay.
        for (id, placed) in &chosen {
            crossed(&catalogue.fixes[id], placed, &mut found);
        }
    }
    refuse(found)?;
    filter::filter(catalogue, &mut chosen, overrides, &name)?;
    complete(catalogue, chosen, name, user, installer)
}

/// What a profile or a host says of its user and its fixes, over what was said before.
fn apply(
    catalogue: &Catalogue,
    layer: &Layer,
    chosen: &mut Chosen,
    user: &mut String,
    found: &mut Vec<Diagnostic>,
) {
    if let Some((name, node)) = &layer.user {
        match check_user(name) {
            Ok(()) => user.clone_from(name),
            Err(error) => found.push(Diagnostic::at(&node.place, format!("`user` {error}"))),
        }
    }
    for (key, wish) in &layer.fixes {
        let Some(fix) = catalogue.fixes.get(&key.name) else {
            found.push(unknown_fix(catalogue, &key.name, &key.place));
            continue;
        };
        match wish {
            Wish::Without => drop(chosen.remove(&key.name)),
            Wish::With(values) => {
                let entry = chosen.entry(key.name.clone()).or_default();
                let owner = Owner::of_fix(&fix.id, &fix.spec.values);
                for (key, node) in values {
                    set(&owner, entry, &key.name, &key.place, &node.value, &node.place, found);
                }
            }
        }
    }
}

/// Fills in the defaults, then holds values against each other.
fn complete(
    catalogue: &Catalogue,
    chosen: Chosen,
    profile: String,
    user: String,
    kickstart: Kickstart,
) -> Result<Selection> {
    let mut found = Vec::new();
    let mut fixes = Vec::new();
    for (id, mut placed) in chosen {
        let fix = Arc::clone(&catalogue.fixes[&id]);
        for (name, spec) in &fix.spec.values {
            if !placed.contains_key(name) {
                placed.insert(name.clone(), (spec.default_setting()?, None));
            }
        }
        crossed(&fix, &placed, &mut found);
        let set =
            placed.iter().filter_map(|(name, (_, place))| Some((name.clone(), place.clone()?))).collect();
        let values = placed.into_iter().map(|(name, (setting, _))| (name, setting)).collect();
        fixes.push(SelectedFix { fix, values, set });
    }
    refuse(found)?;
    fixes.sort_by(|a, b| (a.fix.spec.order, &a.fix.id).cmp(&(b.fix.spec.order, &b.fix.id)));
    Ok(Selection { profile, user, fixes, kickstart })
}

/// What is wrong between the defaults of a fix.
pub fn defaults_crossed(fix: &Fix) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    crossed(fix, &BTreeMap::new(), &mut found);
    found
}

/// Tells of values that exceed another one; what is not set has its default.
fn crossed(fix: &Fix, placed: &BTreeMap<String, Placed>, found: &mut Vec<Diagnostic>) {
    let number = |name: &str| match placed.get(name) {
        Some((Setting::Integer(number), place)) => Some((*number, place.clone())),
        Some(_) => None,
        None => match fix.spec.values.get(name)?.default_setting() {
            Ok(Setting::Integer(number)) => Some((number, None)),
            _ => None,
        },
    };
    for (name, spec) in &fix.spec.values {
        let Some(other) = &spec.at_most else { continue };
        let (Some((a, at)), Some((b, other_at))) = (number(name), number(other)) else { continue };
        if a > b {
            let message = format!("`{name}` ({a}) of {} must be at most `{other}` ({b})", fix.id);
            let help = format!("raise `{other}` too, or lower `{name}`: {}", spec.about);
            let declared = || fix.place_of(&["values", name, "default"].map(ToOwned::to_owned));
            let place = at.or(other_at).or_else(declared);
            found.push(Diagnostic { place, ..Diagnostic::new(message).help(help) });
        }
    }
}

/// What has values: a fix, or the kickstart.
struct Owner<'a> {
    /// As a sentence names it.
    name: String,
    values: &'a BTreeMap<String, ValueSpec>,
}

impl<'a> Owner<'a> {
    fn of_fix(id: &str, values: &'a BTreeMap<String, ValueSpec>) -> Self {
        Owner { name: format!("fix `{id}`"), values }
    }

    fn kickstart(catalogue: &'a Catalogue) -> Self {
        Owner { name: format!("`{KICKSTART}`"), values: &catalogue.kickstart }
    }
}

fn set(
    owner: &Owner<'_>,
    entry: &mut BTreeMap<String, Placed>,
    name: &str,
    name_at: &Place,
    value: &Value,
    at: &Place,
    found: &mut Vec<Diagnostic>,
) {
    let Some(spec) = owner.values.get(name) else {
        let names: Vec<&str> = owner.values.keys().map(String::as_str).collect();
        let spaced = yaml::missing_space(name, |key| owner.values.contains_key(key));
        let help = match nearest(name, names.iter().copied()) {
            _ if spaced.is_some() => spaced.unwrap_or_default(),
            Some(name) => format!("did you mean `{name}`?"),
            None if names.is_empty() => format!("{} has no values", owner.name),
            None => format!("{} has {}", owner.name, names.join(", ")),
        };
        found.push(Diagnostic::at(name_at, format!("{} has no value `{name}`", owner.name)).help(help));
        return;
    };
    match spec.check(value) {
        Ok(setting) => drop(entry.insert(name.to_owned(), (setting, Some(at.clone())))),
        Err(error) => found.push(Diagnostic::at(at, format!("`{name}` {error}")).help(format!(
            "{}; {}",
            spec.about,
            spec.expects()
        ))),
    }
}

fn set_from_argument(
    catalogue: &Catalogue,
    chosen: &mut Chosen,
    installer: &mut BTreeMap<String, Placed>,
    argument: &str,
    found: &mut Vec<Diagnostic>,
) {
    let whole = Place::of_argument("--set", argument);
    let place = |start: usize, end: usize| Place {
        column: argument[..start].chars().count() + 1,
        width: argument[start..end].chars().count(),
        ..whole.clone()
    };
    let parts = argument.split_once('=').and_then(|(key, value)| Some((key.split_once('.')?, value)));
    let Some(((id, name), value)) = parts else {
        found.push(
            Diagnostic::at(&place(0, argument.len()), "this is not FIX.KEY=VALUE")
                .help("for example --set fd-limits.nofile=2097152"),
        );
        return;
    };
    let (owner, entry) = if id == KICKSTART {
        (Owner::kickstart(catalogue), installer)
    } else {
        let Some(fix) = catalogue.fixes.get(id) else {
            found.push(unknown_fix(catalogue, id, &place(0, id.len())));
            return;
        };
        let Some(entry) = chosen.get_mut(id) else {
            found.push(
                Diagnostic::at(&place(0, id.len()), format!("the profile does not have the fix `{id}`"))
                    .help("choose a profile that has it, or add it to yours"),
            );
            return;
        };
        (Owner::of_fix(id, &fix.spec.values), entry)
    };
    let value_at = place(argument.len() - value.len(), argument.len());
    let parsed = match owner.values.get(name) {
        Some(spec) => spec.from_argument(value, &value_at),
        None => Value::Null,
    };
    set(&owner, entry, name, &place(id.len() + 1, id.len() + 1 + name.len()), &parsed, &value_at, found);
}

fn unknown_fix(catalogue: &Catalogue, name: &str, place: &Place) -> Diagnostic {
    let help = match nearest(name, catalogue.fixes.keys().map(String::as_str)) {
        Some(name) => format!("did you mean `{name}`?"),
        None => format!("fixes are {}; --catalogue DIR adds fixes of your own", ids(catalogue)),
    };
    Diagnostic::at(place, format!("no fix is named `{name}`")).help(help)
}
