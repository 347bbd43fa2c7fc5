//! What is found wrong on the way, on two levels: refused for every medium, and what kickstart alone cannot say.

use ipnet::IpNet;

use super::scalar;
use crate::diagnostic::{Diagnostic, Place};
use crate::yaml::{Key, Node, Value};

/// Everything found in one file, in the order of the file within each level.
#[derive(Clone, Debug, Default)]
pub(super) struct Findings {
    /// Whether every text stands in quotes, and is one to YAML 1.1 as well.
    pub in_quotes: bool,
    /// cloud-init refuses it, or makes something else of it.
    pub refused: Vec<Diagnostic>,
    /// cloud-init can, the installer's `network` command cannot.
    pub kickstart: Vec<Diagnostic>,
    /// For every medium.
    pub warnings: Vec<Diagnostic>,
    /// For kickstart media only.
    pub kickstart_warnings: Vec<Diagnostic>,
}

impl Findings {
    pub fn refuse(&mut self, place: &Place, message: impl Into<String>, help: impl Into<String>) {
        self.refused.push(Diagnostic::at(place, message).help(help));
    }

    pub fn cannot(&mut self, place: &Place, message: impl Into<String>, help: impl Into<String>) {
        self.kickstart.push(Diagnostic::at(place, message).help(help));
    }

    pub fn warn(&mut self, place: &Place, message: &str) {
        self.warnings.push(Diagnostic::warning(Some(place), message));
    }

    pub fn warn_kickstart(&mut self, place: &Place, message: &str) {
        self.kickstart_warnings.push(Diagnostic::warning(Some(place), message));
    }

    fn expected(&mut self, node: &Node, what: &str, expected: &str, example: &str) {
        let kind = node.value.kind();
        self.refuse(&node.place, format!("{what} must be {expected}, not {kind}"), example);
    }

    /// The entries of a mapping.
    pub fn map<'a>(&mut self, node: &'a Node, what: &str) -> Option<&'a [(Key, Node)]> {
        if let Value::Map(entries) = &node.value {
            return Some(entries);
        }
        self.expected(node, what, "a mapping", "an empty one is written {}");
        None
    }

    /// The items of a list.
    pub fn list<'a>(&mut self, node: &'a Node, what: &str) -> &'a [Node] {
        if let Value::List(items) = &node.value {
            return items;
        }
        self.expected(node, what, "a list", "write [one, two], or a line with a hyphen for each");
        &[]
    }

    /// A text that cloud-init's YAML reader takes for a text, too.
    pub fn text(&mut self, node: &Node, what: &str) -> Option<String> {
        let Value::Text(text) = &node.value else {
            self.expected(node, what, "text", "put it in quotes if it looks like something else");
            return None;
        };
        if !self.in_quotes && scalar::is_number_in_yaml_1_1(text) && !scalar::is_quoted(node) {
            let message = format!("cloud-init's YAML 1.1 takes {what} for a number in base 60");
            self.refuse(&node.place, message, format!("put it in quotes: \"{text}\""));
            return None;
        }
        Some(text.clone())
    }

    /// A truth, in the words of YAML 1.1 as cloud-init reads them.
    pub fn truth(&mut self, node: &Node, what: &str) -> Option<bool> {
        let known = match &node.value {
            Value::Boolean(truth) => Some(*truth),
            Value::Text(text) if !scalar::is_quoted(node) => scalar::truth_in_yaml_1_1(text),
            _ => None,
        };
        if known.is_none() {
            self.expected(node, what, "true or false", "write it without quotes");
        }
        known
    }

    /// A whole number within bounds.
    pub fn number(&mut self, node: &Node, what: &str, least: u32, most: u32, example: &str) -> Option<u32> {
        let number = match &node.value {
            Value::Integer(number) => u32::try_from(*number).ok(),
            Value::Text(text) => text.parse().ok(),
            _ => None,
        };
        let number = number.filter(|number| (least..=most).contains(number));
        if number.is_none() {
            let message = format!("{what} must be a number from {least} to {most}");
            self.refuse(&node.place, message, example);
        }
        number
    }

    /// The name of a device as Linux takes it (net/core/dev.c, dev_valid_name).
    pub fn device_name(&mut self, name: &str, place: &Place) {
        let bad = |c: char| c == '/' || c == ':' || c.is_whitespace() || c.is_control();
        if name.is_empty() || name.len() > 15 || name == "." || name == ".." || name.contains(bad) {
            self.refuse(
                place,
                format!("{name:?} is not a name that Linux gives a device"),
                "1 to 15 characters without spaces, slashes and colons, such as ens3 or bond0",
            );
        }
    }

    /// An address with its prefix.
    pub fn address(&mut self, node: &Node, what: &str) -> Option<IpNet> {
        let text = self.text(node, what)?;
        let Some((address, _)) = text.split_once('/') else {
            let (message, help) = match text.parse() {
                Ok(std::net::IpAddr::V4(_)) => {
                    (format!("{what} {text} has no prefix"), format!("add it, such as {text}/24"))
                }
                Ok(std::net::IpAddr::V6(_)) => {
                    (format!("{what} {text} has no prefix"), format!("add it, such as {text}/64"))
                }
                Err(_) => not_an_address(what, &text),
            };
            self.refuse(&node.place, message, help);
            return None;
        };
        let Some(net) = scalar::net(&text) else {
            let (message, help) = if address.parse::<std::net::IpAddr>().is_ok() {
                (
                    format!("{what} {text} has no valid prefix"),
                    "0 to 32 for IPv4, 0 to 128 for IPv6".to_owned(),
                )
            } else {
                not_an_address(what, &text)
            };
            self.refuse(&node.place, message, help);
            return None;
        };
        self.usable(net, node, what).then_some(net)
    }

    /// Whether a host can have it.
    pub fn usable(&mut self, net: IpNet, node: &Node, what: &str) -> bool {
        let address = net.addr();
        let usable = !address.is_unspecified() && !address.is_multicast();
        if !usable {
            self.refuse(
                &node.place,
                format!("{what} {address} is none that a host can have"),
                "such as 192.0.2.10/24 or 2001:db8::10/64",
            );
        }
        usable
    }

    /// An address of one family, without a prefix.
    pub fn plain<T: std::str::FromStr>(&mut self, node: &Node, what: &str, family: &str) -> Option<T> {
        let text = self.text(node, what)?;
        let parsed = text.parse().ok();
        if parsed.is_none() {
            let example = if family == "IPv6 address" { "2001:db8::1" } else { "192.0.2.1" };
            self.refuse(
                &node.place,
                format!("{what}: {text:?} is no {family}"),
                format!("such as {example}, without a prefix"),
            );
        }
        parsed
    }
}

fn not_an_address(what: &str, text: &str) -> (String, String) {
    (format!("{what}: {text:?} is no IP address"), "write it as 192.0.2.10/24 or 2001:db8::10/64".to_owned())
}
