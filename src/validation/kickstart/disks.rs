//! Which disks a kickstart speaks of: all that may be wiped, commands that name different ones, and two layouts at once.
//!
//! Limits: a disk has many names; only names such as vda are held against each other. Sources: pykickstart's RHEL8 handler for
//! what excludes autopart; Anaconda 33.16, to which a disk outside of `ignoredisk --only-use` does not exist.

use std::sync::Arc;

use super::line::Line;
use crate::diagnostic::{Diagnostic, Place, Source};
use crate::inspection::kickstart::commands;

/// Options that name disks.
const NAMING: [(&str, &str); 6] = [
    ("clearpart", "drives"),
    ("bootloader", "boot-drive"),
    ("part", "ondisk"),
    ("part", "ondrive"),
    ("partition", "ondisk"),
    ("partition", "ondrive"),
];

/// Commands that lay out disks by hand.
const BY_HAND: [&str; 7] = ["part", "partition", "raid", "volgroup", "logvol", "mount", "reqpart"];

/// Tells of disks.
pub(super) fn judge(source: &Arc<Source>, lines: &[Line], found: &mut Vec<Diagnostic>) {
    any_disk(source, lines, found);
    disagreements(lines, found);
    if let Some(auto) = lines.iter().find(|line| line.name() == "autopart")
        && let Some(other) = lines.iter().find(|line| BY_HAND.contains(&line.name()))
    {
        // The later of the two is where the installer stops.
        let place = if other.place.line > auto.place.line { &other.place } else { &auto.place };
        let message = format!("`autopart` beside `{}`; the installer refuses the whole file", other.name());
        found.push(Diagnostic::at(place, message).help("keep one of the two layouts"));
    }
}

fn any_disk(source: &Arc<Source>, lines: &[Line], found: &mut Vec<Diagnostic>) {
    let all = commands(&source.text);
    if !all.clears || !all.only_use.is_empty() {
        return;
    }
    let clears = ["clearpart", "zerombr", "part", "partition"];
    let place = lines.iter().find(|line| clears.contains(&line.name())).map(|line| line.place.clone());
    let message =
        "every disk may be wiped, the seed's own and data disks too: there is no `ignoredisk --only-use`";
    let help = "name the one disk that is installed to, such as ignoredisk --only-use=vda";
    found.push(Diagnostic { place, ..Diagnostic::new(message) }.help(help));
}

/// A disk, the option that names it, and where.
type Named<'a> = (&'a str, String, &'a Place);

fn disagreements(lines: &[Line], found: &mut Vec<Diagnostic>) {
    let mut named: Vec<Named<'_>> = Vec::new();
    let (mut only, mut ignored) = (Vec::new(), Vec::new());
    for line in lines {
        for (command, option) in NAMING {
            if line.name() == command
                && let Some((disks, place)) = line.value(option)
            {
                let said = format!("{command} --{option}");
                named.extend(names(disks).map(|disk| (disk, said.clone(), place)));
            }
        }
        if line.name() == "ignoredisk" {
            only.extend(line.value("only-use").into_iter().flat_map(|(disks, _)| names(disks)));
            ignored.extend(line.value("drives").into_iter().flat_map(|(disks, _)| names(disks)));
        }
    }
    let known = comparable(&only);
    for (disk, said, place) in &named {
        let by = if ignored.contains(disk) {
            format!("--drives={}", ignored.join(","))
        } else if !only.is_empty() && known && is_name(disk) && !only.contains(disk) {
            format!("--only-use={}", only.join(","))
        } else {
            continue;
        };
        let message = format!("{said} names {disk}, which ignoredisk {by} leaves out: the installer stops");
        found.push(Diagnostic::at(place, message).help("name the same disk in both, or take it out of one"));
    }
    let cleared: Vec<&str> =
        named.iter().filter(|(_, said, _)| said.starts_with("clearpart")).map(|(disk, ..)| *disk).collect();
    if !only.is_empty() || cleared.is_empty() || !comparable(&cleared) {
        return;
    }
    let used = |disk: &str| is_name(disk) && !cleared.contains(&disk) && !ignored.contains(&disk);
    for (disk, said, place) in named.iter().filter(|(disk, ..)| used(disk)) {
        let message = format!(
            "{said} names {disk}, which clearpart --drives={} does not clear: it is used as far as it is free",
            cleared.join(",")
        );
        found.push(Diagnostic::warning(Some(place), message).help("name the same disk in both"));
    }
}

fn names(disks: &str) -> impl Iterator<Item = &str> {
    disks.split(',').map(|disk| disk.strip_prefix("/dev/").unwrap_or(disk)).filter(|disk| !disk.is_empty())
}

fn comparable(disks: &[&str]) -> bool {
    disks.iter().all(|disk| is_name(disk))
}

/// Whether it is a name that only one disk has, and no other name of it.
fn is_name(disk: &str) -> bool {
    disk.chars().all(|c| c.is_ascii_alphanumeric())
}
