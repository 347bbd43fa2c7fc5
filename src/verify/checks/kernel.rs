//! What the kernel was told: parameters, choices in brackets, I/O schedulers.

use super::{Context, Outcome, PREPARE, at_least};
use crate::verify::facts::{disks, sysctl, systemd};

pub(super) fn sysctl(context: &Context<'_>, key: &str, value: &str, floor: bool, path: &str) -> Outcome {
    let holds = |have: &str| if floor { at_least(have, value) } else { have == value };
    let mut outcome = Outcome::new(if floor { format!(">= {value}") } else { value.to_owned() });

    if context.root.is_live() {
        match sysctl::live(context.root, key) {
            Ok(Some(live)) => outcome = outcome.live(live),
            Ok(None) => return outcome.skip(format!("this kernel has no {key}")),
            Err(error) => return outcome.error(&error),
        }
    }
    let configured = match context.sysctl() {
        Ok(configured) => configured,
        Err(error) => return outcome.error(error),
    };
    let Some(boot) = configured.at_boot(key) else {
        return outcome.fail(format!("no file sets {key} at boot: {PREPARE}"));
    };
    outcome = outcome.persisted(&boot.value).source(&boot.path);
    if !holds(&boot.value) {
        let remedy = if boot.path == path {
            PREPARE.to_owned()
        } else {
            format!("take {key} out of {}, which has the last word at boot and not {path}", boot.path)
        };
        return outcome.fail(remedy);
    }
    match outcome.live.clone() {
        Some(live) if !holds(&live) => match configured.suspect(key, &live) {
            Some(suspect) => {
                let remedy = format!("{suspect} has {live} and was applied after the boot: {PREPARE}");
                outcome.source(suspect).fail(remedy)
            }
            None => outcome.fail(format!("something changed it since the boot: {PREPARE}")),
        },
        _ => match configured.by_procps(key).filter(|procps| !holds(&procps.value)) {
            Some(procps) => {
                let remedy = format!(
                    "take {key} out of {}: sysctl --system, which packages call, would set {}",
                    procps.path, procps.value
                );
                outcome.source(&procps.path).warn(remedy)
            }
            None => outcome,
        },
    }
}

pub(super) fn selected(context: &Context<'_>, path: &str, value: &str, by: &str) -> Outcome {
    let outcome = Outcome::new(value);
    let enabled = match systemd::enabled_by(context.root, by) {
        Ok(enabled) => enabled,
        Err(error) => return outcome.error(&error),
    };
    let persisted = if enabled.is_some() { value } else { "not set at boot" };
    let outcome = outcome
        .persisted(persisted)
        .source(by)
        .unless(enabled.is_some(), format!("sudo systemctl enable --now {by}"));
    if !context.root.is_live() {
        return outcome;
    }
    match context.root.read_if_there(path) {
        Ok(Some(text)) => {
            let live = disks::selected(&text).unwrap_or_else(|| text.trim().to_owned());
            let holds = live == value;
            outcome.live(live).unless(holds, format!("sudo systemctl restart {by}"))
        }
        Ok(None) => outcome.skip(format!("this kernel has no {path}")),
        Err(error) => outcome.error(&error),
    }
}

pub(super) fn scheduler(context: &Context<'_>, globs: &[String], value: &str, rules: &str) -> Outcome {
    let outcome = Outcome::new(format!("{value} on {}", globs.join(" ")));
    let persisted = match context.root.read_if_there(rules) {
        Ok(text) => text.is_some_and(|text| text.contains(&format!("ATTR{{queue/scheduler}}=\"{value}\""))),
        Err(error) => return outcome.error(&error),
    };
    let remedy = "sudo udevadm trigger --action=change --subsystem-match=block";
    let outcome = outcome
        .persisted(if persisted { value } else { "not set at boot" })
        .source(rules)
        .unless(persisted, format!("{rules} does not set it: {PREPARE}"));
    if !context.root.is_live() {
        return outcome;
    }
    let disks = match disks::named(context.root, globs) {
        Ok(disks) if disks.is_empty() => return outcome.skip("no such disk here"),
        Ok(disks) => disks,
        Err(error) => return outcome.error(&error),
    };
    let mut live = Vec::new();
    let mut holds = true;
    for disk in disks {
        match disks::scheduler(context.root, &disk) {
            Ok(scheduler) => {
                holds &= scheduler == value;
                live.push(format!("{disk} {scheduler}"));
            }
            Err(error) => return outcome.error(&error),
        }
    }
    outcome.live(live.join(", ")).unless(holds, remedy)
}
