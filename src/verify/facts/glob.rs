//! Shell patterns over names: `*`, `?`, `[a-z_]` and `[!x]`, nothing else (POSIX 2.13.1).
//!
//! Limits: names of up to 512 bytes, twice a file's longest and as much as udev has for a value; a longer one matches
//! nothing. The time is at most that of the name's length times the pattern's.

const LONGEST: usize = 512;

/// Whether the whole `name` matches `pattern`.
pub fn matches(mut pattern: &str, mut name: &str) -> bool {
    if name.len() > LONGEST {
        return false;
    }
    // Where to go on when a later part does not match: behind the last star, one character further.
    let mut retry: Option<(&str, &str)> = None;
    loop {
        if let Some(behind) = pattern.strip_prefix('*') {
            retry = Some((behind, name));
            pattern = behind;
            continue;
        }
        let mut rest = name.chars();
        let Some(c) = rest.next() else { return pattern.is_empty() };
        if let Some(after) = one(pattern, c) {
            pattern = after;
            name = rest.as_str();
        } else if let Some((behind_star, at)) = retry {
            let mut further = at.chars();
            further.next();
            name = further.as_str();
            pattern = behind_star;
            retry = Some((behind_star, name));
        } else {
            return false;
        }
    }
}

/// If the first part of the pattern matches `c`, the others.
fn one(pattern: &str, c: char) -> Option<&str> {
    let mut rest = pattern.chars();
    match rest.next()? {
        '?' => Some(rest.as_str()),
        '[' => {
            let set = rest.as_str();
            let bare = set.strip_prefix('!');
            let set = bare.unwrap_or(set);
            // A bracket right at the beginning is itself.
            let first = set.chars().next()?.len_utf8();
            let end = first + set.get(first..)?.find(']')?;
            let behind = set.get(end + 1..)?;
            let mut members = set.get(..end)?.chars();
            let mut found = false;
            while let Some(low) = members.next() {
                let mut ahead = members.clone();
                match (ahead.next(), ahead.next()) {
                    (Some('-'), Some(high)) => {
                        found |= (low..=high).contains(&c);
                        members = ahead;
                    }
                    _ => found |= low == c,
                }
            }
            (found != bare.is_some()).then_some(behind)
        }
        other => (other == c).then_some(rest.as_str()),
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use proptest::prelude::*;

    use super::{LONGEST, matches};

    #[test]
    fn agrees_with_what_a_shell_would_say() {
        for (pattern, name, wanted) in [
            ("sd*", "sda", true),
            ("sd*", "vda", false),
            ("nvme*n*", "nvme0n1", true),
            ("pip-*-????????", "pip-uninstall-a1b2c3d4", true),
            ("pip-*-????????", "pip-a1b2c3d4", false),
            ("[a-z0-9_][a-z0-9_]", "a_", true),
            ("[a-z0-9_][a-z0-9_]", "aA", false),
            ("[!a]*", "abc", false),
            ("[]]", "]", true),
            ("*a*b", "xayab", true),
            ("", "", true),
            ("*", "", true),
            ("[", "[", false),
            ("[[[[", "[", false),
            ("[a-", "a", false),
            ("[!", "a", false),
            ("[a-]", "-", true),
            ("[é-ü]?", "öß", true),
            ("*?", "ß", true),
            ("*?", "", false),
        ] {
            assert_eq!(matches(pattern, name), wanted, "{pattern} {name}");
        }
    }

    /// What keeps one that goes back for every star busy for minutes.
    #[test]
    fn the_worst_patterns_take_no_time() {
        let name = "a".repeat(1 << 20);
        let started = Instant::now();
        for pattern in [
            format!("*{}b", "a".repeat(1 << 19)),
            "*a".repeat(1 << 19) + "b",
            format!("*{}", "[".repeat(1 << 20)),
            format!("*[{}]b", "b-c".repeat(1 << 18)),
        ] {
            for length in [LONGEST, LONGEST + 1, name.len()] {
                assert!(!matches(&pattern, &name[..length]), "{length}");
            }
        }
        // In a debug build, on a machine with other work. What this is to find would take hours.
        assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_pattern_is_answered(pattern in "[*?\\[\\]!a-c-]{0,12}|.{0,40}", name in "[a-c\\]-]{0,8}|.{0,40}") {
            let answer = matches(&pattern, &name);
            if !pattern.contains(['*', '?', '[']) {
                prop_assert_eq!(answer, pattern == name);
            }
            // Outside of brackets, where it may begin a range, a second star adds nothing.
            if !pattern.contains('[') {
                prop_assert_eq!(matches(&pattern.replace('*', "**"), &name), answer);
            }
            if !pattern.contains('[') {
                prop_assert!(!answer || matches(&(pattern + "*"), &name));
            }
        }
    }
}
