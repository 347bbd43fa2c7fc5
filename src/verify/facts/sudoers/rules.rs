//! The lines of sudoers, held against one user. The last rule that reaches the user, this host, root and any command
//! decides; so does the last setting, where those for a command come after all others.

use std::cell::Cell;

use super::line::{Cursor, bare};
use super::{Account, Answer, Line};

/// How many aliases are within others, and how many lookups one evaluation may take.
const DEEPEST: usize = 16;
const MOST_LOOKUPS: usize = 1 << 22;

/// What a list says of somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hit {
    Nothing,
    Yes,
    No,
    Unsure,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    User,
    Runas,
    Host,
    Command,
}

/// What the rules so far give: with a password or without.
#[derive(Clone, Debug)]
pub(super) enum State {
    Denied,
    Granted(String, bool),
    Unsure(String),
}

/// A rule for every command: none where it forbids, else NOPASSWD, PASSWD or neither.
type Effect = Option<Option<bool>>;

#[derive(Clone, Debug)]
enum Last {
    Certain(Effect, String),
    Unsure(String),
}

/// A flag: whether it is set, and where; an unsure one is None.
type Setting = Option<(Option<bool>, String)>;

#[derive(Debug)]
pub(super) struct Rules<'a> {
    account: &'a Account,
    host: String,
    aliases: Vec<(Kind, String, String)>,
    lookups: Cell<usize>,
    last: Last,
    requiretty: [Setting; 2],
    authenticate: [Setting; 2],
    /// Settings that change the question.
    other: Option<String>,
}

impl<'a> Rules<'a> {
    pub(super) fn new(account: &'a Account, host: String) -> Self {
        let last = Last::Certain(None, String::new());
        let (requiretty, authenticate) = ([None, None], [None, None]);
        let lookups = Cell::new(0);
        Rules { account, host, aliases: Vec::new(), lookups, last, requiretty, authenticate, other: None }
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

    /// Takes a rule or a setting in.
    pub(super) fn take(&mut self, line: &Line) {
        let text = bare(&line.text);
        if text.is_empty() || alias(text).is_some() {
            return;
        }
        if let Some(rest) = text.strip_prefix("Defaults") {
            if rest.starts_with([' ', '\t', ':', '@', '>', '!']) {
                return self.setting(rest, line);
            }
        }
        let why = || format!("{}:{}: this line is not understood", line.file, line.number);
        let Some(effects) = self.rule(text) else {
            self.last = Last::Unsure(why());
            return;
        };
        for (certain, effect) in effects {
            let same = matches!(&self.last, Last::Certain(last, _) if *last == effect);
            if certain {
                self.last = Last::Certain(effect, line.file.clone());
            } else if !same {
                self.last = Last::Unsure(format!(
                    "{}:{}: whether this line speaks of {} is not known",
                    line.file, line.number, self.account.user.name
                ));
            }
        }
    }

    /// What the rules give in the end.
    pub(super) fn state(self) -> State {
        let authenticate = last(&self.authenticate).unwrap_or((Some(true), String::new()));
        match self.last {
            Last::Unsure(why) => State::Unsure(why),
            Last::Certain(None, _) => State::Denied,
            Last::Certain(Some(_), _) if self.other.is_some() => {
                State::Unsure(self.other.unwrap_or_default())
            }
            Last::Certain(Some(Some(without)), path) => State::Granted(path, without),
            Last::Certain(Some(None), path) => match authenticate {
                (Some(asks), _) => State::Granted(path, !asks),
                (None, why) => State::Unsure(why),
            },
        }
    }

    /// What requiretty makes of it, if anything.
    pub(super) fn terminal(&self) -> Option<Answer> {
        // Whom no rule lets in needs another remedy first.
        if !matches!(&self.last, Last::Certain(Some(_), _)) {
            return None;
        }
        match last(&self.requiretty)? {
            (Some(true), path) => Some(Answer::Terminal(path)),
            (Some(false), _) => None,
            (None, why) => Some(Answer::Unknown(why)),
        }
    }

    /// The rules of a line that are about every command, each with whether it is certain; none for what is not understood.
    fn rule(&self, text: &str) -> Option<Vec<(bool, Effect)>> {
        let mut at = Cursor(text);
        let user = self.list(&mut at, Kind::User, 0)?;
        if matches!(user, Hit::Nothing | Hit::No) {
            return Some(Vec::new());
        }
        let mut effects = Vec::new();
        loop {
            let host = self.list(&mut at, Kind::Host, 0)?;
            let (mut runas, mut tag) = (Hit::Yes, None);
            if !at.eat('=') {
                return None;
            }
            loop {
                if at.eat('(') {
                    runas = self.runas(&mut at)?;
                }
                let command = self.command(&mut at, &mut tag)?;
                let all = [user, host, runas];
                let reached = !all.iter().any(|hit| matches!(hit, Hit::Nothing | Hit::No));
                if let (true, Some((certain, allowed))) = (reached, command) {
                    effects.push((certain && !all.contains(&Hit::Unsure), allowed.then_some(tag)));
                }
                if !at.eat(',') {
                    break;
                }
            }
            if !at.eat(':') {
                break;
            }
        }
        at.0.is_empty().then_some(effects)
    }

    /// A command after its tags: whether it surely is any, and whether it is allowed; none for one that is named.
    fn command(&self, at: &mut Cursor<'_>, tag: &mut Option<bool>) -> Option<Option<(bool, bool)>> {
        loop {
            let negated = at.negated();
            let word = at.word()?;
            if !negated && at.ahead(':') && is_tag(word) {
                at.eat(':');
                match word {
                    "NOPASSWD" => *tag = Some(true),
                    "PASSWD" => *tag = Some(false),
                    _ => {}
                }
            } else if at.eat('=') {
                // Those that hold for a time, or in another tree, are not judged.
                if !["ROLE", "TYPE", "CWD", "TIMEOUT"].contains(&word) {
                    return None;
                }
                at.word()?;
            } else {
                let arguments = at.arguments();
                // What begins with a number is no comment, and no argument either.
                if arguments.contains('#')
                    || (!word.starts_with('/') && is_upper(word) && !arguments.is_empty())
                {
                    return None;
                }
                return Some(match self.hit(word, Kind::Command, 0) {
                    Hit::Nothing => None,
                    Hit::Yes => Some((true, !negated)),
                    Hit::No => Some((true, negated)),
                    Hit::Unsure => Some((false, !negated)),
                });
            }
        }
    }

    /// Whom a command may be run as, after the parenthesis.
    fn runas(&self, at: &mut Cursor<'_>) -> Option<Hit> {
        let hit = match (at.ahead(':'), at.ahead(')')) {
            // Groups only: for the user's own name.
            (true, _) => Hit::Nothing,
            (_, true) => Hit::Unsure,
            _ => self.list(at, Kind::Runas, 0)?,
        };
        if at.eat(':') && !at.ahead(')') {
            self.list(at, Kind::Runas, 0)?;
        }
        at.eat(')').then_some(hit)
    }

    /// A list: its last member that says something decides.
    fn list(&self, at: &mut Cursor<'_>, kind: Kind, depth: usize) -> Option<Hit> {
        let mut decided = Hit::Nothing;
        loop {
            let negated = at.negated();
            let word = at.word()?;
            if kind == Kind::Command {
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

    fn hit(&self, word: &str, kind: Kind, depth: usize) -> Hit {
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

    /// A Defaults line, without that word.
    fn setting(&mut self, rest: &str, line: &Line) {
        let mut at = Cursor(rest);
        let scopes =
            [(':', Kind::User, 0), ('@', Kind::Host, 0), ('>', Kind::Runas, 0), ('!', Kind::Command, 1)];
        // `Defaults !flag` is for everybody, `Defaults!COMMAND flag` is not.
        let scope = scopes.iter().find(|(sign, ..)| rest.starts_with(*sign));
        let (hit, phase) = match scope {
            Some((sign, kind, phase)) => {
                at.eat(*sign);
                (self.scope(&mut at, *kind), *phase)
            }
            None => (Hit::Yes, 0),
        };
        if matches!(hit, Hit::Nothing | Hit::No) {
            return;
        }
        let why = || format!("{}:{}: what this line sets is not known", line.file, line.number);
        let hit = if options(at.0).all(is_setting) { hit } else { Hit::Unsure };
        for option in options(at.0) {
            let mut option = Cursor(option);
            let on = !option.negated();
            let name = option.until(&[' ', '\t', '=', '+', '-']);
            let flag = option.0.trim().is_empty();
            let place = match name {
                "requiretty" => &mut self.requiretty,
                "authenticate" => &mut self.authenticate,
                "runas_default" | "exempt_group" => {
                    self.other.get_or_insert_with(why);
                    continue;
                }
                _ => continue,
            };
            // A flag with a value is a mistake, and sudo passes over it.
            if let (true, Some(slot)) = (flag, place.get_mut(phase)) {
                let known = (hit == Hit::Yes).then_some(on);
                *slot = Some((known, if known.is_some() { line.file.clone() } else { why() }));
            }
        }
    }

    fn scope(&self, at: &mut Cursor<'_>, kind: Kind) -> Hit {
        let mut decided = Hit::Nothing;
        loop {
            let negated = at.negated();
            let Some(word) = at.word() else { return Hit::Unsure };
            match self.hit(word, kind, 0) {
                Hit::Nothing => {}
                Hit::Yes if negated => decided = Hit::No,
                Hit::No if negated => decided = Hit::Yes,
                hit => decided = hit,
            }
            if !at.eat(',') {
                return decided;
            }
        }
    }
}

/// The settings of a line, between commas that are not quoted.
fn options(text: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    text.split(move |c| {
        quoted ^= c == '"';
        c == ',' && !quoted
    })
    .map(str::trim)
}

/// Whether it is a name, or a name with a value; the rest are mistakes, for which sudo passes over the line.
fn is_setting(option: &str) -> bool {
    let mut option = Cursor(option);
    option.negated();
    let name = option.until(&[' ', '\t', '=', '+', '-']);
    let rest = option.0.trim_start();
    let value = rest.strip_prefix(['+', '-']).unwrap_or(rest).strip_prefix('=').map(str::trim);
    let quoted = |value: &str| value.len() > 1 && value.starts_with('"') && value.ends_with('"');
    !name.is_empty()
        && value.map_or(rest.is_empty(), |value| quoted(value) || !value.contains([' ', '\t', '"']))
}

fn last(settings: &[Setting; 2]) -> Option<(Option<bool>, String)> {
    settings.iter().rev().flatten().next().cloned()
}

/// An alias line's kind, and its definitions.
fn alias(text: &str) -> Option<(Kind, &str)> {
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
fn is_upper(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_uppercase())
        && word.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

fn is_tag(word: &str) -> bool {
    let word = word.strip_prefix("NO").unwrap_or(word);
    ["PASSWD", "EXEC", "SETENV", "LOG_INPUT", "LOG_OUTPUT", "FOLLOW", "MAIL"].contains(&word)
}
