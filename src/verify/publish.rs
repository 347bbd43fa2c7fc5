//! A report's ways out: the consoles, standard output or `--output`, and the kept ones.
//!
//! The verdict comes first. What cannot be written or kept is said after it and changes neither it nor the exit code,
//! which speak of the host and not of its disk.

use std::io;
use std::path::Path;

use super::facts::Root;
use super::history::{REPORTS, keep};
use super::options::Options;

use super::report::{self, Report};
use super::{complain, print};
use crate::colour;

/// Tells and keeps.
pub(super) fn publish(options: &Options, root: &Root, report: &Report) {
    if options.console {
        report::announce(root, &report::line(report));
    }
    let unwritten = match &options.output {
        Some(path) => {
            let written = report::replace(path, &rendered(options, report, false));
            written.err().map(|error| format!("writing {}: {error}", path.display()))
        }
        None => None,
    };
    if !options.quiet {
        if options.output.is_none() || unwritten.is_some() {
            print(&rendered(options, report, colour::suits(&io::stdout())));
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
        // Whole runs are kept as root's; who is not root has not asked for that.
        && !error.chain().any(|cause| {
            cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::PermissionDenied)
        })
    {
        complain(&format!("vastimg-verify: keeping the report in {REPORTS}: {error:#}"));
    }
}

fn rendered(options: &Options, report: &Report, colour: bool) -> String {
    options.format.render(report, colour).unwrap_or_else(|error| format!("{error:#}\n"))
}

fn kept(report: &Report) -> anyhow::Result<()> {
    keep::keep(&report::json(report)?, &report.time, Path::new(REPORTS))
}
