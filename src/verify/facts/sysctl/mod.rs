//! Kernel parameters: what /proc/sys has now, what the next boot will set, and what would change it after that.
//!
//! Three programs read the same files, each in its own order, and each has a file here: systemd-sysctl at boot
//! ([`boot`]), then tuned, where it runs ([`tuned`]), and whenever somebody calls it, `sysctl --system` ([`procps`]).
//! A key is told in its dotted spelling everywhere, with `/` for a dot within a name: `net.ipv4.conf.eth0/100.rp_filter`.

pub mod boot;
pub mod lines;
pub mod procps;
pub mod tuned;

use std::io;

use super::tuned::Profile;
use super::{Root, named};

/// What each of the three takes in: a real system's files have a few hundred lines.
const ALLOWANCE: usize = 1 << 23;

/// Of each pair only one holds: the last that was written, and the other becomes 0.
const COUNTERPARTS: [(&str, &str); 2] =
    [("vm.dirty_ratio", "vm.dirty_bytes"), ("vm.dirty_background_ratio", "vm.dirty_background_bytes")];

/// An assignment and the file that it stands in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assigned {
    /// The value, with runs of white space as one space.
    pub value: String,
    /// Its file.
    pub path: String,
}

/// Everything that a system's files say of kernel parameters.
#[derive(Debug)]
pub struct Configured {
    boot: boot::Boot,
    tuned: Option<tuned::Tuned>,
    procps: Vec<(String, Assigned)>,
}

impl Configured {
    /// Reads all of it; `profile` is tuned's active one.
    ///
    /// # Errors
    /// When a file that is there cannot be read; what it would set is unknown then, and with it what wins.
    pub fn read(root: &Root, profile: Option<&Profile>) -> io::Result<Self> {
        Ok(Configured {
            boot: boot::Boot::read(root)?,
            tuned: tuned::Tuned::read(root, profile)?,
            procps: procps::read(root)?,
        })
    }

    /// What a key has after the next boot, where anything sets it; tuned has the last word where it runs.
    pub fn at_boot(&self, key: &str) -> Option<Assigned> {
        let boot = self.boot.assigned(key);
        match &self.tuned {
            Some(tuned) => tuned.assigned(key, boot),
            None => boot.cloned(),
        }
    }

    /// What a file says of a key, whether it wins or not.
    pub fn said_by(&self, key: &str, path: &str) -> Option<&str> {
        self.boot
            .everywhere(key)
            .find(|assigned| assigned.path == path)
            .map(|assigned| assigned.value.as_str())
    }

    /// The assignment at boot of another key that makes this one 0, as vm.dirty_bytes does with vm.dirty_ratio (the
    /// kernel's Documentation/admin-guide/sysctl/vm.rst).
    pub fn voided_by(&self, key: &str) -> Option<(&'static str, &Assigned)> {
        let (_, other) = COUNTERPARTS.iter().find(|(own, _)| *own == key)?;
        self.boot.later(key, other).map(|assigned| (*other, assigned))
    }

    /// What `sysctl --system` would make of a key.
    pub fn by_procps(&self, key: &str) -> Option<&Assigned> {
        last(&self.procps, key)
    }

    /// Who may have given a key a value that no boot gives it: a profile or a file that has just this value.
    pub fn suspect(&self, key: &str, value: &str) -> Option<String> {
        let profile = self.tuned.as_ref().and_then(|tuned| tuned.profile_says(key));
        if let Some(profile) = profile.filter(|assigned| assigned.value == value) {
            return Some(profile.path);
        }
        let mut files = self.by_procps(key).into_iter().chain(self.boot.everywhere(key));
        files.find(|assigned| assigned.value == value).map(|assigned| assigned.path.clone())
    }
}

/// What is live; none where this kernel has no such parameter.
///
/// # Errors
/// Those of reading.
pub fn live(root: &Root, key: &str) -> io::Result<Option<String>> {
    let path = format!("/proc/sys/{}", lines::swapped(key));
    Ok(root.read_if_there(&path).map_err(named(&path))?.map(|text| lines::words(&text)))
}

fn last<'a>(assigned: &'a [(String, Assigned)], key: &str) -> Option<&'a Assigned> {
    assigned.iter().rev().find(|(own, _)| own == key).map(|(_, assigned)| assigned)
}
