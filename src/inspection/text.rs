//! An inspection for a person to read.

use std::fmt;

use super::{FileReport, Inspection, Seed, State, VolumeReport, What, values};
use crate::image::{EntryKind, Kind};

/// Digits of a digest that are shown.
const DIGITS: usize = 12;

/// What values stand below, and how many characters of them go on a line.
const INDENT: &str = "              ";
const WIDTH: usize = 96;

impl fmt::Display for Inspection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = self.size.map(|size| format!(" of {size} bytes")).unwrap_or_default();
        if self.kind == Kind::Unknown {
            return writeln!(f, "{}: {}{}", self.image, self.title, size.replace(" of", ";"));
        }
        writeln!(f, "{}: {}", self.image, self.title)?;
        writeln!(f, "{}", self.wipes.sentence)?;
        writeln!(f)?;
        row(f, "image", format_args!("{}{size}", self.kind.title()))?;
        for volume in &self.volumes {
            row(f, "volume", format_args!("{}", Described(volume)))?;
        }
        if let Some(seed) = &self.seed {
            about(f, seed, self.what)?;
        }
        for secret in &self.secrets {
            row(f, "secret", format_args!("{} has {} in line {}", secret.path, secret.what, secret.line))?;
        }
        if let Some(seed) = self.seed.as_ref().filter(|seed| !seed.fixes.is_empty()) {
            writeln!(f, "\nfixes")?;
            let width = seed.fixes.iter().map(|fix| fix.id.len()).max().unwrap_or_default().min(40);
            for fix in &seed.fixes {
                writeln!(f, "  {:<10}  {:<width$}  {}", fix.label.as_str(), fix.id, fix.title)?;
                for line in values::lines(&fix.values, WIDTH) {
                    writeln!(f, "{INDENT}{line}")?;
                }
            }
        }
        for volume in self.volumes.iter().filter(|volume| !volume.files.is_empty()) {
            match volume.labels.first() {
                Some(label) => writeln!(f, "\nfiles on {}: mode, size, sha256, path", label.text)?,
                None => writeln!(f, "\nfiles: mode, size, sha256, path")?,
            }
            volume.files.iter().try_for_each(|file| entry(f, file))?;
        }
        if !self.findings.is_empty() && self.what != What::NoSeed {
            writeln!(f, "\nwhat is wrong")?;
            for finding in &self.findings {
                writeln!(f, "  {finding}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for super::Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.path {
            Some(path) => write!(f, "{path}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

struct Described<'a>(&'a VolumeReport);

impl fmt::Display for Described<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let VolumeReport { format, labels, count, bytes, .. } = self.0;
        let plural = if *count == 1 { "" } else { "s" };
        write!(f, "{format}, {count} file{plural} of {bytes} bytes")?;
        match labels.as_slice() {
            [] => Ok(()),
            [first, rest @ ..] if rest.iter().all(|other| other.text == first.text) => {
                write!(f, ", label {}", first.text)
            }
            several => several
                .iter()
                .try_for_each(|label| write!(f, ", label {} in the {}", label.text, label.place)),
        }
    }
}

fn about(f: &mut fmt::Formatter<'_>, seed: &Seed, what: What) -> fmt::Result {
    let fields =
        [("profile", &seed.profile), ("host name", &seed.hostname), ("instance-id", &seed.instance_id)];
    for (name, value) in fields.into_iter().chain([("user", &seed.user), ("written by", &seed.generator)]) {
        if let Some(value) = value {
            row(f, name, format_args!("{value}"))?;
        }
    }
    match seed.own_verifier {
        Some(true) => row(f, "verifier", format_args!("the one that this vastimg puts into seeds"))?,
        Some(false) => {
            // It is not run to be asked, so its version is what the manifest says.
            let said = seed.generator.as_deref().unwrap_or("nothing");
            let text =
                format_args!("not the one that this vastimg puts into seeds; the manifest says {said}");
            row(f, "verifier", text)?;
        }
        None => {}
    }
    if what == What::VastimgSeed {
        let digests =
            format_args!("{} of {} files are as the manifest says", seed.payload_same, seed.payload);
        row(f, "payload", digests)?;
    }
    let password = match seed.password {
        Some(true) => "user-data holds a password or its hash; it is not shown",
        Some(false) => "user-data holds none",
        None => "user-data is wrapped or not text; whether it holds one cannot be told",
    };
    row(f, "password", format_args!("{password}"))
}

fn row(f: &mut fmt::Formatter<'_>, name: &str, value: fmt::Arguments<'_>) -> fmt::Result {
    writeln!(f, "  {name:<11}  {value}")
}

fn entry(f: &mut fmt::Formatter<'_>, file: &FileReport) -> fmt::Result {
    let mode = file.mode.as_deref().unwrap_or("-");
    let digest = match (&file.sha256, file.kind) {
        (Some(digest), _) => digest.get(..DIGITS).unwrap_or(digest),
        (None, EntryKind::File) => "unreadable",
        (None, _) => "-",
    };
    write!(f, "  {mode:<4} {:>9}  {digest:<DIGITS$}  {}", file.size, file.path)?;
    if let Some(target) = &file.target {
        write!(f, " -> {target}")?;
    }
    match file.manifest {
        Some(State::Differs) => write!(f, "  DIFFERS from the manifest")?,
        Some(State::Unnamed) => write!(f, "  not in the manifest")?,
        Some(State::Same) | None => {}
    }
    writeln!(f)
}
