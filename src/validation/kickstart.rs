//! A ks.cfg, as it was built or with what somebody added: what makes Rocky's installer stop, ask, or wipe more than is meant.
//!
//! Limits: options are ksvalidator's to judge; scripts of sections are not read. Sources: pykickstart's RHEL8 handler, the
//! kickstart reference of RHEL 8, and Anaconda 33.16 for what it asks where a command is missing.

use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Place, Source, nearest};
use crate::inspection::kickstart::commands;

/// Commands of RHEL 8.
pub const COMMANDS: [&str; 64] = [
    "auth",
    "authconfig",
    "authselect",
    "autopart",
    "bootloader",
    "cdrom",
    "clearpart",
    "cmdline",
    "driverdisk",
    "eula",
    "fcoe",
    "firewall",
    "firstboot",
    "graphical",
    "group",
    "halt",
    "harddrive",
    "hmc",
    "ignoredisk",
    "iscsi",
    "iscsiname",
    "keyboard",
    "lang",
    "liveimg",
    "logging",
    "logvol",
    "mediacheck",
    "method",
    "module",
    "mount",
    "network",
    "nfs",
    "nvdimm",
    "ostreesetup",
    "part",
    "partition",
    "poweroff",
    "raid",
    "realm",
    "reboot",
    "repo",
    "reqpart",
    "rescue",
    "rhsm",
    "rootpw",
    "selinux",
    "services",
    "shutdown",
    "skipx",
    "snapshot",
    "sshkey",
    "sshpw",
    "syspurpose",
    "text",
    "timezone",
    "updates",
    "url",
    "user",
    "vnc",
    "volgroup",
    "xconfig",
    "zerombr",
    "zfcp",
    "zipl",
];

/// Commands of other releases, and what says the same on RHEL 8.
pub const ELSEWHERE: [(&str, &str); 8] = [
    ("timesource", "give timezone --ntpservers"),
    ("install", "leave it out; it is the only thing that the installer does"),
    ("upgrade", "leave it out; RHEL 8 installs only"),
    ("btrfs", "RHEL 8 has no Btrfs; use xfs"),
    ("autostep", "leave it out"),
    ("deviceprobe", "leave it out"),
    ("dmraid", "leave it out"),
    ("multipath", "leave it out"),
];

/// Sections, each ended by `%end`.
pub const SECTIONS: [&str; 8] =
    ["%addon", "%anaconda", "%onerror", "%packages", "%post", "%pre", "%pre-install", "%traceback"];

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

/// One command with its place.
struct Line<'a> {
    words: Vec<&'a str>,
    place: Place,
}

/// Everything that is to be told of a kickstart.
pub(super) fn examine(source: &Arc<Source>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut packages = false;
    let mut includes = false;
    let lines = read(source, &mut found, &mut packages, &mut includes);
    for line in &lines {
        command(line, &mut found);
    }
    let has = |names: &[&str]| lines.iter().any(|line| names.contains(&line.words[0]));
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
    wipes(source, &lines, &mut found);
    logins(&lines, &mut found);
    found
}

/// The commands; what is wrong with sections is told.
fn read<'a>(
    source: &'a Arc<Source>,
    found: &mut Vec<Diagnostic>,
    packages: &mut bool,
    includes: &mut bool,
) -> Vec<Line<'a>> {
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
            lines.push(Line { words, place });
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

fn command(line: &Line<'_>, found: &mut Vec<Diagnostic>) {
    let name = line.words[0];
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

fn wipes(source: &Arc<Source>, lines: &[Line<'_>], found: &mut Vec<Diagnostic>) {
    let all = commands(&source.text);
    if !all.clears || !all.only_use.is_empty() {
        return;
    }
    let clears = ["clearpart", "zerombr", "part", "partition"];
    let place = lines.iter().find(|line| clears.contains(&line.words[0])).map(|line| line.place.clone());
    let message =
        "every disk may be wiped, the seed's own and data disks too: there is no `ignoredisk --only-use`";
    let help = "name the one disk that is installed to, such as ignoredisk --only-use=vda";
    found.push(Diagnostic { place, ..Diagnostic::new(message) }.help(help));
}

fn logins(lines: &[Line<'_>], found: &mut Vec<Diagnostic>) {
    let of = |name: &'static str| lines.iter().filter(move |line| line.words[0] == name);
    let value = |line: &Line<'_>, option: &str| {
        let mut words = line.words.iter().skip(1);
        while let Some(word) = words.next() {
            match word.strip_prefix(option) {
                Some("") => return words.next().map(|word| (*word).to_owned()),
                Some(rest) if rest.starts_with('=') => {
                    return Some(rest[1..].trim_matches(['"', '\'']).to_owned());
                }
                _ => {}
            }
        }
        None
    };
    let users: Vec<String> = of("user").filter_map(|line| value(line, "--name")).collect();
    for key in of("sshkey") {
        if let Some(name) = value(key, "--username")
            && name != "root"
            && !users.contains(&name)
        {
            let help = nearest(&name, users.iter().map(String::as_str))
                .map_or_else(|| format!("add: user --name={name}"), |near| format!("did you mean {near}?"));
            found.push(
                Diagnostic::at(&key.place, format!("no `user` command makes {name}, who gets this key"))
                    .help(help),
            );
        }
    }
    for line in of("rootpw").chain(of("user")) {
        let plain = line.words.contains(&"--plaintext")
            || (line.words[0] == "user"
                && value(line, "--password").is_some()
                && !line.words.contains(&"--iscrypted"));
        if plain {
            let place = Place { width: 0, ..line.place.clone() };
            let message = "a password in plain text, which /root/original-ks.cfg of the system keeps";
            let help = "give a hash with --iscrypted; openssl passwd -6 makes one";
            found.push(Diagnostic::warning(Some(&place), message).help(help));
        }
    }
    let root = of("rootpw").any(|line| !line.words.contains(&"--lock") && line.words.len() > 1);
    let somebody =
        of("sshkey").next().is_some() || root || of("user").any(|line| value(line, "--password").is_some());
    if !somebody && !lines.is_empty() {
        let place = of("user").next().map(|line| &line.place);
        let message = "nobody can log in to what it installs: no key and no password";
        found.push(Diagnostic::warning(place, message).help("add sshkey --username=NAME \"KEY\""));
    }
}
