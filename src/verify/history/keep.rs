//! Keeping a run's report: the first, which is drift's baseline and never goes, and the newest 400, 16 MiB in all.
//! `latest.json` is another name of the newest.
//!
//! Nothing half-written has a report's name; a report that cannot be kept leaves those that are there as they were.
//! Any user may read them: they hold settings, paths and names of packages, and nothing of /etc/shadow or of a key.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::verify::place::{self, Placed};

/// The newest ones beside the first: a year of daily runs, and its boots.
const KEPT: usize = 400;
/// Of all reports. One has 15 to 25 KiB.
const LARGEST_SUM: u64 = 16 << 20;
/// No larger one would be read again.
const LARGEST: usize = 1 << 20;

/// Keeps a report of a run at `time` (RFC 3339).
///
/// # Errors
/// Those of the system; the caller has its verdict all the same.
pub fn keep(report: &str, time: &str, directory: &Path) -> Result<()> {
    if report.len() > LARGEST {
        bail!("it is larger than 1 MiB");
    }
    create(directory)?;
    let names = super::names(directory)?;
    place::sweep(directory, &names);
    let kept = super::ordered(names);
    let last = kept.last().and_then(|name| super::number(name)).unwrap_or(0);

    // The mode is that, whatever the umask is.
    let new = Placed::new(directory, report, Some(Permissions::from_mode(0o644)))?;
    let time = time.replace(':', "");
    let name = (1..=100)
        .map(|next| format!("{time}-{}.json", last.saturating_add(next).min(super::LAST_NUMBER)))
        .find_map(|name| match new.link(&directory.join(&name)) {
            // Another run of this second was faster.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => None,
            other => Some(other.map(|()| name)),
        })
        .context("every name is taken")??;
    let latest = new.rename(&directory.join("latest.json")).context("latest.json");
    // Bounded all the same.
    forget(directory, kept, name)?;
    place::sync(directory)?;
    latest
}

/// Makes the last two directories of the path where they are missing. One that is there, or is a link to one, is as its
/// administrator wants it.
fn create(directory: &Path) -> io::Result<()> {
    let above = directory.parent().filter(|above| !above.exists());
    for directory in above.into_iter().chain([directory]) {
        match fs::create_dir(directory) {
            Ok(()) => fs::set_permissions(directory, Permissions::from_mode(0o755))?,
            Err(_) if directory.is_dir() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Removes the oldest, as many as are too many or too large in sum, but never the first and the newest.
fn forget(directory: &Path, mut kept: Vec<String>, newest: String) -> Result<()> {
    kept.push(newest);
    let sizes: Vec<u64> = kept
        .iter()
        .map(|name| fs::symlink_metadata(directory.join(name)).map_or(0, |file| file.len()))
        .collect();
    let mut failed = None;
    for name in surplus(&sizes).map(|index| &kept[index]) {
        let path: PathBuf = directory.join(name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => failed = Some((name, error)),
            _ => {}
        }
    }
    match failed {
        Some((name, error)) => Err(error).with_context(|| format!("removing {name}")),
        None => Ok(()),
    }
}

/// Which of the reports, the first one first, are to go.
fn surplus(sizes: &[u64]) -> std::ops::Range<usize> {
    let mut sum = sizes.first().copied().unwrap_or(0);
    let mut from = sizes.len();
    while from > 1 && sizes.len() - from < KEPT {
        sum = sum.saturating_add(sizes[from - 1]);
        if sum > LARGEST_SUM && from < sizes.len() {
            break;
        }
        from -= 1;
    }
    1.min(from)..from
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_and_the_newest_stay() {
        assert_eq!(surplus(&[]), 0..0);
        assert_eq!(surplus(&[1]), 1..1);
        assert_eq!(surplus(&[1, 1]), 1..1);
        assert_eq!(surplus(&vec![1; KEPT + 1]), 1..1);
        assert_eq!(surplus(&vec![1; KEPT + 4]), 1..4);
        assert_eq!(surplus(&[u64::MAX, u64::MAX, u64::MAX, u64::MAX]), 1..3);
        assert_eq!(surplus(&[1, LARGEST_SUM, LARGEST_SUM - 2, 1]), 1..2);
    }
}
