//! What is wrong with something that a person wrote or built: the data behind `vastimg validate`. It says before the machine
//! boots what the machine would say, or do without a word.
//!
//! | subject | what is looked for |
//! |---|---|
//! | `profile` | names, kinds and bounds; that everything renders; steps that bash does not take; the traps of `system` |
//! | `inventory` | the same for every host; names, addresses and keys that two hosts share |
//! | `fix` | fix.yaml against its types, its folder and the kinds of checks; that all renders with the defaults, and bash takes it |
//! | `network` | what cloud-init refuses, or takes for something else |
//! | `user_data` | keys and kinds of cloud-config; what it writes, by the traps of `system` |
//! | `kickstart` | what makes Rocky's installer stop, ask, or wipe more than is meant |
//! | `image` | what is in it, against what it was built as; its documents as above |
//!
//! An error cannot work, locks somebody out or loses data; a warning works, and is hardly meant; a note is for information.
//! Sources: the facts that each file names.

pub mod cloud_config;
mod fix;
mod image;
mod inventory;
pub mod kickstart;
mod network;
mod profile;
mod recognise;
pub mod sysctl_keys;
mod system;
mod user_data;

use std::io;
use std::sync::Arc;

use anyhow::Result;
use camino::Utf8Path;
use serde::Serialize;

use crate::catalogue::Catalogue;
use crate::diagnostic::{Diagnostic, Diagnostics, Severity, Source};
use crate::inspection;
use crate::inspection::secrets::{self, Answer};
use recognise::Subject;

/// What somebody asks of a subject.
#[derive(Debug)]
pub struct Options {
    /// What profiles may name.
    pub catalogue: Catalogue,
    /// What the subject is, where its content does not tell.
    pub kind: Option<Kind>,
    /// The VM's memory in KiB, where it is known.
    pub memory: Option<u64>,
}

/// Kinds of subjects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Which fixes a seed has.
    Profile,
    /// Hosts.
    Inventory,
    /// A fix.yaml with what is beside it.
    Fix,
    /// For cloud-init.
    UserData,
    /// For cloud-init.
    NetworkConfig,
    /// For Rocky's installer.
    Kickstart,
    /// A finished image, archive or directory.
    Image,
}

impl Kind {
    /// What a person calls it.
    pub fn title(self) -> &'static str {
        match self {
            Kind::Profile => "a profile",
            Kind::Inventory => "an inventory",
            Kind::Fix => "a fix",
            Kind::UserData => "a user-data",
            Kind::NetworkConfig => "a network-config",
            Kind::Kickstart => "a kickstart",
            Kind::Image => "an image",
        }
    }
}

/// What was found of one subject.
#[derive(Debug)]
pub struct Validation {
    /// As the user named it.
    pub subject: String,
    /// What it is.
    pub kind: Kind,
    /// The same for a person, with more to it: "a seed that vastimg wrote".
    pub title: String,
    /// What is wrong, in the order of the text.
    pub findings: Vec<Diagnostic>,
    /// What its being valid is worth, where that is not all.
    pub as_far_as: Option<&'static str>,
    /// What it would wipe, where it is something that may.
    pub wipes: Option<String>,
}

impl Validation {
    fn new(subject: &str, kind: Kind, findings: Vec<Diagnostic>) -> Self {
        let findings = in_order(findings, kind);
        Validation {
            subject: subject.to_owned(),
            kind,
            title: kind.title().to_owned(),
            findings,
            as_far_as: None,
            wipes: None,
        }
    }

    /// How many findings of a severity there are.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|one| one.severity == severity).count()
    }

    /// Whether nothing is wrong; `strict` counts warnings too.
    pub fn valid(&self, strict: bool) -> bool {
        self.count(Severity::Error) == 0 && !(strict && self.count(Severity::Warning) > 0)
    }
}

/// Validates a directory of fixes that could not be loaded, for the reason given.
///
/// # Errors
/// When it cannot be read at all.
pub fn examine_catalogue(directory: &Utf8Path, error: anyhow::Error) -> Result<Validation> {
    let reason = told(error)?;
    let options = Options { catalogue: Catalogue::load(None)?, kind: Some(Kind::Fix), memory: None };
    let mut validation = examine(directory.as_str(), &options)?;
    if validation.valid(false) {
        validation.findings.extend(reason);
    }
    Ok(validation)
}

/// Validates one subject.
///
/// # Errors
/// When it cannot be read at all.
pub fn examine(subject: &str, options: &Options) -> Result<Validation> {
    let text = |kind, findings| Ok(Validation::new(subject, kind, findings));
    match recognise::recognise(subject, options.kind)? {
        Subject::Image => image::examine(Utf8Path::new(subject), options),
        Subject::Fix(folder) => text(Kind::Fix, fix::examine(&[folder], options)?),
        Subject::Fixes(folders) => {
            let mut validation = Validation::new(subject, Kind::Fix, fix::examine(&folders, options)?);
            let plural = if folders.len() == 1 { "fix" } else { "fixes" };
            validation.title = format!("a catalogue of {} {plural}", folders.len());
            Ok(validation)
        }
        Subject::BuiltIn => text(Kind::Profile, profile::examine(subject, options)),
        Subject::Text(kind, source) => {
            let mut validation = Validation::new(subject, kind, examine_text(kind, &source, options));
            if kind == Kind::Kickstart {
                validation.wipes = Some(inspection::kickstart::of_text(&source.text).sentence);
            }
            Ok(validation)
        }
    }
}

/// A person goes through a text once; what has no place comes last.
fn in_order(mut findings: Vec<Diagnostic>, kind: Kind) -> Vec<Diagnostic> {
    findings.sort_by_cached_key(|one| {
        let place = one.place.as_ref();
        // A fix is many files, of which each is gone through by itself.
        let file = place.filter(|_| kind == Kind::Fix).map(|place| place.source.name.clone());
        let at = place.map_or((usize::MAX, usize::MAX), |place| (place.line, place.column));
        (place.is_none(), file, at)
    });
    findings
}

/// What is wrong with a subject is told; that it cannot be read at all is an error.
fn told(error: anyhow::Error) -> Result<Vec<Diagnostic>> {
    if error.chain().any(|cause| cause.is::<io::Error>()) { Err(error) } else { Ok(Diagnostics::of(&error)) }
}

/// A file's name as a profile's, which a bare word is not.
fn as_path(name: &str) -> String {
    if crate::profile::is_path(name) { name.to_owned() } else { format!("./{name}") }
}

/// Everything that is to be told of a text of a kind; a profile is read by the source's name.
pub fn examine_text(kind: Kind, source: &Arc<Source>, options: &Options) -> Vec<Diagnostic> {
    let mut found = match kind {
        Kind::Inventory => inventory::examine(source, options),
        Kind::UserData => user_data::examine(source, options),
        Kind::NetworkConfig => network::examine(source),
        Kind::Kickstart => kickstart::examine(source),
        Kind::Profile | Kind::Fix | Kind::Image => profile::examine(&as_path(&source.name), options),
    };
    if options.memory.is_some() && matches!(kind, Kind::Kickstart | Kind::NetworkConfig) {
        let message = format!("--memory changes nothing for {}, which sets no limits", kind.title());
        found.push(Diagnostic::note(None, message).help("give it with a profile, a user-data or an image"));
    }
    without_secrets(source, found)
}

/// What is told ends up in logs; a line that holds a secret is told by its number, and where not all of them are known, every
/// line.
fn without_secrets(source: &Source, mut found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let secrets = match secrets::look(&source.name, source.text.as_bytes()) {
        Answer::At(secrets) => Some(secrets),
        Answer::CannotBeTold => None,
    };
    let known = secrets.filter(|all| all.len() < secrets::MOST);
    let hidden = |line| known.as_ref().is_none_or(|all| all.iter().any(|secret| secret.line == line));
    for place in found.iter_mut().filter_map(|one| one.place.as_mut()) {
        if place.source.name == source.name && hidden(place.line) {
            place.width = 0;
        }
    }
    found
}
