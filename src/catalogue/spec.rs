//! What a fix.yaml may say, as types: the keys that `vastimg schema fix` and docs/authoring.md tell of.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::value::ValueSpec;
use crate::manifest::Label;

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
