//! One profile's text as data, with places, before anything is known of fixes; and the chain of `extends`.

use anyhow::Result;

use super::{Located, locate};
use crate::diagnostic::{Diagnostic, nearest};
use crate::yaml::{self, Key, Node, Value};

const KEYS: [&str; 5] = ["description", "extends", "user", "fixes", "kickstart"];
/// More than anybody nests on purpose.
const DEEPEST: usize = 16;

/// One profile as written.
#[derive(Debug, Default)]
pub(super) struct Profile {
    pub description: Option<String>,
    pub extends: Option<(String, Node)>,
    pub layer: Layer,
    pub kickstart: Vec<(Key, Node)>,
}

/// What one host, or a group of them, says beside its profile.
#[derive(Debug, Default)]
pub struct Layer {
    pub(super) user: Option<(String, Node)>,
    pub(super) fixes: Vec<(Key, Wish)>,
}

impl Layer {
    /// From the values of `user` and `fixes`; what is wrong with their kinds is told.
    pub fn of(user: Option<&Node>, wishes: Option<&Node>, found: &mut Vec<Diagnostic>) -> Self {
        Layer {
            user: user.and_then(|node| text(node, "user", found).map(|text| (text, node.clone()))),
            fixes: wishes.map(|node| fixes(node.clone(), found)).unwrap_or_default(),
        }
    }

    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        self.user.is_none() && self.fixes.is_empty()
    }
}

/// What a profile says of a fix.
#[derive(Clone, Debug)]
pub(super) enum Wish {
    /// Leave it out.
    Without,
    /// Have it, with these values.
    With(Vec<(Key, Node)>),
}

/// Reads a profile and all that it extends; the outermost ancestor comes first. What is wrong with one of them is told, and
/// the others are read all the same.
///
/// # Errors
/// When the profile itself cannot be read.
pub(super) fn chain(wanted: &str, found: &mut Vec<Diagnostic>) -> Result<(String, Vec<Profile>)> {
    let mut located = locate(wanted, None)?;
    let name = located.name.clone();
    let mut seen = Vec::new();
    let mut names = Vec::new();
    let mut profiles = Vec::new();
    loop {
        let profile = parse(&located, found);
        // Paths may be spelled in many ways; the depth ends a cycle that the names do not show.
        seen.push(identity(&located));
        names.push(located.source.name.clone());
        let parent = profile.extends.as_ref().map(|(name, node)| (name.clone(), node.place.clone()));
        profiles.push(profile);
        let Some((parent, place)) = parent else { break };
        let next = match locate(&parent, located.directory.as_deref()) {
            Ok(next) => next,
            Err(error) => {
                found.push(Diagnostic::at(&place, format!("{error:#}")));
                break;
            }
        };
        if seen.contains(&identity(&next)) || seen.len() >= DEEPEST {
            names.push(next.source.name.clone());
            found.push(
                Diagnostic::at(&place, format!("`extends` goes round in a circle: {}", names.join(" -> ")))
                    .help("let one of them extend nothing"),
            );
            break;
        }
        located = next;
    }
    profiles.reverse();
    Ok((name, profiles))
}

/// What a profile says of itself.
pub(super) fn description(wanted: &str) -> Result<Option<String>> {
    Ok(parse(&locate(wanted, None)?, &mut Vec::new()).description)
}

fn identity(located: &Located) -> String {
    match &located.directory {
        None => located.source.name.clone(),
        Some(_) => camino::Utf8Path::new(&located.source.name)
            .canonicalize_utf8()
            .map_or_else(|_| located.source.name.clone(), camino::Utf8PathBuf::into_string),
    }
}

fn parse(located: &Located, found: &mut Vec<Diagnostic>) -> Profile {
    let mut profile = Profile::default();
    let root = match yaml::parse(&located.source) {
        Ok(root) => root,
        Err(error) => {
            found.push(error);
            return profile;
        }
    };
    let Value::Map(entries) = root.value else {
        let diagnostic =
            Diagnostic::at(&root.place, format!("a profile must be a mapping, not {}", root.value.kind()))
                .help("the least that a profile may be is `extends: loopback`");
        found.push(diagnostic);
        return profile;
    };
    for (key, node) in entries {
        match key.name.as_str() {
            "description" => profile.description = text(&node, "description", found),
            "extends" => profile.extends = text(&node, "extends", found).map(|text| (text, node)),
            "user" => profile.layer.user = text(&node, "user", found).map(|text| (text, node)),
            "fixes" => profile.layer.fixes = fixes(node, found),
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
    profile
}

fn text(node: &Node, key: &str, found: &mut Vec<Diagnostic>) -> Option<String> {
    if let Value::Text(text) = &node.value {
        return Some(text.clone());
    }
    let plain = matches!(node.value, Value::Boolean(_) | Value::Integer(_) | Value::Float(_));
    let quotes = if plain { "; put it in quotes" } else { "" };
    found.push(Diagnostic::at(
        &node.place,
        format!("`{key}` must be text, not {}{quotes}", node.value.kind()),
    ));
    None
}

/// The help for what stands where a fix's values do.
fn other_than_values(value: &Value) -> String {
    let word = match value {
        Value::Text(text) => text.as_str(),
        _ => "",
    };
    if let Some(help) = yaml::missing_space(word, |key| !key.is_empty() && !key.contains(' ')) {
        return help;
    }
    match word.to_lowercase().as_str() {
        "off" | "no" => format!("`{word}` is text here; write `false` to leave the fix out"),
        "on" | "yes" => format!("`{word}` is text here; leave it empty for the document's values"),
        _ => "leave it empty for the document's values, or write `false` to leave the fix out".to_owned(),
    }
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
                .help(other_than_values(&other)),
            ),
        }
    }
    wishes
}
