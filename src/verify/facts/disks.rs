//! Block devices and their I/O schedulers. Source: the kernel's Documentation/block/switching-sched.

use std::io;

use super::{Root, glob, root};

/// Names of the whole disks that match one of the globs.
///
/// # Errors
/// When /sys/block cannot be listed.
pub fn named(root: &Root, globs: &[String]) -> io::Result<Vec<String>> {
    let names = root.names("/sys/block").map_err(root::named("/sys/block"))?;
    Ok(names.into_iter().filter(|name| globs.iter().any(|pattern| glob::matches(pattern, name))).collect())
}

/// The scheduler in use: the one in brackets, or the only one.
///
/// # Errors
/// When it cannot be read.
pub fn scheduler(root: &Root, disk: &str) -> io::Result<String> {
    let path = format!("/sys/block/{disk}/queue/scheduler");
    let text = root.read(&path).map_err(root::named(&path))?;
    Ok(selected(&text).unwrap_or_else(|| text.trim().to_owned()))
}

/// The choice in brackets of a file such as `always madvise [never]`.
pub fn selected(text: &str) -> Option<String> {
    let (_, rest) = text.split_once('[')?;
    let (choice, _) = rest.split_once(']')?;
    Some(choice.to_owned())
}
