//! The lock of one index: a file that is there as long as somebody writes. A server of files may not lock directories.
//!
//! Source: flock(2), which networked file systems pass on for files that are open for writing.

use std::fs::{self, File, TryLockError};
use std::os::unix::fs::MetadataExt;

use anyhow::{Context, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};

use crate::output::Temporary;

/// Held until it is dropped, or the program ends.
#[derive(Debug)]
pub(super) struct Lock {
    path: Utf8PathBuf,
    _file: File,
    _unfinished: Temporary,
}

impl Lock {
    /// Takes the lock of an index in a directory.
    ///
    /// # Errors
    /// When another run has it.
    pub(super) fn take(directory: &Utf8Path, index: &str) -> Result<Self> {
        let path = directory.join(format!(".{index}.lock"));
        let context = || format!("locking {path}");
        loop {
            let open =
                || File::options().write(true).create(true).truncate(false).open(&path).with_context(context);
            let file = open()?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => bail!(
                    "another vastimg is writing into {directory}; wait for it, or use -o to write elsewhere"
                ),
                Err(TryLockError::Error(error)) => return Err(error).with_context(context),
            }
            // Whoever had it may have removed it in between.
            let same = |named: fs::Metadata| {
                file.metadata().is_ok_and(|own| (own.dev(), own.ino()) == (named.dev(), named.ino()))
            };
            if fs::metadata(&path).is_ok_and(same) {
                let make = || Ok(());
                let ((), unfinished) = Temporary::make(make, |()| path.clone().into_std_path_buf())?;
                return Ok(Lock { path, _file: file, _unfinished: unfinished });
            }
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}
