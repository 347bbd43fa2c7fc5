//! pam_limits: what a login gets from limits.conf and limits.d, and when it is refused.
//!
//! Source: pam_limits.c of Linux-PAM 1.3.1 with Rocky 8's patch `pam-limits-unlimited-value` (`nofile unlimited` means
//! fs.nr_open), and limits.conf(5). [`lines`] reads the lines, [`mod@effective`] applies them in their order.
//!
//! Unlike Debian's, Rocky's pam_limits spares root nothing: `*`, groups and ranges reach root too.
//! Limits: NSS sources other than /etc/passwd and /etc/group are not asked, and a `conf=` in the PAM stack is not seen.

pub mod effective;
pub mod lines;

use std::io;

pub use effective::{Effective, Limit, effective};
pub use lines::Line;

use super::{Root, named};

/// As setrlimit(2) has it: no limit.
pub const UNLIMITED: u64 = u64::MAX;

/// All lines, in the order in which they are read, and the files that they stand in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Configured {
    /// The lines that pam_limits understands.
    pub lines: Vec<Line>,
    /// The files, which [`Line::file`] counts.
    pub files: Vec<String>,
}

impl Configured {
    /// The lines of one file alone.
    pub fn only(&self, path: &str) -> Configured {
        let of_path = |line: &&Line| self.files.get(line.file).is_some_and(|file| file == path);
        Configured { lines: self.lines.iter().filter(of_path).cloned().collect(), files: self.files.clone() }
    }

    fn add(&mut self, path: String, bytes: &[u8]) {
        let file = self.files.len();
        self.files.push(path);
        lines::parse(bytes, file, &mut self.lines);
    }
}

/// The lines of one file that has no name yet.
pub fn parse(text: &str) -> Configured {
    let mut all = Configured::default();
    all.add(String::new(), text.as_bytes());
    all
}

/// The lines of a system: limits.conf, then limits.d/*.conf in the C locale's order. Hidden files are passed over, as
/// glob(3) does.
///
/// # Errors
/// When a file cannot be read. limits.conf has to be there: pam_limits refuses every login where it is not.
pub fn configured(root: &Root) -> io::Result<Configured> {
    const MAIN: &str = "/etc/security/limits.conf";
    const DIRECTORY: &str = "/etc/security/limits.d";
    let mut all = Configured::default();
    all.add(MAIN.to_owned(), &root.read_bytes(MAIN).map_err(named(MAIN))?);
    for name in root.names(DIRECTORY).map_err(named(DIRECTORY))? {
        if name.ends_with(".conf") && !name.starts_with('.') {
            let path = format!("{DIRECTORY}/{name}");
            // A directory opens, and has no lines.
            if !root.locate(&path).map_err(named(&path))?.is_dir() {
                let bytes = root.read_bytes(&path).map_err(named(&path))?;
                all.add(path, &bytes);
            }
        }
    }
    Ok(all)
}

/// A limit in words.
pub fn shown(value: u64) -> String {
    if value == UNLIMITED { "unlimited".to_owned() } else { value.to_string() }
}
