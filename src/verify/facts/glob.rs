//! Shell patterns over names: `*`, `?`, `[a-z_]` and `[!x]`, nothing else (POSIX 2.13.1). Linear in the name's length.

/// Whether the whole `name` matches `pattern`.
pub fn matches(pattern: &str, name: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let name: Vec<char> = name.chars().collect();
    let (mut p, mut n) = (0, 0);
    // Where to go on when a later part does not match: behind the last star, one character further.
    let mut retry: Option<(usize, usize)> = None;
    while n < name.len() {
        if pattern.get(p) == Some(&'*') {
            retry = Some((p + 1, n));
            p += 1;
        } else if let Some(after) = one(&pattern, p, name[n]) {
            p = after;
            n += 1;
        } else if let Some((behind_star, at)) = retry {
            retry = Some((behind_star, at + 1));
            p = behind_star;
            n = at + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

/// If the part of the pattern at `p` matches `c`, where the next part begins.
fn one(pattern: &[char], p: usize, c: char) -> Option<usize> {
    match pattern.get(p)? {
        '?' => Some(p + 1),
        '[' => {
            let negated = pattern.get(p + 1) == Some(&'!');
            let first = p + 1 + usize::from(negated);
            // A bracket right at the beginning is itself.
            let end = (first + 1..pattern.len()).find(|i| pattern[*i] == ']')?;
            let set = &pattern[first..end];
            let mut found = false;
            let mut i = 0;
            while i < set.len() {
                if i + 2 < set.len() && set[i + 1] == '-' {
                    found |= (set[i]..=set[i + 2]).contains(&c);
                    i += 3;
                } else {
                    found |= set[i] == c;
                    i += 1;
                }
            }
            (found != negated).then_some(end + 1)
        }
        other => (*other == c).then_some(p + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

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
        ] {
            assert_eq!(matches(pattern, name), wanted, "{pattern} {name}");
        }
    }
}
