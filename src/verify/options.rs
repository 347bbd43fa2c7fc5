//! Arguments of `vastimg-verify`.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use lexopt::prelude::*;

use super::history::options as past;
use super::report::{self, Format};

/// What `--help` prints, but for the formats.
const HELP: &str = "\
Verify that this host is prepared for VAST Data as its manifest says.

Usage: vastimg-verify [OPTIONS]
       vastimg-verify history | drift [OPTIONS]

Commands:
  history           list the runs that were kept on this host
  drift             show what has changed since the first of them
  help [COMMAND]    this text, or a command's

Options:
  --manifest FILE   the manifest [default: ROOT/etc/vastimg/manifest.json]
  --root DIR        check another tree; nothing live is looked at there
  --format FORMAT   {formats} [default: text]
  --strict          OPTIONAL deviations fail too
  --only ID         only this check, or this fix's checks (may be repeated)
  --skip ID         not this check, or this fix's checks (may be repeated)
  --output FILE     write the report there and not to standard output
  --wait SECS       run until nothing fails, SECS at most; the last run counts
  --console         say the verdict on the system's consoles too
  -q, --quiet       print nothing, unless there is no verdict; see Exit
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
    /// Answer a question on past runs.
    Past(past::Options),
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
    /// How long to wait for a report that passes.
    pub wait: Duration,
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
        wait: Duration::ZERO,
        console: false,
        quiet: false,
    };
    let mut parser = lexopt::Parser::from_args(args);
    let mut first = true;
    while let Some(argument) = parser.next()? {
        match argument {
            Long("manifest") => options.manifest = Some(parser.value()?.into()),
            Long("root") => options.root = parser.value()?.into(),
            Long("format") => options.format = report::format(&parser.value()?.string()?)?,
            Long("strict") => options.strict = true,
            Long("only") => options.only.push(parser.value()?.string()?),
            Long("skip") => options.skip.push(parser.value()?.string()?),
            Long("output") => {
                options.output = Some(parser.value()?.into()).filter(|path: &PathBuf| path.as_os_str() != "-")
            }
            Long("wait") => options.wait = seconds(&parser.value()?.string()?)?,
            Long("console") => options.console = true,
            Short('q') | Long("quiet") => options.quiet = true,
            Short('h') | Long("help") => return Ok(Request::Print(help(None))),
            Short('V') | Long("version") => {
                return Ok(Request::Print(
                    concat!("vastimg-verify ", env!("CARGO_PKG_VERSION"), "\n").to_owned(),
                ));
            }
            Value(word) => return command(&word.string()?, first, &mut parser),
            other => return Err(other.unexpected()),
        }
        first = false;
    }
    Ok(Request::Verify(options))
}

/// A command's help, or the verifier's own.
fn help(what: Option<past::What>) -> String {
    what.map_or_else(|| HELP.replace("{formats}", &report::names("or")), |what| what.help().to_owned())
}

fn command(word: &str, first: bool, parser: &mut lexopt::Parser) -> Result<Request, lexopt::Error> {
    if !matches!(word, "history" | "drift" | "help") {
        return Err(format!("{word:?} is no command; the commands are history, drift and help").into());
    }
    if !first {
        return Err(format!("{word} comes first, before its options").into());
    }
    let Some(what) = past::What::named(word) else {
        return match parser.next()? {
            None | Some(Short('h') | Long("help")) => Ok(Request::Print(help(None))),
            Some(Value(word)) if word == "help" => Ok(Request::Print(help(None))),
            Some(Value(word)) => command(&word.string()?, true, &mut lexopt::Parser::from_args(["--help"])),
            Some(other) => Err(other.unexpected()),
        };
    };
    Ok(past::parse(what, parser)?.map_or_else(|| Request::Print(help(Some(what))), Request::Past))
}

fn seconds(text: &str) -> Result<Duration, lexopt::Error> {
    let seconds = text.parse().map(Duration::from_secs);
    seconds.map_err(|_| format!("--wait {text}: expected a number of seconds, 0 or more").into())
}
