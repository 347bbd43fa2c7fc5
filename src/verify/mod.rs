//! The on-host verifier: wanted (manifest) against persisted (what the next boot gives) against live.
//!
//! [`facts`] read the system, [`checks`] assert of it, [`report`] tells, [`history`] remembers. [`run`] is one run of
//! them. The whole is a static program of its own, `vastimg-verify`, and uses nothing of the generator.

pub mod checks;
pub mod facts;
pub mod history;
pub mod options;
pub mod report;
pub mod run;

mod place;
mod publish;
mod wanted;

use std::ffi::OsString;
use std::io::{self, Write};

use options::Request;
use report::Format;

/// Runs the program; returns its exit code: 0 the answer is yes, 1 it is no, 2 there is none, unless the format has others.
pub fn main(args: impl IntoIterator<Item = OsString>) -> u8 {
    let args: Vec<OsString> = args.into_iter().collect();
    match options::parse(args.iter().cloned()) {
        Ok(Request::Verify(options)) => run::main(&options),
        Ok(Request::Past(options)) => history::main(&options),
        Ok(Request::Print(text)) => {
            print(&text);
            0
        }
        Err(error) => {
            let line = format!("vastimg-verify: {error}; vastimg-verify --help lists the options");
            refuse(report::asked_for(&args), &line)
        }
    }
}

/// Tells that there is no verdict, where the format's reader looks for it.
fn refuse(format: &dyn Format, line: &str) -> u8 {
    if let Some((text, code)) = format.refusal(line) {
        print(&text);
        return code;
    }
    complain(line);
    2
}

/// To standard output. That nobody reads it to its end is no error; that it is lost is said, and changes no verdict.
fn print(text: &str) {
    let mut stdout = io::stdout();
    if let Err(error) = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush())
        && error.kind() != io::ErrorKind::BrokenPipe
    {
        complain(&format!("vastimg-verify: writing to standard output: {error}"));
    }
}

/// To standard error; not by eprintln, which panics when nobody reads it or its disk is full.
fn complain(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}
