//! Scalars as cloud-init reads them: YAML 1.1 by PyYAML, where this program's YAML is 1.2.
//!
//! Sources: yaml.org/type/bool.html and int.html, and cloud-init's ipv4_mask_to_net_prefix.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::yaml::{Node, Value};

/// `yes`, `no`, `on` and `off`; `true` and `false` are YAML 1.2's as well.
pub(super) fn truth_in_yaml_1_1(text: &str) -> Option<bool> {
    match text {
        "yes" | "Yes" | "YES" | "on" | "On" | "ON" | "True" | "TRUE" => Some(true),
        "no" | "No" | "NO" | "off" | "Off" | "OFF" | "False" | "FALSE" => Some(false),
        _ => None,
    }
}

/// `52:54:00:12:34:56`, a MAC address without letters, is a number in base 60.
pub(super) fn is_number_in_yaml_1_1(text: &str) -> bool {
    let mut parts = text.split(':');
    let first = parts.next().unwrap_or_default().trim_start_matches(['-', '+']);
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    let mut rest = parts.peekable();
    rest.peek().is_some()
        && digits(first)
        && !first.starts_with('0')
        && rest.all(|part| digits(part) && part.len() <= 2 && part.parse::<u8>().is_ok_and(|n| n < 60))
}

/// Whether a scalar stands in quotes in the text.
pub(super) fn is_quoted(node: &Node) -> bool {
    let place = &node.place;
    let line = place.source.line(place.line).unwrap_or_default();
    line.chars().nth(place.column.saturating_sub(1)).is_some_and(|c| c == '"' || c == '\'')
}

/// The same tree, with the truths of YAML 1.1 that stand in it without quotes: written anew, they would be texts.
pub(super) fn settled(node: &Node) -> Node {
    let value = match &node.value {
        Value::Text(text) => match truth_in_yaml_1_1(text).filter(|_| !is_quoted(node)) {
            Some(truth) => Value::Boolean(truth),
            None => Value::Text(text.clone()),
        },
        Value::List(items) => Value::List(items.iter().map(settled).collect()),
        Value::Map(entries) => {
            Value::Map(entries.iter().map(|(key, node)| (key.clone(), settled(node))).collect())
        }
        other => other.clone(),
    };
    Node { value, place: node.place.clone() }
}

/// ADDRESS/PREFIX, or ADDRESS/NETMASK.
pub(super) fn net(text: &str) -> Option<IpNet> {
    let (address, prefix) = text.split_once('/')?;
    let address: IpAddr = address.parse().ok()?;
    match prefix.parse::<IpAddr>() {
        Ok(mask) => IpNet::with_netmask(address, mask).ok(),
        Err(_) if prefix.bytes().all(|b| b.is_ascii_digit()) => {
            IpNet::new(address, prefix.parse().ok()?).ok()
        }
        Err(_) => None,
    }
}

/// Six pairs of hexadecimal digits between colons, in small letters.
pub(super) fn mac(text: &str) -> Option<String> {
    let pair = |s: &str| s.len() == 2 && s.bytes().all(|b| b.is_ascii_hexdigit());
    let pairs: Vec<&str> = text.split(':').collect();
    (pairs.len() == 6 && pairs.iter().all(|s| pair(s))).then(|| text.to_ascii_lowercase())
}

/// A scalar as text, for options that a driver reads; a list with commas.
pub(super) fn plain(node: &Node) -> Option<String> {
    match &node.value {
        Value::Text(text) => Some(text.clone()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Boolean(truth) => Some(if *truth { "yes" } else { "no" }.to_owned()),
        Value::List(items) => Some(items.iter().map(plain).collect::<Option<Vec<_>>>()?.join(",")),
        Value::Null | Value::Float(_) | Value::Map(_) => None,
    }
}

/// Nothing, and lists and mappings without anything in them.
pub(super) fn is_empty(node: &Node) -> bool {
    match &node.value {
        Value::Null => true,
        Value::List(items) => items.is_empty(),
        Value::Map(entries) => entries.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_60() {
        for text in ["52:54:00:12:34:56", "1:30", "+10:00"] {
            assert!(is_number_in_yaml_1_1(text), "{text}");
        }
        for text in
            ["52:54:00:aa:34:56", "02:54:00:12:34:56", "52:54:00:12:34:60", "12", "::1", "2001:db8::1", "a"]
        {
            assert!(!is_number_in_yaml_1_1(text), "{text}");
        }
    }

    #[test]
    fn nets_and_macs() {
        let written = |text: &str| net(text).map(|net| net.to_string());
        assert_eq!(written("192.0.2.1/255.255.255.0").as_deref(), Some("192.0.2.1/24"));
        assert_eq!(written("2001:db8::1/64").as_deref(), Some("2001:db8::1/64"));
        for text in
            ["192.0.2.1", "192.0.2.1/33", "192.0.2.1/+8", "192.0.2.1/255.0.255.0", "192.0.2.1/", "x/8"]
        {
            assert_eq!(net(text), None, "{text}");
        }
        assert_eq!(mac("52:54:00:AA:bb:0c").as_deref(), Some("52:54:00:aa:bb:0c"));
        for text in ["52:54:00:aa:bb", "52-54-00-aa-bb-0c", "52:54:00:aa:bb:gg", "5:54:00:aa:bb:0cc"] {
            assert_eq!(mac(text), None, "{text}");
        }
    }
}
