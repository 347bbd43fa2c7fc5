//! A file that is written whole before it has its name: a full disk or a lost power leaves no half of it.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A file with its content and a name that nobody reads, `.vastimg-PID.new`; it is removed with this value.
#[derive(Debug)]
pub(super) struct Placed(PathBuf);

impl Placed {
    /// Writes it, down to the disk, with these permissions from the beginning if they are given.
    pub(super) fn new(directory: &Path, text: &str, permissions: Option<Permissions>) -> io::Result<Self> {
        let path = directory.join(format!(".vastimg-{}.new", std::process::id()));
        let create = || OpenOptions::new().write(true).create_new(true).open(&path);
        let mut file = match create() {
            // A process of the same number, which has ended, left it.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                fs::remove_file(&path)?;
                create()?
            }
            other => other?,
        };
        let placed = Placed(path);
        if let Some(permissions) = permissions {
            file.set_permissions(permissions)?;
        }
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        Ok(placed)
    }

    /// Gives it a name that nothing has.
    pub(super) fn link(&self, target: &Path) -> io::Result<()> {
        fs::hard_link(&self.0, target)
    }

    /// Gives it a name, whatever had it.
    pub(super) fn rename(self, target: &Path) -> io::Result<()> {
        fs::rename(&self.0, target)
    }
}

impl Drop for Placed {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// Removes what ended processes could not remove any more.
pub(super) fn sweep(directory: &Path, names: &[String]) {
    for name in names {
        let pid = name.strip_prefix(".vastimg-").and_then(|rest| rest.strip_suffix(".new"));
        let ended = |pid: &str| {
            pid.bytes().all(|byte| byte.is_ascii_digit()) && !Path::new("/proc").join(pid).exists()
        };
        // Without /proc every process looks ended.
        if pid.is_some_and(ended) && Path::new("/proc/self").exists() {
            let _ = fs::remove_file(directory.join(name));
        }
    }
}

/// Makes what a directory's entries are last longer than the next second.
pub(super) fn sync(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}
