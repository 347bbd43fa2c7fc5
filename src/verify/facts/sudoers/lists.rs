//! Lists of users, hosts, targets and commands, and the aliases in them, held against one user.

use std::cell::Cell;

use super::Account;
use super::line::{Cursor, bare};

/// How many aliases are within others, and how many lookups one evaluation may take.
const DEEPEST: usize = 16;
const MOST_LOOKUPS: usize = 1 << 22;

/// What a list says of somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hit {
    Nothing,
    Yes,
    No,
    Unsure,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    User,
    Runas,
    Host,
    Command,
}

#[derive(Debug)]
pub(super) struct Lists<'a> {
    pub(super) account: &'a Account,
    host: String,
    aliases: Vec<(Kind, String, String)>,
    lookups: Cell<usize>,
}

impl<'a> Lists<'a> {
    pub(super) fn new(account: &'a Account, host: String) -> Self {
        Lists { account, host, aliases: Vec::new(), lookups: Cell::new(0) }
    }

    /// Takes an alias in, which may be used before it is defined. The first definition is the one that sudo keeps.
    pub(super) fn define(&mut self, line: &str) {
        let Some((kind, rest)) = alias(bare(line)) else { return };
        let mut at = Cursor(rest);
        loop {
            let name = at.word();
            if let (Some(name), true) = (name, at.eat('=')) {
                let body = at.until(&[':']);
                self.aliases.push((kind, name.to_owned(), body.to_owned()));
            } else {
                // Not a name: the colon was part of what came before.
                if let Some((.., body)) = self.aliases.last_mut() {
                    body.clear();
                }
                return;
            }
            if !at.eat(':') {
                return;
            }
        }
    }

    /// A list: its last member that says something decides.
    pub(super) fn list(&self, at: &mut Cursor<'_>, kind: Kind, depth: usize) -> Option<Hit> {
        let mut decided = Hit::Nothing;
        loop {
            let negated = at.negated();
            let word = at.word()?;
            // Only aliases have commands with arguments; behind a command of Defaults its settings begin.
            if kind == Kind::Command && depth > 0 {
                at.arguments();
            }
            match self.hit(word, kind, depth) {
                Hit::Nothing => {}
                Hit::Yes if negated => decided = Hit::No,
                Hit::No if negated => decided = Hit::Yes,
                hit => decided = hit,
            }
            if !at.eat(',') {
                return Some(decided);
            }
        }
    }

    pub(super) fn hit(&self, word: &str, kind: Kind, depth: usize) -> Hit {
        if word == "ALL" {
            return Hit::Yes;
        }
        if is_upper(word) {
            self.lookups.set(self.lookups.get() + self.aliases.len());
            if depth == DEEPEST || self.lookups.get() > MOST_LOOKUPS {
                return Hit::Unsure;
            }
            let found = self.aliases.iter().find(|(other, name, _)| *other == kind && name == word);
            if let Some((.., body)) = found {
                let mut at = Cursor(body);
                let hit = self.list(&mut at, kind, depth + 1);
                return hit.filter(|_| at.0.trim().is_empty()).unwrap_or(Hit::Unsure);
            }
        }
        let sure = |holds| if holds { Hit::Yes } else { Hit::Nothing };
        match (kind, word.chars().next()) {
            (_, Some('+')) | (Kind::User | Kind::Host | Kind::Runas, _) if word.contains(['\\', '+']) => {
                Hit::Unsure
            }
            (Kind::User, Some('%')) => match word.get(1..).unwrap_or_default() {
                "" => Hit::Unsure,
                group => match group.strip_prefix('#') {
                    Some(gid) => gid.parse().map_or(Hit::Unsure, |gid| {
                        sure(self.account.user.gid == gid || self.account.is_in_id(gid))
                    }),
                    None => sure(self.account.groups.iter().any(|(own, _)| own.eq_ignore_ascii_case(group))),
                },
            },
            (Kind::User, Some('#')) => {
                number(word).map_or(Hit::Unsure, |uid| sure(self.account.user.uid == uid))
            }
            // case_insensitive_user is on.
            (Kind::User, _) => sure(word.eq_ignore_ascii_case(&self.account.user.name)),
            (Kind::Runas, Some('#')) => number(word).map_or(Hit::Unsure, |uid| sure(uid == 0)),
            (Kind::Runas, Some('%')) => Hit::Unsure,
            (Kind::Runas, _) => sure(word.eq_ignore_ascii_case("root")),
            (Kind::Host, _) => self.is_host(word),
            (Kind::Command, Some('/')) if word.contains(['*', '?', '[', '\\']) || word.ends_with('/') => {
                Hit::Unsure
            }
            (Kind::Command, Some('/')) => Hit::Nothing,
            (Kind::Command, _) if ["sudoedit", "list"].contains(&word) => Hit::Nothing,
            (Kind::Command, _) => Hit::Unsure,
        }
    }

    /// Whether a host list's word is this host. Addresses and patterns take what is not known here.
    fn is_host(&self, word: &str) -> Hit {
        let short = |name: &str| name.split('.').next().unwrap_or_default().to_ascii_lowercase();
        let odd = word.contains(['*', '?', '[', '/']) || word.starts_with(|c: char| c.is_ascii_digit());
        if self.host.is_empty() || odd {
            Hit::Unsure
        } else if word.eq_ignore_ascii_case(&self.host) || word.eq_ignore_ascii_case(&short(&self.host)) {
            Hit::Yes
        } else if short(word) == short(&self.host) {
            Hit::Unsure
        } else {
            Hit::Nothing
        }
    }
}

/// An alias line's kind, and its definitions.
pub(super) fn alias(text: &str) -> Option<(Kind, &str)> {
    let (word, rest) = text.split_once([' ', '\t'])?;
    let kind = match word {
        "User_Alias" => Kind::User,
        "Runas_Alias" => Kind::Runas,
        "Host_Alias" => Kind::Host,
        "Cmnd_Alias" | "Cmd_Alias" => Kind::Command,
        _ => return None,
    };
    Some((kind, rest))
}

fn number(word: &str) -> Option<u32> {
    word.strip_prefix('#')?.parse().ok()
}

/// Whether it could be an alias.
pub(super) fn is_upper(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_uppercase())
        && word.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}
