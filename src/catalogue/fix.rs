//! One fix, as its `fix.yaml` and the files beside it declare it.

use std::collections::BTreeSet;

use anyhow::Result;

use super::declaration;
use super::folder::Folder;
use super::spec::Spec;
use crate::diagnostic::{Diagnostic, Diagnostics, Source};
use crate::yaml;

/// A fix. Everything else about it - what is placed, run, checked and explained - is derived from this.
#[derive(Debug)]
pub struct Fix {
    /// The folder's name.
    pub id: String,
    /// What fix.yaml says.
    pub spec: Spec,
    /// The folder, for `rootfs/` and `steps/`.
    pub folder: Folder,
}

/// Names that templates know beside the fix's own values.
const RESERVED: [&str; 4] = ["user", "profile", "ssh_keys", "fixes"];

impl Fix {
    /// Reads a folder.
    ///
    /// # Errors
    /// When fix.yaml is missing or malformed, or names a file, step, value or unit that the folder does not have: all of
    /// that at once, as [`Diagnostics`].
    pub fn parse(id: &str, folder: Folder) -> Result<Self> {
        let source = Source::new(format!("{}/fix.yaml", folder.name), folder.text("fix.yaml")?);
        let spec: Spec = serde_yaml::from_str(&source.text)
            .map_err(|error| declaration::faults(&source, &error))
            .map_err(Diagnostics)?;
        let fix = Fix { id: id.to_owned(), spec, folder };
        let faults = fix.faults();
        if faults.is_empty() {
            return Ok(fix);
        }
        let root = yaml::parse(&source).map_err(Diagnostics::from)?;
        let placed = |fault: Fault| {
            let path: Vec<&str> = fault.path.iter().map(String::as_str).collect();
            Diagnostic::at(root.place_of(&path), fault.message)
        };
        Err(Diagnostics(faults.into_iter().map(placed).collect()).into())
    }

    /// Reads a folder of somebody's own, and holds its checks against the kinds that there are, too.
    ///
    /// # Errors
    /// As [`Fix::parse`].
    pub fn parse_strictly(id: &str, folder: Folder) -> Result<Self> {
        let source = Source::new(format!("{}/fix.yaml", folder.name), folder.text("fix.yaml")?);
        let root = yaml::parse(&source).map_err(Diagnostics::from)?;
        let found = declaration::check(&root);
        if found.is_empty() { Self::parse(id, folder) } else { Err(Diagnostics(found).into()) }
    }

    /// Paths on the VM, each with the path of its source in the folder.
    pub fn rootfs(&self) -> impl Iterator<Item = (String, &str)> {
        self.folder.files.keys().filter_map(|path| {
            let below = path.strip_prefix("rootfs/")?;
            Some((format!("/{}", below.strip_suffix(".j2").unwrap_or(below)), path.as_str()))
        })
    }

    /// The path in the folder of a step's script.
    pub fn script(&self, step: &str) -> Option<&str> {
        let plain = format!("steps/{step}.sh");
        let template = format!("{plain}.j2");
        [plain, template]
            .iter()
            .find_map(|path| self.folder.files.get_key_value(path))
            .map(|(path, _)| path.as_str())
    }

    /// What is wrong between the declaration and the folder, or between one part and another.
    fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut refuse = |path: &[&str], message: String| {
            faults.push(Fault { path: path.iter().map(|name| (*name).to_owned()).collect(), message });
        };
        let name = self.id.as_str();
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if name.is_empty() || !name.chars().all(plain) {
            refuse(
                &[],
                format!("{name:?} is no name for a fix's folder: use lower-case letters, digits and hyphens"),
            );
        }
        let placed: BTreeSet<String> = self.rootfs().map(|(path, _)| path).collect();
        for (path, options) in &self.spec.files {
            if !placed.contains(path) {
                refuse(&["files", path], format!("{path:?} is not below rootfs/"));
            }
            if let Some(mode) = &options.mode
                && !(mode.len() == 4 && u32::from_str_radix(mode, 8).is_ok_and(|bits| bits & !0o777 == 0))
            {
                let message = format!("mode {mode:?} is not four octal digits such as \"0755\"");
                refuse(&["files", path, "mode"], message);
            }
            let floors = path.starts_with("/etc/sysctl.d/") || path.starts_with("/etc/security/limits.d/");
            if !options.floors.is_empty() && !floors {
                let message = "floors are known for sysctl.d and limits.d only".to_owned();
                refuse(&["files", path, "floors"], message);
            }
        }
        for (index, step) in self.spec.steps.iter().enumerate() {
            if self.script(&step.id).is_none() {
                let there: Vec<&str> =
                    self.folder.files.keys().filter_map(|path| path.strip_prefix("steps/")).collect();
                let there = if there.is_empty() { "nothing".to_owned() } else { there.join(", ") };
                refuse(
                    &["steps", &index.to_string(), "id"],
                    format!("neither steps/{0}.sh nor steps/{0}.sh.j2 is there; steps/ has {there}", step.id),
                );
            }
        }
        for (name, value) in &self.spec.values {
            if RESERVED.contains(&name.as_str()) {
                refuse(&["values", name], format!("{name} is what templates call something else; rename it"));
            }
            if let Some(other) = &value.at_most
                && !self.spec.values.contains_key(other)
            {
                refuse(
                    &["values", name, "at_most"],
                    format!("at_most names {other:?}, which is no value here"),
                );
            }
            if let Err(error) = value.default_setting() {
                refuse(&["values", name, "default"], format!("the default of {name} {error}"));
            }
        }
        for (key, units) in [("units", &self.spec.units), ("enable", &self.spec.enable)] {
            for (index, unit) in units.iter().enumerate() {
                let allowed = |c: char| c.is_ascii_alphanumeric() || "@._:-".contains(c);
                if !unit.chars().all(allowed) || !unit.contains('.') || unit.starts_with(['-', '.']) {
                    refuse(
                        &[key, &index.to_string()],
                        format!("{unit:?} is no unit's name, such as mine.service"),
                    );
                }
            }
        }
        for (index, argument) in self.spec.kernel.iter().enumerate() {
            let allowed = |c: char| c.is_ascii_alphanumeric() || "._:/@=,+-".contains(c);
            if argument.is_empty() || !argument.chars().all(allowed) {
                let message =
                    format!("{argument:?} is no kernel argument such as transparent_hugepage=never");
                refuse(&["kernel", &index.to_string()], message);
            }
        }
        for (index, group) in self.spec.packages.iter().enumerate() {
            if !self.spec.values.get(&group.names).is_some_and(|value| value.kind == super::Kind::Packages) {
                let message = format!("{}: {:?} is not a value of kind packages", group.id, group.names);
                refuse(&["packages", &index.to_string(), "names"], message);
            }
        }
        faults
    }
}

/// What is wrong, below which keys of fix.yaml.
struct Fault {
    path: Vec<String>,
    message: String,
}
