//! The workers: each takes the next host, renders what is its own, and writes its image whole or not at all.
//!
//! Hosts of one plan go one after the other, those with names and networks of one length together, since such images differ
//! in little. What is written does not depend on how many
//! workers there are, nor on their order. The first failure stops all; what was written until then stays and is whole.

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use anyhow::{Context, Result, bail};
use camino::Utf8Path;

use super::directory::{Directory, Found};
use super::folder;
use super::index::Image;
use super::plan::{Fleet, Host};
use crate::documents::Seed;
use crate::media::tree::Tree;
use crate::media::{Format, Options};
use crate::output::{Pen, Written};
use crate::plan::Disk;

/// How images are written.
#[derive(Clone, Debug)]
pub struct How {
    /// Kind of medium.
    pub format: Format,
    /// What is the same for all.
    pub options: Options,
    /// Workers.
    pub jobs: NonZeroUsize,
    /// Whether files may be replaced that are of no earlier run.
    pub force: bool,
}

/// What was done.
#[derive(Clone, Debug)]
pub struct Done {
    /// Of every host, in the order in which they were given.
    pub images: Vec<Image>,
    /// How many were written.
    pub written: usize,
    /// How many were what they are to be.
    pub unchanged: usize,
}

/// That not all was written; what was, is whole.
#[derive(Debug)]
pub struct Stopped {
    /// Images that are what they are to be.
    pub whole: usize,
    /// Of how many.
    pub hosts: usize,
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Stopped { whole, hosts } = self;
        write!(
            f,
            "stopped after {whole} of {hosts} images; all that are there are whole and stay: mend what follows, and the same command goes on from there"
        )
    }
}

impl std::error::Error for Stopped {}

/// The name of a host's image.
pub fn file_of(host: &str, format: Format) -> String {
    match format.file_medium().and_then(|medium| medium.extensions().first()) {
        Some(extension) => format!("{host}.{extension}"),
        None => host.to_owned(),
    }
}

/// Writes the images of `hosts`; `step` is called after each.
///
/// # Errors
/// Why the first one of them failed.
pub fn write(
    fleet: &Fleet,
    hosts: &[&Host],
    directory: &Directory,
    how: &How,
    step: &(dyn Fn() + Sync),
) -> Result<Done> {
    let mut order: Vec<usize> = (0..hosts.len()).collect();
    order.sort_by_key(|at| hosts[*at].shape());
    let (next, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
    let results: Mutex<Vec<Option<(Image, bool)>>> = Mutex::new(vec![None; hosts.len()]);
    let failure: Mutex<Option<anyhow::Error>> = Mutex::new(None);
    let work = || {
        let mut pen = directory.pen(how.format, &how.options);
        while !stop.load(Ordering::Relaxed) {
            let Some(at) = order.get(next.fetch_add(1, Ordering::Relaxed)) else { break };
            match one(fleet, hosts[*at], directory, how, &mut pen) {
                Ok(done) => {
                    results.lock().unwrap_or_else(PoisonError::into_inner)[*at] = Some(done);
                    step();
                }
                Err(error) => {
                    stop.store(true, Ordering::Relaxed);
                    failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
                }
            }
        }
    };
    thread::scope(|scope| {
        for _ in 1..how.jobs.get().min(hosts.len()) {
            scope.spawn(work);
        }
        work();
    });
    let results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    let whole = results.iter().flatten().count();
    if let Some(error) = failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
        return Err(error.context(Stopped { whole, hosts: hosts.len() }));
    }
    let mut done = Done { images: Vec::with_capacity(whole), written: 0, unchanged: 0 };
    for (image, written) in results.into_iter().flatten() {
        *(if written { &mut done.written } else { &mut done.unchanged }) += 1;
        done.images.push(image);
    }
    Ok(done)
}

/// What a build does with an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It is not there.
    New,
    /// It is as it is to be.
    Unchanged,
    /// It is outdated, damaged or edited.
    Outdated,
    /// Somebody else's file has its name.
    Foreign,
}

impl State {
    /// In one word.
    pub fn name(self) -> &'static str {
        match self {
            State::New => "new",
            State::Unchanged => "keep",
            State::Outdated => "update",
            State::Foreign => "foreign",
        }
    }
}

/// Tells of each host what [`write()`] would do with its image, and writes nothing.
///
/// # Errors
/// When a seed cannot be rendered.
pub fn foretell(
    fleet: &Fleet,
    hosts: &[&Host],
    directory: &Directory,
    how: &How,
    tell: &mut dyn FnMut(&Host, State),
) -> Result<()> {
    let mut pen = directory.pen(how.format, &how.options);
    for host in hosts {
        let state = match directory.find(&file_of(&host.name, how.format)) {
            Found::Nothing => State::New,
            Found::Foreign => State::Foreign,
            Found::Ours(_) | Found::Changed(_) => {
                let (seed, _) = rendered(fleet, host)?;
                let path = directory.join(&file_of(&host.name, how.format));
                match kept(host, directory, how, &mut pen, &seed.tree)? {
                    Some(_) => State::Unchanged,
                    None if foreign_in(&path)?.is_some() => State::Foreign,
                    None => State::Outdated,
                }
            }
        };
        tell(host, state);
    }
    Ok(())
}

/// Refuses to replace a folder in which somebody has put something.
///
/// # Errors
/// With the first thing of that kind.
pub fn refuse_foreign_in(path: &Utf8Path) -> Result<()> {
    if let Some(name) = foreign_in(path)? {
        bail!("writing {path}: it is written anew, and {name} in it is of no seed; move that elsewhere");
    }
    Ok(())
}

fn foreign_in(path: &Utf8Path) -> Result<Option<String>> {
    if path.is_dir() { folder::foreign_in(path) } else { Ok(None) }
}

fn rendered<'f>(fleet: &'f Fleet, host: &Host) -> Result<(Seed, Option<&'f Disk>)> {
    fleet.seed(host).with_context(|| format!("rendering {}", host.name))
}

/// The image of a host, where it is there already as it is to be.
fn kept(
    host: &Host,
    directory: &Directory,
    how: &How,
    pen: &mut Pen,
    tree: &Tree,
) -> Result<Option<Written>> {
    let file = file_of(&host.name, how.format);
    Ok(match directory.find(&file) {
        Found::Ours(known) => {
            let wanted = pen.digest(tree)?;
            (known.sha256.as_ref() == Some(&wanted.sha256)).then_some(wanted)
        }
        Found::Changed(_) => {
            let wanted = pen.digest(tree)?;
            pen.holds(&directory.join(&file), tree, &wanted).unwrap_or(false).then_some(wanted)
        }
        Found::Nothing | Found::Foreign => None,
    })
}

/// One image, and whether it had to be written.
fn one(fleet: &Fleet, host: &Host, directory: &Directory, how: &How, pen: &mut Pen) -> Result<(Image, bool)> {
    let file = file_of(&host.name, how.format);
    let path = directory.join(&file);
    let (seed, disk) = rendered(fleet, host)?;
    let kept = kept(host, directory, how, pen, &seed.tree)?;
    let changed = kept.is_none();
    let Written { bytes, sha256 } = match kept {
        Some(written) => written,
        None => {
            refuse_foreign_in(&path)?;
            let replace = how.force || matches!(directory.find(&file), Found::Ours(_) | Found::Changed(_));
            pen.write(&path, replace, &seed.tree)?
        }
    };
    let image = Image {
        host: host.name.clone(),
        hostname: host.hostname.clone(),
        file,
        instance_id: Some(seed.instance_id),
        bytes: Some(bytes),
        sha256: Some(sha256),
        wipes: disk.map(ToString::to_string),
    };
    Ok((image, changed))
}
