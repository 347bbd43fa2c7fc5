//! Files of limits.d: those that lock everybody out, and a later one that takes back what an earlier one gives.
//!
//! Source: pam_limits.c of Linux-PAM 1.3.1: a limit that cannot be set refuses the login; of two lines for the same domain
//! the one that is read last counts, and limits.conf is read first.

use super::File;
use super::sysctl::Winners;
use crate::diagnostic::Diagnostic;
use crate::verify::facts::accounts::Account;
use crate::verify::facts::limits::lines::{Domain, Rule};
use crate::verify::facts::limits::{self, UNLIMITED};

/// What fs.nr_open is on Rocky 8 where nothing sets it.
const NR_OPEN: u64 = 1_048_576;

/// Limits of which more is meant to be better.
const RAISED: [&str; 3] = ["nofile", "nproc", "memlock"];

/// Tells of a file that lowers what an earlier one gives to the same domain.
pub(super) fn last_words(files: &[File], found: &mut Vec<Diagnostic>) {
    let mut ordered: Vec<&File> = files.iter().filter(|file| file.is_limits()).collect();
    ordered.sort_by_key(|file| (file.path.starts_with("/etc/security/limits.d/"), file.path.as_str()));
    let mut given: Vec<(Domain, String, bool, u64, &File)> = Vec::new();
    for file in ordered {
        let mut told: Vec<(Domain, String)> = Vec::new();
        for line in limits::parse(&file.text).lines {
            let Rule::Limit { soft, hard, item, value } = line.rule else { continue };
            if !RAISED.contains(&item.as_str()) {
                continue;
            }
            for of_hard in [false, true].into_iter().filter(|of_hard| if *of_hard { hard } else { soft }) {
                let same = |(domain, name, is_hard, ..): &&mut (Domain, String, bool, u64, &File)| {
                    *domain == line.domain && *name == item && *is_hard == of_hard
                };
                let Some((_, _, _, earlier, other)) = given.iter_mut().find(same) else {
                    given.push((line.domain.clone(), item.clone(), of_hard, value, file));
                    continue;
                };
                let key = (line.domain.clone(), item.clone());
                if value < *earlier && other.path != file.path && !told.contains(&key) {
                    found.push(lowered(file, other, &key, *earlier, value));
                    told.push(key);
                }
                (*earlier, *other) = (value, file);
            }
        }
    }
}

fn lowered(
    file: &File,
    other: &File,
    (domain, item): &(Domain, String),
    earlier: u64,
    value: u64,
) -> Diagnostic {
    let domain = match domain {
        Domain::Name(name) => format!("`{name}`"),
        Domain::Group(name) => format!("`@{name}`"),
        _ => "a range of ids".to_owned(),
    };
    let (earlier, value) = (limits::shown(earlier), limits::shown(value));
    let message = format!(
        "{domain} has {item} {earlier} in {}, and {} sorts after it: {value} is what a login gets",
        other.path, file.path
    );
    let help = format!("take {item} out of one of them, or raise it");
    Diagnostic::warning(file.place_of(item, &value).as_ref(), message).help(help)
}

/// PAM refuses every login, root's and sudo's too, where nofile is above fs.nr_open.
pub(super) fn lock_outs(files: &[File], winners: &Winners<'_>, found: &mut Vec<Diagnostic>) {
    let set = winners.get("fs.nr_open").and_then(|(value, _)| value.parse().ok());
    let most = set.unwrap_or(NR_OPEN);
    for file in files.iter().filter(|file| file.is_limits()) {
        let lines = limits::parse(&file.text);
        let of = |who: &str| limits::effective(&lines, &Account::to_be(who), "nofile").hard;
        // A user that no line names gets what `*` says.
        let highest = [of("root"), of("centos"), of("user")].into_iter().flatten().map(|limit| limit.value);
        if let Some(nofile) = highest.filter(|value| *value != UNLIMITED && *value > most).max() {
            let by = match set {
                Some(_) => "the files here set",
                None => "Rocky 8 has",
            };
            let message = format!(
                "{} gives nofile {nofile}, and {by} fs.nr_open {most}: PAM then refuses every login, root's and sudo's too",
                file.path
            );
            let help = "lower nofile, or raise fs.nr_open in a sysctl.d file";
            let place = file.place_of("nofile", &nofile.to_string());
            found.push(Diagnostic { place, ..Diagnostic::new(message) }.help(help));
        }
    }
}
