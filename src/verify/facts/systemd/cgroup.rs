//! The processes of a service: those in its control group, version 1's named hierarchy as on Rocky 8, both at once
//! ("hybrid"), or version 2. Source: systemd's CGROUP_DELEGATION.md.
//!
//! Limits: services in a slice of their own (`Slice=`) are not found.

use std::io;

use super::units;
use crate::verify::facts::root::is_missing;
use crate::verify::facts::{Root, named};

/// Process ids of a service of the system, in ascending order; none where it does not run.
///
/// # Errors
/// When a control group cannot be read.
pub fn processes(root: &Root, unit: &str) -> io::Result<Vec<u32>> {
    let unit = units::find(root, unit)?;
    // An instance's slice is its template's.
    let (prefix, slice) = match unit.id().split_once('@') {
        Some((prefix, _)) => (prefix, "/system-"),
        None => ("", ""),
    };
    let slice = if slice.is_empty() { String::new() } else { format!("{slice}{prefix}.slice") };
    for hierarchy in ["/sys/fs/cgroup/systemd", "/sys/fs/cgroup/unified", "/sys/fs/cgroup"] {
        let path = format!("{hierarchy}/system.slice{slice}/{}/cgroup.procs", unit.id());
        let text = match root.read(&path) {
            Ok(text) => text,
            Err(error) if is_missing(&error) => continue,
            Err(error) => return Err(named(&path)(error)),
        };
        let mut pids: Vec<u32> = text.lines().filter_map(|line| line.parse().ok()).collect();
        if !pids.is_empty() {
            pids.sort_unstable();
            return Ok(pids);
        }
    }
    Ok(Vec::new())
}

/// Whether a service of the system has processes.
pub fn is_running(root: &Root, unit: &str) -> bool {
    processes(root, unit).is_ok_and(|pids| !pids.is_empty())
}
