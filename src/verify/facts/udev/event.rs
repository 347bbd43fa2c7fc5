//! Rules over one device, as for the event of its addition at boot.
//!
//! What a match says is yes, no, or not to be known here: properties that programs or the device's own database bring,
//! parents, results of programs. A rule that hangs on the last is kept as a doubt and does not count as run.

use std::collections::BTreeMap;

use super::rule::{Operator, Rule, Token};
use crate::verify::facts::{Root, glob};

/// UTIL_NAME_SIZE of 239: where a value is cut.
const LONGEST: usize = 512;
/// Rules of real systems look at some hundred attributes of a disk.
const MOST_LOOKS: usize = 4096;

/// A block device.
#[derive(Clone, Copy, Debug)]
pub struct Device<'a> {
    /// Its kernel name, such as `vda`.
    pub name: &'a str,
    /// Arguments of the kernel of that boot.
    pub arguments: &'a str,
}

/// What rules write to an attribute.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// The last value, and the file of its rule.
    pub value: Option<(String, String)>,
    /// What else may come after it, for all that can be known here.
    pub doubt: Option<(String, String)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Answer {
    Yes,
    No,
    Unknown,
}

/// What the rules write to `attribute` of a device when it is added.
pub fn written(root: &Root, rules: &[Rule], device: Device<'_>, attribute: &str) -> Written {
    let mut arguments = BTreeMap::new();
    for argument in device.arguments.split_whitespace() {
        let (key, value) = argument.split_once('=').unwrap_or((argument, "1"));
        arguments.entry(key).or_insert(value);
    }
    let mut event = Event { root, device, arguments, properties: BTreeMap::new(), looked: 0 };
    for (key, value) in [("DEVTYPE", "disk"), ("ACTION", "add"), ("SUBSYSTEM", "block")] {
        event.properties.insert(key.to_owned(), Some(value.to_owned()));
    }
    event.properties.insert("DEVNAME".to_owned(), Some(format!("/dev/{}", device.name)));
    let mut written = Written::default();
    let mut label: Option<(&str, &str)> = None;
    for rule in rules {
        if let Some((file, wanted)) = label {
            // A label is looked for in its own file only.
            if file == rule.path && !is_label(rule, wanted) {
                continue;
            }
            label = None;
        }
        let matches = event.matches(rule);
        if matches == Answer::No {
            continue;
        }
        // Properties come first within a rule, wherever they stand in it.
        let (properties, others): (Vec<_>, Vec<_>) =
            rule.tokens.iter().filter(|token| is_assignment(token)).partition(|token| token.key == "ENV");
        for token in properties.into_iter().chain(others) {
            let certain = matches == Answer::Yes;
            match token.key.as_str() {
                "GOTO" if certain => {
                    label = Some((&rule.path, &token.value));
                }
                "ENV" => match event.substituted(&token.value).filter(|_| certain) {
                    Some(value) => {
                        event.properties.insert(token.attribute.clone(), Some(value));
                    }
                    None => {
                        event.properties.remove(&token.attribute);
                    }
                },
                "ATTR" if token.attribute == attribute => match event.substituted(&token.value) {
                    Some(value) if certain => {
                        written = Written { value: Some((value, rule.path.clone())), doubt: None };
                    }
                    value => {
                        let value = value.unwrap_or_else(|| token.value.clone());
                        written.doubt = Some((value, rule.path.clone()));
                    }
                },
                "RUN" if token.value.contains(attribute) => {
                    written.doubt = Some((format!("what {:.40} writes", token.value), rule.path.clone()));
                }
                _ => {}
            }
        }
    }
    written
}

fn is_label(rule: &Rule, name: &str) -> bool {
    rule.tokens.iter().any(|own| own.key == "LABEL" && own.value == name)
}

fn yes_if(holds: bool) -> Answer {
    if holds { Answer::Yes } else { Answer::No }
}

fn is_assignment(token: &Token) -> bool {
    matches!(token.operator, Operator::Assign | Operator::Change)
        && token.key != "IMPORT"
        && token.key != "PROGRAM"
}

struct Event<'a> {
    root: &'a Root,
    device: Device<'a>,
    /// Of the kernel, the first of each name; without a value it is 1.
    arguments: BTreeMap<&'a str, &'a str>,
    /// Those that are known; none for one that is known to be absent.
    properties: BTreeMap<String, Option<String>>,
    /// How often /sys was looked at.
    looked: usize,
}

impl Event<'_> {
    fn matches(&mut self, rule: &Rule) -> Answer {
        let mut all = Answer::Yes;
        for token in rule.tokens.iter().filter(|token| !is_assignment(token)) {
            match self.answer(token) {
                Answer::No => return Answer::No,
                Answer::Unknown => all = Answer::Unknown,
                Answer::Yes => {}
            }
        }
        all
    }

    fn answer(&mut self, token: &Token) -> Answer {
        let known = match token.key.as_str() {
            "ACTION" => Some("add".to_owned()),
            "SUBSYSTEM" => Some("block".to_owned()),
            "KERNEL" => Some(self.device.name.to_owned()),
            "DEVPATH" | "DRIVER" | "NAME" => None,
            "ENV" => {
                let property = self.properties.get(&token.attribute);
                property.map(|value| value.clone().unwrap_or_default())
            }
            "ATTR" => match self.attribute(&token.attribute) {
                Ok(Some(value)) => Some(value),
                // Without the attribute neither operator matches.
                Ok(None) => return Answer::No,
                Err(()) => None,
            },
            "TEST" if token.attribute.is_empty() => return self.exists(token).unwrap_or(Answer::Unknown),
            "IMPORT" if token.attribute == "cmdline" => {
                return yes_if(self.import(&token.value) != (token.operator == Operator::NoMatch));
            }
            _ => None,
        };
        let Some(known) = known.filter(|known| known.len() <= LONGEST) else { return Answer::Unknown };
        let matches = token.value.split('|').any(|pattern| glob::matches(pattern, &known));
        yes_if(matches == (token.operator == Operator::Match))
    }

    /// The attribute's value without the white space at its end; `Err` where it cannot be read.
    fn attribute(&mut self, name: &str) -> Result<Option<String>, ()> {
        self.look()?;
        let path = format!("/sys/class/block/{}/{name}", self.device.name);
        match self.root.read_if_there(&path) {
            Ok(text) => Ok(text.map(|text| text.trim_end().to_owned())),
            Err(_) => Err(()),
        }
    }

    /// Whether a file is there, by its absolute path or below the device's directory.
    fn exists(&mut self, token: &Token) -> Result<Answer, ()> {
        let name = &token.value;
        if name.contains(['*', '?', '[', '$', '%']) {
            return Err(());
        }
        self.look()?;
        let path = if name.starts_with('/') {
            name.clone()
        } else {
            format!("/sys/class/block/{}/{name}", self.device.name)
        };
        let there = self.root.locate(&path).and_then(|real| real.try_exists()).map_err(|_| ())?;
        Ok(yes_if(there == (token.operator == Operator::Match)))
    }

    /// Counts; `Err` when it was enough.
    fn look(&mut self) -> Result<(), ()> {
        self.looked += 1;
        if self.looked > MOST_LOOKS { Err(()) } else { Ok(()) }
    }

    /// Takes a kernel argument for a property, as `IMPORT{cmdline}` does.
    fn import(&mut self, name: &str) -> bool {
        let found = self.arguments.get(name).map(|value| (*value).to_owned());
        let there = found.is_some();
        self.properties.insert(name.to_owned(), found);
        there
    }

    /// A value with `$env{...}`, `$kernel` and their short forms filled in; none where it has another substitution, or gets
    /// longer than udev's values are.
    fn substituted(&self, value: &str) -> Option<String> {
        let mut out = String::new();
        let mut rest = value;
        while let Some(at) = rest.find(['$', '%']) {
            if out.len() > LONGEST {
                return None;
            }
            let (before, behind) = rest.split_at(at);
            out.push_str(before);
            let short = ["$env{", "%E{"].iter().find_map(|sign| behind.strip_prefix(sign));
            let kernel = ["$kernel", "%k"].iter().find_map(|sign| behind.strip_prefix(sign));
            let escaped = ["$$", "%%"].iter().find(|sign| behind.starts_with(**sign));
            if let Some(inside) = short {
                let (name, behind) = inside.split_once('}')?;
                out.push_str(self.properties.get(name)?.as_deref().unwrap_or_default());
                rest = behind;
            } else if let Some(behind) = kernel {
                out.push_str(self.device.name);
                rest = behind;
            } else if escaped.is_some() {
                out.push_str(behind.get(..1)?);
                rest = behind.get(2..)?;
            } else {
                return None;
            }
        }
        out.push_str(rest);
        (out.len() <= LONGEST).then_some(out)
    }
}
