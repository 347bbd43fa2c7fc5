//! Other programs: finding them, running them within bounds, and saying so when one is missing.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub(crate) use crate::skip::skipped;

/// What a program did.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// A command for `program`, which is killed after a minute; none when it is missing, which is reported.
pub(crate) fn find(program: &str) -> Option<Command> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    // blkid, visudo and udevadm are outside of the path of most users.
    let places = std::env::split_paths(&path).chain(["/usr/sbin", "/sbin"].map(PathBuf::from));
    let found = places.map(|place| place.join(program)).find(|path| Path::is_file(path));
    if found.is_none() {
        skipped(&format!("{program} is missing"));
    }
    found.map(bounded)
}

/// A command for a program that is there, which is killed after a minute.
pub(crate) fn bounded(program: impl AsRef<Path>) -> Command {
    let mut command = Command::new("timeout");
    command.args(["--kill-after=5", "60"]).arg(program.as_ref());
    // Without a UTF-8 locale libarchive cannot name what it extracts.
    command.env("LC_ALL", "C.UTF-8").env("TZ", "UTC").stdin(Stdio::null());
    command
}

/// Runs to the end, which has to be an exit, and not by the minute's.
pub(crate) fn run(command: &mut Command) -> Ran {
    let output = command.output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    let code = output.status.code();
    assert!(!matches!(code, None | Some(124 | 137)), "{command:?} did not end: {stdout}{stderr}");
    Ran { code: code.unwrap(), stdout, stderr }
}

/// Standard output of a program that has to succeed.
pub(crate) fn output(command: &mut Command) -> String {
    let ran = run(command);
    assert_eq!(ran.code, 0, "{command:?}\n{}\n{}", ran.stdout, ran.stderr);
    ran.stdout
}
