//! YAML as a tree in which every key and value knows its line and column, so that errors can point at them.
//!
//! Limits: one document, string keys, no tags with meaning; `yes` and `on` are strings, as in YAML 1.2. Aliases are
//! expanded within the parser's budget. Source: yaml.org/spec/1.2.2, through the `serde_yaml` dependency.

pub mod shape;
mod syntax;

use std::fmt;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_yaml::{Location, Spanned};

use crate::diagnostic::{Diagnostic, Place, Source};

pub use syntax::{missing_space, syntax_error};

/// A value with its place.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it is.
    pub value: Value,
    /// Where it begins.
    pub place: Place,
}

/// A key with its place.
#[derive(Clone, Debug)]
pub struct Key {
    /// The key.
    pub name: String,
    /// Where it is.
    pub place: Place,
}

/// The kinds of YAML values.
#[derive(Clone, Debug)]
pub enum Value {
    /// Nothing, `~` or `null`.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// A whole number.
    Integer(i128),
    /// Any other number.
    Float(f64),
    /// Everything else that is not a collection.
    Text(String),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping, in the order of the text.
    Map(Vec<(Key, Node)>),
}

impl Node {
    /// The value of a key, where this is a mapping that has it.
    pub fn get(&self, name: &str) -> Option<&Node> {
        self.entry(name).map(|(_, node)| node)
    }

    /// A key with its value, where this is a mapping that has it.
    pub fn entry(&self, name: &str) -> Option<(&Key, &Node)> {
        self.entries().iter().find(|(key, _)| key.name == name).map(|(key, node)| (key, node))
    }

    /// The entries of a mapping; none of anything else.
    pub fn entries(&self) -> &[(Key, Node)] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The items of a list; none of anything else.
    pub fn items(&self) -> &[Node] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// The same as JSON, which YAML takes too.
    pub fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Null => serde_json::Value::Null,
            Value::Boolean(truth) => (*truth).into(),
            Value::Integer(number) => {
                i64::try_from(*number).map_or_else(|_| number.to_string().into(), Into::into)
            }
            Value::Float(number) => (*number).into(),
            Value::Text(text) => text.as_str().into(),
            Value::List(items) => items.iter().map(Node::to_json).collect(),
            Value::Map(entries) => {
                entries.iter().map(|(key, node)| (key.name.clone(), node.to_json())).collect()
            }
        }
    }

    /// Text, where it is some.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The place that is nearest to what a path of keys, and of numbers in lists, names: that of the last that is there.
    pub fn place_of(&self, path: &[&str]) -> &Place {
        let Some((name, rest)) = path.split_first() else { return &self.place };
        if let Some(item) = name.parse().ok().and_then(|index: usize| self.items().get(index)) {
            return item.place_of(rest);
        }
        match self.entry(name) {
            Some((key, _)) if rest.is_empty() => &key.place,
            Some((key, node)) => match node.entry(rest[0]) {
                Some(_) => node.place_of(rest),
                None if matches!(node.value, Value::List(_)) => node.place_of(rest),
                None => &key.place,
            },
            None => &self.place,
        }
    }
}

impl Value {
    /// What a person calls it.
    pub fn kind(&self) -> &'static str {
        match self {
            Value::Null => "nothing",
            Value::Boolean(_) => "true or false",
            Value::Integer(_) => "an integer",
            Value::Float(_) => "a fractional number",
            Value::Text(_) => "text",
            Value::List(_) => "a list",
            Value::Map(_) => "a mapping",
        }
    }
}

/// Parses a text.
///
/// # Errors
/// Where the text is not one YAML document, or has a key twice.
pub fn parse(source: &Arc<Source>) -> Result<Node, Diagnostic> {
    parse_with(source, serde_yaml::options! { strict_booleans: true })
}

/// The same of a text that a program may have written: it may have as many values as its length has room for.
///
/// # Errors
/// As [`parse`].
pub fn parse_long(source: &Arc<Source>) -> Result<Node, Diagnostic> {
    parse_with(source, roomy(source))
}

fn roomy(source: &Source) -> serde_yaml::Options {
    let room = source.text.len();
    let budget = serde_yaml::budget! { max_nodes: room.max(250_000), max_events: room.max(250_000) * 4 };
    serde_yaml::options! { strict_booleans: true, budget: budget }
}

fn parse_with(source: &Arc<Source>, options: serde_yaml::Options) -> Result<Node, Diagnostic> {
    let raw: Spanned<Raw> = serde_yaml::from_str_with_options(&source.text, options)
        .map_err(|error| syntax_error(source, &error))?;
    Ok(Item::of(raw).located(source))
}

/// A place without its source: long texts have millions.
#[derive(Clone, Copy)]
struct Spot {
    line: u32,
    column: u32,
    width: u32,
}

impl Spot {
    fn of(at: Location) -> Self {
        let number = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
        let width = u32::try_from(at.span().len()).unwrap_or(1).max(1);
        Spot { line: number(at.line()), column: number(at.column()), width }
    }

    fn located(self, source: &Arc<Source>) -> Place {
        let number = |n: u32| usize::try_from(n).unwrap_or(usize::MAX);
        let (line, column, width) = (number(self.line), number(self.column), number(self.width));
        Place { source: Arc::clone(source), line, column, width }
    }
}

/// A value with its spot.
struct Item {
    raw: Raw,
    spot: Spot,
}

impl Item {
    fn of(spanned: Spanned<Raw>) -> Self {
        Item { raw: spanned.value, spot: Spot::of(spanned.referenced) }
    }

    fn located(self, source: &Arc<Source>) -> Node {
        let value = match self.raw {
            Raw::Leaf(value) => value,
            Raw::List(items) => Value::List(items.into_iter().map(|item| item.located(source)).collect()),
            Raw::Map(entries) => Value::Map(
                entries
                    .into_iter()
                    .map(|(name, spot, value)| {
                        (Key { name, place: spot.located(source) }, value.located(source))
                    })
                    .collect(),
            ),
        };
        Node { value, place: self.spot.located(source) }
    }
}

enum Raw {
    Leaf(Value),
    List(Vec<Item>),
    Map(Vec<(String, Spot, Item)>),
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }
    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Leaf(Value::Null))
    }
    fn visit_none<E>(self) -> Result<Raw, E> {
        Ok(Raw::Leaf(Value::Null))
    }
    fn visit_bool<E>(self, value: bool) -> Result<Raw, E> {
        Ok(Raw::Leaf(Value::Boolean(value)))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Raw, E> {
        Ok(Raw::Leaf(Value::Integer(value.into())))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Raw, E> {
        Ok(Raw::Leaf(Value::Integer(value.into())))
    }
    fn visit_i128<E>(self, value: i128) -> Result<Raw, E> {
        Ok(Raw::Leaf(Value::Integer(value)))
    }
    fn visit_f64<E>(self, value: f64) -> Result<Raw, E> {
        Ok(Raw::Leaf(Value::Float(value)))
    }
    fn visit_str<E>(self, value: &str) -> Result<Raw, E> {
        Ok(Raw::Leaf(Value::Text(value.to_owned())))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Raw, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(Item::of(item));
        }
        Ok(Raw::List(items))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Raw, A::Error> {
        let mut entries = Vec::new();
        while let Some((key, value)) = access.next_entry::<Spanned<String>, Spanned<Raw>>()? {
            // A quoted key is told without its quotes.
            let width = u32::try_from(key.value.chars().count()).unwrap_or(1).max(1);
            let spot = Spot { width, ..Spot::of(key.referenced) };
            entries.push((key.value, spot, Item::of(value)));
        }
        Ok(Raw::Map(entries))
    }
}
