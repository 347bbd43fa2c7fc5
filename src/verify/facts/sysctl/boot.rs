//! systemd-sysctl: what the boot itself sets.
//!
//! Files of four directories sorted by name, one in /etc hiding one of that name elsewhere; a link to /dev/null hides
//! and sets nothing. The last assignment of a key wins and goes to the end of the row, unless it only repeats the value.
//! /etc/sysctl.conf counts where a link such as 99-sysctl.conf leads to it, at the place that the link's name has.
//! Globs came with systemd 245: they reach keys that exist and that no line names, `-KEY` without a value among those.
//! Rocky 8 has 239, to which such lines are keys that do not exist. Sources: sysctl.d(5), systemd's src/sysctl/sysctl.c
//! and src/shared/sysctl-util.c of 239 and 252.

use std::collections::BTreeMap;
use std::io;

use super::{ALLOWANCE, Assigned, lines};
use crate::verify::facts::{
    Root, glob,
    root::{Allowance, text_of},
};

/// In the order in which one hides another. Where /lib is a directory of its own it counts too.
const DIRECTORIES: [&str; 5] =
    ["/etc/sysctl.d", "/run/sysctl.d", "/usr/local/lib/sysctl.d", "/usr/lib/sysctl.d", "/lib/sysctl.d"];

/// The version of systemd that brought globs.
const GLOBS_SINCE: u32 = 245;

/// The options as systemd-sysctl holds them before it applies them.
#[derive(Debug, Default)]
pub struct Boot {
    globs: bool,
    /// By the path below /proc/sys.
    options: BTreeMap<String, Setting>,
    /// What was overwritten by a later line.
    overwritten: Vec<(String, Assigned)>,
}

#[derive(Debug)]
struct Setting {
    /// Its place in the row.
    place: usize,
    /// None for a key that no glob is to reach.
    value: Option<String>,
    assigned: Assigned,
}

impl Boot {
    /// Reads the files of a system, as its version of systemd does.
    ///
    /// # Errors
    /// When one that is there cannot be read.
    pub fn read(root: &Root) -> io::Result<Self> {
        let globs = version(root).is_some_and(|version| version >= GLOBS_SINCE);
        let mut boot = Boot { globs, ..Boot::default() };
        let mut allowance = Allowance::new(ALLOWANCE);
        for path in root.layered(&DIRECTORIES, |name| name.ends_with(".conf") && !name.starts_with('.'))? {
            boot.add(&text_of(root, &path, &mut allowance)?, &path);
        }
        Ok(boot)
    }

    /// Adds a file's lines.
    fn add(&mut self, text: &str, file: &str) {
        for (key, value) in lines::of(text) {
            let bare = key.strip_prefix('-');
            if value.is_none() && (bare.is_none() || !self.globs) {
                continue;
            }
            // 239 takes the blanks behind a hyphen for a part of the key, which then does not exist.
            let key = bare.map_or(key, |bare| if self.globs { bare.trim() } else { bare });
            let path = path_of(key);
            if self.options.get(&path).is_some_and(|option| option.value.as_deref() == value) {
                continue;
            }
            let new = Setting {
                // Each line adds to one of the two.
                place: self.options.len() + self.overwritten.len(),
                value: value.map(str::to_owned),
                assigned: Assigned { value: lines::words(value.unwrap_or_default()), path: file.to_owned() },
            };
            if let Some(old) = self.options.insert(path.clone(), new) {
                self.overwritten.push((path, old.assigned));
            }
        }
    }

    /// What a key is given, by its dotted spelling.
    pub fn assigned(&self, key: &str) -> Option<&Assigned> {
        let path = path_of(key);
        if let Some(explicit) = self.options.get(&path) {
            return explicit.value.is_some().then_some(&explicit.assigned);
        }
        if !self.globs {
            return None;
        }
        let globs = self
            .options
            .iter()
            .filter(|(own, option)| option.value.is_some() && is_glob(own) && reaches(own, &path));
        globs.max_by_key(|(_, option)| option.place).map(|(_, option)| &option.assigned)
    }

    /// The assignment of `other`, if it is applied after that of `key` and is not 0.
    pub fn later(&self, key: &str, other: &str) -> Option<&Assigned> {
        let of = |key: &str| self.options.get(&path_of(key)).filter(|option| option.value.is_some());
        let (own, other) = (of(key), of(other)?);
        let later = own.is_none_or(|own| own.place < other.place) && other.assigned.value != "0";
        later.then_some(&other.assigned)
    }

    /// Every assignment of a key, whether it wins or not.
    pub fn everywhere(&self, key: &str) -> impl Iterator<Item = &Assigned> {
        let path = path_of(key);
        let last = self.options.get(&path).map(|option| &option.assigned);
        let earlier = self.overwritten.iter().filter(move |(own, _)| *own == path);
        last.into_iter().chain(earlier.map(|(_, assigned)| assigned))
    }
}

/// systemd's version, by the name of the library that its programs share; none where that is not to be found.
fn version(root: &Root) -> Option<u32> {
    ["/usr/lib/systemd", "/usr/lib/x86_64-linux-gnu/systemd"].iter().find_map(|directory| {
        let names = root.names(directory).ok()?;
        names.iter().find_map(|name| {
            let version = name.strip_prefix("libsystemd-shared-")?.strip_suffix(".so")?;
            version.chars().take_while(char::is_ascii_digit).collect::<String>().parse().ok()
        })
    })
}

/// A key in any spelling as a path below /proc/sys, without empty components.
fn path_of(key: &str) -> String {
    let path = lines::swapped(&lines::dotted(key));
    if !path.contains("//") && !path.starts_with('/') && !path.ends_with('/') {
        return path;
    }
    path.split('/').filter(|component| !component.is_empty()).collect::<Vec<_>>().join("/")
}

fn is_glob(path: &str) -> bool {
    path.contains(['*', '?', '['])
}

/// Component by component: a star does not reach across a slash.
fn reaches(pattern: &str, path: &str) -> bool {
    pattern.split('/').count() == path.split('/').count()
        && pattern.split('/').zip(path.split('/')).all(|(pattern, name)| glob::matches(pattern, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boot(globs: bool, files: &[(&str, &str)]) -> Boot {
        let mut boot = Boot { globs, ..Boot::default() };
        for (path, text) in files {
            boot.add(text, path);
        }
        boot
    }

    fn value<'a>(boot: &'a Boot, key: &str) -> Option<(&'a str, &'a str)> {
        boot.assigned(key).map(|assigned| (assigned.value.as_str(), assigned.path.as_str()))
    }

    #[test]
    fn an_exclusion_and_an_explicit_key_keep_a_glob_away() {
        let text =
            "net.ipv4.conf.*.rp_filter = 2\n-net.ipv4.conf.all.rp_filter\nnet.ipv4.conf.lo.rp_filter = 0\n";
        let newer = boot(true, &[("a", text)]);
        assert_eq!(value(&newer, "net.ipv4.conf.eth0.rp_filter"), Some(("2", "a")));
        assert_eq!(value(&newer, "net.ipv4.conf.all.rp_filter"), None);
        assert_eq!(value(&newer, "net.ipv4.conf.lo.rp_filter"), Some(("0", "a")));
        assert_eq!(value(&newer, "net.ipv4.conf.eth0.sub.rp_filter"), None);
        let rocky = boot(false, &[("a", text)]);
        assert_eq!(value(&rocky, "net.ipv4.conf.eth0.rp_filter"), None);
        assert_eq!(value(&rocky, "net.ipv4.conf.lo.rp_filter"), Some(("0", "a")));
    }

    #[test]
    fn the_last_assignment_wins_in_either_spelling() {
        let boot = boot(false, &[("a", "vm.swappiness=10\n-vm/swappiness = 20"), ("b", "vm.swappiness\n")]);
        assert_eq!(value(&boot, "vm.swappiness"), Some(("20", "a")));
        assert_eq!(boot.everywhere("vm.swappiness").count(), 2);
    }
}
