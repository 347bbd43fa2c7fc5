//! The files that a VM would get, held against each other and against its kernel: which sysctl.d file has the last word,
//! limits that lock everybody out, floors that lie below what the kernel gives by itself.
//!
//! Sources: sysctl.d(5) for the order; pam_limits.c of Linux-PAM 1.3.1 (a limit that cannot be set refuses the login);
//! fs/file_table.c and kernel/fork.c of Linux 4.18 for the defaults by memory.

use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, Place};
use crate::verify::facts::accounts::Account;
use crate::verify::facts::{limits, sysctl};

/// A text file, where it is in force.
pub(super) struct File {
    /// Its path on the VM.
    pub path: String,
    /// What is in it.
    pub text: String,
    /// Keys or items whose values the VM may only raise.
    pub floors: Vec<String>,
    /// Where its content begins, where that is in the text that is looked at.
    pub place: Option<Place>,
    /// Where somebody set a number that went into it.
    pub set: Vec<(i64, Place)>,
}

impl File {
    /// Where the file has a key, or where its value was set.
    fn place_of(&self, key: &str, value: &str) -> Option<Place> {
        let Some(place) = &self.place else {
            let number: i64 = value.parse().ok()?;
            return self.set.iter().find(|(set, _)| *set == number).map(|(_, place)| place.clone());
        };
        let lines = place.source.text.lines().enumerate().skip(place.line.saturating_sub(1));
        for (index, line) in lines {
            let trimmed = line.trim_start();
            let rest = trimmed.strip_prefix('-').unwrap_or(trimmed).trim_start();
            let sysctl = rest.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('='));
            let limit = trimmed.split_whitespace().skip(2).eq([key, value]);
            if sysctl || limit {
                let column = line.chars().count() - trimmed.chars().count() + 1;
                let width = trimmed.trim_end().chars().count();
                return Some(Place { source: place.source.clone(), line: index + 1, column, width });
            }
        }
        Some(place.clone())
    }

    fn is_sysctl(&self) -> bool {
        let directory = ["/etc/sysctl.d/", "/usr/lib/sysctl.d/", "/run/sysctl.d/"];
        self.path == "/etc/sysctl.conf"
            || directory.iter().any(|directory| {
                self.path
                    .strip_prefix(directory)
                    .is_some_and(|name| name.ends_with(".conf") && !name.contains('/'))
            })
    }

    fn is_limits(&self) -> bool {
        self.path == "/etc/security/limits.conf"
            || (self.path.starts_with("/etc/security/limits.d/") && self.path.ends_with(".conf"))
    }

    /// By what systemd-sysctl sorts it. /etc/sysctl.conf is read by way of 99-sysctl.conf.
    fn order(&self) -> &str {
        match self.path.as_str() {
            "/etc/sysctl.conf" => "99-sysctl.conf",
            path => path.rsplit('/').next().unwrap_or(path),
        }
    }
}

/// What fs.nr_open is on Rocky 8 where nothing sets it.
const NR_OPEN: u64 = 1_048_576;

/// Everything that is to be told of files. `memory` is the VM's, in KiB.
pub(super) fn judge(files: &[File], memory: Option<u64>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let winners = last_words(files, &mut found);
    lock_outs(files, &winners, &mut found);
    if let Some(memory) = memory {
        floors(files, memory, &mut found);
    }
    found
}

/// The value of each key that a boot sets, and the file that has it.
type Winners<'a> = BTreeMap<String, (String, &'a File)>;

/// Applies sysctl.d files in their order, and tells of a value that does not last.
fn last_words<'a>(files: &'a [File], found: &mut Vec<Diagnostic>) -> Winners<'a> {
    let mut ordered: Vec<&File> = files.iter().filter(|file| file.is_sysctl()).collect();
    ordered.sort_by_key(|file| file.order());
    let mut winners = Winners::new();
    for file in ordered {
        for (key, value) in sysctl::lines::assignments(&file.text) {
            if let Some((earlier, other)) = winners.get(&key)
                && *earlier != value
                && other.path != file.path
            {
                let message = format!(
                    "{key} is {earlier} in {}, and {} sorts after it: {value} is what every boot sets",
                    other.path, file.path
                );
                let help = format!(
                    "take {key} out of one of them; names sort by their bytes, wherever the files are"
                );
                found.push(Diagnostic::warning(file.place_of(&key, &value).as_ref(), message).help(help));
            }
            winners.insert(key, (value, file));
        }
    }
    winners
}

/// PAM refuses every login, root's and sudo's too, where nofile is above fs.nr_open.
fn lock_outs(files: &[File], winners: &Winners<'_>, found: &mut Vec<Diagnostic>) {
    let set = winners.get("fs.nr_open").and_then(|(value, _)| value.parse().ok());
    let most = set.unwrap_or(NR_OPEN);
    for file in files.iter().filter(|file| file.is_limits()) {
        let lines = limits::parse(&file.text);
        let of = |who: &str| limits::effective(&lines, &Account::to_be(who), "nofile").hard;
        // A user that no line names gets what `*` says.
        let highest = [of("root"), of("centos"), of("user")].into_iter().flatten().map(|limit| limit.value);
        if let Some(nofile) = highest.filter(|value| *value != limits::UNLIMITED && *value > most).max() {
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

/// Tells of values that are to raise something and lie below what the kernel gives on that much memory.
fn floors(files: &[File], memory: u64, found: &mut Vec<Diagnostic>) {
    let gib = memory >> 20;
    let mut tell = |file: &File, key: &str, value: u64, given: u64| {
        if value >= given {
            return;
        }
        let place = file.place_of(key, &value.to_string());
        if file.floors.iter().any(|floor| floor == key) {
            let message = format!(
                "{key} {value} changes nothing on a VM of {gib} GiB, whose kernel gives {given}; prepare keeps the larger"
            );
            // The document's own value is nobody's mistake.
            found.push(match &place {
                Some(place) => Diagnostic::warning(Some(place), message)
                    .help(format!("set at least {given}, or leave it out")),
                None => Diagnostic::note(None, message),
            });
        } else {
            let message =
                format!("{} lowers {key} to {value}; on {gib} GiB the kernel gives {given}", file.path);
            let help = format!("leave {key} out, or set at least {given}");
            found.push(Diagnostic::warning(place.as_ref(), message).help(help));
        }
    };
    for file in files {
        if file.is_sysctl() {
            for (key, value) in sysctl::lines::assignments(&file.text) {
                if let ("fs.file-max", Ok(value)) = (key.as_str(), value.parse()) {
                    // A tenth of memory, at about a KiB for an open file.
                    tell(file, &key, value, memory / 10);
                }
            }
        } else if file.is_limits() {
            let lines = limits::parse(&file.text);
            let limit = limits::effective(&lines, &Account::to_be("user"), "nproc").hard;
            if let Some(limit) = limit.filter(|limit| limit.value != limits::UNLIMITED) {
                // Half of threads-max, which is an eighth of memory in thread stacks of 16 KiB.
                tell(file, "nproc", limit.value, memory / (8 * 16) / 2);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(files: &[(&str, &str)], memory: Option<u64>) -> Vec<String> {
        let files: Vec<File> = files
            .iter()
            .map(|(path, text)| File {
                path: (*path).to_owned(),
                text: (*text).to_owned(),
                floors: Vec::new(),
                place: None,
                set: Vec::new(),
            })
            .collect();
        judge(&files, memory)
            .into_iter()
            .map(|one| format!("{}: {}", one.severity.word(), one.message))
            .collect()
    }

    #[test]
    fn the_file_that_sorts_last_wins_wherever_it_is() {
        let files = [
            ("/etc/sysctl.d/99-vast.conf", "fs.file-max = 2\nvm.swappiness = 1\n"),
            ("/usr/lib/sysctl.d/99-vast-fd.conf", "fs/file-max=1\nvm.swappiness=1\n"),
            ("/etc/sysctl.d/README", "fs.file-max = 3"),
        ];
        assert_eq!(
            told(&files, None),
            [
                "warning: fs.file-max is 1 in /usr/lib/sysctl.d/99-vast-fd.conf, and /etc/sysctl.d/99-vast.conf sorts after it: 2 is what every boot sets"
            ]
        );
    }

    #[test]
    fn nofile_above_nr_open_is_a_lock_out() {
        let limits = ("/etc/security/limits.d/a.conf", "* hard nofile 2000000\n");
        assert_eq!(told(&[limits], None).len(), 1);
        assert!(told(&[limits, ("/etc/sysctl.d/a.conf", "fs.nr_open = 2000000")], None).is_empty());
        assert!(told(&[("/etc/security/limits.d/a.conf", "* hard nofile 1048576\n")], None).is_empty());
    }

    #[test]
    fn what_the_kernel_gives_grows_with_memory() {
        let files = [
            ("/etc/sysctl.d/a.conf", "fs.file-max = 8388608"),
            ("/etc/security/limits.d/a.conf", "* hard nproc 65535\n"),
        ];
        // 16 GiB give 1677721 and 65536; 120 GiB give 12582912 and 491520.
        assert_eq!(told(&files, Some(8 << 20)).len(), 0);
        assert_eq!(told(&files, Some(16 << 20)).len(), 1);
        let large = told(&files, Some(120 << 20));
        assert!(large[0].contains("12582912") && large[1].contains("491520"), "{large:?}");
    }
}
