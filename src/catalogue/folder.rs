//! A fix's folder as plain data, whether it is embedded in the program or on a disk.
//!
//! Limits: regular UTF-8 named files up to 16 MiB; links are refused, since they may lead out of the folder.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, Result, bail, ensure};
use camino::{Utf8Path, Utf8PathBuf};
use include_dir::Dir;

use crate::input;

const LARGEST_FILE: u64 = 16 << 20;

/// Files by their path below the folder, `/` between components.
#[derive(Clone, Debug)]
pub struct Folder {
    /// What to call it in messages.
    pub name: String,
    /// Contents by relative path.
    pub files: BTreeMap<String, Vec<u8>>,
}

impl Folder {
    /// A folder inside the program.
    pub fn embedded(name: &str, dir: &Dir<'_>) -> Self {
        fn collect(files: &mut BTreeMap<String, Vec<u8>>, root: &Dir<'_>, dir: &Dir<'_>) {
            for file in dir.files() {
                let path = file.path().strip_prefix(root.path()).unwrap_or(file.path());
                files.insert(path.to_string_lossy().into_owned(), file.contents().to_vec());
            }
            dir.dirs().for_each(|sub| collect(files, root, sub));
        }
        let mut files = BTreeMap::new();
        collect(&mut files, dir, dir);
        Folder { name: name.to_owned(), files }
    }

    /// A folder on disk.
    ///
    /// # Errors
    /// When anything below it cannot be read, is neither file nor directory, or is too large.
    pub fn read(path: &Utf8Path) -> Result<Self> {
        let mut files = BTreeMap::new();
        let mut pending = vec![Utf8PathBuf::new()];
        while let Some(relative) = pending.pop() {
            let directory = path.join(&relative);
            let entries = directory.read_dir_utf8().with_context(|| format!("reading {directory}"))?;
            for entry in entries {
                let entry = entry.with_context(|| format!("reading {directory}"))?;
                let below = relative.join(entry.file_name());
                let metadata = fs::symlink_metadata(entry.path())
                    .with_context(|| format!("reading {}", entry.path()))?;
                if metadata.is_dir() {
                    pending.push(below);
                } else if metadata.is_file() {
                    ensure!(
                        metadata.len() <= LARGEST_FILE,
                        "reading {}: {} bytes, and a file of a fix has at most {LARGEST_FILE}",
                        entry.path(),
                        metadata.len()
                    );
                    let content =
                        fs::read(entry.path()).with_context(|| format!("reading {}", entry.path()))?;
                    files.insert(below.into_string(), content);
                } else {
                    bail!(
                        "reading {}: a fix has files and directories only; put a copy in the place of this link or device",
                        entry.path()
                    );
                }
            }
        }
        Ok(Folder { name: path.to_string(), files })
    }

    /// Names of the directories right below `path` that hold a `fix.yaml`, sorted.
    ///
    /// # Errors
    /// When `path` cannot be read.
    pub fn subdirectories(path: &Utf8Path) -> Result<Vec<String>> {
        let entries = path
            .read_dir_utf8()
            .map_err(input::with_way_out)
            .with_context(|| format!("reading the catalogue {path}"))?;
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.with_context(|| format!("reading the catalogue {path}"))?;
            if entry.path().join("fix.yaml").is_file() {
                names.push(entry.file_name().to_owned());
            }
        }
        names.sort();
        Ok(names)
    }

    /// A file as text.
    ///
    /// # Errors
    /// When it is not there or not UTF-8.
    pub fn text(&self, path: &str) -> Result<&str> {
        let bytes =
            self.files.get(path).with_context(|| format!("reading {}/{path}: it is not there", self.name))?;
        std::str::from_utf8(bytes)
            .with_context(|| format!("reading {}/{path}: it is not UTF-8 text", self.name))
    }
}
