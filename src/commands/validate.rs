//! `vastimg validate`: whether something that was written is as it should be.
//!
//! Each kind of subject gives its findings; what is printed and the exit code are the same for all. Images are the first
//! kind; what a person writes (profiles, inventories) can be added to `findings`, told apart by content.

use anyhow::Result;

use super::inspect::print;
use crate::cli::ValidateArgs;
use crate::image;
use crate::inspection::{self, What};

/// What was found of one subject.
struct Findings {
    /// One line each; none where it is valid.
    lines: Vec<String>,
    /// What to say on standard error whether it is valid or not.
    notes: Vec<String>,
}

/// Validates one subject: findings go to standard output, a line each; whether it is valid.
///
/// # Errors
/// When it cannot be read.
pub fn run(args: &ValidateArgs) -> Result<bool> {
    let Findings { lines, notes } = findings(args)?;
    for note in notes {
        eprintln!("{note}");
    }
    if !lines.is_empty() {
        eprintln!("{}: NOT valid", args.subject);
    }
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    print(text.as_bytes())?;
    Ok(lines.is_empty())
}

fn findings(args: &ValidateArgs) -> Result<Findings> {
    let name = &args.subject;
    let mut image = image::open(name)?;
    let found = inspection::examine(name.as_str(), &mut image);
    let lines: Vec<_> = found.findings.iter().map(|finding| format!("{name}: {finding}")).collect();
    let mut notes = Vec::new();
    if lines.is_empty() {
        notes.push(match found.what {
            What::VastimgSeed => format!("{name}: {}, valid", found.title),
            _ => format!("{name}: {}, valid as far as its documents go: it has no manifest", found.title),
        });
    }
    if found.what != What::NoImage {
        notes.push(found.wipes.sentence);
    }
    Ok(Findings { lines, notes })
}
