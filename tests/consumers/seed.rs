//! Seeds as a user makes them: by running the built program.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A public key whose private half was thrown away when it was made.
pub(crate) const KEY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/operator.pub");

/// One file of a tree.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct File {
    pub(crate) mode: u32,
    pub(crate) content: Vec<u8>,
}

/// Files by their path relative to some root.
pub(crate) type Files = BTreeMap<String, File>;

/// What a build wrote; it is removed with this value.
pub(crate) struct Seed {
    directory: TempDir,
    name: String,
}

impl Seed {
    /// Builds `name`, whose end decides on the format (a directory unless it says another), for host vast-01.
    pub(crate) fn build(name: &str, arguments: &[&str]) -> Seed {
        Seed::build_with(name, arguments, &[])
    }

    /// The same, with environment variables.
    pub(crate) fn build_with(name: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Seed {
        let seed = Seed { directory: tempfile::tempdir().unwrap(), name: name.to_owned() };
        let output = build(&seed.path(), arguments, environment);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        seed
    }

    /// The `dir` medium of a profile, with the fixture's key.
    pub(crate) fn of_profile(profile: &str) -> Seed {
        Seed::build("seed", &["--profile", profile, "--ssh-key", KEY])
    }

    /// The medium.
    pub(crate) fn path(&self) -> PathBuf {
        self.directory.path().join(&self.name)
    }

    /// The directory that it alone is in, for what a test makes of it.
    pub(crate) fn scratch(&self) -> &Path {
        self.directory.path()
    }

    /// All files of a `dir` medium.
    pub(crate) fn files(&self) -> Files {
        files(&self.path())
    }

    /// The files of a `dir` medium that are placed on the VM, by their path there without the leading slash.
    pub(crate) fn placed(&self) -> Files {
        files(&self.path().join("vastimg/rootfs"))
    }
}

fn build(output: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vastimg"));
    command.args(["build", "--hostname", "vast-01", "--output"]).arg(output).args(arguments);
    if output.extension().is_none() {
        command.args(["--format", "dir"]);
    }
    command.env_remove("SOURCE_DATE_EPOCH").envs(environment.iter().copied());
    command.output().unwrap()
}

/// Every regular file below `root`. Anything else than files and directories is no part of a seed, and panics.
pub(crate) fn files(root: &Path) -> Files {
    let mut found = Files::new();
    let mut pending = vec![root.to_owned()];
    while let Some(directory) = pending.pop() {
        for entry in fs::read_dir(&directory).unwrap() {
            let path = entry.unwrap().path();
            let metadata = fs::symlink_metadata(&path).unwrap();
            if metadata.is_dir() {
                pending.push(path);
                continue;
            }
            assert!(metadata.is_file(), "{} is neither a file nor a directory", path.display());
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            let mode = metadata.permissions().mode() & 0o7777;
            found.insert(name, File { mode, content: fs::read(&path).unwrap() });
        }
    }
    assert!(!found.is_empty(), "there is nothing in {}", root.display());
    found
}

/// Panics with the names of what differs.
pub(crate) fn assert_same(what: &str, expected: &Files, found: &Files) {
    let names = |files: &Files| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(expected), names(found), "{what}: names");
    for (name, file) in expected {
        let other = &found[name];
        assert_eq!(format!("{:04o}", file.mode), format!("{:04o}", other.mode), "{what}: mode of {name}");
        assert!(file.content == other.content, "{what}: content of {name}");
    }
}
