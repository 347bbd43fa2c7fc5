//! Limits of logins and of services: two things that a file in limits.d is often taken to be one of.

use std::io;

use super::{Context, Outcome, PREPARE, at_least};
use crate::verify::facts::limits::{self, UNLIMITED};
use crate::verify::facts::systemd::{self, Setting, rlimit};
use crate::verify::facts::{accounts, process};

pub(super) fn login(context: &Context<'_>, who: &str, item: &str, value: &str, path: &str) -> Outcome {
    let outcome = Outcome::new(format!(">= {value} for {who}"));
    let root = context.root;
    let read = || -> io::Result<_> {
        let nr_open = if item == "nofile" && root.is_live() {
            root.read_if_there("/proc/sys/fs/nr_open")?.and_then(|text| text.trim().parse().ok())
        } else {
            None
        };
        Ok((limits::configured(root)?, accounts::account(root, who)?, nr_open))
    };
    let (configured, account, nr_open): (_, _, Option<u64>) = match read() {
        Ok((configured, Some(account), nr_open)) => (configured, account, nr_open),
        Ok((_, None, _)) => return outcome.persisted("no such user").source("/etc/passwd").fail(PREPARE),
        Err(error) => return outcome.error(&error),
    };
    // A floor that prepare settled higher than the seed asks for stays one.
    let settled = limits::effective(&configured.only(path), &account, item).hard;
    let value = match settled {
        Some(own) if at_least(&limits::shown(own.value), value) => limits::shown(own.value),
        _ => value.to_owned(),
    };
    let outcome = Outcome::new(format!(">= {value} for {who}"));
    let found = limits::effective(&configured, &account, item);
    if let Some(source) = found.exempt {
        let remedy = format!("take the line \"... -\" that reaches {who} out of {source}");
        return outcome.persisted("excluded from all limits").source(source).fail(remedy);
    }
    let other = |source: &str| {
        if source == path {
            PREPARE.to_owned()
        } else {
            format!("take {item} out of {source}, which wins over {path}")
        }
    };
    let (soft, hard) = match (&found.soft, &found.hard) {
        (Some(soft), Some(hard)) => (soft, hard),
        // What sshd, or whatever else opens a session, happens to have.
        (None, None) => return outcome.persisted("inherited, no line sets it").fail(PREPARE),
        (Some(only), None) | (None, Some(only)) => {
            let which = if found.hard.is_none() { "hard" } else { "soft" };
            let remedy = other(&only.path);
            return outcome.persisted(format!("{which} limit inherited")).source(&only.path).fail(remedy);
        }
    };
    // Nothing is inherited, since both are set.
    let (lower, upper) = found.applied((0, 0), nr_open.unwrap_or(UNLIMITED)).unwrap_or_default();
    let shown = if lower == upper {
        limits::shown(upper)
    } else {
        format!("soft {}, hard {}", limits::shown(lower), limits::shown(upper))
    };
    let source = if soft.value < hard.value { &soft.path } else { &hard.path };
    // That of the next boot is a check of its own.
    if let Some(nr_open) = nr_open.filter(|nr_open| upper > *nr_open) {
        let remedy = format!("lower nofile in {source} to fs.nr_open, {nr_open}, or raise that first");
        return outcome.persisted(format!("{shown}: every login is refused")).source(source).fail(remedy);
    }
    let holds = at_least(&limits::shown(lower), &value);
    outcome.persisted(shown).source(source).unless(holds, other(source))
}

/// Of a daemon; or of PID 1, where `unit` is none: what it gives to services that say nothing themselves.
pub(super) fn service(
    context: &Context<'_>,
    name: &str,
    unit: Option<&str>,
    setting: &str,
    value: &str,
) -> Outcome {
    let outcome = Outcome::new(format!(">= {value} for {name}"));
    let root = context.root;
    let read = || -> io::Result<_> {
        let pids = match unit {
            Some(unit) if root.is_live() => systemd::cgroup::processes(root, unit)?,
            _ => Vec::new(),
        };
        // Only a service that runs is asked what it has; PID 1 always does.
        let live = match unit {
            None if root.is_live() => Some(1),
            None => None,
            Some(_) => process::main_of(root, &pids, name)?.or(pids.first().copied()),
        };
        let masked = unit.map_or(Ok(false), |unit| systemd::is_masked(root, unit))?;
        let live = live.map(|pid| process::open_files(root, pid)).transpose()?;
        Ok((persisted(context, unit, setting)?, live, masked))
    };
    let (persisted, live, masked) = match read() {
        Ok(read) => read,
        Err(error) => return outcome.error(&error),
    };
    if let (Some(unit), true, None) = (unit, masked, &live) {
        return outcome.skip(format!("{unit} is masked, and does not run"));
    }
    let outcome = match persisted {
        Some(Setting { limit, path }) => {
            let remedy = context
                .remedy(&path, || format!("{path} has the last word; take {setting} out of it, or raise it"));
            let shown = if limit == limit.resolved() {
                limit.to_string()
            } else {
                format!("{limit}, here {}", limit.resolved())
            };
            let holds = at_least(&limit.resolved().soft.to_string(), value);
            outcome.persisted(shown).source(path).unless(holds, remedy)
        }
        None => {
            let shown = format!("{}, systemd's own", rlimit::BUILT_IN);
            let holds = at_least(&rlimit::BUILT_IN.soft.to_string(), value);
            outcome.persisted(shown).unless(holds, PREPARE)
        }
    };
    match (unit, live) {
        (None, Some((_, hard))) => outcome.live(format!("PID 1 itself up to {hard}")),
        (Some(unit), Some((soft, _))) => {
            let holds = at_least(&soft, value);
            outcome
                .live(soft)
                .unless(holds, format!("sudo systemctl daemon-reload && sudo systemctl restart {unit}"))
        }
        (Some(_), None) if root.is_live() => outcome.live("not running"),
        _ => outcome,
    }
}

/// A unit's own limit; or else PID 1's default, which is the unit's then.
fn persisted(context: &Context<'_>, unit: Option<&str>, setting: &str) -> io::Result<Option<Setting>> {
    let Some(unit) = unit else { return systemd::manager_limit(context.root, setting) };
    match systemd::unit_limit(context.root, unit, setting)? {
        Some(own) => Ok(Some(own)),
        None => systemd::manager_limit(context.root, &format!("Default{setting}")),
    }
}
