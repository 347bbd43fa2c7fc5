//! Kernel parameters.

use super::{Context, Outcome, PREPARE, TUNED_COMPUTES, at_least};
use crate::verify::facts::{sysctl, tuned};

pub(super) fn check(context: &Context<'_>, key: &str, value: &str, floor: bool, path: &str) -> Outcome {
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
    // A floor that prepare settled higher than the seed asks for stays one.
    let settled = configured.said_by(key, path).filter(|own| floor && at_least(own, value));
    let value = settled.unwrap_or(value);
    let holds = |have: &str| if floor { at_least(have, value) } else { have == value };
    if floor {
        outcome.wanted = format!(">= {value}");
    }
    if let Some((other, voiding)) = configured.voided_by(key) {
        let remedy = context
            .remedy(&voiding.path, || format!("take {other} out of {}; it makes {key} 0", voiding.path));
        return outcome.persisted("0").source(&voiding.path).fail(remedy);
    }
    let Some(boot) = configured.at_boot(key) else {
        return outcome.fail(format!("no file sets {key} at boot: {PREPARE}"));
    };
    outcome = outcome.persisted(&boot.value).source(&boot.path);
    if tuned::is_computed(&boot.value) {
        return outcome.warn(TUNED_COMPUTES);
    }
    if !holds(&boot.value) {
        let remedy = context.remedy(&boot.path, || {
            let out =
                format!("take {key} out of {}, which has the last word at boot and not {path}", boot.path);
            // An update would bring it back.
            let profile =
                if boot.path.starts_with("/usr/lib/tuned/") { "; copy it to /etc/tuned before" } else { "" };
            out + profile
        });
        return outcome.fail(if boot.path == path { PREPARE.to_owned() } else { remedy });
    }
    match outcome.live.clone() {
        Some(live) if !holds(&live) => match configured.suspect(key, &live) {
            Some(suspect) => {
                let remedy = format!("{suspect} has {live} and was applied after the boot: {PREPARE}");
                outcome.source(suspect).fail(remedy)
            }
            None => outcome
                .source(format!("no file and no tuned profile has {live}"))
                .fail(format!("it is older than the files, or a program set it: {PREPARE}")),
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
