//! `sysctl --system` of procps: what an operator, or a package's scriptlet, applies at any time.
//!
//! The directories are the boot's, but /run hides /etc; /etc/sysctl.conf is read last, wherever a link may lead to it.
//! A key with a leading hyphen is none that 3.3.15 knows, a line without a value is passed over, and globs are names.
//! Source: sysctl(8) and sysctl.c of procps-ng 3.3.15. Limits: its lines end after 255 bytes; ours do not.

use std::io;

use super::{ALLOWANCE, Assigned, lines};
use crate::verify::facts::{
    Root,
    root::{Allowance, text_of},
};

const DIRECTORIES: [&str; 5] =
    ["/run/sysctl.d", "/etc/sysctl.d", "/usr/local/lib/sysctl.d", "/usr/lib/sysctl.d", "/lib/sysctl.d"];

/// Keys and what they are given, in the order in which it happens.
///
/// # Errors
/// When a file that is there cannot be read.
pub fn read(root: &Root) -> io::Result<Vec<(String, Assigned)>> {
    let mut all = Vec::new();
    let mut allowance = Allowance::new(ALLOWANCE);
    for path in root
        .layered(&DIRECTORIES, |name| name.ends_with(".conf"))?
        .into_iter()
        .chain(["/etc/sysctl.conf".to_owned()])
    {
        for (key, value) in lines::of(&text_of(root, &path, &mut allowance)?) {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                all.push((lines::dotted(key), Assigned { value: lines::words(value), path: path.clone() }));
            }
        }
    }
    Ok(all)
}
