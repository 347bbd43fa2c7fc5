//! Running processes: which have a name, and their limits of open files. Source: proc(5).

use std::io;

use super::Root;

/// Process ids whose comm is `name`, in ascending order. The kernel cuts a comm to 15 bytes.
///
/// # Errors
/// When /proc cannot be listed.
pub fn named(root: &Root, name: &str) -> io::Result<Vec<u32>> {
    let mut found: Vec<u32> = root
        .names("/proc")?
        .iter()
        .filter_map(|entry| entry.parse().ok())
        // A process may have gone since /proc was listed.
        .filter(|pid: &u32| root.read(&format!("/proc/{pid}/comm")).is_ok_and(|comm| comm.trim_end() == name))
        .collect();
    found.sort_unstable();
    Ok(found)
}

/// Soft and hard limit of open files of a process.
///
/// # Errors
/// When it cannot be read, or has no such line.
pub fn open_files(root: &Root, pid: u32) -> io::Result<(String, String)> {
    let text = root.read(&format!("/proc/{pid}/limits"))?;
    text.lines()
        .find_map(|line| line.strip_prefix("Max open files"))
        .and_then(|rest| {
            let mut fields = rest.split_whitespace();
            Some((fields.next()?.to_owned(), fields.next()?.to_owned()))
        })
        .ok_or_else(|| io::Error::other("no line \"Max open files\""))
}
