//! Limits of logins and of services: two things that a file in limits.d is often taken to be one of.

use super::{Context, Outcome, PREPARE, at_least};
use crate::verify::facts::{accounts, limits, process, systemd};

pub(super) fn login(context: &Context<'_>, who: &str, item: &str, value: &str, path: &str) -> Outcome {
    let outcome = Outcome::new(format!(">= {value} for {who}"));
    let read = || -> std::io::Result<_> {
        Ok((limits::configured(context.root)?, accounts::groups(context.root, who)?))
    };
    let (lines, groups) = match read() {
        Ok(read) => read,
        Err(error) => return outcome.error(&error),
    };
    let found = limits::effective(&lines, who, &groups, item);
    let (Some(soft), Some(hard)) = (&found.soft, &found.hard) else {
        return outcome.persisted("the system's default").fail(PREPARE);
    };
    let holds = at_least(soft, value) && at_least(hard, value);
    let source = found.path.unwrap_or_default();
    let remedy = if source == path {
        PREPARE.to_owned()
    } else {
        format!("take {item} out of {source}, which wins over {path}")
    };
    let shown = if soft == hard { soft.clone() } else { format!("soft {soft}, hard {hard}") };
    outcome.persisted(shown).source(source).unless(holds, remedy)
}

pub(super) fn service(
    context: &Context<'_>,
    name: &str,
    unit: Option<&str>,
    setting: &str,
    value: &str,
) -> Outcome {
    let outcome = Outcome::new(format!(">= {value} for {name}"));
    let persisted = match unit {
        Some(unit) => systemd::unit_setting(context.root, unit, setting),
        None => systemd::manager_setting(context.root, setting),
    };
    // "SOFT:HARD" or one value for both; what a program gets without asking is the soft one.
    let outcome = match persisted {
        Ok(Some((have, path))) => {
            let soft = have.split(':').next().unwrap_or(&have).to_owned();
            let remedy = format!("{path} wins; take {setting} out of it, or raise it");
            outcome.persisted(have).source(path).unless(at_least(&soft, value), remedy)
        }
        Ok(None) => outcome.persisted("systemd's default").fail(PREPARE),
        Err(error) => return outcome.error(&error),
    };
    // PID 1's default shows in the services that it starts, each checked by itself.
    let Some(unit) = unit.filter(|_| context.root.is_live()) else { return outcome };
    let running = match process::named(context.root, name) {
        Ok(pids) => pids,
        Err(error) => return outcome.error(&error),
    };
    let Some(pid) = running.first() else {
        return outcome.live("not running");
    };
    match process::open_files(context.root, *pid) {
        Ok((soft, _)) => {
            let holds = at_least(&soft, value);
            outcome.live(soft).unless(holds, format!("sudo systemctl restart {unit}"))
        }
        Err(error) => outcome.error(&error),
    }
}
