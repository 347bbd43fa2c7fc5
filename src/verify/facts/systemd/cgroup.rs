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
    // An instance's slice is its template's; a hyphen would make another one below.
    let of_template = |(prefix, _): (&str, &str)| format!("/system-{}.slice", prefix.replace('-', "\\x2d"));
    let slice = unit.id().split_once('@').map_or_else(String::new, of_template);
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
///
/// # Errors
/// As [`processes`].
pub fn is_running(root: &Root, unit: &str) -> io::Result<bool> {
    Ok(!processes(root, unit)?.is_empty())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn processes_of_services_and_of_instances() {
        let tree = tempfile::tempdir().unwrap();
        let root = Root::new(tree.path());
        let write = |group: &str, text: &str| {
            let directory = tree.path().join("sys/fs/cgroup").join(group);
            fs::create_dir_all(&directory).unwrap();
            fs::write(directory.join("cgroup.procs"), text).unwrap();
        };
        // Version 1 has the processes where a hybrid's version 2 has an empty group.
        write("systemd/system.slice/docker.service", "30\n7\n");
        write("unified/system.slice/docker.service", "");
        write("system.slice/system-a\\x2db.slice/a-b@1.service", "9\nodd\n99999999999\n");
        assert_eq!(processes(&root, "docker.service").unwrap(), [7, 30]);
        assert_eq!(processes(&root, "a-b@1.service").unwrap(), [9]);
        assert!(is_running(&root, "docker.service").unwrap());
        assert!(!is_running(&root, "containerd.service").unwrap());
    }
}
