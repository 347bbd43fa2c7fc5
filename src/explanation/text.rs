//! An explanation for a terminal of 80 columns.

use std::fmt::{self, Write as _};

use super::{Explanation, Value};
use crate::catalogue::Setting;

const WIDTH: usize = 80;

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        paragraph(f, 0, 2, &format!("{}: {}", self.id, self.title))?;
        let document = self.document.as_ref().map(|place| format!(", {place} of the document"));
        writeln!(f, "{}{}", self.label.as_str(), document.unwrap_or_default())?;
        if !self.in_profile {
            let values = if self.values.is_empty() { "" } else { "; the values below are the defaults" };
            writeln!(f, "The profile {} does not have it{values}.", self.profile)?;
        }
        section(f, "problem")?;
        paragraph(f, 2, 2, &self.problem)?;
        if let Some(evidence) = &self.evidence {
            section(f, "what the failure looks like")?;
            evidence.lines().try_for_each(|line| writeln!(f, "  {line}"))?;
        }
        if !self.needs.is_empty() {
            section(f, "needs")?;
            writeln!(f, "  {}", self.needs.join(", "))?;
        }
        if !self.values.is_empty() {
            // With a fix that the profile lacks they are nobody's but the fix's own.
            let title = if self.in_profile {
                format!("values in profile {}", self.profile)
            } else {
                "values".to_owned()
            };
            section(f, &title)?;
            self.values.iter().try_for_each(|value| value_lines(f, value))?;
        }
        if !self.files.is_empty() {
            section(f, "places")?;
            for file in &self.files {
                let settled = if file.settled { "  (raised to what the VM's kernel has)" } else { "" };
                writeln!(f, "  {} {}{settled}", file.mode, file.path)?;
            }
        }
        if !self.kernel.is_empty() {
            section(f, "kernel arguments, where Rocky's installer sets up the boot loader")?;
            writeln!(f, "  {}", self.kernel.join(" "))?;
        }
        if !self.steps.is_empty() {
            section(f, "runs, at the first boot and when the seed changes")?;
            for step in &self.steps {
                let label = match step.label {
                    label if label == self.label => String::new(),
                    label => format!(" ({})", label.as_str()),
                };
                paragraph(f, 2, 6, &format!("{}: {}{label}", step.id, step.title))?;
                if let Some(script) = &step.script {
                    writeln!(f, "      {script}")?;
                }
            }
        }
        if !self.checks.is_empty() {
            section(f, "checks")?;
            for check in &self.checks {
                paragraph(f, 2, 6, &format!("{}: {}", check.id, check.wanted))?;
            }
        }
        if !self.differs.is_empty() {
            section(f, "how it differs from the document, and why")?;
            for difference in &self.differs {
                paragraph(f, 2, 4, &format!("- {difference}"))?;
            }
        }
        section(f, "undo")?;
        paragraph(f, 2, 2, &self.undo)
    }
}

/// A value with what it is, and its default where it has another one.
fn value_lines(f: &mut fmt::Formatter<'_>, value: &Value) -> fmt::Result {
    paragraph(f, 2, 6, &format!("{} = {}", value.name, shown(&value.value)))?;
    paragraph(f, 6, 6, &format!("{}; {}", value.about, value.expects))?;
    if value.value != value.default {
        paragraph(f, 6, 8, &format!("default {}", shown(&value.default)))?;
    }
    match &value.set_at {
        Some(place) => writeln!(f, "      set at {place}"),
        None => Ok(()),
    }
}

/// A value as `--set` takes it.
pub(super) fn shown(setting: &Setting) -> String {
    match setting {
        Setting::Integer(number) => number.to_string(),
        Setting::Text(text) => text.clone(),
        Setting::Words(words) => format!("[{}]", words.join(", ")),
    }
}

pub(super) fn section(f: &mut fmt::Formatter<'_>, title: &str) -> fmt::Result {
    writeln!(f, "\n{title}")
}

/// Words filled into lines; the first is indented by `first`, the others by `rest`.
pub(super) fn paragraph(f: &mut fmt::Formatter<'_>, first: usize, rest: usize, text: &str) -> fmt::Result {
    let mut line = " ".repeat(first);
    let mut empty = true;
    for word in text.split_whitespace() {
        if !empty && line.chars().count() + 1 + word.chars().count() > WIDTH {
            writeln!(f, "{line}")?;
            line = " ".repeat(rest);
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line.write_str(word)?;
        empty = false;
    }
    writeln!(f, "{line}")
}
