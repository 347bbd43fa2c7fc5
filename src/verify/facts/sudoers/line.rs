//! A line of sudoers in parts. Limits: quoted words are left to the caller, who does not judge them.

/// What is left of a line.
#[derive(Debug)]
pub(super) struct Cursor<'a>(pub(super) &'a str);

const BLANK: [char; 2] = [' ', '\t'];

impl<'a> Cursor<'a> {
    /// Whether this comes next.
    pub(super) fn ahead(&mut self, c: char) -> bool {
        self.0 = self.0.trim_start_matches(BLANK);
        self.0.starts_with(c)
    }

    /// Passes over it, if it comes next.
    pub(super) fn eat(&mut self, c: char) -> bool {
        let there = self.ahead(c);
        self.0 = self.0.strip_prefix(c).unwrap_or(self.0);
        there
    }

    /// Whether there is an odd number of exclamation marks.
    pub(super) fn negated(&mut self) -> bool {
        let mut odd = false;
        while self.eat('!') {
            odd = !odd;
        }
        odd
    }

    /// A name or a path; none where something else is.
    pub(super) fn word(&mut self) -> Option<&'a str> {
        self.ahead(' ');
        Some(self.until(&[' ', '\t', ',', ':', '=', '(', ')', '!', '"'])).filter(|word| !word.is_empty())
    }

    /// Arguments of a command.
    pub(super) fn arguments(&mut self) -> &'a str {
        self.until(&[',', ':']).trim_matches(BLANK)
    }

    /// Up to one of these, without a backslash before it.
    pub(super) fn until(&mut self, ends: &[char]) -> &'a str {
        let mut escaped = false;
        let end = self.0.char_indices().find(|(_, c)| {
            let found = !escaped && ends.contains(c);
            escaped = !escaped && *c == '\\';
            found
        });
        let (text, rest) = self.0.split_at(end.map_or(self.0.len(), |(at, _)| at));
        self.0 = rest;
        text
    }
}

/// Whether nothing but a comment is there. `#1000` is a user.
pub(super) fn is_comment(line: &str) -> bool {
    let Some(rest) = line.trim_start_matches(BLANK).strip_prefix('#') else { return false };
    !rest.starts_with(|c: char| c.is_ascii_digit() || c == '-') && include(line).is_none()
}

/// The line without the comment at its end.
pub(super) fn bare(line: &str) -> &str {
    let (mut quoted, mut escaped) = (false, false);
    let end = line.char_indices().find(|(at, c)| {
        let after = line.get(at + 1..).unwrap_or_default();
        let found =
            *c == '#' && !quoted && !escaped && !after.starts_with(|c: char| c.is_ascii_digit() || c == '-');
        // `%#10` is a group.
        let group = line.get(..*at).is_some_and(|before| before.ends_with('%'));
        quoted ^= *c == '"' && !escaped;
        escaped = !escaped && *c == '\\';
        found && !group
    });
    line.get(..end.map_or(line.len(), |(at, _)| at)).unwrap_or(line).trim_matches(BLANK)
}

/// What the line includes, and whether that is a directory.
pub(super) fn include(line: &str) -> Option<(bool, &str)> {
    let rest = line.strip_prefix('#').or_else(|| line.trim_start_matches(BLANK).strip_prefix('@'))?;
    let rest = rest.strip_prefix("include")?;
    let (directory, rest) = rest.strip_prefix("dir").map_or((false, rest), |rest| (true, rest));
    if !rest.starts_with(BLANK) {
        return None;
    }
    let target = bare(rest);
    let unquoted = target.strip_prefix('"').and_then(|target| target.strip_suffix('"'));
    Some((directory, unquoted.unwrap_or(target)))
}
