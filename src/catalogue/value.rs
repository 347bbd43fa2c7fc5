//! What kind a value of a fix is and within which bounds; and a value that was held against them.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::diagnostic::{Place, Source};
use crate::yaml::{Node, Value};

/// A checked value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Setting {
    /// A whole number.
    Integer(i64),
    /// Text, a word, or one of several choices.
    Text(String),
    /// Several words.
    Words(Vec<String>),
}

/// The kinds, as `kind:` in fix.yaml names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A whole number between `min` and `max`.
    Integer,
    /// One line of printable text, at most `max` characters. Only escaped does it get into a template.
    Text,
    /// Letters, digits and `._+:/@=-`: versions, image names, user names.
    Word,
    /// A list of words.
    Words,
    /// A list of names of rpm packages: letters, digits and `._+-`; at least `min` of them.
    Packages,
    /// One of `choices`.
    Choice,
}

/// A value as fix.yaml declares it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ValueSpec {
    /// Its kind.
    pub kind: Kind,
    /// The document's value.
    pub default: serde_json::Value,
    /// What it is, in a few words, with its unit.
    pub about: String,
    /// Smallest integer, or fewest packages; 0 lets a text be empty.
    #[serde(default)]
    pub min: Option<i64>,
    /// Largest integer, or most characters.
    #[serde(default)]
    pub max: Option<i64>,
    /// The choices of a choice.
    #[serde(default)]
    pub choices: Vec<String>,
    /// Another value of the same fix that this one may not exceed.
    #[serde(default)]
    pub at_most: Option<String>,
    /// Of a word that is a version: the newest that Rocky 8 can have.
    #[serde(default)]
    pub newest: Option<String>,
}

impl ValueSpec {
    /// The kind and bounds in words, for help lines.
    pub fn expects(&self) -> String {
        match (self.kind, self.min, self.max) {
            (Kind::Integer, Some(min), Some(max)) => format!("an integer from {min} to {max}"),
            (Kind::Integer, Some(min), None) => format!("an integer, at least {min}"),
            (Kind::Integer, None, Some(max)) => format!("an integer, at most {max}"),
            (Kind::Integer, None, None) => "an integer".to_owned(),
            (Kind::Text, _, max) => format!("one line of text, at most {} characters", max.unwrap_or(256)),
            (Kind::Word, ..) => match &self.newest {
                Some(newest) => format!("a version, at most {newest}"),
                None => "a word of letters, digits and ._+:/@=-".to_owned(),
            },
            (Kind::Words, ..) => "a list of words of letters, digits and ._+:/@=-".to_owned(),
            (Kind::Packages, ..) => "a list of package names of letters, digits and ._+-".to_owned(),
            (Kind::Choice, ..) => format!("one of {}", self.choices.join(", ")),
        }
    }

    /// Holds a YAML value against kind and bounds.
    ///
    /// # Errors
    /// What is wrong with it, in words that follow the value's name: "must be ...".
    pub fn check(&self, value: &Value) -> Result<Setting> {
        let setting = match (self.kind, value) {
            (Kind::Integer, Value::Integer(number)) => {
                let number = i64::try_from(*number).ok();
                let below = self.min.is_some_and(|min| number.is_none_or(|n| n < min));
                let above = self.max.is_some_and(|max| number.is_none_or(|n| n > max));
                match number {
                    Some(number) if !below && !above => Setting::Integer(number),
                    _ => bail!("must be {}", self.expects()),
                }
            }
            // Beyond 128 bits the parser takes a whole number for a float.
            (Kind::Integer, Value::Float(number)) if number.fract() == 0.0 => {
                bail!("must be {}", self.expects())
            }
            (Kind::Text, Value::Text(text)) => Setting::Text(self.line(text)?),
            (Kind::Word, Value::Text(text)) => Setting::Text(self.version(word(text)?)?),
            (Kind::Choice, Value::Text(text)) if self.choices.contains(text) => Setting::Text(text.clone()),
            (Kind::Choice, Value::Text(text)) => bail!("must be {}, not {text:?}", self.expects()),
            (Kind::Words | Kind::Packages, Value::List(items)) => {
                let mut words = Vec::new();
                for item in items {
                    match &item.value {
                        Value::Text(text)
                            if self.kind == Kind::Packages && text.contains([':', '/', '@', '=']) =>
                        {
                            bail!("must be {}, and has {text:?} in it", self.expects())
                        }
                        Value::Text(text) => words.push(word(text)?),
                        other => bail!("must be {}, and has {} in it", self.expects(), other.kind()),
                    }
                }
                let fewest = self.min.and_then(|min| usize::try_from(min).ok()).unwrap_or(0);
                if words.len() < fewest {
                    bail!("must name at least {fewest}; to do without, leave the fix out with --skip");
                }
                Setting::Words(words)
            }
            (
                Kind::Word | Kind::Text | Kind::Choice,
                Value::Integer(_) | Value::Float(_) | Value::Boolean(_),
            ) => {
                bail!("must be text; put it in quotes, or YAML takes it for {}", value.kind())
            }
            (Kind::Words | Kind::Packages, Value::Text(text)) => {
                bail!("must be {}, not text; write [{text}]", self.expects())
            }
            (_, other) => bail!("must be {}, not {}", self.expects(), other.kind()),
        };
        Ok(setting)
    }

    /// The default as a checked value.
    ///
    /// # Errors
    /// When it is not within its own bounds.
    pub fn default_setting(&self) -> Result<Setting> {
        self.check(&as_node(&self.default))
    }

    /// Some setting of the same kind that is not `setting`; it need not be within the bounds.
    pub fn other_than(&self, setting: &Setting) -> Setting {
        match setting {
            Setting::Integer(number) if Some(*number) == self.max => Setting::Integer(number - 1),
            Setting::Integer(number) => Setting::Integer(number.saturating_add(1)),
            Setting::Text(text) => {
                let choice = self.choices.iter().find(|choice| *choice != text).cloned();
                Setting::Text(choice.unwrap_or_else(|| format!("{text}x")))
            }
            Setting::Words(words) if words.is_empty() => Setting::Words(vec!["another".to_owned()]),
            Setting::Words(_) => Setting::Words(Vec::new()),
        }
    }

    /// The YAML value that `--set` means by `text`: numbers for integers, commas between words.
    pub fn from_argument(&self, text: &str, place: &Place) -> Value {
        match self.kind {
            Kind::Integer => text.parse().map_or_else(|_| Value::Text(text.to_owned()), Value::Integer),
            // In brackets as in a profile, or without.
            Kind::Words | Kind::Packages => Value::List(
                text.strip_prefix('[')
                    .and_then(|text| text.strip_suffix(']'))
                    .unwrap_or(text)
                    .split(',')
                    .map(str::trim)
                    .filter(|word| !word.is_empty())
                    .map(|word| Node { value: Value::Text(word.to_owned()), place: place.clone() })
                    .collect(),
            ),
            Kind::Text | Kind::Word | Kind::Choice => Value::Text(text.to_owned()),
        }
    }

    /// Refuses a version that Rocky 8 cannot have.
    fn version(&self, text: String) -> Result<String> {
        let Some(newest) = &self.newest else { return Ok(text) };
        let numbers = |text: &str| text.split('.').map(str::parse::<u64>).collect::<Result<Vec<_>, _>>().ok();
        match (numbers(&text), numbers(newest)) {
            (Some(asked), Some(most)) if asked <= most => Ok(text),
            (Some(_), Some(_)) => {
                bail!("must be at most {newest}, the last version for Rocky 8's Python 3.6")
            }
            _ => bail!("must be a version of numbers and dots, at most {newest}"),
        }
    }

    fn line(&self, text: &str) -> Result<String> {
        let most = usize::try_from(self.max.unwrap_or(256)).unwrap_or(256);
        if text.chars().any(char::is_control) {
            bail!("must be one line without control characters");
        }
        let fewest = usize::from(self.min != Some(0));
        if text.chars().count() < fewest || text.chars().count() > most {
            bail!("must have {fewest} to {most} characters");
        }
        Ok(text.to_owned())
    }
}

/// The values that a document of this program has beside those of the fixes.
pub(super) fn specs(name: &str, text: &str) -> Result<BTreeMap<String, ValueSpec>> {
    let specs: BTreeMap<String, ValueSpec> =
        serde_yaml::from_str(text).with_context(|| format!("reading {name}"))?;
    for (key, spec) in &specs {
        spec.default_setting().with_context(|| format!("reading {name}: {key}: default"))?;
    }
    Ok(specs)
}

/// A default in the form that a profile's values have.
fn as_node(value: &serde_json::Value) -> Value {
    let place = Place { source: Source::new("default", ""), line: 1, column: 1, width: 1 };
    match value {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(value) => Value::Boolean(*value),
        serde_json::Value::Number(number) => number
            .as_i64()
            .map_or_else(|| Value::Float(number.as_f64().unwrap_or(f64::NAN)), |n| Value::Integer(n.into())),
        serde_json::Value::String(text) => Value::Text(text.clone()),
        serde_json::Value::Array(items) => Value::List(
            items.iter().map(|item| Node { value: as_node(item), place: place.clone() }).collect(),
        ),
        serde_json::Value::Object(_) => Value::Map(Vec::new()),
    }
}

fn word(text: &str) -> Result<String> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._+:/@=-".contains(c);
    if text.is_empty() || text.starts_with('-') || text.len() > 256 {
        bail!("must be a word of 1 to 256 characters that does not begin with a hyphen");
    }
    if let Some(other) = text.chars().find(|c| !allowed(*c)) {
        bail!("must be a word of letters, digits and ._+:/@=-, and has {other:?} in it");
    }
    Ok(text.to_owned())
}
