//! `vastimg validate`: whether what somebody wrote or built is as it should be.

use anyhow::{Context, Result, ensure};
use serde::Serialize;

use crate::catalogue::Catalogue;
use crate::cli::{MessageFormat, SubjectKind, ValidateArgs};
use crate::diagnostic::{Diagnostic, Severity};
use crate::talk::{Talk, print, print_json};
use crate::validation::{self, Kind, Options, Validation};

/// Name and version of the JSON form.
const SCHEMA: &str = "vastimg/validation/1";

/// Validates subjects: findings go to standard output, a word on each subject to standard error; whether all are valid.
///
/// # Errors
/// When one of them, or the catalogue, cannot be read.
pub fn run(args: &ValidateArgs, talk: &Talk) -> Result<bool> {
    let memory = args.memory.as_deref().map(memory).transpose()?;
    let all: Vec<Validation> = match (Catalogue::load(args.catalogue.as_deref()), &args.catalogue) {
        (Ok(catalogue), _) => {
            let options = Options { catalogue, kind: args.kind.map(kind), memory };
            let examined = args.subjects.iter().map(|subject| validation::examine(subject, &options));
            examined.collect::<Result<_>>()?
        }
        (Err(error), Some(directory)) => {
            let catalogue = validation::examine_catalogue(directory, error)?;
            let valid = tell(&[catalogue], args, talk)?;
            let others: Vec<&str> =
                args.subjects.iter().map(String::as_str).filter(|subject| *subject != directory).collect();
            if !others.is_empty() {
                talk.say(&format!("{}: not looked at, until {directory} is valid", others.join(", ")));
            }
            return Ok(valid);
        }
        (Err(error), None) => return Err(error),
    };
    tell(&all, args, talk)
}

/// Whether all are valid.
fn tell(all: &[Validation], args: &ValidateArgs, talk: &Talk) -> Result<bool> {
    let valid = all.iter().all(|one| one.valid(args.strict));
    match args.message_format {
        MessageFormat::Json => print_json(&Told {
            schema: SCHEMA,
            valid,
            subjects: all.iter().map(|one| subject(one, args.strict)).collect(),
        })?,
        MessageFormat::Text => {
            for one in all {
                // As everywhere, quiet keeps errors and warnings.
                let told = |finding: &&Diagnostic| talk.tells(finding.severity);
                let findings: Vec<String> = one
                    .findings
                    .iter()
                    .filter(told)
                    .map(|finding| format!("{}: {finding}\n", finding.severity.word()))
                    .collect();
                // An empty line between those that have several.
                let gap = if findings.iter().any(|text| text.trim_end().contains('\n')) { "\n" } else { "" };
                print(findings.join(gap).as_bytes())?;
                talk.say(&verdict(one, args.strict));
                if let Some(sentence) = &one.wipes {
                    talk.insist(sentence);
                }
            }
        }
    }
    Ok(valid)
}

fn verdict(one: &Validation, strict: bool) -> String {
    let counted = |severity: Severity| match one.count(severity) {
        0 => None,
        1 => Some(format!("1 {}", severity.word())),
        count => Some(format!("{count} {}s", severity.word())),
    };
    let counts: Vec<String> =
        [Severity::Error, Severity::Warning, Severity::Note].into_iter().filter_map(counted).collect();
    let counts = if counts.is_empty() { String::new() } else { format!(" ({})", counts.join(", ")) };
    let word = if one.valid(strict) { "valid" } else { "NOT valid" };
    let as_far_as = one.as_far_as.filter(|_| one.valid(strict)).unwrap_or_default();
    format!("{}: {}, {word}{as_far_as}{counts}", one.subject, one.title)
}

/// The JSON form.
#[derive(Serialize)]
struct Told<'a> {
    schema: &'static str,
    valid: bool,
    subjects: Vec<SubjectTold<'a>>,
}

#[derive(Serialize)]
struct SubjectTold<'a> {
    subject: &'a str,
    kind: Kind,
    title: &'a str,
    valid: bool,
    wipes: Option<&'a str>,
    findings: Vec<FindingTold<'a>>,
}

/// Lines and columns from 1, in characters; none where a finding has no place.
#[derive(Serialize)]
struct FindingTold<'a> {
    severity: Severity,
    message: &'a str,
    file: Option<&'a str>,
    line: Option<usize>,
    column: Option<usize>,
    help: Option<&'a str>,
}

fn subject(one: &Validation, strict: bool) -> SubjectTold<'_> {
    SubjectTold {
        subject: &one.subject,
        kind: one.kind,
        title: &one.title,
        valid: one.valid(strict),
        wipes: one.wipes.as_deref(),
        findings: one.findings.iter().map(finding).collect(),
    }
}

fn finding(one: &Diagnostic) -> FindingTold<'_> {
    let place = one.place.as_ref();
    FindingTold {
        severity: one.severity,
        message: &one.message,
        file: place.map(|place| place.source.name.as_str()),
        line: place.map(|place| place.line),
        column: place.map(|place| place.column),
        help: one.help.as_deref(),
    }
}

fn kind(asked: SubjectKind) -> Kind {
    match asked {
        SubjectKind::Profile => Kind::Profile,
        SubjectKind::Inventory => Kind::Inventory,
        SubjectKind::Fix => Kind::Fix,
        SubjectKind::UserData => Kind::UserData,
        SubjectKind::NetworkConfig => Kind::NetworkConfig,
        SubjectKind::Kickstart => Kind::Kickstart,
        SubjectKind::Image => Kind::Image,
    }
}

/// A size of memory in KiB: `120G`, `122880M`, GiB and MiB alike.
fn memory(text: &str) -> Result<u64> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    let shift = match unit.to_ascii_uppercase().trim_end_matches('B').trim_end_matches('I') {
        "M" => Some(10),
        "G" => Some(20),
        "T" => Some(30),
        _ => None,
    };
    let size =
        number.parse::<u64>().ok().zip(shift).and_then(|(number, shift)| number.checked_mul(1 << shift));
    let size = size.with_context(|| format!("--memory {text}: no size such as 120G or 16384M"))?;
    ensure!(size >= 1 << 19, "--memory {text}: less than 512M, which no such VM has; say it as 120G");
    Ok(size)
}
