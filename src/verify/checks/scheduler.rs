//! I/O schedulers: what udev's rules give each disk when it appears, what tuned makes of that, and what it has.

use super::{Context, Outcome, PREPARE, TUNED_COMPUTES, again};
use crate::verify::facts::{cmdline, disks, tuned, udev};

const ATTRIBUTE: &str = "queue/scheduler";
const TRIGGER: &str = "sudo udevadm trigger --action=change --subsystem-match=block";

pub(super) fn check(context: &Context<'_>, globs: &[String], value: &str, rules: &str) -> Outcome {
    let outcome = Outcome::new(format!("{value} on {}", globs.join(" ")));
    let read = || -> std::io::Result<_> {
        let found = disks::named(context.root, globs)?;
        let arguments = cmdline::at_boot(context.root)?.map(|(arguments, _)| arguments);
        let arguments = arguments.or_else(|| cmdline::live(context.root).ok()).unwrap_or_default();
        let tuned = context.tuned().map_err(again)?;
        let elevator = tuned.and_then(|profile| profile.setting("disk", "elevator"));
        Ok((found, arguments, elevator, context.udev_rules().map_err(again)?))
    };
    let (found, arguments, elevator, all) = match read() {
        Ok(read) => read,
        Err(error) => return outcome.error(&error),
    };
    let live = context.root.is_live();
    if live && found.is_empty() {
        return outcome.skip("no such disk here");
    }
    // Another tree has no disks; for each pattern a name that it could mean stands for them.
    let names = if found.is_empty() { globs.iter().map(|glob| stand_in(glob)).collect() } else { found };

    let mut persisted = Vec::new();
    let mut now = Vec::new();
    let mut outcome = outcome.source(rules);
    for disk in &names {
        let device = udev::Device { name: disk, arguments: &arguments };
        let written = udev::written(context.root, all, device, ATTRIBUTE);
        let after = elevator.map(|setting| (setting.value.clone(), setting.path.clone()));
        match after.or(written.value) {
            Some((given, path)) if tuned::is_computed(&given) => {
                persisted.push(format!("{disk} {given}"));
                outcome = outcome.source(path).warn(TUNED_COMPUTES);
            }
            Some((given, path)) => {
                let holds = given == value;
                persisted.push(format!("{disk} {given}"));
                if !holds {
                    outcome =
                        outcome.source(&path).fail(context.remedy(&path, || {
                            format!("{path} has the last word for {disk}; take it out there")
                        }));
                } else if let Some((other, path)) = written.doubt.filter(|(other, _)| other != value) {
                    let remedy =
                        format!("{path} may give {disk} {other} after {rules}; see udevadm test on {disk}");
                    outcome = outcome.source(path).warn(remedy);
                }
            }
            None => {
                persisted.push(format!("{disk} the kernel's default"));
                outcome = outcome.fail(format!("no rule sets it for {disk}: {PREPARE}"));
            }
        }
        if live {
            match disks::scheduler(context.root, disk) {
                Ok(scheduler) => {
                    let holds = scheduler == value;
                    now.push(format!("{disk} {scheduler}"));
                    outcome = outcome.unless(holds, TRIGGER);
                }
                Err(error) => return outcome.error(&error),
            }
        }
    }
    let outcome = outcome.persisted(persisted.join(", "));
    if live { outcome.live(now.join(", ")) } else { outcome }
}

/// `sda` for `sd*`, `nvme0n1` for `nvme*n*`.
fn stand_in(glob: &str) -> String {
    if glob.matches('*').count() > 1 {
        glob.replacen('*', "0", 1).replace('*', "1")
    } else {
        glob.replace('*', "a")
    }
}
