//! What the next boot will give: our evaluators and the system's own programs, before the same generated trees.
//!
//! Each program runs in mount namespaces of its own, where a tree's /etc, /run and /usr cover the machine's, and a
//! directory of plain files covers /proc/sys: what a file holds then is what the program would have told the kernel.
//! A difference that is known, since this machine's program is not Rocky 8's, is named where the trees are made.

mod sysctl;
mod tuned;
mod udev;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use crate::tools;

/// A number of generated cases, each another one in every run.
pub(crate) fn cases<S: Strategy>(strategy: &S, number: usize) -> Vec<S::Value> {
    let mut runner = TestRunner::default();
    (0..number).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect()
}

/// What stands at a path of a tree.
#[derive(Clone, Debug)]
pub(crate) enum Entry {
    Text(String),
    Link(&'static str),
    Directory,
}

/// Writes an entry below a directory, in place of what was there.
pub(crate) fn place(root: &Path, path: &str, entry: &Entry) {
    let target = root.join(path.trim_start_matches('/'));
    fs::create_dir_all(target.parent().unwrap()).unwrap();
    if target.symlink_metadata().is_ok() {
        return;
    }
    match entry {
        Entry::Text(text) => fs::write(target, text).unwrap(),
        Entry::Link(to) => symlink(to, target).unwrap(),
        Entry::Directory => fs::create_dir(target).unwrap(),
    }
}

/// Runs `script` in mount namespaces of its own, `$1` being `directory`; none where that cannot be had.
pub(crate) fn in_namespaces(directory: &Path, script: &str, arguments: &[&str]) -> Option<tools::Ran> {
    let mut probe = tools::find("unshare")?;
    probe.args(["--mount", "--propagation", "private", "mount", "-t", "tmpfs", "none", "/mnt"]);
    if tools::run(&mut probe).code != 0 {
        tools::skipped("mounting takes root");
        return None;
    }
    let mut command = tools::find("unshare")?;
    command.args(["--mount", "--propagation", "private", "/bin/sh", "-eu", "-c", script, "sh"]);
    Some(tools::run(command.arg(directory).args(arguments)))
}

/// An empty directory for a test's trees.
pub(crate) fn scratch(name: &str) -> PathBuf {
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&directory);
    fs::create_dir_all(&directory).unwrap();
    directory
}
