//! udev rules: which value an attribute of a device has after the rules ran for it, and which rule gave it.
//!
//! [`rule`] reads a line, [`event`] runs the lines over one device. Rules of all directories are sorted by the name of
//! their file, one in /etc hiding one of that name elsewhere. Every assignment to an attribute is written at once, so that
//! the last one stays. Source: udev(7), and systemd 239's src/udev/udev-rules.c.

mod event;
pub mod rule;

use std::io;

use super::{Root, named, root::Allowance};
pub use event::{Device, Written, written};
use rule::Rule;

const DIRECTORIES: [&str; 5] = [
    "/etc/udev/rules.d",
    "/run/udev/rules.d",
    "/usr/local/lib/udev/rules.d",
    "/usr/lib/udev/rules.d",
    "/lib/udev/rules.d",
];

/// All rules of a system, in the order in which they run.
///
/// # Errors
/// When a file that is there cannot be read.
pub fn rules(root: &Root) -> io::Result<Vec<Rule>> {
    let mut rules = Vec::new();
    let mut allowance = Allowance::new(1 << 23);
    for path in root.layered(&DIRECTORIES, |name| name.ends_with(".rules") && !name.starts_with('.'))? {
        match root.read_if_there(&path) {
            Ok(text) => {
                let text = text.unwrap_or_default();
                allowance.take(&path, &text)?;
                rules.extend(rule::parse(&text, &path));
            }
            // A mask is a link to /dev/null.
            Err(_) if root.locate(&path).is_ok_and(|real| real.exists() && !real.is_file()) => {}
            Err(error) => return Err(named(&path)(error)),
        }
    }
    Ok(rules)
}
