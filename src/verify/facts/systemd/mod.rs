//! systemd's configuration as the next boot will read it, and which processes its services have now.
//!
//! Sources: systemd 239 as Rocky 8.10 has it (redhat-plumbers/systemd-rhel8, branch rhel-8.10.0: conf-parser.c,
//! load-fragment.c, dropin.c, install.c, rlimit-util.c, main.c), systemd.unit(5), systemd-system.conf(5). It differs
//! from later ones: a line without `=` ends its file, a comment goes on behind a backslash, and an alias is known only
//! to who asks by it. Type-level drop-ins (`service.d`) are newer than 239, but Rocky's 239 has them.
//!
//! Limits: `.include` is not followed, and of /run only what generators write counts, since a boot makes the rest anew.

pub mod cgroup;
mod config;
mod drop_ins;
mod enablement;
mod name;
pub mod rlimit;
mod settings;
mod units;

use std::io;

use crate::verify::facts::Root;
pub use cgroup::is_running;
pub use enablement::{State, enabled_by, is_masked, state};
pub use rlimit::Rlimit;
pub use settings::{Setting, manager_limit, unit_limit};

/// Where units are looked for, the first one first.
const SEARCH: [&str; 7] = [
    "/etc/systemd/system.control",
    "/run/systemd/generator.early",
    "/etc/systemd/system",
    "/run/systemd/generator",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/run/systemd/generator.late",
];

/// What else than the file at `own` says what a unit does: another file that is read in its place, or a drop-in for it.
///
/// # Errors
/// When the unit's files cannot be looked up.
pub fn altered_by(root: &Root, unit: &str, own: &str) -> io::Result<Option<String>> {
    let found = units::find(root, unit)?;
    if let units::Fragment::File(path) | units::Fragment::Masked(path) = &found.fragment
        && path != own
    {
        return Ok(Some(path.clone()));
    }
    // Not those for all services.
    let of_unit = |path: &String| found.names.iter().any(|name| path.contains(&format!("/{name}.d/")));
    Ok(drop_ins::of_unit(root, &found.names)?.into_iter().find(of_unit))
}
