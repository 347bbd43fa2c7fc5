//! Lines of limits.conf: `DOMAIN TYPE ITEM VALUE`, or `DOMAIN -` for no limits at all.
//!
//! As pam_limits 1.3.1 reads them (parse_config_file, parse_uid_range, process_limit): a line is cut after 1023 bytes
//! and goes on as the next one; fields behind the fourth do not count; type, item and value may be in capitals; a number
//! ends at its first other character, and a negative one wraps round.

use super::UNLIMITED;

/// fgets with a buffer of 1024, one of which is the terminator.
const LONGEST: usize = 1023;

/// Whom a line is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Domain {
    /// A name; `*` is everybody.
    Name(String),
    /// `@GROUP`.
    Group(String),
    /// `@:GID`: members of that group.
    GroupId(u32),
    /// `@MIN:MAX` and `@MIN:`: primary groups.
    GroupIds(u32, u32),
    /// `:UID`, `MIN:MAX` and `MIN:`.
    UserIds(u32, u32),
    /// `%GROUP`, which counts logins and sets no limits. A line without one takes a range for one of users.
    Logins(Option<(u32, u32)>),
}

/// What a line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// `soft`, `hard`, or `-` for both.
    Limit {
        /// Sets the soft limit.
        soft: bool,
        /// Sets the hard limit.
        hard: bool,
        /// `nofile`, `nproc` and so on.
        item: String,
        /// The limit.
        value: u64,
    },
    /// A line of two fields: whom it speaks of gets no limits from any file.
    Exempt,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Whom it is for.
    pub domain: Domain,
    /// What it says.
    pub rule: Rule,
    /// Which file, in the order of reading.
    pub file: usize,
}

/// Appends the lines of a file. What pam_limits passes over is passed over.
pub(super) fn parse(bytes: &[u8], file: usize, lines: &mut Vec<Line>) {
    for line in bytes.split_inclusive(|byte| *byte == b'\n').flat_map(|line| line.chunks(LONGEST)) {
        // To C, a line ends at its first NUL.
        let end = line.iter().position(|byte| matches!(byte, 0 | b'#' | b'\n')).unwrap_or(line.len());
        let text = String::from_utf8_lossy(line.get(..end).unwrap_or_default());
        let mut fields = text.split(is_space).filter(|field| !field.is_empty());
        let (Some(name), Some(kind)) = (fields.next(), fields.next()) else { continue };
        let Some(domain) = domain(name) else { continue };
        let rule = match (fields.next(), fields.next()) {
            (Some(item), Some(value)) => rule(kind, item, value),
            (None, _) if kind.starts_with('-') => Some(Rule::Exempt),
            _ => None,
        };
        if let Some(rule) = rule {
            lines.push(Line { domain, rule, file });
        }
    }
}

/// isspace(3) of the C locale.
fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\x0b' | '\x0c' | '\r')
}

fn rule(kind: &str, item: &str, value: &str) -> Option<Rule> {
    let (soft, hard) = match kind.to_ascii_lowercase().as_str() {
        "soft" => (true, false),
        "hard" => (false, true),
        "-" => (true, true),
        _ => return None,
    };
    let value = match value.to_ascii_lowercase().as_str() {
        "-1" | "-" | "unlimited" | "infinity" => UNLIMITED,
        digits => number(digits)?.0,
    };
    Some(Rule::Limit { soft, hard, item: item.to_ascii_lowercase(), value })
}

/// None where there is a colon, but no range.
fn domain(name: &str) -> Option<Domain> {
    let (rest, sign) = match name.as_bytes().first() {
        Some(b'@') => (&name[1..], '@'),
        Some(b'%') => (&name[1..], '%'),
        _ => (name, ' '),
    };
    let Some((min, max)) = rest.split_once(':') else {
        return Some(match sign {
            '@' => Domain::Group(rest.to_owned()),
            '%' => Domain::Logins(None),
            _ => Domain::Name(name.to_owned()),
        });
    };
    let last = match max {
        "" => None,
        max => Some(id(max)?),
    };
    let (first, last) = match (min, last) {
        ("", last) => (last?, last?),
        (min, last) => (id(min)?, last.unwrap_or(u32::MAX)),
    };
    Some(match sign {
        '@' if min.is_empty() => Domain::GroupId(first),
        '@' => Domain::GroupIds(first, last),
        '%' => Domain::Logins(Some((first, last))),
        _ => Domain::UserIds(first, last),
    })
}

/// A user's or group's id: all of the text, cut to 32 bits as uid_t is.
fn id(text: &str) -> Option<u32> {
    match number(text)? {
        (value, "", false) => Some((value & u64::from(u32::MAX)) as u32),
        _ => None,
    }
}

/// strtoul(3) to base 10: the number, what is left, and whether it was too large.
fn number(text: &str) -> Option<(u64, &str, bool)> {
    let (negative, unsigned) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    let end = unsigned.find(|c: char| !c.is_ascii_digit()).unwrap_or(unsigned.len());
    let (digits, rest) = unsigned.split_at(end);
    match digits.parse::<u64>() {
        Ok(value) if negative => Some((value.wrapping_neg(), rest, false)),
        Ok(value) => Some((value, rest, false)),
        Err(_) if digits.is_empty() => None,
        Err(_) => Some((u64::MAX, rest, true)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Vec<Line> {
        let mut lines = Vec::new();
        parse(text.as_bytes(), 0, &mut lines);
        lines
    }

    fn value(text: &str) -> Option<u64> {
        match parsed(&format!("* - nofile {text}\n")).pop()?.rule {
            Rule::Limit { value, .. } => Some(value),
            Rule::Exempt => None,
        }
    }

    #[test]
    fn values_are_what_strtoul_makes_of_them() {
        for (text, wanted) in [
            ("1024", Some(1024)),
            ("-1", Some(UNLIMITED)),
            ("-", Some(UNLIMITED)),
            ("Unlimited", Some(UNLIMITED)),
            ("infinity", Some(UNLIMITED)),
            ("12abc", Some(12)),
            ("+7", Some(7)),
            ("-2", Some(u64::MAX - 1)),
            ("99999999999999999999", Some(UNLIMITED)),
            ("0x10", Some(0)),
            ("abc", None),
            ("infinite", None),
            ("--1", None),
        ] {
            assert_eq!(value(text), wanted, "{text}");
        }
    }

    #[test]
    fn domains() {
        let of = |text: &str| parsed(&format!("{text} soft nofile 1")).pop().map(|line| line.domain);
        for (text, wanted) in [
            ("*", Some(Domain::Name("*".to_owned()))),
            ("vast", Some(Domain::Name("vast".to_owned()))),
            ("@vast", Some(Domain::Group("vast".to_owned()))),
            ("%vast", Some(Domain::Logins(None))),
            ("%:5", Some(Domain::Logins(Some((5, 5))))),
            ("%", Some(Domain::Logins(None))),
            (":1000", Some(Domain::UserIds(1000, 1000))),
            ("1000:", Some(Domain::UserIds(1000, u32::MAX))),
            ("1000:2000", Some(Domain::UserIds(1000, 2000))),
            ("@:10", Some(Domain::GroupId(10))),
            ("@10:20", Some(Domain::GroupIds(10, 20))),
            ("4294967296:4294967297", Some(Domain::UserIds(0, 1))),
            ("-1:", Some(Domain::UserIds(u32::MAX, u32::MAX))),
            (":", None),
            ("a:b", None),
            ("1:2:3", None),
            ("1:2x", None),
            ("99999999999999999999:", None),
        ] {
            assert_eq!(of(text), wanted, "{text}");
        }
    }

    #[test]
    fn what_pam_does_not_take_is_passed_over() {
        for text in ["* soft nofile", "* weird nofile 1", "# * soft nofile 1", "", "*", "* soft", "x:y -"] {
            assert!(parsed(text).is_empty(), "{text:?}");
        }
        assert_eq!(parsed("vast -")[0].rule, Rule::Exempt);
        assert_eq!(parsed("* SOFT NoFile 1 and more # text").len(), 1);
        // The rest of a line that is too long is a line of its own.
        let long = format!("* soft nofile 1{}* hard nofile 2\n", " ".repeat(LONGEST - 15));
        assert_eq!(parsed(&long).len(), 2);
        assert_eq!(parsed("* soft nofile 1\0\n* hard nofile 2").len(), 2);
    }
}
