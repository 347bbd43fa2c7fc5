//! Drop-ins: which files, and in which order. One of a name hides those of the same name in later directories; files are
//! read in the order of their names. Source: dropin.c and conf-files.c of systemd 239.

use std::io;

use super::{SEARCH, name};
use crate::verify::facts::Root;

/// Of system.conf.
pub(super) fn of_manager(root: &Root) -> io::Result<Vec<String>> {
    let directories = ["/etc", "/usr/local/lib", "/usr/lib"];
    list(root, directories.iter().map(|base| format!("{base}/systemd/system.conf.d")))
}

/// Of a unit with these names. Those for all units of a type come last.
pub(super) fn of_unit(root: &Root, names: &[String]) -> io::Result<Vec<String>> {
    let mut directories = Vec::new();
    for unit in names {
        let directory_names = name::drop_in_names(unit);
        for base in SEARCH {
            directories.extend(directory_names.iter().map(|name| format!("{base}/{name}.d")));
        }
    }
    let kind = names.first().and_then(|unit| unit.rsplit('.').next()).unwrap_or_default();
    directories.extend(SEARCH.iter().map(|base| format!("{base}/{kind}.d")));
    list(root, directories.into_iter())
}

/// Of `[Install]` sections, where prefixes do not count.
pub(super) fn of_install(root: &Root, unit: &str) -> io::Result<Vec<String>> {
    let names = [Some(unit.to_owned()), name::template(unit)];
    let directories = names.into_iter().flatten();
    list(root, directories.flat_map(|name| SEARCH.map(|base| format!("{base}/{name}.d"))))
}

fn list(root: &Root, directories: impl Iterator<Item = String>) -> io::Result<Vec<String>> {
    let directories: Vec<String> = directories.collect();
    let directories: Vec<&str> = directories.iter().map(String::as_str).collect();
    root.layered(&directories, |name| name.ends_with(".conf") && !name.starts_with('.'))
}
