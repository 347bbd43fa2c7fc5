//! systemd's configuration as the next boot will read it: settings of PID 1 and of units, and what is enabled.
//!
//! Drop-ins of all directories are sorted by name, one in /etc hiding one of that name elsewhere; the last assignment
//! wins. Sources: systemd-system.conf(5), systemd.unit(5).

use std::collections::BTreeMap;
use std::io;

use super::{Root, named};

const ETC: &str = "/etc/systemd/system";
const UNITS: [&str; 4] =
    [ETC, "/run/systemd/system", "/usr/local/lib/systemd/system", "/usr/lib/systemd/system"];
const MANAGER: [&str; 4] = ["/etc/systemd", "/run/systemd", "/usr/local/lib/systemd", "/usr/lib/systemd"];

/// A setting and the file that it stands in.
pub type Setting = (String, String);

/// A `[Manager]` setting of PID 1, such as `DefaultLimitNOFILE`.
///
/// # Errors
/// When a file cannot be read.
pub fn manager_setting(root: &Root, name: &str) -> io::Result<Option<Setting>> {
    let main = ["/etc/systemd/system.conf".to_owned()];
    last(
        root,
        main.into_iter().chain(drop_ins(root, &MANAGER.map(|base| format!("{base}/system.conf.d")))?),
        name,
    )
}

/// A setting of a unit, such as `LimitNOFILE`; none where neither the unit nor a drop-in has it.
///
/// # Errors
/// When a file cannot be read.
pub fn unit_setting(root: &Root, unit: &str, name: &str) -> io::Result<Option<Setting>> {
    let main = UNITS.iter().map(|base| format!("{base}/{unit}")).find(|path| root.read(path).is_ok());
    let drop_ins = drop_ins(root, &UNITS.map(|base| format!("{base}/{unit}.d")))?;
    last(root, main.into_iter().chain(drop_ins), name)
}

/// The link by which a target starts the unit at boot.
///
/// # Errors
/// When a directory cannot be listed.
pub fn enabled_by(root: &Root, unit: &str) -> io::Result<Option<String>> {
    for base in UNITS {
        for directory in root.names(base)? {
            let pulls = directory.ends_with(".wants") || directory.ends_with(".requires");
            if pulls && root.names(&format!("{base}/{directory}"))?.iter().any(|name| name == unit) {
                return Ok(Some(format!("{base}/{directory}/{unit}")));
            }
        }
    }
    Ok(None)
}

/// Whether a service of the system has processes, by its control group (version 1 as on Rocky 8, or 2).
pub fn is_running(root: &Root, unit: &str) -> bool {
    [
        "/sys/fs/cgroup/systemd/system.slice",
        "/sys/fs/cgroup/unified/system.slice",
        "/sys/fs/cgroup/system.slice",
    ]
    .iter()
    .any(|slice| root.read(&format!("{slice}/{unit}/cgroup.procs")).is_ok_and(|pids| !pids.trim().is_empty()))
}

/// Whether the unit's file is there, and not a mask.
pub fn exists(root: &Root, unit: &str) -> bool {
    UNITS.iter().any(|base| root.read(&format!("{base}/{unit}")).is_ok())
}

fn drop_ins(root: &Root, directories: &[String]) -> io::Result<Vec<String>> {
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    for directory in directories {
        for name in root.names(directory)?.into_iter().filter(|name| name.ends_with(".conf")) {
            let path = format!("{directory}/{name}");
            files.entry(name).or_insert(path);
        }
    }
    Ok(files.into_values().collect())
}

fn last(root: &Root, paths: impl Iterator<Item = String>, name: &str) -> io::Result<Option<Setting>> {
    let mut winner = None;
    for path in paths {
        let text = root.read_if_there(&path).map_err(named(&path))?;
        for line in text.unwrap_or_default().lines() {
            if let Some((key, value)) = line.split_once('=')
                && key.trim() == name
            {
                winner = Some((value.trim().to_owned(), path.clone()));
            }
        }
    }
    Ok(winner)
}
