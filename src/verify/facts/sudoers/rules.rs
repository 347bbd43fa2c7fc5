//! The lines of sudoers, held against one user. The last rule that reaches the user, this host, root and any command
//! decides; so does the last setting, where those for a command come after all others.

use super::line::{Cursor, bare};
use super::lists::{Hit, Kind, Lists, alias, is_upper};
use super::{Answer, Line};

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
    pub(super) lists: Lists<'a>,
    last: Last,
    requiretty: [Setting; 2],
    authenticate: [Setting; 2],
    /// Settings that change the question.
    other: Option<String>,
}

impl<'a> Rules<'a> {
    pub(super) fn new(lists: Lists<'a>) -> Self {
        let last = Last::Certain(None, String::new());
        let (requiretty, authenticate) = ([None, None], [None, None]);
        Rules { lists, last, requiretty, authenticate, other: None }
    }

    /// Takes a rule or a setting in.
    pub(super) fn take(&mut self, line: &Line) {
        let text = bare(&line.text);
        if text.is_empty() || alias(text).is_some() {
            return;
        }
        if let Some(rest) = text.strip_prefix("Defaults")
            && rest.starts_with([' ', '\t', ':', '@', '>', '!'])
        {
            return self.setting(rest, line);
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
                    line.file, line.number, self.lists.account.user.name
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
        let user = self.lists.list(&mut at, Kind::User, 0)?;
        if matches!(user, Hit::Nothing | Hit::No) {
            return Some(Vec::new());
        }
        let mut effects = Vec::new();
        loop {
            let host = self.lists.list(&mut at, Kind::Host, 0)?;
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
                return Some(match self.lists.hit(word, Kind::Command, 0) {
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
            _ => self.lists.list(at, Kind::Runas, 0)?,
        };
        if at.eat(':') && !at.ahead(')') {
            self.lists.list(at, Kind::Runas, 0)?;
        }
        at.eat(')').then_some(hit)
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
                (self.lists.list(&mut at, *kind, 0).unwrap_or(Hit::Unsure), *phase)
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

fn is_tag(word: &str) -> bool {
    let word = word.strip_prefix("NO").unwrap_or(word);
    ["PASSWD", "EXEC", "SETENV", "LOG_INPUT", "LOG_OUTPUT", "FOLLOW", "MAIL"].contains(&word)
}
