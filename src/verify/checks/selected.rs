//! Files of /sys that list choices with the one in force in brackets: transparent huge pages.
//!
//! At boot the kernel's argument comes first, then the unit that writes the file, then tuned's profile, unless the
//! argument was given at all: then tuned leaves it alone.

use std::io;

use super::{Context, Outcome, TUNED_COMPUTES, again};
use crate::manifest::Assertion;
use crate::verify::facts::root::is_missing;
use crate::verify::facts::{cmdline, disks, named, systemd, tuned};

/// What a boot gives, and who gives it.
type Given = Option<(String, String)>;

pub(super) fn check(context: &Context<'_>, assertion: &Assertion) -> Outcome {
    let Assertion::Selected { path, value, by, argument, tuned: options } = assertion else {
        return Outcome::new("").skip("not a check of a choice");
    };
    let outcome = Outcome::new(value);
    let live = if context.root.is_live() {
        match context.root.read_if_there(path) {
            Ok(None) => return outcome.skip(format!("this kernel has no {path}")),
            Ok(text) => text.map(|text| disks::selected(&text).unwrap_or_else(|| text.trim().to_owned())),
            Err(error) => return outcome.error(&named(path)(error)),
        }
    } else {
        None
    };
    let outcome = match at_boot(context, value, by, argument.as_deref(), options) {
        Ok(Some((given, by_whom))) if tuned::is_computed(&given) => {
            outcome.persisted(given).source(by_whom).warn(TUNED_COMPUTES)
        }
        Ok(Some((given, by_whom))) => {
            let remedy = context.remedy(&by_whom, || {
                format!("{by_whom} has the last word at boot; take it out there, or set it to {value}")
            });
            let holds = given == *value;
            outcome.persisted(given).source(by_whom).unless(holds, remedy)
        }
        Ok(None) => outcome
            .persisted("the kernel's default")
            .source(by)
            .fail(format!("sudo systemctl enable --now {by}")),
        Err(error) => return outcome.error(&error),
    };
    match live {
        Some(live) => {
            let holds = live == *value;
            outcome.live(live).unless(holds, format!("sudo systemctl restart {by}"))
        }
        None => outcome,
    }
}

fn at_boot(
    context: &Context<'_>,
    value: &str,
    by: &str,
    argument: Option<&str>,
    options: &[String],
) -> io::Result<Given> {
    let entry = match argument {
        Some(_) => cmdline::at_boot(context.root)?,
        None => None,
    };
    let mut given: Given = entry.as_ref().zip(argument).and_then(|((arguments, path), name)| {
        Some((cmdline::value(arguments, name)?.to_owned(), path.clone()))
    });
    let argued = given.is_some();
    if let Some(link) = systemd::enabled_by(context.root, by)? {
        given = Some(match altered(context, by, link)? {
            None => (value.to_owned(), by.to_owned()),
            Some(culprit) => ("not what the unit was built for".to_owned(), culprit),
        });
    }
    if !argued && let Some(profile) = context.tuned().map_err(again)? {
        // The last of several spellings of one option counts.
        let setting = options.iter().rev().find_map(|option| profile.setting("vm", option));
        if let Some(setting) = setting {
            given = Some((setting.value.clone(), setting.path.clone()));
        }
    }
    Ok(given)
}

/// What makes a unit another one than the seed's, so that what it does is not known: its file, a drop-in, or `link` where
/// it leads to nothing.
fn altered(context: &Context<'_>, unit: &str, link: String) -> io::Result<Option<String>> {
    let built = context.manifest.files.iter().find(|file| file.path.rsplit('/').next() == Some(unit));
    let Some(file) = built else { return Ok(None) };
    match context.root.read_bytes(&file.path) {
        Ok(bytes) if crate::digest::sha256(&bytes) == file.sha256 => {
            systemd::altered_by(context.root, unit, &file.path)
        }
        Ok(_) => Ok(Some(file.path.clone())),
        Err(error) if is_missing(&error) => Ok(Some(link)),
        Err(error) => Err(named(&file.path)(error)),
    }
}
