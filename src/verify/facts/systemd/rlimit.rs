//! Values of LimitNOFILE= and DefaultLimitNOFILE=: one number, `SOFT:HARD`, or `infinity`. Source: rlimit-util.c and
//! parse-util.c of systemd 239.

use std::fmt;

/// A soft and a hard limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rlimit {
    /// What a program has without asking.
    pub soft: u64,
    /// What it may ask for.
    pub hard: u64,
}

/// As setrlimit(2) has it.
pub const INFINITY: u64 = u64::MAX;

/// The limit of open files that systemd 239 gives its services where nothing sets one: the kernel's soft limit, and a
/// hard one that it raises.
pub const BUILT_IN: Rlimit = Rlimit { soft: 1024, hard: 262_144 };

/// What `infinity` open files are on Rocky 8: PID 1's own hard limit, which it takes from fs.nr_open when it starts,
/// before any sysctl.d file is read. The kernel's default of fs.nr_open.
pub const INFINITE_FILES: u64 = 1_048_576;

impl Rlimit {
    /// With `infinity` as the number of files that it comes to.
    #[must_use]
    pub fn resolved(self) -> Self {
        let of = |value| if value == INFINITY { INFINITE_FILES } else { value };
        Rlimit { soft: of(self.soft), hard: of(self.hard) }
    }
}

impl fmt::Display for Rlimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |value: u64| match value {
            INFINITY => "infinity".to_owned(),
            value => value.to_string(),
        };
        f.write_str(&shown(self.soft))?;
        if self.hard == self.soft { Ok(()) } else { write!(f, ":{}", shown(self.hard)) }
    }
}

/// A value; none where systemd passes the assignment over and keeps what it had, as it does with an empty one.
pub fn parse(text: &str) -> Option<Rlimit> {
    let words = words(text)?;
    let (soft, hard) = match &words[..] {
        [both] => (limit(both)?, limit(both)?),
        [soft, hard] => (limit(soft)?, limit(hard)?),
        _ => return None,
    };
    (soft <= hard).then_some(Rlimit { soft, hard })
}

/// Between colons; a backslash takes the next character as it is.
fn words(text: &str) -> Option<Vec<String>> {
    let mut words = vec![String::new()];
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match c {
            ':' => words.push(String::new()),
            '\\' => words.last_mut()?.push(characters.next()?),
            c => words.last_mut()?.push(c),
        }
    }
    Some(words)
}

fn limit(text: &str) -> Option<u64> {
    if text == "infinity" {
        return Some(INFINITY);
    }
    number(text).filter(|value| *value != INFINITY)
}

/// As strtoull(3) to base 0, with 0b and 0o besides.
fn number(text: &str) -> Option<u64> {
    let text = text.trim_start_matches([' ', '\t', '\n', '\r']);
    let (unsigned, sign) = match text.strip_prefix(['+', '-']) {
        Some(rest) => (rest, text.chars().next()),
        None => (text, None),
    };
    let lower = unsigned.to_ascii_lowercase();
    let (digits, radix) = if let Some(digits) = lower.strip_prefix("0x") {
        (digits, 16)
    } else if let Some(digits) = unsigned.strip_prefix("0b").filter(|_| sign.is_none()) {
        (digits, 2)
    } else if let Some(digits) = unsigned.strip_prefix("0o").filter(|_| sign.is_none()) {
        (digits, 8)
    } else if lower.len() > 1 && lower.starts_with('0') {
        (lower.as_str(), 8)
    } else {
        (lower.as_str(), 10)
    };
    // The library would take another sign.
    if !digits.chars().all(|c| c.is_digit(radix)) {
        return None;
    }
    let value = u64::from_str_radix(digits, radix).ok()?;
    (sign != Some('-') || value == 0).then_some(value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn values() {
        let of = |text: &str| parse(text).map(|limit| limit.to_string());
        for (text, wanted) in [
            ("1024", Some("1024")),
            ("1024:4096", Some("1024:4096")),
            ("1024: 4096", Some("1024:4096")),
            ("infinity", Some("infinity")),
            ("1024:infinity", Some("1024:infinity")),
            ("0x400", Some("1024")),
            ("010", Some("8")),
            ("+5", Some("5")),
            ("-0", Some("0")),
            ("", None),
            ("4096:1024", None),
            ("infinity:1024", None),
            ("1024 :4096", None),
            ("1:2:3", None),
            ("1:", None),
            (":1", None),
            ("64K", None),
            ("-1", None),
            ("unlimited", None),
            ("18446744073709551615", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(of(text).as_deref(), wanted, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_gives_an_answer(text in ".{0,40}") {
            if let Some(limit) = parse(&text) {
                prop_assert!(limit.soft <= limit.hard);
                prop_assert_eq!(parse(&limit.to_string()), Some(limit));
            }
        }
    }
}
