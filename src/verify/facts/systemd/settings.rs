//! Limits of open files that PID 1 gives: a unit's own, or its default for all services.

use std::io;

use super::rlimit::{self, Rlimit};
use super::units::{self, Fragment};
use super::{config, drop_ins};
use crate::verify::facts::root::is_missing;
use crate::verify::facts::{Root, named};

/// A limit and the file that sets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The limit.
    pub limit: Rlimit,
    /// Its file.
    pub path: String,
}

/// A `[Manager]` limit, such as `DefaultLimitNOFILE`.
///
/// # Errors
/// When a file cannot be read.
pub fn manager_limit(root: &Root, key: &str) -> io::Result<Option<Setting>> {
    let mut winner = None;
    let main = "/etc/systemd/system.conf".to_owned();
    for path in [main].into_iter().chain(drop_ins::of_manager(root)?) {
        // A file that is not read to its end hides all that follow.
        if !last(root, &path, &["Manager"], key, &mut winner)? {
            break;
        }
    }
    Ok(winner)
}

/// A `[Service]` limit of a unit, such as `LimitNOFILE`; none where neither the unit nor a drop-in has it.
///
/// # Errors
/// When a file cannot be read, and when systemd does not load the unit for what its file says.
pub fn unit_limit(root: &Root, unit: &str, key: &str) -> io::Result<Option<Setting>> {
    const SECTIONS: [&str; 3] = ["Unit", "Service", "Install"];
    let found = units::find(root, unit)?;
    let mut winner = None;
    if let Fragment::File(path) = &found.fragment
        && !last(root, path, &SECTIONS, key, &mut winner)?
    {
        let error = io::Error::other("systemd does not load it; systemd-analyze verify tells the line");
        return Err(named(path)(error));
    }
    for path in drop_ins::of_unit(root, &found.names)? {
        last(root, &path, &SECTIONS, key, &mut winner)?;
    }
    Ok(winner)
}

/// Replaces `winner` by the last good assignment of a file; tells whether it was read to its end.
fn last(
    root: &Root,
    path: &str,
    sections: &[&str],
    key: &str,
    winner: &mut Option<Setting>,
) -> io::Result<bool> {
    let bytes = match root.read_bytes(path) {
        Ok(bytes) => bytes,
        Err(error) if is_missing(&error) => return Ok(true),
        // A link to /dev/null is the way to hide a file of that name.
        Err(error) => return if units::is_mask(root, path)? { Ok(true) } else { Err(named(path)(error)) },
    };
    let wanted = if sections.contains(&"Manager") { "Manager" } else { "Service" };
    Ok(config::parse(&bytes, sections, &mut |section, name, value| {
        if section == wanted
            && name == key
            && let Some(limit) = rlimit::parse(value)
        {
            *winner = Some(Setting { limit, path: path.to_owned() });
        }
    }))
}
