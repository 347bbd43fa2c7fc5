//! I/O schedulers: what udev's rules give each disk when it appears, what tuned makes of that, and what it has.

use super::{Context, Outcome, PREPARE, again};
use crate::verify::facts::{cmdline, disks, named, udev};

const ATTRIBUTE: &str = "queue/scheduler";
const TRIGGER: &str = "sudo udevadm trigger --action=change --subsystem-match=block";

pub(super) fn check(context: &Context<'_>, globs: &[String], value: &str, rules: &str) -> Outcome {
    let outcome = Outcome::new(format!("{value} on {}", globs.join(" ")));
    let read = || -> std::io::Result<_> {
        let found = disks::named(context.root, globs).map_err(named("/sys/block"))?;
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
    // Another tree has no disks; one whose name the first pattern could mean stands for them.
    let stand_in = globs.first().map(|glob| glob.replace('*', "a")).unwrap_or_default();
    let names = if found.is_empty() { vec![stand_in] } else { found };

    let mut persisted = Vec::new();
    let mut now = Vec::new();
    let mut outcome = outcome.source(rules);
    for disk in &names {
        let device = udev::Device { name: disk, arguments: &arguments };
        let written = udev::written(context.root, all, device, ATTRIBUTE);
        let tuned = elevator.map(|setting| (setting.value.clone(), setting.path.clone()));
        match tuned.or(written.value) {
            Some((given, path)) => {
                let holds = given == value;
                persisted.push(format!("{disk} {given}"));
                if !holds {
                    outcome = outcome
                        .source(&path)
                        .fail(format!("{path} has the last word for {disk}; take it out there"));
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
