//! What is being written and does not have its name yet: taken away when the program is interrupted, so that an interrupted
//! build leaves nothing behind.
//!
//! Limits: SIGINT, SIGTERM and SIGHUP; after SIGKILL or a power cut a temporary file may stay, never a half-written one
//! under its own name. The exit is the signal's own, as a shell expects it.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use std::thread;

use anyhow::{Context, Result};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

static PATHS: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());
static WATCHING: Once = Once::new();

fn paths() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    PATHS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Something unfinished, until it is dropped.
#[derive(Debug)]
pub(crate) struct Unfinished(PathBuf);

impl Unfinished {
    /// Makes something and remembers it; an interrupt comes before both or after both.
    pub(crate) fn make<T>(
        make: impl FnOnce() -> Result<T>,
        path: impl FnOnce(&T) -> PathBuf,
    ) -> Result<(T, Self)> {
        watch()?;
        let mut paths = paths();
        let made = make()?;
        let path = path(&made);
        paths.insert(path.clone());
        Ok((made, Unfinished(path)))
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        paths().remove(&self.0);
    }
}

fn watch() -> Result<()> {
    let mut result = Ok(());
    WATCHING.call_once(|| result = start());
    result.context("watching for interrupts")
}

fn start() -> std::io::Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP])?;
    thread::Builder::new().name("interrupts".to_owned()).spawn(move || {
        if let Some(signal) = signals.forever().next() {
            // Held to the end: nothing new is begun while the old goes away.
            let paths = paths();
            for path in paths.iter() {
                let _ = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
            }
            let _ = emulate_default_handler(signal);
        }
    })?;
    Ok(())
}
