//! A report's ways out: the consoles, standard output or `--output`, and the kept ones.
//!
//! The verdict comes first. What cannot be written or kept is said after it and changes neither it nor the exit code,
//! which speak of the host and not of its disk.

use std::fs;
use std::io::{self, IsTerminal};
use std::path::Path;

use super::facts::Root;
use super::history::{REPORTS, keep};
use super::options::{Format, Options};
use super::place::Placed;

use super::report::{self, Report};
use super::{complain, print};

/// Tells and keeps.
pub(super) fn publish(options: &Options, root: &Root, report: &Report) {
    if options.console {
        report::announce(root, &report::line(report));
    }
    let unwritten = match &options.output {
        Some(path) => {
            let written = write(path, &rendered(options, report, false));
            written.err().map(|error| format!("writing {}: {error}", path.display()))
        }
        None => None,
    };
    if !options.quiet {
        if options.output.is_none() || unwritten.is_some() {
            let colour = io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
            print(&rendered(options, report, colour));
        }
        if let Some(why) = unwritten {
            complain(&format!("vastimg-verify: {why}; the report is on standard output"));
        }
    }
    // A part of the checks, another tree or another manifest is no report on this host.
    let whole =
        root.is_live() && options.manifest.is_none() && options.only.is_empty() && options.skip.is_empty();
    if whole
        && let Err(error) = kept(report)
        && !options.quiet
    {
        complain(&format!("vastimg-verify: keeping the report in {REPORTS}: {error:#}"));
    }
}

fn rendered(options: &Options, report: &Report, colour: bool) -> String {
    match options.format {
        Format::Text => report::text(report, colour),
        Format::Json => report::json(report).unwrap_or_default(),
    }
}

fn kept(report: &Report) -> anyhow::Result<()> {
    keep::keep(&report::json(report)?, &report.time, Path::new(REPORTS))
}

/// A reader, of a textfile directory for one, sees the old file or the new one. What is no regular file is written to as
/// it is: a rename would replace the device or the pipe.
fn write(path: &Path, text: &str) -> io::Result<()> {
    let real = match fs::canonicalize(path) {
        Ok(real) if real.is_file() => real,
        Err(_) if fs::symlink_metadata(path).is_err() => path.to_owned(),
        _ => return fs::write(path, text),
    };
    let directory = real.parent().filter(|parent| !parent.as_os_str().is_empty());
    let placed = Placed::new(directory.unwrap_or(Path::new(".")), text)?;
    if let Ok(metadata) = fs::metadata(&real) {
        placed.permit(metadata.permissions())?;
    }
    placed.rename(&real)
}
