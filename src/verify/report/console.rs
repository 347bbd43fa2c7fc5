//! The one line that ends a boot, on every console that the kernel uses; a program finds it by its beginning.

use std::fs::OpenOptions;
use std::io::Write;

use super::Report;
use super::format::plain;
use crate::verify::facts::Root;

/// `vastimg-verify: PASS 31 pass, 0 fail, 1 warn, 2 skip  profile=loopback host=vast-01 manifest=sha256:1a2b3c4d5e6f`
pub fn line(report: &Report) -> String {
    let counts = report.counts;
    let line = format!(
        "vastimg-verify: {} {} pass, {} fail, {} warn, {} skip  profile={} host={} manifest={:.19}",
        report.verdict,
        counts.pass,
        counts.fail,
        counts.warn,
        counts.skip,
        report.profile,
        report.host,
        report.manifest
    );
    // A name with a line's end in it must not make two lines of it, of which the second could say anything.
    plain(&line).collect()
}

/// Writes the line to each active console. /dev/console is only the last of them, often the screen and not the serial
/// line. A console that cannot be written to is no reason to lose the verdict.
pub fn announce(root: &Root, line: &str) {
    let active = root.read("/sys/class/tty/console/active").unwrap_or_default();
    let names: Vec<&str> =
        active.split_whitespace().filter(|name| name.chars().all(char::is_alphanumeric)).collect();
    let names = if names.is_empty() { vec!["console"] } else { names };
    for name in names {
        if let Ok(mut console) = OpenOptions::new().write(true).open(format!("/dev/{name}")) {
            // In raw mode the terminal does not add the carriage return itself; and the line may have begun already.
            let _ = write!(console, "\r\n{line}\r\n");
        }
    }
}
