//! A line of a rules file: comma-separated `KEY{ATTRIBUTE}OPERATOR"VALUE"`, matches and assignments mixed.
//! A line that udev could not read in full is passed over, as udev does.

use std::collections::BTreeMap;

/// Properties that no rule can set.
const FIXED: [&str; 11] = [
    "ACTION",
    "SUBSYSTEM",
    "DEVTYPE",
    "MAJOR",
    "MINOR",
    "DRIVER",
    "IFINDEX",
    "DEVNAME",
    "DEVLINKS",
    "DEVPATH",
    "TAGS",
];

/// How a key and a value are put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `==`
    Match,
    /// `!=`
    NoMatch,
    /// `=`, `:=`
    Assign,
    /// `+=`, `-=`
    Change,
}

/// `KEY{attribute}OPERATOR"value"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// In capitals, as `ATTR`.
    pub key: String,
    /// What stands in braces; empty without.
    pub attribute: String,
    /// The operator.
    pub operator: Operator,
    /// Without its quotes.
    pub value: String,
}

/// A line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its file.
    pub path: String,
    /// Its parts, in their order.
    pub tokens: Vec<Token>,
}

/// The rules of a file; a backslash at the end of a line joins it with the next.
pub fn parse(text: &str, path: &str) -> Vec<Rule> {
    let mut rules = Vec::new();
    let mut joined = String::new();
    for line in text.lines() {
        if joined.is_empty() && line.trim_start().starts_with('#') {
            continue;
        }
        if let Some(part) = line.strip_suffix('\\') {
            joined.push_str(part);
            continue;
        }
        joined.push_str(line);
        let line = std::mem::take(&mut joined);
        if let Some(tokens) = tokens(line.trim()).filter(|tokens| !tokens.is_empty()) {
            rules.push(Rule { path: path.to_owned(), tokens });
        }
    }
    // A set, as a map of the kind that events have: a second kind would be four kilobytes more of program.
    let mut labels: BTreeMap<String, Option<String>> = BTreeMap::new();
    for rule in rules.iter_mut().rev() {
        // Without its label further down in the same file, udev passes over a jump.
        rule.tokens.retain(|token| token.key != "GOTO" || labels.contains_key(&token.value));
        for label in rule.tokens.iter().filter(|token| token.key == "LABEL") {
            labels.insert(label.value.clone(), None);
        }
    }
    rules
}

fn tokens(mut rest: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        if rest.is_empty() {
            return Some(tokens);
        }
        let key_length = rest.find(|c: char| !c.is_ascii_uppercase() && c != '_')?;
        let (key, behind) = rest.split_at(key_length);
        let (attribute, behind) = match behind.strip_prefix('{') {
            Some(inside) => inside.split_once('}')?,
            None => ("", behind),
        };
        let behind = behind.trim_start();
        let signs = [
            ("==", Operator::Match),
            ("!=", Operator::NoMatch),
            ("+=", Operator::Change),
            ("-=", Operator::Change),
            (":=", Operator::Assign),
            ("=", Operator::Assign),
        ];
        let (operator, behind) =
            signs.iter().find_map(|(sign, operator)| Some((*operator, behind.strip_prefix(sign)?)))?;
        let (value, behind) = quoted(behind.trim_start().strip_prefix('"')?)?;
        if key == "ENV"
            && !matches!(operator, Operator::Match | Operator::NoMatch)
            && FIXED.contains(&attribute)
        {
            return None;
        }
        tokens.push(Token { key: key.to_owned(), attribute: attribute.to_owned(), operator, value });
        rest = behind;
    }
}

/// Up to the closing quote; a quote behind a backslash is a part of the value.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut rest = text;
    loop {
        let at = rest.find('"')?;
        let (part, behind) = rest.split_at(at);
        let behind = behind.get(1..)?;
        match part.strip_suffix('\\') {
            Some(part) => {
                value.push_str(part);
                value.push('"');
                rest = behind;
            }
            None => {
                value.push_str(part);
                return Some((value, behind));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_attributes_operators_and_quotes() {
        let text = "# no\nACTION==\"add|change\", ATTR{queue/scheduler}=\"a\\\"b\"\\\n , RUN+=\"x\"\nbroken==\"a\"\nKERNEL==\"sd*\n";
        let rules = parse(text, "f");
        assert_eq!(rules.len(), 1, "{rules:?}");
        let keys: Vec<_> = rules[0].tokens.iter().map(|token| (token.key.as_str(), token.operator)).collect();
        assert_eq!(
            keys,
            [("ACTION", Operator::Match), ("ATTR", Operator::Assign), ("RUN", Operator::Change)]
        );
        assert_eq!(
            (rules[0].tokens[1].attribute.as_str(), rules[0].tokens[1].value.as_str()),
            ("queue/scheduler", "a\"b")
        );
    }
}
