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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::fs;

    use proptest::prelude::*;

    use super::*;

    fn tree(processes: &[(u32, &str)]) -> tempfile::TempDir {
        let tree = tempfile::tempdir().unwrap();
        for (pid, stat) in processes {
            let directory = tree.path().join(format!("proc/{pid}"));
            fs::create_dir_all(&directory).unwrap();
            fs::write(directory.join("stat"), stat).unwrap();
        }
        tree
    }

    fn stat(pid: u32, name: &str, parent: u32, started: u64) -> String {
        let zeros = "0 ".repeat(17);
        format!("{pid} ({name}) S {parent} {zeros}{started} 0 0\n")
    }

    #[test]
    fn the_main_process_is_the_one_that_pid_1_started() {
        let of = [
            (10, stat(10, "containerd-shim", 1, 5)),
            (11, stat(11, "containerd", 10, 1)),
            (12, stat(12, "containerd", 1, 9)),
            (13, stat(13, "odd) name (", 4, 9)),
            (14, stat(14, "odd) name (", 4, 3)),
        ];
        let tree = tree(&of.each_ref().map(|(pid, stat)| (*pid, stat.as_str())));
        let root = Root::new(tree.path());
        let main = |name| main_of(&root, &[10, 11, 12, 13, 14, 15], name).unwrap();
        assert_eq!(main("containerd"), Some(12));
        assert_eq!(main("odd) name ("), Some(14), "the oldest");
        assert_eq!(main("dockerd"), None);
        // The kernel's own: field 22 is when it started, and this process is its own main one.
        let pid = std::process::id();
        let comm = fs::read_to_string("/proc/self/comm").unwrap();
        assert_eq!(main_of(&Root::new("/"), &[pid], comm.trim_end()).unwrap(), Some(pid));
    }

    #[test]
    fn limits_of_a_process() {
        let (soft, hard) = open_files(&Root::new("/"), std::process::id()).unwrap();
        let known = |limit: &str| limit == "unlimited" || limit.parse::<u64>().is_ok();
        assert!(known(&soft) && known(&hard), "{soft} {hard}");
        let tree = tree(&[(1, "")]);
        fs::write(tree.path().join("proc/1/limits"), "Limit  Soft  Hard\nMax open files\n").unwrap();
        let error = open_files(&Root::new(tree.path()), 1).unwrap_err();
        assert!(error.to_string().contains("/proc/1/limits"), "{error}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn any_text_gives_an_answer(text in ".{0,200}") {
            let tree = tree(&[(1, &text)]);
            fs::write(tree.path().join("proc/1/limits"), format!("Max open files{text}")).unwrap();
            let root = Root::new(tree.path());
            let _ = main_of(&root, &[1], "a");
            let _ = open_files(&root, 1);
        }
    }
}
