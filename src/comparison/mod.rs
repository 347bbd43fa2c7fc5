//! How two seeds differ: in what they say, in their fixes and values, and in their files. The data behind `vastimg diff`.
//!
//! What one change brings about elsewhere is said once: user-data holds every file, and the manifest and SHA256SUMS every
//! digest, so a document that differs only by what is told of others is one of [`Comparison::follows`]. Where that is not
//! certain it is shown.
//!
//! Limits: directories and owners are not compared; modes only where both media have them, and only the owner's bits where
//! one is a directory, which was unpacked under somebody's umask. The medium itself and its labels are a note.

mod derived;
mod facts;
mod files;
mod lines;
mod manifest;
mod names;
mod pairs;
mod redact;
mod side;
mod text;
mod told;
mod unified;
mod user_data;

use anyhow::Result;
use serde::Serialize;
use serde_json::Value;

use crate::image::{EntryKind, Kind};
use crate::inspection::What;
use crate::manifest::Label;

pub use side::Side;
pub use unified::Diff;

/// Name and version of the JSON form.
pub const SCHEMA: &str = "vastimg/diff/1";

/// How to compare.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Without the contents of files.
    pub brief: bool,
    /// Lines that hold a secret too.
    pub show_sensitive: bool,
}

/// Everything by which two sides differ.
#[derive(Debug, Serialize)]
pub struct Comparison {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// The first.
    pub a: About,
    /// The second.
    pub b: About,
    /// Whether they hold the same.
    pub same: bool,
    /// What else a person should know; none of it is a difference.
    pub notes: Vec<String>,
    /// What they say of themselves, the profile first.
    pub facts: Vec<Fact>,
    /// Fixes that are only in one of them, and those that are called otherwise.
    pub fixes: Vec<FixChange>,
    /// Values of fixes that both have.
    pub values: Vec<ValueChange>,
    /// Files, by path.
    pub files: Vec<FileChange>,
    /// Paths of documents that differ, and only by what is told above.
    pub follows: Vec<String>,
}

/// One side.
#[derive(Clone, Debug, Serialize)]
pub struct About {
    /// As the user calls it.
    pub name: String,
    /// What is in it.
    pub what: What,
    /// The same for a person.
    pub title: String,
    /// Its medium; none for a profile's seed, which is on none.
    pub medium: Option<Kind>,
    /// Its labels, each once.
    pub labels: Vec<String>,
}

/// Something that both say of themselves, and not the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fact {
    /// Such as `host name`.
    pub name: &'static str,
    /// What the first says; none where it says nothing.
    pub a: Option<String>,
    /// What the second says.
    pub b: Option<String>,
}

/// A fix that is not the same in both.
#[derive(Clone, Debug, Serialize)]
pub struct FixChange {
    /// Its id.
    pub id: String,
    /// As the first has it; none where it does not.
    pub a: Option<FixAbout>,
    /// As the second has it.
    pub b: Option<FixAbout>,
}

/// What a fix is called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FixAbout {
    /// How much depends on it.
    pub label: Label,
    /// One line.
    pub title: String,
}

/// A value that is not the same in both. No value is a secret today.
#[derive(Clone, Debug, Serialize)]
pub struct ValueChange {
    /// The fix.
    pub fix: String,
    /// The value's name.
    pub name: String,
    /// What the first has; none where it has no such value.
    pub a: Option<Value>,
    /// What the second has.
    pub b: Option<Value>,
}

/// In what a file differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Aspect {
    /// The second has none.
    OnlyInA,
    /// The first has none.
    OnlyInB,
    /// One is a file, the other is not.
    Kind,
    /// Permission bits.
    Mode,
    /// Where a symbolic link points.
    Target,
    /// The bytes.
    Content,
}

/// A file that is not the same in both.
#[derive(Debug, Serialize)]
pub struct FileChange {
    /// Relative path; with the label where a second volume has another file of this path.
    pub path: String,
    /// In what it differs.
    pub changed: Vec<Aspect>,
    /// As the first has it.
    pub a: Option<FileState>,
    /// As the second has it.
    pub b: Option<FileState>,
    /// The content's differences; none with `--brief`, and where `undiffed` says why.
    pub diff: Option<Diff>,
    /// Why the content's differences are not shown.
    pub undiffed: Option<&'static str>,
}

/// A file on one side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FileState {
    /// What it is.
    pub kind: EntryKind,
    /// Bytes.
    pub size: u64,
    /// Four octal digits; none where the medium has no modes.
    pub mode: Option<String>,
    /// Of a file.
    pub sha256: Option<String>,
    /// Of a symbolic link.
    pub target: Option<String>,
}

/// Holds two sides against each other.
///
/// # Errors
/// When a file cannot be read.
pub fn compare(a: &mut Side, b: &mut Side, options: Options) -> Result<Comparison> {
    let mut notes = facts::notes(a, b);
    let (fixes, values) = facts::fixes(a, b, &mut notes);
    let documents = derived::Documents::read(a, b)?;
    let facts = facts::facts(a, b, &documents);
    notes.extend(facts::unseen(a, b));
    let pairs = pairs::pairs(a, b);
    let told = told::Told::of(a, b, &facts, &fixes, &values, &pairs);
    let mut changes = files::Changes::of(a, b, options);
    for pair in &pairs {
        changes.add(pair, &documents, Some(&told))?;
    }
    if facts.is_empty() && fixes.is_empty() && values.is_empty() && changes.files.is_empty() {
        // What follows must follow from something.
        changes = files::Changes::of(a, b, options);
        for pair in &pairs {
            changes.add(pair, &documents, None)?;
        }
    }
    let (files, follows) = (changes.files, changes.follows);
    let same =
        facts.is_empty() && fixes.is_empty() && values.is_empty() && files.is_empty() && follows.is_empty();
    let (a, b) = (a.about(), b.about());
    Ok(Comparison { schema: SCHEMA, a, b, same, notes, facts, fixes, values, files, follows })
}
