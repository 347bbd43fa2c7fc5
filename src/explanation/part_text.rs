//! Parts of a fix for a terminal of 80 columns.

use std::fmt;

use super::part::{CheckExplanation, Kickstart, KickstartExplanation, ValueExplanation};
use super::text::{paragraph, section, shown};
use crate::catalogue::{KICKSTART, Setting};

impl fmt::Display for ValueExplanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = &self.value;
        let now = self.profile.as_ref().map(|_| format!(" = {}", listed(&value.value)));
        paragraph(f, 0, 2, &format!("{}.{}{}", self.fix, value.name, now.unwrap_or_default()))?;
        paragraph(f, 2, 2, &format!("{}; {}", value.about, value.expects))?;
        paragraph(f, 2, 4, &format!("default {}", listed(&value.default)))?;
        if let Some(other) = &value.at_most {
            writeln!(f, "  at most {other}")?;
        }
        match (&value.set_at, &self.profile) {
            (Some(place), _) => writeln!(f, "  set at {place}")?,
            (None, Some(profile)) if !self.in_profile => {
                paragraph(f, 2, 2, &format!("profile {profile} does not have {}", self.fix))?;
            }
            _ => {}
        }
        section(f, &format!("of {}", self.fix))?;
        paragraph(f, 2, 2, &self.title)?;
        section(f, "set by")?;
        writeln!(f, "  --set {}.{}=VALUE, or in a profile", self.fix, value.name)?;
        if self.fix == KICKSTART {
            writeln!(f, "  {KICKSTART}: {{{}: VALUE}}", value.name)?;
        } else {
            writeln!(f, "  fixes:\n    {}: {{{}: VALUE}}", self.fix, value.name)?;
        }
        if !self.files.is_empty() {
            section(f, "goes into the files")?;
            self.files.iter().try_for_each(|path| writeln!(f, "  {path}"))?;
        }
        if !self.steps.is_empty() {
            section(f, "goes into the steps")?;
            self.steps
                .iter()
                .try_for_each(|step| paragraph(f, 2, 6, &format!("{}: {}", step.id, step.title)))?;
        }
        if !self.checks.is_empty() {
            section(f, "goes into the checks")?;
            self.checks
                .iter()
                .try_for_each(|check| paragraph(f, 2, 6, &format!("{}: {}", check.id, check.wanted)))?;
        }
        Ok(())
    }
}

impl fmt::Display for CheckExplanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.id)?;
        paragraph(f, 2, 2, &format!("{}: {}", self.label.as_str(), self.wanted))?;
        section(f, &format!("of {}", self.fix))?;
        paragraph(f, 2, 2, &self.title)?;
        section(f, "asked on the VM by")?;
        writeln!(f, "  sudo vastimg-verify --only {}", self.id)
    }
}

impl fmt::Display for KickstartExplanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{KICKSTART}: what Rocky's installer is told")?;
        paragraph(
            f,
            0,
            0,
            "A profile sets it below `kickstart:`, the command line with --set kickstart.KEY=VALUE.",
        )?;
        section(f, "values, with their defaults")?;
        for value in &self.values {
            paragraph(f, 2, 6, &format!("{} = {}", value.name, listed(&value.default)))?;
            paragraph(f, 6, 6, &format!("{}; {}", value.about, value.expects))?;
        }
        Ok(())
    }
}

impl fmt::Display for Kickstart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Kickstart::All(all) => all.fmt(f),
            Kickstart::One(one) => one.fmt(f),
        }
    }
}

/// A value; that there are no words is said in words.
fn listed(setting: &Setting) -> String {
    if *setting == Setting::Words(Vec::new()) { "none".to_owned() } else { shown(setting) }
}
