//! A ks.cfg, as it was built or with what somebody added: what makes Rocky's installer stop, ask, or wipe more than is meant.
//!
//! Limits: what is right and wrong of the values of options is ksvalidator's to judge; options of sections and scripts are not
//! read. Sources: pykickstart's RHEL8 handler, the kickstart reference of RHEL 8, and Anaconda 33.16 for what it asks where a
//! command is missing.

mod disks;
mod line;
mod logins;
mod words;

use std::sync::Arc;

pub use words::{COMMANDS, ELSEWHERE, OPTIONS, SECTIONS};

use crate::diagnostic::{Diagnostic, Place, Source, nearest};
use line::Line;
use words::options_of;

/// What the installer asks for where none of them is there.
const ASKED: [(&[&str], (&str, &str)); 6] = [
    (&["lang"], ("the language", "lang en_US.UTF-8")),
    (&["keyboard"], ("the keyboard", "keyboard --vckeymap=us")),
    (&["timezone"], ("the time zone", "timezone UTC --utc")),
    (&["rootpw", "user"], ("a password of root", "rootpw --lock, and a user with a key")),
    (
        &["autopart", "part", "partition", "raid", "volgroup", "logvol", "reqpart", "mount"],
        ("a layout of the disk", "autopart"),
    ),
    (
        &["cdrom", "url", "nfs", "harddrive", "liveimg", "ostreesetup", "hmc"],
        ("a source of packages", "cdrom"),
    ),
];

/// Commands that hold a password or a key, as a rule.
const HOLDING: [&str; 6] = ["iscsi", "rhsm", "rootpw", "sshpw", "user", "vnc"];

/// How options end that have one.
const SECRET: [&str; 3] = ["password", "passphrase", "key"];

/// Everything that is to be told of a kickstart.
pub(super) fn examine(source: &Arc<Source>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut packages = false;
    let mut includes = false;
    let lines = read(source, &mut found, &mut packages, &mut includes);
    for line in &lines {
        command(line, &mut found);
        options(line, &mut found);
    }
    let has = |names: &[&str]| lines.iter().any(|line| names.contains(&line.name()));
    // What is missing has no line to show.
    let whole = Place { source: Arc::clone(source), line: 1, column: 1, width: 0 };
    // What is included may say it.
    if !includes {
        for (names, what) in ASKED {
            if !has(names) {
                let (what, example) = what;
                let message = format!("without `{}` the installer stops and asks for {what}", names[0]);
                found.push(Diagnostic::warning(Some(&whole), message).help(format!("add: {example}")));
            }
        }
        if !packages {
            let message = "without %packages the installer stops and asks what to install";
            found.push(
                Diagnostic::warning(Some(&whole), message)
                    .help("add: %packages, @core and %end, a line each"),
            );
        }
    }
    disks::judge(source, &lines, &mut found);
    logins::judge(&lines, &mut found);
    found
}

/// The commands; what is wrong with sections is told.
fn read(
    source: &Arc<Source>,
    found: &mut Vec<Diagnostic>,
    packages: &mut bool,
    includes: &mut bool,
) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut open: Option<(&str, Place)> = None;
    for (index, line) in source.text.lines().enumerate() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let Some(first) = words.first().copied() else { continue };
        let column = line.chars().count() - line.trim_start().chars().count() + 1;
        let place =
            Place { source: Arc::clone(source), line: index + 1, column, width: first.chars().count() };
        if first == "%end" {
            if open.take().is_none() {
                found.push(Diagnostic::at(&place, "%end, and no section is open"));
            }
        } else if let Some((name, _)) = &open {
            // A section that is opened before the last one ended is a forgotten %end; scripts have no such lines.
            if SECTIONS.contains(&first) {
                let message = format!("{first} inside of {name}, which has no %end yet");
                found.push(Diagnostic::at(&place, message).help(format!("write %end before {first}")));
                *packages |= first == "%packages";
                open = Some((first, place));
            }
        } else if matches!(first, "%include" | "%ksappend") {
            *includes = true;
        } else if first.starts_with('%') {
            if !SECTIONS.contains(&first) {
                let help = nearest(first, SECTIONS).map_or_else(
                    || format!("sections are {}", SECTIONS.join(", ")),
                    |near| format!("did you mean {near}?"),
                );
                found.push(Diagnostic::at(&place, format!("no section is named {first}")).help(help));
            }
            *packages |= first == "%packages";
            open = Some((first, place));
        } else if !first.starts_with('#') {
            lines.push(Line::new(line, place));
        }
    }
    if let Some((name, place)) = open {
        found.push(Diagnostic::at(
            &place,
            format!("{name} has no %end; the installer refuses the whole file"),
        ));
    }
    lines
}

fn command(line: &Line, found: &mut Vec<Diagnostic>) {
    let name = line.name();
    if COMMANDS.contains(&name) {
        if matches!(name, "auth" | "authconfig") {
            let message = format!("`{name}` is deprecated on RHEL 8");
            found.push(Diagnostic::warning(Some(&line.place), message).help("use authselect"));
        }
        return;
    }
    if let Some((_, way_out)) = ELSEWHERE.iter().find(|(other, _)| *other == name) {
        let message = format!("RHEL 8 does not have the command `{name}`");
        found.push(Diagnostic::at(&line.place, message).help(*way_out));
        return;
    }
    let help = match nearest(name, COMMANDS) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "it is none of RHEL 8's; a script belongs between %post and %end".to_owned(),
    };
    found.push(Diagnostic::at(&line.place, format!("no command is named `{name}`")).help(help));
}

/// The installer refuses the whole file for an option that it does not know.
fn options(line: &Line, found: &mut Vec<Diagnostic>) {
    let name = line.name();
    let Some(known) = options_of(name) else { return };
    for (option, place) in line.options() {
        // argparse takes the beginning of an option for it, where no other begins so.
        let fits = known.clone().filter(|known| known.starts_with(option.as_str())).count();
        if known.clone().any(|known| known == option) || (fits == 1 && !option.is_empty()) {
            continue;
        }
        let near = nearest(&option, known.clone());
        // What follows a misspelt --password is one all the same.
        let secret = HOLDING.contains(&name)
            || near.is_some_and(|near| SECRET.iter().any(|word| near.ends_with(word)));
        let place = if secret { Place { width: 0, ..place } } else { place };
        let help = match near {
            Some(near) => format!("did you mean --{near}?"),
            None if known.clone().next().is_none() => "it has none".to_owned(),
            None => format!("it has --{}", known.clone().collect::<Vec<_>>().join(", --")),
        };
        let message = format!("`{name}` has no option --{option}; the installer refuses the whole file");
        found.push(Diagnostic::at(&place, message).help(help));
    }
}
