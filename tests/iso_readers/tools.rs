//! Running other programs.

use std::path::{Path, PathBuf};
use std::process::Command;

/// What `program` prints when it succeeds; nothing when it is missing.
pub(crate) fn run(program: &str, arguments: &[&str]) -> Option<String> {
    let path = find(program)?;
    // Without a UTF-8 locale libarchive cannot name what it extracts.
    let output =
        Command::new(path).args(arguments).env("LC_ALL", "C.UTF-8").output().expect("it is executable");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{program} {arguments:?}: {}\n{out}\n{err}", output.status);
    Some(out)
}

fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    // blkid is outside of the path of most users.
    let places = std::env::split_paths(&path).chain(["/usr/sbin", "/sbin"].map(PathBuf::from));
    let found = places.map(|place| place.join(program)).find(|path| Path::is_file(path));
    if found.is_none() {
        crate::skip::skipped(&format!("{program} is missing, and nothing reads with it"));
    }
    found
}
