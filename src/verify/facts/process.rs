//! Running processes: names, parents, and limits of open files. Source: proc(5).

use std::io;

use super::{Root, named};

/// The main process of a service: of those named `name` (the kernel cuts a name to 15 bytes), the one whose parent is
/// PID 1, or else the oldest; none where none has that name.
///
/// # Errors
/// When a process is there and cannot be read.
pub fn main_of(root: &Root, pids: &[u32], name: &str) -> io::Result<Option<u32>> {
    let mut oldest = None;
    for pid in pids {
        let path = format!("/proc/{pid}/stat");
        // A process may have gone since it was listed.
        let Some(text) = root.read_if_there(&path).map_err(named(&path))? else { continue };
        // The name is in brackets and may hold brackets and blanks itself.
        let Some((front, back)) = text.rsplit_once(')') else { continue };
        if front.split_once('(').is_none_or(|(_, own)| own != name) {
            continue;
        }
        let field = |n: usize| back.split_whitespace().nth(n).and_then(|field| field.parse::<u64>().ok());
        if field(1) == Some(1) {
            return Ok(Some(*pid));
        }
        let started = field(19).unwrap_or(u64::MAX);
        if oldest.is_none_or(|(other, _)| started < other) {
            oldest = Some((started, *pid));
        }
    }
    Ok(oldest.map(|(_, pid)| pid))
}

/// Soft and hard limit of open files of a process.
///
/// # Errors
/// When it cannot be read, or has no such line.
pub fn open_files(root: &Root, pid: u32) -> io::Result<(String, String)> {
    let path = format!("/proc/{pid}/limits");
    let text = root.read(&path).map_err(named(&path))?;
    text.lines()
        .find_map(|line| line.strip_prefix("Max open files"))
        .and_then(|rest| {
            let mut fields = rest.split_whitespace();
            Some((fields.next()?.to_owned(), fields.next()?.to_owned()))
        })
        .ok_or_else(|| named(&path)(io::Error::other("no line \"Max open files\"")))
}
