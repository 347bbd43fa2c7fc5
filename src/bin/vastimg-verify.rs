//! `vastimg-verify`: see [`vastimg::verify`].

#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(vastimg::verify::main(std::env::args_os().skip(1)))
}
