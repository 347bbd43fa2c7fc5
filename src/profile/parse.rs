//! One profile's text as data, with places, before anything is known of fixes; and the chain of `extends`.

use anyhow::{Result, bail};

use super::{Located, locate, refuse};
use crate::diagnostic::{Diagnostic, Diagnostics, nearest};
use crate::yaml::{self, Key, Node, Value};

const KEYS: [&str; 5] = ["description", "extends", "user", "fixes", "kickstart"];
/// More than anybody nests on purpose.
const DEEPEST: usize = 16;

/// One profile as written.
#[derive(Debug, Default)]
pub(super) struct Profile {
    pub extends: Option<(String, Node)>,
    pub user: Option<(String, Node)>,
    pub fixes: Vec<(Key, Wish)>,
    pub kickstart: Vec<(Key, Node)>,
}

/// What a profile says of a fix.
#[derive(Debug)]
pub(super) enum Wish {
    /// Leave it out.
    Without,
    /// Have it, with these values.
    With(Vec<(Key, Node)>),
}

/// Reads a profile and all that it extends; the outermost ancestor comes first.
pub(super) fn chain(wanted: &str) -> Result<(String, Vec<Profile>)> {
    let mut located = locate(wanted, None)?;
    let name = located.name.clone();
    let mut seen = Vec::new();
    let mut names = Vec::new();
    let mut profiles = Vec::new();
    loop {
        let profile = parse(&located)?;
        // Paths may be spelled in many ways; the depth ends a cycle that the names do not show.
        seen.push(identity(&located));
        names.push(located.source.name.clone());
        let parent = profile.extends.as_ref().map(|(name, node)| (name.clone(), node.place.clone()));
        profiles.push(profile);
        let Some((parent, place)) = parent else { break };
        let next = locate(&parent, located.directory.as_deref())
            .map_err(|error| Diagnostics::from(Diagnostic::at(&place, format!("{error:#}"))))?;
        if seen.contains(&identity(&next)) || seen.len() >= DEEPEST {
            names.push(next.source.name.clone());
            bail!(Diagnostics::from(
                Diagnostic::at(&place, format!("`extends` goes round in a circle: {}", names.join(" -> ")))
                    .help("let one of them extend nothing")
            ));
        }
        located = next;
    }
    profiles.reverse();
    Ok((name, profiles))
}

fn identity(located: &Located) -> String {
    match &located.directory {
        None => located.source.name.clone(),
        Some(_) => camino::Utf8Path::new(&located.source.name)
            .canonicalize_utf8()
            .map_or_else(|_| located.source.name.clone(), camino::Utf8PathBuf::into_string),
    }
}

fn parse(located: &Located) -> Result<Profile> {
    let root = yaml::parse(&located.source).map_err(Diagnostics::from)?;
    let mut found = Vec::new();
    let mut profile = Profile::default();
    let Value::Map(entries) = root.value else {
        let diagnostic =
            Diagnostic::at(&root.place, format!("a profile must be a mapping, not {}", root.value.kind()))
                .help("the least that a profile may be is `extends: loopback`");
        bail!(Diagnostics::from(diagnostic));
    };
    for (key, node) in entries {
        match key.name.as_str() {
            "description" => drop(text(&node, "description", &mut found)),
            "extends" => profile.extends = text(&node, "extends", &mut found).map(|text| (text, node)),
            "user" => profile.user = text(&node, "user", &mut found).map(|text| (text, node)),
            "fixes" => profile.fixes = fixes(node, &mut found),
            "kickstart" => match node.value {
                Value::Map(values) => profile.kickstart = values,
                Value::Null => {}
                other => found.push(
                    Diagnostic::at(
                        &node.place,
                        format!("`kickstart` must be a mapping of values, not {}", other.kind()),
                    )
                    .help("such as `kickstart: {timezone: Europe/Berlin}`"),
                ),
            },
            other => {
                let help = nearest(other, KEYS).map_or_else(
                    || format!("a profile has {}", KEYS.join(", ")),
                    |key| format!("did you mean `{key}`?"),
                );
                found.push(
                    Diagnostic::at(&key.place, format!("unknown key `{other}` in a profile")).help(help),
                );
            }
        }
    }
    refuse(found)?;
    Ok(profile)
}

fn text(node: &Node, key: &str, found: &mut Vec<Diagnostic>) -> Option<String> {
    if let Value::Text(text) = &node.value {
        return Some(text.clone());
    }
    found.push(Diagnostic::at(&node.place, format!("`{key}` must be text, not {}", node.value.kind())));
    None
}

fn fixes(node: Node, found: &mut Vec<Diagnostic>) -> Vec<(Key, Wish)> {
    let entries = match node.value {
        Value::Map(entries) => entries,
        Value::Null => return Vec::new(),
        other => {
            found.push(
                Diagnostic::at(
                    &node.place,
                    format!("`fixes` must be a mapping from fix to values, not {}", other.kind()),
                )
                .help("write `fixes:` and below it one line for each fix, such as `  fd-limits:`"),
            );
            return Vec::new();
        }
    };
    let mut wishes = Vec::new();
    for (key, node) in entries {
        match node.value {
            Value::Null | Value::Boolean(true) => wishes.push((key, Wish::With(Vec::new()))),
            Value::Boolean(false) => wishes.push((key, Wish::Without)),
            Value::Map(values) => wishes.push((key, Wish::With(values))),
            other => found.push(
                Diagnostic::at(
                    &node.place,
                    format!("fix `{}` must have a mapping of values, not {}", key.name, other.kind()),
                )
                .help("leave it empty for the document's values, or write `false` to leave the fix out"),
            ),
        }
    }
    wishes
}
