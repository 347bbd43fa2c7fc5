//! Whether a stream is to have colours, for both programs. Source: no-color.org; `TERM=dumb` has none either.

use std::env;
use std::io::IsTerminal;

/// Whether a stream is a terminal that has colours, and nobody asked for none.
pub fn suits(stream: &impl IsTerminal) -> bool {
    let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty());
    stream.is_terminal() && set("NO_COLOR").is_none() && set("TERM").is_some_and(|term| term != "dumb")
}
