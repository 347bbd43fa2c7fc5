//! Whether an image wipes a disk: what its ks.cfg tells Rocky's installer to clear.
//!
//! Read with caution rather than exactly: what may clear a disk counts as doing so, every `ignoredisk --only-use` counts, and
//! a kickstart that includes another or cannot be read may wipe any disk. Limits: what the scripts of %pre do is not judged.
//! Sources: the kickstart reference of RHEL 8; pykickstart's RHEL8 handler; Anaconda 33.16 for the label OEMDRV.

use serde::Serialize;

use super::documents::{shown, text};
use super::{Finding, Findings, OEMDRV, VolumeReport, What};
use crate::documents::kickstart::{REPOSITORIES, TOLD, UNASKED, warning};
use crate::documents::{KICKSTART, MANIFEST, PREPARE};
use crate::image::Image;

/// Whether an image wipes a disk.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Wipe {
    /// Whether there is a ks.cfg at a volume's root.
    pub kickstart: bool,
    /// Whether Rocky's installer takes it without being told to: it is on a volume labelled OEMDRV.
    pub unasked: bool,
    /// Whether it clears disks.
    pub wipes: bool,
    /// Whether any disk may be among them.
    pub any_disk: bool,
    /// The only disks that it may touch, by name; none where it may touch any.
    pub disks: Vec<String>,
    /// All of this for a person, in one sentence.
    pub sentence: String,
}

/// What the commands of a kickstart come to.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Commands {
    /// Whether a disk may be cleared.
    pub clears: bool,
    /// Whether some command is not here to be read.
    pub unseen: bool,
    /// The disks of `ignoredisk --only-use`.
    pub only_use: Vec<String>,
}

/// Reads every ks.cfg; those of volumes labelled OEMDRV decide where there are any.
pub(super) fn judge(image: &mut Image, what: What) -> Wipe {
    let mut wipe = Wipe::default();
    let mut all = Vec::new();
    let labelled: Vec<bool> =
        image.volumes.iter().map(|volume| volume.labels.iter().any(|label| label.text == OEMDRV)).collect();
    let has: Vec<bool> = image.volumes.iter().map(|volume| volume.file(KICKSTART).is_some()).collect();
    wipe.kickstart = has.contains(&true);
    wipe.unasked = labelled.iter().zip(&has).any(|(labelled, has)| *labelled && *has);
    for volume in 0..image.volumes.len() {
        if !has[volume] || (wipe.unasked && !labelled[volume]) {
            continue;
        }
        all.push(match text(image, volume, KICKSTART) {
            Some(Ok(text)) => commands(&text),
            _ => Commands { clears: true, unseen: true, only_use: Vec::new() },
        });
    }
    settle(&mut wipe, all);
    wipe.sentence = sentence(&wipe, what);
    wipe
}

/// What a ks.cfg by itself wipes, where an installer is told of it.
pub fn of_text(text: &str) -> Wipe {
    let mut wipe = Wipe { kickstart: true, ..Wipe::default() };
    settle(&mut wipe, vec![commands(text)]);
    wipe.sentence = sentence(&wipe, What::Kickstart);
    wipe
}

fn settle(wipe: &mut Wipe, kickstarts: Vec<Commands>) {
    let mut all = Commands::default();
    for found in kickstarts {
        // One that names no disk may touch any.
        all.unseen |= found.unseen || (found.clears && found.only_use.is_empty());
        all.clears |= found.clears || found.unseen;
        all.only_use.extend(found.only_use);
    }
    wipe.wipes = all.clears;
    wipe.any_disk = all.clears && all.unseen;
    if wipe.wipes && !wipe.any_disk {
        wipe.disks = all.only_use;
        wipe.disks.dedup();
    }
}

fn sentence(wipe: &Wipe, what: What) -> String {
    if !wipe.kickstart {
        return match what {
            What::VastimgSeed => "It wipes no disk: there is no kickstart (ks.cfg) in it.".to_owned(),
            What::NocloudSeed => {
                "There is no kickstart (ks.cfg) in it; what its user-data does to disks is not judged."
                    .to_owned()
            }
            _ => "There is no kickstart (ks.cfg) in it.".to_owned(),
        };
    }
    let machine = if wipe.unasked { UNASKED } else { TOLD };
    if !wipe.wipes {
        return format!(
            "Its ks.cfg clears no disk that is in use, but {machine} is installed without a question."
        );
    }
    let disks = match wipe.disks.as_slice() {
        _ if wipe.any_disk => "any disk may be, this seed's own included".to_owned(),
        [one] => format!("disk {one}"),
        several => format!("disks {}", several.join(", ")),
    };
    warning(machine, &disks)
}

/// Finds the copies of ks.cfg that differ: which one counts then depends on how the installer was started.
pub(super) fn compare(volumes: &[VolumeReport], findings: &mut Vec<Finding>) {
    let mut digests = volumes
        .iter()
        .flat_map(|volume| &volume.files)
        .filter(|file| file.path.eq_ignore_ascii_case(KICKSTART))
        .filter_map(|file| file.sha256.as_ref());
    if let Some(first) = digests.next()
        && digests.any(|other| other != first)
    {
        let message =
            "it differs from volume to volume; which one counts depends on how the installer is started";
        findings.push(Finding {
            path: Some(KICKSTART.to_owned()),
            message: message.to_owned(),
            of_text: false,
        });
    }
}

/// Holds the digests that %post asks for against what is there; it refuses the whole seed for one that differs.
pub(super) fn hold_against_payload(image: &mut Image, volumes: &[VolumeReport], findings: &mut Findings) {
    let texts: Vec<String> =
        (0..image.volumes.len()).filter_map(|volume| text(image, volume, KICKSTART)?.ok()).collect();
    for path in [MANIFEST, PREPARE] {
        let wanted: Vec<&str> = texts.iter().filter_map(|text| digest_of(text, path)).collect();
        let files = volumes.iter().flat_map(|volume| &volume.files).filter(|file| file.path == path);
        let there: Vec<&str> = files.filter_map(|file| file.sha256.as_deref()).collect();
        if !wanted.is_empty() && !there.iter().any(|digest| wanted.contains(digest)) {
            findings
                .of(path, "it is not the one that ks.cfg was built with, whose %post will refuse this seed");
        }
    }
}

/// What a ks.cfg of vastimg expects a file of the medium to have: `.../PATH" SHA256`.
fn digest_of<'a>(kickstart: &'a str, path: &str) -> Option<&'a str> {
    let (_, after) = kickstart.split_once(&format!("/{path}\" "))?;
    let digest = after.get(..64)?;
    digest.bytes().all(|byte| byte.is_ascii_hexdigit()).then_some(digest)
}

/// What the commands of a kickstart come to, without those sections that hold scripts and package lists.
pub fn commands(text: &str) -> Commands {
    let mut found = Commands::default();
    let mut in_section = false;
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let Some((command, arguments)) = words.split_first() else { continue };
        match *command {
            "%end" => in_section = false,
            _ if in_section => {}
            // What %pre puts there is repositories.
            "%include" if arguments == [REPOSITORIES] => {}
            "%include" | "%ksappend" => found.unseen = true,
            name if name.starts_with('%') => in_section = true,
            "clearpart" => {
                found.clears |= arguments.is_empty() || arguments.iter().any(|word| *word != "--none");
            }
            // What it does not recognise, it takes for empty.
            "zerombr" => found.clears = true,
            "part" | "partition" | "raid" | "volgroup" | "logvol" => {
                let has = |option: &str| arguments.iter().any(|word| word.starts_with(option));
                found.clears |= (has("--onpart") || has("--usepart")) && !has("--noformat");
            }
            "ignoredisk" => found.only_use.extend(only_use(arguments)),
            _ => {}
        }
    }
    // An unfinished section hides what comes after.
    found.unseen |= in_section;
    found
}

/// The disks of `--only-use=A,B` or `--only-use A,B`.
fn only_use(arguments: &[&str]) -> Vec<String> {
    let mut disks = Vec::new();
    let mut rest = arguments.iter();
    while let Some(word) = rest.next() {
        let value = match word.split_once('=') {
            Some(("--only-use", value)) => Some(value),
            None if *word == "--only-use" => rest.next().copied(),
            _ => None,
        };
        let names = value.unwrap_or_default().trim_matches(['"', '\'']).split(',');
        disks.extend(names.filter(|name| !name.is_empty()).map(shown));
    }
    disks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(text: &str) -> String {
        let Commands { clears, unseen, only_use } = commands(text);
        format!("{clears} {unseen} {}", only_use.join(" "))
    }

    #[test]
    fn what_may_clear_a_disk_counts() {
        for (text, wanted) in [
            ("", "false false "),
            ("ignoredisk --only-use=vda\nclearpart --all --initlabel\n", "true false vda"),
            ("ignoredisk --only-use \"vda,vdb\"\nclearpart --all", "true false vda vdb"),
            ("clearpart --all --drives=vda", "true false "),
            ("clearpart --none", "false false "),
            ("clearpart", "true false "),
            ("# clearpart --all", "false false "),
            ("zerombr", "true false "),
            ("part / --onpart=vda1", "true false "),
            ("part /data --onpart=vda1 --noformat", "false false "),
            ("%include /tmp/disks", "false true "),
            ("%include /tmp/vastimg-repositories.ks", "false false "),
            ("%include /tmp/vastimg-repositories.ks /tmp/x", "false true "),
            ("%post\nclearpart --all\n%end\n", "false false "),
            ("%post\nignoredisk --only-use=vda\n%end\nclearpart --all", "true false "),
            ("%pre\nclearpart --all\n", "false true "),
        ] {
            assert_eq!(judged(text), wanted, "{text:?}");
        }
    }

    #[test]
    fn one_sentence() {
        let wipe = Wipe { kickstart: true, unasked: true, wipes: true, ..Wipe::default() };
        let one = Wipe { disks: vec!["vda".to_owned()], ..wipe.clone() };
        assert_eq!(
            sentence(&one, What::VastimgSeed),
            "WARNING: a machine that boots Rocky's installer with this attached is wiped without a question: disk vda."
        );
        let any = Wipe { any_disk: true, ..wipe };
        assert!(sentence(&any, What::Kickstart).ends_with("any disk may be, this seed's own included."));
    }
}
