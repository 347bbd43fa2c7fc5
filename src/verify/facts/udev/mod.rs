//! udev rules: which value an attribute of a device has after the rules ran for it, and which rule gave it.
//!
//! [`rule`] reads a line, [`written`] runs the lines over one device. Rules of all directories are sorted by the name of
//! their file, one in /etc hiding one of that name elsewhere. Every assignment to an attribute is written at once, so that
//! the last one stays. Source: udev(7), and systemd 239's src/udev/udev-rules.c.

mod event;
pub mod rule;

use std::io;

use super::Root;
use super::root::{Allowance, text_of};
pub use event::{Device, Written, written};
use rule::Rule;

const DIRECTORIES: [&str; 5] = [
    "/etc/udev/rules.d",
    "/run/udev/rules.d",
    "/usr/local/lib/udev/rules.d",
    "/usr/lib/udev/rules.d",
    "/lib/udev/rules.d",
];

/// A desktop with every driver's rules has a quarter of it.
const ALLOWANCE: usize = 1 << 22;

/// All rules of a system, in the order in which they run.
///
/// # Errors
/// When a file that is there cannot be read.
pub fn rules(root: &Root) -> io::Result<Vec<Rule>> {
    let mut rules = Vec::new();
    let mut allowance = Allowance::new(ALLOWANCE);
    for path in root.layered(&DIRECTORIES, |name| name.ends_with(".rules") && !name.starts_with('.'))? {
        rules.extend(rule::parse(&text_of(root, &path, &mut allowance)?, &path));
    }
    Ok(rules)
}
