//! Values that are to raise a limit, against what the kernel gives by itself on the VM's memory.
//!
//! Source: fs/file_table.c and kernel/fork.c of Linux 4.18, for the defaults by memory.

use super::File;
use crate::diagnostic::Diagnostic;
use crate::verify::facts::accounts::Account;
use crate::verify::facts::limits;
use crate::verify::facts::sysctl::lines as sysctl;

/// Tells of values that are to raise something and lie below what the kernel gives on that much memory.
pub(super) fn judge(files: &[File], memory: u64, found: &mut Vec<Diagnostic>) {
    let gib = memory >> 20;
    let mut tell = |file: &File, key: &str, value: u64, given: u64| {
        if value >= given {
            return;
        }
        let place = file.place_of(key, &value.to_string());
        if file.floors.iter().any(|floor| floor == key) {
            let message = format!(
                "{key} {value} changes nothing on a VM of {gib} GiB, whose kernel gives {given}; prepare keeps the larger"
            );
            // The document's own value is nobody's mistake, and what is built does not say whose it is.
            found.push(match &file.place_set(&value.to_string()) {
                Some(place) => Diagnostic::warning(Some(place), message)
                    .help(format!("set at least {given}, or leave it out")),
                None => Diagnostic::note(place.as_ref(), message),
            });
        } else {
            let message =
                format!("{} lowers {key} to {value}; on {gib} GiB the kernel gives {given}", file.path);
            let help = format!("leave {key} out, or set at least {given}");
            found.push(Diagnostic::warning(place.as_ref(), message).help(help));
        }
    };
    for file in files {
        if file.is_sysctl() {
            for (key, value) in sysctl::assignments(&file.text) {
                if let ("fs.file-max", Ok(value)) = (key.as_str(), value.parse()) {
                    // A tenth of memory, at about a KiB for an open file.
                    tell(file, &key, value, memory / 10);
                }
            }
        } else if file.is_limits() {
            let lines = limits::parse(&file.text);
            let limit = limits::effective(&lines, &Account::to_be("user"), "nproc").hard;
            if let Some(limit) = limit.filter(|limit| limit.value != limits::UNLIMITED) {
                // Half of threads-max, which is an eighth of memory in thread stacks of 16 KiB.
                tell(file, "nproc", limit.value, memory / (8 * 16) / 2);
            }
        }
    }
}
