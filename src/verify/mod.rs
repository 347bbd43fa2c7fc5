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

/// Runs the program; returns its exit code: 0 the answer is yes, 1 it is no, 2 there is none.
pub fn main(args: impl IntoIterator<Item = OsString>) -> u8 {
    match options::parse(args.into_iter().collect()) {
        Ok(Request::Verify(options)) => run::main(&options),
        Ok(Request::Past(options)) => history::main(&options),
        Ok(Request::Print(text)) => {
            print(&text);
            0
        }
        Err(error) => {
            complain(&format!("vastimg-verify: {error}; vastimg-verify --help lists the options"));
            2
        }
    }
}

/// To standard output; that nobody reads it to its end is no error.
fn print(text: &str) {
    let _ = io::stdout().write_all(text.as_bytes());
}

/// To standard error; not by eprintln, which panics when nobody reads it or its disk is full.
fn complain(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}
