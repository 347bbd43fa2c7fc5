//! Checks: what is wanted, held against what the next boot will give and what holds now. One file for each group of
//! kinds of [`Assertion`]; how to look things up is in [`super::facts`].

mod asked;
mod containers;
mod files;
mod limits;
mod people;
mod programs;
mod scheduler;
mod selected;
mod services;
mod sysctl;

use std::cell::OnceCell;
use std::io;

use serde::Serialize;

use super::facts::Root;
use super::facts::sysctl::Configured;
use super::facts::tuned::Profile;
use super::facts::udev::{self, rule::Rule};
use crate::manifest::{Assertion, Check, Manifest};
use asked::Asked;

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "generator", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It holds, now and after a boot.
    Pass,
    /// It does not hold, and OPTIONAL things may.
    Warn,
    /// It does not hold.
    Fail,
    /// It does not apply here.
    Skip,
    /// It could not be read.
    Error,
}

/// What a check found.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// As found; a label may turn a failure into a warning.
    pub verdict: Verdict,
    /// In words.
    pub wanted: String,
    /// What the next boot gives, where that is known.
    pub persisted: Option<String>,
    /// What holds now, where that is known.
    pub live: Option<String>,
    /// The file or program that makes it so, or what could not be read.
    pub source: Option<String>,
    /// What to do about it.
    pub remedy: Option<String>,
}

impl Outcome {
    fn new(wanted: impl Into<String>) -> Self {
        Outcome {
            verdict: Verdict::Pass,
            wanted: wanted.into(),
            persisted: None,
            live: None,
            source: None,
            remedy: None,
        }
    }

    fn live(mut self, live: impl Into<String>) -> Self {
        self.live = Some(live.into());
        self
    }

    fn persisted(mut self, persisted: impl Into<String>) -> Self {
        self.persisted = Some(persisted.into());
        self
    }

    fn source(mut self, source: impl Into<String>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Fails; of several reasons the first has the remedy, since it comes first on the VM too.
    fn fail(mut self, remedy: impl Into<String>) -> Self {
        self.verdict = Verdict::Fail;
        self.remedy.get_or_insert_with(|| remedy.into());
        self
    }

    /// Warns, whatever the label: it holds, but something stands ready to change it.
    fn warn(mut self, remedy: impl Into<String>) -> Self {
        self.verdict = self.verdict.max(Verdict::Warn);
        self.remedy.get_or_insert_with(|| remedy.into());
        self
    }

    /// Fails unless `holds`.
    fn unless(self, holds: bool, remedy: impl Into<String>) -> Self {
        if holds { self } else { self.fail(remedy) }
    }

    fn skip(mut self, why: impl Into<String>) -> Self {
        self.verdict = Verdict::Skip;
        self.remedy = None;
        self.source = Some(why.into());
        self
    }

    fn error(mut self, error: &io::Error) -> Self {
        self.verdict = Verdict::Error;
        self.source = Some(error.to_string());
        self.remedy = Some(match error.kind() {
            io::ErrorKind::PermissionDenied => "run as root: sudo vastimg-verify".to_owned(),
            io::ErrorKind::TimedOut => "see what keeps it, then: sudo vastimg-verify".to_owned(),
            _ => "mend or remove what it names, then: sudo vastimg-verify".to_owned(),
        });
        self
    }
}

/// What puts most things right.
const PREPARE: &str = "sudo /usr/libexec/vastimg/prepare";

/// Where a profile's value is none that can be known without tuned.
const TUNED_COMPUTES: &str = "tuned computes it; ask for it by: tuned-adm verify";

/// What checks share.
#[derive(Debug)]
pub struct Context<'a> {
    /// The tree that is looked at.
    pub root: &'a Root,
    /// What was built.
    pub manifest: &'a Manifest,
    /// Digest of the manifest's file, hexadecimal.
    pub digest: &'a str,
    sysctl: OnceCell<io::Result<Configured>>,
    tuned: OnceCell<io::Result<Option<Profile>>>,
    udev: OnceCell<io::Result<Vec<Rule>>>,
    missing_packages: OnceCell<io::Result<Vec<String>>>,
    asked: Asked,
}

impl<'a> Context<'a> {
    /// For one run.
    pub fn new(root: &'a Root, manifest: &'a Manifest, digest: &'a str) -> Self {
        Context {
            root,
            manifest,
            digest,
            sysctl: OnceCell::new(),
            tuned: OnceCell::new(),
            udev: OnceCell::new(),
            missing_packages: OnceCell::new(),
            asked: Asked::default(),
        }
    }

    /// What to do about a culprit: one of the seed's own files is put back by prepare, whatever else could be said.
    fn remedy(&self, culprit: &str, otherwise: impl FnOnce() -> String) -> String {
        let ours = self.manifest.files.iter().any(|file| file.path == culprit);
        if ours { PREPARE.to_owned() } else { otherwise() }
    }

    fn sysctl(&self) -> Result<&Configured, &io::Error> {
        let read = || Configured::read(self.root, self.tuned().map_err(again)?);
        self.sysctl.get_or_init(read).as_ref()
    }

    fn tuned(&self) -> Result<Option<&Profile>, &io::Error> {
        self.tuned.get_or_init(|| Profile::active(self.root)).as_ref().map(Option::as_ref)
    }

    fn udev_rules(&self) -> Result<&[Rule], &io::Error> {
        self.udev.get_or_init(|| udev::rules(self.root)).as_ref().map(Vec::as_slice)
    }
}

/// An error once more, for whoever takes it.
fn again(error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), error.to_string())
}

/// As long as the longest path: a megabyte that stands where a name should would be in the report once for each check.
const LONGEST: usize = 4096;

/// Starts the programs that some checks will ask, so that they run while other checks are looked up.
pub fn ahead(checks: &[&Check], context: &Context<'_>) {
    for check in checks {
        programs::ahead(context, check);
    }
}

/// Looks one check up.
pub fn run(check: &Check, context: &Context<'_>) -> Outcome {
    let mut outcome = look(check, context);
    if !context.root.is_live() {
        outcome.remedy = outcome.remedy.map(|remedy| format!("on that system: {remedy}"));
    }
    let texts = [&mut outcome.persisted, &mut outcome.live, &mut outcome.source, &mut outcome.remedy];
    for text in texts.into_iter().flatten().filter(|text| text.len() > LONGEST) {
        *text = text.chars().take(LONGEST / 4).chain("...".chars()).collect();
    }
    outcome
}

fn look(check: &Check, context: &Context<'_>) -> Outcome {
    match &check.assertion {
        Assertion::Sysctl { key, value, floor, path } => sysctl::check(context, key, value, *floor, path),
        Assertion::Selected { .. } => selected::check(context, &check.assertion),
        Assertion::Scheduler { disks, value, rules } => scheduler::check(context, disks, value, rules),
        Assertion::LoginLimit { who, item, value, path } => limits::login(context, who, item, value, path),
        Assertion::ServiceLimit { process, unit, setting, value } => {
            limits::service(context, process, unit.as_deref(), setting, value)
        }
        Assertion::ContainerLimit { containers, value } => containers::limit(context, containers, value),
        Assertion::ContainerProgram { containers, program, by } => {
            containers::program(context, containers, program, by)
        }
        Assertion::PythonDist { name, version } => programs::python(context, name, version),
        Assertion::Package { name } => programs::package(context, name),
        Assertion::Command { name, search, arguments, contains } => {
            programs::command(context, name, search, arguments, contains)
        }
        Assertion::Leftovers { .. } => files::leftovers(context, &check.assertion),
        Assertion::UnitEnabled { unit } => services::enabled(context, unit),
        Assertion::RunsWith { unit, host } => services::runs_with(context, unit, host),
        Assertion::Account { name } => people::account(context, name),
        Assertion::Files {} => files::as_built(context, &check.fix),
        Assertion::Prepared {} => services::prepared(context),
    }
}

/// Whether a limit is at least another; `unlimited` and `infinity` are above all numbers.
fn at_least(have: &str, wanted: &str) -> bool {
    let number = |text: &str| match text {
        "unlimited" | "infinity" => Some(u128::MAX),
        digits => digits.parse().ok(),
    };
    matches!((number(have), number(wanted)), (Some(have), Some(wanted)) if have >= wanted)
}
