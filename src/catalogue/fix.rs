//! One fix, as its `fix.yaml` and the files beside it declare it.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use schemars::JsonSchema;
use serde::Deserialize;

use super::declaration;
use super::folder::Folder;
use super::value::ValueSpec;
use crate::diagnostic::{Diagnostic, Diagnostics, Source};
use crate::manifest::Label;
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

/// The keys of fix.yaml.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// Fixes are applied in this order; 500 where it is not given, behind all built-in ones.
    #[serde(default = "last")]
    pub order: u32,
    /// How much depends on it.
    pub label: Label,
    /// Where the source document has it.
    #[serde(default)]
    pub document: Option<String>,
    /// One line.
    pub title: String,
    /// Why it is needed.
    pub problem: String,
    /// What the failure looks like.
    #[serde(default)]
    pub evidence: Option<String>,
    /// How this differs from the document, and why.
    #[serde(default)]
    pub differs: Vec<String>,
    /// How to undo it.
    pub undo: String,
    /// Fixes that this one cannot do without, unless the VM has what they bring.
    #[serde(default)]
    pub needs: Vec<String>,
    /// Its values by name.
    #[serde(default)]
    pub values: BTreeMap<String, ValueSpec>,
    /// What is not the default about a file of rootfs/, by its path on the VM.
    #[serde(default)]
    pub files: BTreeMap<String, FileOptions>,
    /// Packages it needs.
    #[serde(default)]
    pub packages: Vec<PackageGroup>,
    /// Scripts of steps/, in their order.
    #[serde(default)]
    pub steps: Vec<StepSpec>,
    /// Kernel arguments, where the installer sets up the boot loader; a VM that exists keeps its own.
    #[serde(default)]
    pub kernel: Vec<String>,
    /// Units that are enabled and started.
    #[serde(default)]
    pub units: Vec<String>,
    /// Units that are only enabled.
    #[serde(default)]
    pub enable: Vec<String>,
    /// What proves it, each a mapping: the kinds of [`crate::manifest::Assertion`], `sysctl-file` and `limits-file`.
    #[serde(default)]
    pub checks: Vec<serde_json::Value>,
}

/// Names that templates know beside the fix's own values.
const RESERVED: [&str; 4] = ["user", "profile", "ssh_keys", "fixes"];

fn last() -> u32 {
    500
}

/// What is not the default about one file.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FileOptions {
    /// Permission bits in octal, as text; 0644 where it is not given.
    #[serde(default)]
    pub mode: Option<String>,
    /// Keys (sysctl.d) or items (limits.d) whose values the VM may only raise.
    #[serde(default)]
    pub floors: Vec<String>,
    /// Place it only when the plan has a file below this directory.
    #[serde(default)]
    pub only_with: Option<String>,
}

/// Packages of one dnf transaction.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PackageGroup {
    /// Its name within the fix.
    pub id: String,
    /// The value, of kind packages, that lists them.
    pub names: String,
    /// A package that brings the repository, installed in a transaction before.
    #[serde(default)]
    pub release: Option<String>,
    /// Where it differs from the fix's.
    #[serde(default)]
    pub label: Option<Label>,
}

/// One script of steps/.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StepSpec {
    /// The script is `steps/ID.sh` or `steps/ID.sh.j2`.
    pub id: String,
    /// One line.
    pub title: String,
    /// Where it differs from the fix's.
    #[serde(default)]
    pub label: Option<Label>,
}

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
                refuse(
                    &["steps", &index.to_string(), "id"],
                    format!("neither steps/{0}.sh nor steps/{0}.sh.j2 is there", step.id),
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
