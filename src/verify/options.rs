//! Arguments of `vastimg-verify`.

use std::ffi::OsString;
use std::path::PathBuf;

use lexopt::prelude::*;

use super::report::{self, Format};

/// What `--help` prints, but for the formats.
const HELP: &str = "\
Verify that this host is prepared for VAST Data as its manifest says.

Usage: vastimg-verify [OPTIONS]

Options:
  --manifest FILE   the manifest [default: ROOT/etc/vastimg/manifest.json]
  --root DIR        check another tree; nothing live is looked at there
  --format FORMAT   {formats} [default: text]
  --strict          OPTIONAL deviations fail too
  --only ID         only this check, or this fix's checks (may be repeated)
  --skip ID         not this check, or this fix's checks (may be repeated)
  --output FILE     write the report there and not to standard output
  --console         say the verdict on the system's consoles too
  -q, --quiet       print nothing; the exit code tells
  -h, --help        this text
  -V, --version     the version

Exit: 0 nothing failed; 1 a REQUIRED or WORKAROUND check failed; 2 no verdict.
With --format nagios: 0 OK; 1 something warns; 2 something failed; 3 no verdict.
";

/// What to do.
#[derive(Debug)]
pub enum Request {
    /// Verify.
    Verify(Options),
    /// Print this.
    Print(String),
}

/// How to verify.
#[derive(Debug)]
pub struct Options {
    /// The manifest, if not the tree's own.
    pub manifest: Option<PathBuf>,
    /// The tree.
    pub root: PathBuf,
    /// The report's format.
    pub format: &'static dyn Format,
    /// Whether OPTIONAL deviations fail.
    pub strict: bool,
    /// Check or fix ids; empty for all.
    pub only: Vec<String>,
    /// Check or fix ids.
    pub skip: Vec<String>,
    /// Where the report goes, if not to standard output.
    pub output: Option<PathBuf>,
    /// Whether to tell the consoles.
    pub console: bool,
    /// Whether to print nothing.
    pub quiet: bool,
}

/// Reads the arguments, the program's name not among them.
///
/// # Errors
/// What is wrong with them.
pub fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Request, lexopt::Error> {
    let mut options = Options {
        manifest: None,
        root: PathBuf::from("/"),
        format: report::ALL[0],
        strict: false,
        only: Vec::new(),
        skip: Vec::new(),
        output: None,
        console: false,
        quiet: false,
    };
    let mut parser = lexopt::Parser::from_args(args);
    while let Some(argument) = parser.next()? {
        match argument {
            Long("manifest") => options.manifest = Some(parser.value()?.into()),
            Long("root") => options.root = parser.value()?.into(),
            Long("format") => options.format = report::format(&parser.value()?.string()?)?,
            Long("strict") => options.strict = true,
            Long("only") => options.only.push(parser.value()?.string()?),
            Long("skip") => options.skip.push(parser.value()?.string()?),
            Long("output") => options.output = Some(parser.value()?.into()),
            Long("console") => options.console = true,
            Short('q') | Long("quiet") => options.quiet = true,
            Short('h') | Long("help") => {
                return Ok(Request::Print(HELP.replace("{formats}", &report::names("or"))));
            }
            Short('V') | Long("version") => {
                return Ok(Request::Print(
                    concat!("vastimg-verify ", env!("CARGO_PKG_VERSION"), "\n").to_owned(),
                ));
            }
            other => return Err(other.unexpected()),
        }
    }
    Ok(Request::Verify(options))
}
