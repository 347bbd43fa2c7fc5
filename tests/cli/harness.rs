//! Runs the program in a scratch directory.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

#[allow(unused_imports)]
pub use crate::skip::skipped;

/// A directory in which the program runs.
pub struct Scratch(TempDir);

/// What a run gave.
pub struct Run {
    pub code: i32,
    pub stdout: Vec<u8>,
    pub stderr: String,
}

impl Scratch {
    pub fn new() -> Self {
        Scratch(tempfile::tempdir().unwrap())
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file, and the directories above it.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> &Self {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vastimg"));
        command.args(args).current_dir(self.0.path()).env_remove("SOURCE_DATE_EPOCH");
        command
    }

    pub fn run(&self, args: &[&str]) -> Run {
        Run::from(self.command(args).output().unwrap())
    }

    /// Runs what must be refused: exit code 2, nothing on standard output, nothing written. Returns the message.
    pub fn refused(&self, args: &[&str]) -> String {
        let before = self.listing();
        let run = self.run(args);
        assert_eq!(run.code, 2, "{}", run.stderr);
        assert!(run.stdout.is_empty());
        assert_eq!(self.listing(), before, "something was left behind");
        run.stderr
    }

    /// Runs what must work.
    pub fn done(&self, args: &[&str]) -> Run {
        let run = self.run(args);
        assert_eq!(run.code, 0, "{}", run.stderr);
        run
    }

    /// What a line of shell, to which `$VASTIMG` is the program, shows on a terminal.
    pub fn on_a_terminal(&self, line: &str) -> String {
        // script(1) gives the program a terminal for its standard output.
        let output = Command::new("script")
            .args(["-qec", line, "/dev/null"])
            .env("VASTIMG", env!("CARGO_BIN_EXE_vastimg"))
            .env("NO_COLOR", "1")
            .current_dir(self.path("."))
            .stdin(Stdio::null())
            .output()
            .unwrap();
        String::from_utf8_lossy(&output.stdout).replace('\r', "")
    }

    /// Every path below the directory, sorted.
    pub fn listing(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut pending = vec![self.0.path().to_owned()];
        while let Some(directory) = pending.pop() {
            for entry in fs::read_dir(&directory).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() && !path.is_symlink() {
                    pending.push(path.clone());
                }
                found.push(path);
            }
        }
        found.sort();
        found
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Run {
            code: output.status.code().unwrap_or(-1),
            stdout: output.stdout,
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// Whether the tests run as root.
pub fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

/// The fixture key of somebody who does not exist.
pub fn key_file() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/operator.pub").to_str().unwrap().to_owned()
}
