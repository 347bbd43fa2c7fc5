//! Writing what was built: beside its target and then renamed, never over an existing file without --force, never a
//! binary to a terminal. Whatever fails or interrupts, there is either the whole new output or what was there before.

mod alike;
mod digesting;
mod pen;
mod sums;
mod unfinished;

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File, Permissions};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::os::unix::fs::PermissionsExt;

use anyhow::{Context, Result, bail, ensure};
use camino::{Utf8Path, Utf8PathBuf};
use tempfile::NamedTempFile;

use crate::media::nocloud_net::VENDOR_DATA;
use crate::media::tree::Tree;
use crate::media::{self, Format, Options};
use unfinished::Unfinished;

pub use alike::Written;
pub use pen::Pen;
pub use sums::NAME as SUMS;
pub(crate) use unfinished::Unfinished as Temporary;

/// How the names of what is unfinished begin.
const TEMPORARY: &str = ".vastimg-";

/// What a seed has at its root.
const SEED: [&str; 6] = ["user-data", "meta-data", "network-config", VENDOR_DATA, "ks.cfg", "vastimg"];

/// Where to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A file or directory.
    Path {
        /// Where.
        path: Utf8PathBuf,
        /// Whether to replace what is there.
        force: bool,
    },
    /// Standard output.
    Stdout,
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Target::Path { path, .. } => write!(f, "{path}"),
            Target::Stdout => f.write_str("standard output"),
        }
    }
}

/// Refuses a target before any work is done for it.
///
/// # Errors
/// When it exists and may not be replaced, its directory is missing, or it is a terminal.
pub fn check(target: &Target, format: Format) -> Result<()> {
    let Target::Path { path, force } = target else {
        ensure!(
            !io::stdout().is_terminal(),
            "-o -: standard output is a terminal, and an image is not for reading; redirect it, or give -o a file"
        );
        return Ok(());
    };
    let plain = !path.as_str().ends_with('/') && !path.as_str().chars().any(char::is_control);
    ensure!(
        path.file_name().is_some() && plain,
        "writing {path:?}: that is no file name; give -o one such as seed.iso"
    );
    ensure!(
        path.file_name() != Some(SUMS),
        "writing {path}: the digests of images go to a file of that name; give -o another"
    );
    let directory = directory_of(path);
    ensure!(directory.is_dir(), "writing {path}: the directory {directory} does not exist; make it first");
    if !format.is_directory() {
        check_sums(directory)?;
    }
    match fs::symlink_metadata(path) {
        Err(_) => Ok(()),
        Ok(_) if !force => {
            bail!("writing {path}: it exists already; use --force to replace it, or -o to write elsewhere")
        }
        Ok(metadata) if metadata.is_dir() && format.is_directory() => {
            let entries = fs::read_dir(path).with_context(|| format!("reading {path}"))?;
            for entry in entries {
                let name = entry.with_context(|| format!("reading {path}"))?.file_name();
                ensure!(
                    SEED.iter().any(|own| name == *own),
                    "writing {path}: --force replaces seeds, and {name:?} in it is of none; move it, or use -o to write elsewhere"
                );
            }
            Ok(())
        }
        Ok(metadata) => {
            ensure!(
                metadata.is_file(),
                "writing {path}: --force replaces plain files only, and this is none"
            );
            Ok(())
        }
    }
}

/// Writes the medium; for one file, returns its SHA-256 and records it in SHA256SUMS beside it.
///
/// # Errors
/// When writing fails; nothing half-written stays behind.
pub fn write(target: &Target, format: Format, tree: &Tree, options: &Options) -> Result<Option<String>> {
    let tree = &*format.complete(tree)?;
    match (target, format.file_medium()) {
        (Target::Stdout, Some(medium)) => {
            let mut out = BufWriter::new(io::stdout().lock());
            medium.write(tree, options, &mut out)?;
            out.flush().context("writing standard output")?;
            Ok(None)
        }
        (Target::Path { path, force }, Some(medium)) => {
            let written = write_file(path, *force, options.private, |out| medium.write(tree, options, out))
                .with_context(|| format!("writing {path}"))?;
            record(path, &written.sha256).with_context(|| format!("writing {SUMS} beside {path}"))?;
            Ok(Some(written.sha256))
        }
        (Target::Path { path, force }, None) => {
            Place { path, replace: *force, private: options.private, temporary: TEMPORARY }
                .put_directory(tree)
                .with_context(|| format!("writing {path}"))?;
            Ok(None)
        }
        (Target::Stdout, None) => bail!("a directory cannot go to standard output"),
    }
}

fn directory_of(path: &Utf8Path) -> &Utf8Path {
    path.parent().filter(|parent| !parent.as_str().is_empty()).unwrap_or_else(|| Utf8Path::new("."))
}

/// The reason without the temporary name, which means nothing to anybody.
fn nameless(error: io::Error) -> io::Error {
    error.get_ref().and_then(|inner| inner.source()).map_or_else(
        || io::Error::from(error.kind()),
        |source| {
            let source = source.downcast_ref::<io::Error>().and_then(io::Error::raw_os_error);
            source.map_or_else(|| io::Error::from(error.kind()), io::Error::from_raw_os_error)
        },
    )
}

/// Writes a file whole or not at all.
///
/// # Errors
/// When `fill` fails, or writing does.
pub fn write_file(
    path: &Utf8Path,
    replace: bool,
    private: bool,
    fill: impl FnOnce(&mut dyn Write) -> Result<()>,
) -> Result<Written> {
    let place = Place { path, replace, private, temporary: TEMPORARY };
    place.put(|file, _| digesting::digested(file, fill))
}

/// Removes what a run that was killed has left half-written in a directory; `run` is what its files were marked with. The
/// caller knows that it runs no more.
///
/// # Errors
/// When something of it cannot be removed.
pub fn remove_unfinished(directory: &Utf8Path, run: &str) -> Result<()> {
    let context = || format!("clearing {directory} of what an earlier run has left half-written");
    for entry in fs::read_dir(directory).with_context(context)? {
        let entry = entry.with_context(context)?;
        if entry.file_name().to_string_lossy().starts_with(&marked(run)) {
            let is_directory = entry.file_type().with_context(context)?.is_dir();
            let path = entry.path();
            if is_directory { fs::remove_dir_all(path) } else { fs::remove_file(path) }
                .with_context(context)?;
        }
    }
    Ok(())
}

/// How the names of what a run has not finished begin.
fn marked(run: &str) -> String {
    format!("{TEMPORARY}{run}-")
}

/// Where something goes, whole or not at all.
#[derive(Clone, Copy, Debug)]
struct Place<'a> {
    path: &'a Utf8Path,
    /// Whether what is there is replaced.
    replace: bool,
    /// Whether only its owner may read it.
    private: bool,
    /// How its name begins until then.
    temporary: &'a str,
}

impl Place<'_> {
    /// A file: `put` is given the empty one, and its directory.
    fn put<T>(self, put: impl FnOnce(&File, &Utf8Path) -> Result<T>) -> Result<T> {
        // Made with the permissions that it is to have, so that the caller's umask counts.
        let mode = if self.private { 0o600 } else { 0o666 };
        let directory = directory_of(self.path);
        let make = || {
            tempfile::Builder::new()
                .prefix(self.temporary)
                .permissions(Permissions::from_mode(mode))
                .tempfile_in(directory)
                .map_err(nameless)
                .context("making a temporary file beside it")
        };
        let (temporary, _unfinished) = Unfinished::make(make, |file| file.path().to_owned())?;
        let written = put(temporary.as_file(), directory)?;
        let persist = if self.replace { NamedTempFile::persist } else { NamedTempFile::persist_noclobber };
        persist(temporary, self.path).map_err(|error| error.error).context("renaming it into place")?;
        Ok(written)
    }

    /// A directory with all of a tree.
    fn put_directory(self, tree: &Tree) -> Result<()> {
        let Place { path, replace, private, temporary } = self;
        let make = || {
            tempfile::Builder::new()
                .prefix(temporary)
                .tempdir_in(directory_of(path))
                .map_err(nameless)
                .context("making a temporary directory beside it")
        };
        let (temporary, _unfinished) = Unfinished::make(make, |directory| directory.path().to_owned())?;
        let root = Utf8Path::from_path(temporary.path())
            .context("making a temporary directory beside it: not UTF-8")?;
        let new = root.join("new");
        fs::create_dir(&new).context("making a temporary directory beside it")?;
        media::dir::write(tree, private, &new)?;
        let mode = if private { 0o700 } else { 0o755 };
        fs::set_permissions(&new, Permissions::from_mode(mode)).context("setting its permissions")?;
        let old = root.join("old");
        if replace && path.exists() {
            fs::rename(path, &old).context("moving the old one aside")?;
        }
        if let Err(error) = fs::rename(&new, path) {
            if old.exists() {
                fs::rename(&old, path).context("moving the old one back")?;
            }
            return Err(error).context("renaming it into place");
        }
        Ok(())
    }
}

/// Adds or replaces the image's line in SHA256SUMS.
fn record(path: &Utf8Path, digest: &str) -> Result<()> {
    let directory = directory_of(path);
    let name = path.file_name().context("naming it")?;
    change_sums(directory, &BTreeMap::from([(name, Some(digest))]))
}

/// Refuses a directory whose SHA256SUMS is something else.
///
/// # Errors
/// When it is, or cannot be read.
pub fn check_sums(directory: &Utf8Path) -> Result<()> {
    sums::read(directory).map(drop)
}

/// Changes lines of the SHA256SUMS in a directory, whole or not at all.
///
/// # Errors
/// When it is no such file, or cannot be written.
pub fn change_sums(directory: &Utf8Path, changes: &sums::Changes<'_>) -> Result<()> {
    // Two builds into one directory each add their line; the directory is what both can lock.
    let turn = File::open(directory).context("opening its directory")?;
    turn.lock().context("locking its directory")?;
    sums::change(directory, changes)
}
