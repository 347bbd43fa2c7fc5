//! Names of VMs: what each hypervisor takes, and what can also be part of a file's name.

use anyhow::{Result, ensure};

/// The names that VMs may have.
#[derive(Debug)]
pub enum Names {
    /// Labels of lower-case letters, digits and hyphens, at most so long; one label if not `dotted`.
    Host {
        /// Characters.
        longest: usize,
        /// Whether dots and capitals may be in it.
        dotted: bool,
    },
    /// Anything that can be printed but some characters.
    Free {
        /// Characters.
        longest: usize,
        /// What may not be in it.
        without: &'static str,
    },
}

impl Names {
    /// Checks a name for `hypervisor`.
    pub(super) fn check(&self, hypervisor: &str, name: &str) -> Result<()> {
        let ends = |name: &str| {
            name.starts_with(|c: char| c.is_ascii_alphanumeric())
                && name.ends_with(|c: char| c.is_ascii_alphanumeric())
        };
        let count = name.chars().count();
        match *self {
            Names::Host { longest, dotted: false } => {
                let fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
                ensure!(
                    name.chars().all(fine) && ends(name) && count <= longest,
                    "{hypervisor} takes no VM called {name:?}: at most {longest} lower-case letters, digits and hyphens, the \
                     last and first of them no hyphen; name another with --vm"
                );
            }
            Names::Host { longest, dotted: true } => {
                let fine =
                    |label: &str| ends(label) && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
                ensure!(
                    name.split('.').all(fine) && count <= longest,
                    "{hypervisor} takes no VM called {name:?}: it wants a host name of at most {longest} letters, digits, \
                     hyphens and dots; name another with --vm"
                );
            }
            Names::Free { longest, without } => {
                ensure!(
                    name.starts_with(|c: char| c.is_alphanumeric())
                        && !name.contains(|c: char| c.is_control() || without.contains(c))
                        && count <= longest,
                    "{hypervisor} takes no VM called {name:?}: at most {longest} characters, the first a letter or digit, and \
                     none of {}; name another with --vm",
                    without.replace(' ', "space ").trim_end()
                );
            }
        }
        Ok(())
    }
}
