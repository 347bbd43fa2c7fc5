//! What is said to the person at the keyboard, on standard error, and how loudly. Data goes to standard output by [`print()`].
//!
//! Quiet keeps errors, warnings, and the sentence on what is wiped. That a reader of standard output leaves before its end is no error.

use std::io::{self, ErrorKind, IsTerminal, Write};

use anyhow::{Context, Error, Result, ensure};

use crate::colour;
use crate::diagnostic::{Diagnostic, Diagnostics, Severity};

/// When to use colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Colour {
    /// On a terminal that has them.
    #[default]
    Auto,
    /// In any case.
    Always,
    /// Nowhere.
    Never,
}

/// How loudly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Errors and warnings.
    Quiet,
    /// What was done, too.
    #[default]
    Normal,
    /// And how.
    Verbose,
}

/// The way to standard error.
#[derive(Clone, Copy, Debug)]
pub struct Talk {
    level: Level,
    colour: bool,
}

impl Talk {
    /// Resolves colours once.
    pub fn new(level: Level, colour: Colour) -> Self {
        let colour = match colour {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto => colour::suits(&io::stderr()),
        };
        Talk { level, colour }
    }

    /// Whether only errors and warnings are wanted.
    pub fn is_quiet(&self) -> bool {
        self.level == Level::Quiet
    }

    /// What was done.
    pub fn say(&self, text: &str) {
        if self.level > Level::Quiet {
            line(text);
        }
    }

    /// How it was done.
    pub fn detail(&self, text: &str) {
        if self.level == Level::Verbose {
            line(text);
        }
    }

    /// What nobody may miss, such as what is wiped; quiet or not.
    pub fn insist(&self, text: &str) {
        match text.strip_prefix("WARNING: ") {
            Some(rest) => line(&format!("{} {rest}", self.painted("WARNING:", Severity::Warning))),
            None => line(text),
        }
    }

    /// Whether what matters so much is told at this level.
    pub fn tells(&self, severity: Severity) -> bool {
        severity < Severity::Note || self.level > Level::Quiet
    }

    /// A diagnostic with its place.
    pub fn tell(&self, diagnostic: &Diagnostic) {
        if self.tells(diagnostic.severity) {
            line(&format!("{} {diagnostic}", self.heading(diagnostic.severity)));
        }
    }

    /// The error that ends the program.
    pub fn error(&self, error: &Error) {
        let told = Diagnostics::of(error);
        let text: Vec<String> =
            told.iter().map(|one| format!("{} {one}", self.heading(Severity::Error))).collect();
        line(&text.join("\n\n"));
    }

    fn heading(&self, severity: Severity) -> String {
        self.painted(&format!("{}:", severity.word()), severity)
    }

    fn painted(&self, text: &str, severity: Severity) -> String {
        let ansi = match severity {
            _ if !self.colour => return text.to_owned(),
            Severity::Error => "\x1b[1;31m",
            Severity::Warning => "\x1b[1;33m",
            Severity::Note => "\x1b[1;36m",
        };
        format!("{ansi}{text}\x1b[0m")
    }
}

/// One line of talk. Where standard error is closed there is nobody to tell, and nothing to stop for.
fn line(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Writes to standard output; that nobody reads it to its end is no error.
///
/// # Errors
/// Any other failure to write.
pub fn print(bytes: &[u8]) -> Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()).context("writing standard output") {
        Err(error) if reader_has_left(&error) => Ok(()),
        other => other,
    }
}

/// Whether whoever reads standard output has left, which is theirs to do.
pub fn reader_has_left(error: &Error) -> bool {
    error.chain().any(|cause| {
        cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
    })
}

/// Writes a value as JSON, for programs.
///
/// # Errors
/// As [`print()`].
pub fn print_json(value: &impl serde::Serialize) -> Result<()> {
    let mut text = serde_json::to_string_pretty(value).context("writing JSON")?;
    text.push('\n');
    print(text.as_bytes())
}

/// Prints a file; on a terminal only what is text, and nothing that the terminal would obey.
///
/// # Errors
/// As [`print()`]; when it is not for a terminal.
pub fn print_file(bytes: &[u8]) -> Result<()> {
    if io::stdout().is_terminal() {
        let text = std::str::from_utf8(bytes).ok();
        let obeyed = |c: char| c.is_control() && !matches!(c, '\n' | '\t' | '\r');
        ensure!(
            text.is_some_and(|text| !text.chars().any(obeyed)),
            "standard output is a terminal, and this is not text; redirect it to a file"
        );
    }
    print(bytes)
}
