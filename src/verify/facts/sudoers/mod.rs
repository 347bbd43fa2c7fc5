//! Whether a user may run every command as root through sudo, without a password and without a terminal: what
//! `sudo -n COMMAND` would answer over ssh, for a command that no rule names. Sources: sudoers(5), and sudo 1.9 on
//! generated files (tests/consumers/sudo.rs).
//!
//! Limits: rules that sssd or LDAP hand out are not seen. A line that is not understood gives no answer, unless a later
//! one decides, although sudo passes over lines with a mistake: which of the two it is cannot be told here.

mod line;
mod lists;
mod rules;

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;

use super::Root;
use super::accounts::Account;
use super::root::{Allowance, named};
use lists::Lists;
use rules::{Rules, State};

const MAIN: &str = "/etc/sudoers";
const INCLUDED: &str = "/etc/sudoers.d";
/// As many files within files as anybody has; sudo's own limit is 128.
const DEEPEST: usize = 16;
const LARGEST: usize = 4 << 20;

/// What sudo says, and the file that makes it so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It runs the command.
    Yes(String),
    /// It asks for a password.
    Password(String),
    /// It wants a terminal: requiretty.
    Terminal(String),
    /// It does not read this file or directory, which others than root may write.
    Refused(String),
    /// The user may not, and `included` says whether /etc/sudoers.d is read.
    No {
        /// Whether some file includes the directory.
        included: bool,
    },
    /// It cannot be told; file, line and why.
    Unknown(String),
}

/// A line with its continuations.
#[derive(Debug)]
struct Line {
    file: String,
    number: usize,
    text: String,
}

#[derive(Debug)]
struct Reader<'a> {
    root: &'a Root,
    allowance: Allowance,
    lines: Vec<Line>,
    refused: Option<String>,
    unknown: Option<String>,
    included: bool,
}

/// What sudo would say to the user.
///
/// # Errors
/// When a file of sudoers cannot be read.
pub fn passwordless(root: &Root, account: &Account) -> io::Result<Answer> {
    let allowance = Allowance::new(LARGEST);
    let mut reader =
        Reader { root, allowance, lines: Vec::new(), refused: None, unknown: None, included: false };
    reader.file(MAIN, 0)?;
    let mut lists = Lists::new(account, host_name(root));
    for line in &reader.lines {
        lists.define(&line.text);
    }
    let mut rules = Rules::new(lists);
    for line in &reader.lines {
        rules.take(line);
    }
    let answer = match (reader.unknown, rules.terminal()) {
        (Some(why), _) => Answer::Unknown(why),
        (None, Some(answer)) => answer,
        (None, None) => match rules.state() {
            State::Unsure(why) => Answer::Unknown(why),
            State::Granted(path, true) => Answer::Yes(path),
            State::Granted(path, false) => Answer::Password(path),
            State::Denied => Answer::No { included: reader.included },
        },
    };
    // Its rules may be what is missing.
    Ok(match (answer, reader.refused) {
        (Answer::No { .. } | Answer::Password(_), Some(path)) => Answer::Refused(path),
        (answer, _) => answer,
    })
}

impl Reader<'_> {
    fn file(&mut self, path: &str, depth: usize) -> io::Result<()> {
        if self.refuses(path)? {
            return Ok(());
        }
        let text = self.root.read_if_there(path).map_err(named(path))?.unwrap_or_default();
        self.allowance.take(path, &text)?;
        let mut pending = String::new();
        for (index, line) in text.lines().enumerate() {
            // A comment has no continuation.
            let comment = pending.is_empty() && line::is_comment(line);
            if let Some(head) = line.trim_end_matches([' ', '\t']).strip_suffix('\\').filter(|_| !comment) {
                pending.push_str(head);
                pending.push(' ');
                continue;
            }
            let text = std::mem::take(&mut pending) + line;
            match line::include(&text) {
                _ if comment => {}
                Some((directory, target)) => self.include(path, index + 1, directory, target, depth)?,
                None if text.trim().is_empty() => {}
                None => self.lines.push(Line { file: path.to_owned(), number: index + 1, text }),
            }
        }
        Ok(())
    }

    fn include(
        &mut self,
        from: &str,
        number: usize,
        directory: bool,
        target: &str,
        depth: usize,
    ) -> io::Result<()> {
        if depth == DEEPEST || target.is_empty() || target.contains(['%', '\\', '"', ' ', '\t']) {
            self.unknown.get_or_insert(format!("{from}:{number}: what it includes is not understood"));
            return Ok(());
        }
        let parent = from.rsplit_once('/').map_or("", |(parent, _)| parent);
        let path = if target.starts_with('/') { target.to_owned() } else { format!("{parent}/{target}") };
        if !directory {
            return self.file(&path, depth + 1);
        }
        let path = path.trim_end_matches('/');
        self.included |= path == INCLUDED;
        if self.refuses(path)? {
            return Ok(());
        }
        let names = self.root.names(path).map_err(named(path))?;
        self.allowance.take(path, &names.concat())?;
        for name in names {
            // sudo passes over names with a dot or a tilde at their end.
            if !name.contains('.') && !name.ends_with('~') {
                self.file(&format!("{path}/{name}"), depth + 1)?;
            }
        }
        Ok(())
    }

    /// Whether sudo reads no such file for who may write it. A copy of a system need not have its owners.
    fn refuses(&mut self, path: &str) -> io::Result<bool> {
        if !self.root.is_live() {
            return Ok(false);
        }
        let Ok(metadata) = self.root.locate(path).and_then(fs::metadata) else { return Ok(false) };
        let writable = metadata.mode() & 0o2 != 0 || (metadata.mode() & 0o20 != 0 && metadata.gid() != 0);
        if metadata.uid() == 0 && !writable {
            return Ok(false);
        }
        self.refused.get_or_insert_with(|| path.to_owned());
        Ok(true)
    }
}

/// The name that host lists are about.
fn host_name(root: &Root) -> String {
    let file = if root.is_live() { "/proc/sys/kernel/hostname" } else { "/etc/hostname" };
    root.read(file).unwrap_or_default().trim().to_owned()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(sudoers: &str) -> Answer {
        let tree = tempfile::tempdir().unwrap();
        fs::create_dir(tree.path().join("etc")).unwrap();
        fs::write(tree.path().join("etc/sudoers"), sudoers).unwrap();
        passwordless(&Root::new(tree.path()), &Account::to_be("vast")).unwrap()
    }

    #[test]
    fn what_is_not_understood_is_named() {
        let Answer::Unknown(why) = of("root ALL=ALL\n+net ALL=NOPASSWD: ALL\n") else { panic!() };
        assert!(why.starts_with("/etc/sudoers:2: "), "{why}");
        assert_eq!(of("+net ALL=ALL\nvast ALL=NOPASSWD: ALL\n"), Answer::Yes(MAIN.to_owned()));
        assert_eq!(of("rocky ALL=\n"), Answer::No { included: false });
    }

    /// Aliases of aliases, and files that include themselves, end.
    #[test]
    fn circles_end() {
        let twice: String = (0..40).map(|n| format!("User_Alias A{n} = A{0}, A{0}\n", n + 1)).collect();
        assert!(matches!(of(&format!("{twice}A0 ALL=NOPASSWD: ALL\n")), Answer::Unknown(_)));
        assert!(matches!(of("User_Alias A = A\nA ALL=ALL\n"), Answer::Unknown(_)));
        assert!(matches!(of("@include sudoers\n"), Answer::Unknown(_)));
    }

    proptest! {
        #[test]
        fn any_text_gives_an_answer(text in "(\\PC|[\\\\\"#%:=,!() \\n]|ALL|vast |Defaults|User_Alias A=){0,60}") {
            of(&text);
        }
    }
}
