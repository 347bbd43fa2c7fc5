//! A comparison for a person to read: what seeds say first, their files last, and what follows from that in one line.

use std::fmt;

use serde_json::Value;

use super::{Aspect, Comparison, FileChange, FileState, FixAbout, ValueChange};

/// Digits of a digest that are shown.
const DIGITS: usize = 12;

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.same {
            writeln!(f, "{} and {} hold the same", self.a.name, self.b.name)?;
        } else {
            for (mark, side) in [("a", &self.a), ("b", &self.b)] {
                writeln!(f, "{mark}: {}, {}", side.name, side.title)?;
            }
        }
        for note in &self.notes {
            writeln!(f, "note: {note}")?;
        }
        section(f, "", !self.facts.is_empty())?;
        for fact in &self.facts {
            let said = |value: &Option<String>| value.clone().unwrap_or_else(|| "not said".to_owned());
            writeln!(f, "{}: {} -> {}", fact.name, said(&fact.a), said(&fact.b))?;
        }
        section(f, "fixes\n", !self.fixes.is_empty())?;
        for change in &self.fixes {
            match (&change.a, &change.b) {
                (Some(a), None) => writeln!(f, "  only in a: {}", fix(&change.id, a))?,
                (None, Some(b)) => writeln!(f, "  only in b: {}", fix(&change.id, b))?,
                (Some(a), Some(b)) => writeln!(f, "  {} -> {}", fix(&change.id, a), fix(&change.id, b))?,
                (None, None) => {}
            }
        }
        section(f, "values\n", !self.values.is_empty())?;
        for ValueChange { fix, name, a, b } in &self.values {
            writeln!(f, "  {fix}.{name}: {} -> {}", value(a.as_ref()), value(b.as_ref()))?;
        }
        section(f, "files\n", !self.files.is_empty())?;
        for file in &self.files {
            heading(f, file)?;
        }
        for file in &self.files {
            contents(f, file)?;
        }
        if !self.follows.is_empty() {
            let verb = if self.follows.len() == 1 { "differs" } else { "differ" };
            writeln!(f, "\n{} {verb} by that alone", self.follows.join(", "))?;
        }
        Ok(())
    }
}

fn section(f: &mut fmt::Formatter<'_>, title: &str, any: bool) -> fmt::Result {
    if any { write!(f, "\n{title}") } else { Ok(()) }
}

fn fix(id: &str, about: &FixAbout) -> String {
    format!("{id} ({}): {}", about.label.as_str(), about.title)
}

/// A value as `--set` takes it.
fn value(value: Option<&Value>) -> String {
    match value {
        None => "none".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(words)) => {
            let words: Vec<String> = words
                .iter()
                .map(|word| word.as_str().map_or_else(|| word.to_string(), str::to_owned))
                .collect();
            format!("[{}]", words.join(", "))
        }
        Some(other) => other.to_string(),
    }
}

/// One line on a file: in what it differs.
fn heading(f: &mut fmt::Formatter<'_>, file: &FileChange) -> fmt::Result {
    let mut told = Vec::new();
    let both = |of: fn(&FileState) -> Option<String>| {
        let side =
            |state: &Option<FileState>| state.as_ref().and_then(of).unwrap_or_else(|| "none".to_owned());
        format!("{} -> {}", side(&file.a), side(&file.b))
    };
    for aspect in &file.changed {
        told.push(match aspect {
            Aspect::OnlyInA => "only in a".to_owned(),
            Aspect::OnlyInB => "only in b".to_owned(),
            Aspect::Kind => both(|state| Some(state.kind.title().to_owned())),
            Aspect::Mode => format!("mode {}", both(|state| state.mode.clone())),
            Aspect::Target => format!("points to {}", both(|state| state.target.clone())),
            Aspect::Content => match (&file.diff, file.undiffed) {
                (None, Some(why)) => format!("{}, {why}", both(digest)),
                _ => "content".to_owned(),
            },
        });
    }
    writeln!(f, "  {}: {}", file.path, told.join("; "))
}

fn digest(state: &FileState) -> Option<String> {
    let sha256 = state.sha256.as_deref()?;
    Some(format!("{} bytes with sha256 {}", state.size, sha256.get(..DIGITS).unwrap_or(sha256)))
}

fn contents(f: &mut fmt::Formatter<'_>, file: &FileChange) -> fmt::Result {
    let Some(diff) = &file.diff else { return Ok(()) };
    write!(f, "\n--- a/{0}\n+++ b/{0}\n", file.path)?;
    if let Some(without) = diff.without {
        writeln!(f, "(without {without})")?;
    }
    for line in &diff.lines {
        writeln!(f, "{line}")?;
    }
    if diff.more > 0 {
        writeln!(f, "({} more lines)", diff.more)?;
    }
    Ok(())
}
