//! Folders of seeds: whether there is anything in one that no seed wrote. Replacing or removing a folder takes all of it, so
//! what somebody else put there would go with it.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context, Result};
use camino::Utf8Path;

use crate::documents;
use crate::media::nocloud_net::VENDOR_DATA;

/// The first file in a folder that its own list of digests does not name; its path in the folder.
///
/// # Errors
/// When it cannot be read.
pub(super) fn foreign_in(folder: &Utf8Path) -> Result<Option<String>> {
    let list = fs::read_to_string(folder.join(documents::SUMS)).unwrap_or_default();
    let mut own: BTreeSet<&str> = list.lines().filter_map(|line| Some(line.split_once("  ")?.1)).collect();
    own.extend([documents::SUMS, VENDOR_DATA]);
    let mut pending = vec![folder.to_owned()];
    while let Some(directory) = pending.pop() {
        let context = || format!("reading {directory}");
        for entry in directory.read_dir_utf8().with_context(context)? {
            let entry = entry.with_context(context)?;
            if entry.file_type().with_context(context)?.is_dir() {
                pending.push(entry.into_path());
                continue;
            }
            let name = entry.path().strip_prefix(folder).map_or(entry.file_name(), Utf8Path::as_str);
            if !own.contains(name) {
                return Ok(Some(name.to_owned()));
            }
        }
    }
    Ok(None)
}
