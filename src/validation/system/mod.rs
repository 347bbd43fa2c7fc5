//! The files that a VM would get, held against each other and against its kernel: which sysctl.d and limits.d file has the
//! last word, lines that say nothing, limits that lock everybody out, floors below what the kernel gives by itself.

mod floors;
mod limits;
mod sysctl;

use crate::diagnostic::{Diagnostic, Place};

/// A text file, where it is in force.
#[derive(Clone, Debug)]
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
    /// Where somebody set the number that is a key's value.
    fn place_set(&self, value: &str) -> Option<Place> {
        let number: i64 = value.parse().ok()?;
        self.set.iter().find(|(set, _)| *set == number).map(|(_, place)| place.clone())
    }

    /// Where the file has a key, or where its value was set.
    fn place_of(&self, key: &str, value: &str) -> Option<Place> {
        self.place_set(value).or_else(|| {
            self.place_of_line(|line| {
                let rest = line.strip_prefix('-').unwrap_or(line).trim_start();
                let sysctl = rest.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('='));
                sysctl || line.split_whitespace().skip(2).eq([key, value])
            })
        })
    }

    /// The first line of which something holds; the whole where it holds of none.
    fn place_of_line(&self, holds: impl Fn(&str) -> bool) -> Option<Place> {
        let place = self.place.as_ref()?;
        let mut lines = place.source.text.lines().enumerate().skip(place.line.saturating_sub(1));
        let found = lines.find(|(_, line)| holds(line.trim()));
        let Some((index, line)) = found else { return Some(place.clone()) };
        let column = line.chars().count() - line.trim_start().chars().count() + 1;
        let width = line.trim().chars().count();
        Some(Place { source: place.source.clone(), line: index + 1, column, width })
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
}

/// Everything that is to be told of files. `memory` is the VM's, in KiB.
pub(super) fn judge(files: &[File], memory: Option<u64>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    sysctl::lines(files, &mut found);
    let winners = sysctl::last_words(files, &mut found);
    limits::last_words(files, &mut found);
    limits::lock_outs(files, &winners, &mut found);
    if let Some(memory) = memory {
        floors::judge(files, memory, &mut found);
    }
    found
}

/// The same of files that others will lie beside, which are not known.
pub(super) fn judge_each(files: &[File], memory: Option<u64>) -> Vec<Diagnostic> {
    let own = |file: &&File| file.place.is_some();
    let files: Vec<File> = files.iter().filter(own).cloned().collect();
    let mut found = Vec::new();
    sysctl::lines(&files, &mut found);
    sysctl::last_words(&files, &mut found);
    limits::last_words(&files, &mut found);
    if let Some(memory) = memory {
        floors::judge(&files, memory, &mut found);
    }
    found
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
    fn a_later_file_that_lowers_a_limit_is_told() {
        let first = ("/etc/security/limits.d/90-a.conf", "* - nofile 1048576\nroot hard nofile unlimited\n");
        let later = |text| told(&[("/etc/security/limits.d/99-b.conf", text), first], None);
        assert_eq!(
            later("* soft nofile 4096\n* hard nofile 4096\n"),
            ["warning: `*` has nofile 1048576 in /etc/security/limits.d/90-a.conf, and \
              /etc/security/limits.d/99-b.conf sorts after it: 4096 is what a login gets"]
        );
        assert_eq!(later("root hard nofile 9\n").len(), 1);
        for fine in
            ["* - nofile 1048576\n", "centos - nofile 4096\n", "* - nproc 1\n", "root soft nofile 5\n"]
        {
            assert_eq!(later(fine), [""; 0], "{fine}");
        }
    }

    #[test]
    fn lines_that_say_nothing_are_told_and_slips_named() {
        let of = |text| told(&[("/etc/sysctl.d/a.conf", text)], None);
        assert_eq!(
            of("# x\nvm.swapiness 3\n"),
            [
                "error: /etc/sysctl.d/a.conf: no `=` after `vm.swapiness`, and systemd-sysctl passes over the line"
            ]
        );
        assert_eq!(
            of("vm/swapiness = 3\n"),
            ["warning: /etc/sysctl.d/a.conf sets vm.swapiness, which no kernel is known to have"]
        );
        for fine in
            ["vm.swappiness=1", "net.ipv6.neigh.default.gc_thresh1 = 4", "net.ipv4.conf.al.x=1", "my.own=2"]
        {
            assert_eq!(of(fine), [""; 0], "{fine}");
        }
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
