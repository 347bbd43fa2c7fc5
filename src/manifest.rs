//! The manifest: the contract between the generator and the verifier.
//!
//! It travels in the seed and is `/etc/vastimg/manifest.json` on the VM, where `vastimg-verify` reads it and nothing else.
//! A check states what is wanted; how it is looked up is the verifier's business.
//! Its version is [`SCHEMA`]; a verifier refuses any other.

use std::collections::BTreeMap;

use serde::de::Error as _;
use serde::{Deserialize, Serialize};

/// Name and version of this format.
pub const SCHEMA: &str = "vastimg/manifest/1";

/// How much depends on a fix, in the document's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "generator", derive(schemars::JsonSchema))]
#[serde(rename_all = "UPPERCASE")]
pub enum Label {
    /// The installation fails without it.
    Required,
    /// It works around a known bug.
    Workaround,
    /// It tunes; a deviation warns.
    Optional,
}

impl Label {
    const ALL: [Label; 3] = [Label::Required, Label::Workaround, Label::Optional];

    /// By the document's word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|label| label.as_str() == word)
    }

    /// As the document writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Label::Required => "REQUIRED",
            Label::Workaround => "WORKAROUND",
            Label::Optional => "OPTIONAL",
        }
    }
}

/// Everything the verifier needs to know of a seed.
#[derive(Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "generator", derive(schemars::JsonSchema))]
pub struct Manifest {
    /// [`SCHEMA`].
    pub schema: String,
    /// Program and version that wrote it.
    pub generator: String,
    /// Name of the profile.
    pub profile: String,
    /// The VAST user.
    pub user: String,
    /// The fixes, in the order in which they are applied.
    pub fixes: Vec<Fix>,
    /// The files that are on the VM as built.
    pub files: Vec<File>,
    /// What is to hold.
    pub checks: Vec<Check>,
}

/// A fix that is part of the seed.
#[derive(Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "generator", derive(schemars::JsonSchema))]
pub struct Fix {
    /// Its id.
    pub id: String,
    /// How much depends on it.
    pub label: Label,
    /// One line.
    pub title: String,
    /// All of its values by name, for `vastimg inspect` and `vastimg diff`; the verifier goes by the checks. Older
    /// manifests say none. They travel in the clear: no value is a secret today, and one that were would have to stay out.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, serde_json::Value>,
}

/// A file that is on the VM as built.
#[derive(Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "generator", derive(schemars::JsonSchema))]
pub struct File {
    /// Absolute path.
    pub path: String,
    /// Permission bits, four octal digits; the owner is root.
    pub mode: String,
    /// Of the content, in hexadecimal.
    pub sha256: String,
    /// The fix that places it.
    pub fix: String,
}

/// One thing that is to hold on the VM.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "generator", derive(schemars::JsonSchema))]
pub struct Check {
    /// `FIX.NAME`, stable from release to release.
    pub id: String,
    /// The fix it belongs to.
    pub fix: String,
    /// How much depends on it.
    pub label: Label,
    /// What is asserted.
    #[serde(flatten)]
    pub assertion: Assertion,
}

/// By hand, since serde's own way for a flattened enum buffers everything twice, and a tenth of the verifier would be that.
impl<'de> Deserialize<'de> for Check {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut fields = serde_json::Map::<String, serde_json::Value>::deserialize(deserializer)?;
        let mut text = |name: &'static str| match fields.remove(name) {
            Some(serde_json::Value::String(text)) => Ok(text),
            Some(_) => Err(D::Error::custom(format_args!("{name} is no text"))),
            None => Err(D::Error::missing_field(name)),
        };
        let (id, fix, label) = (text("id")?, text("fix")?, text("label")?);
        let label =
            Label::named(&label).ok_or_else(|| D::Error::custom(format_args!("{label:?} is no label")))?;
        let assertion =
            Assertion::deserialize(serde_json::Value::Object(fields)).map_err(D::Error::custom)?;
        Ok(Check { id, fix, label, assertion })
    }
}

/// The kinds of checks. In fix.yaml the key of a check's mapping, in kebab-case, is the kind.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "generator", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Assertion {
    /// A kernel parameter has a value: live in /proc/sys and as the next boot will set it.
    Sysctl {
        /// Dotted key.
        key: String,
        /// Wanted value.
        value: String,
        /// Whether a larger value is as good.
        #[serde(default)]
        floor: bool,
        /// The sysctl.d file that is to set it.
        path: String,
    },
    /// A login gets at least this limit.
    LoginLimit {
        /// User name.
        who: String,
        /// `nofile` or `nproc`.
        item: String,
        /// Wanted soft and hard limit, at least.
        value: String,
        /// The limits.d file that is to set it.
        path: String,
    },
    /// A daemon has at least this limit of open files, now if it runs, and when it starts again.
    ServiceLimit {
        /// Name of its main process as /proc/PID/comm has it; `systemd` is PID 1's default for its services.
        process: String,
        /// Its unit, where it is not PID 1.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unit: Option<String>,
        /// `DefaultLimitNOFILE` or `LimitNOFILE`.
        setting: String,
        /// At least.
        value: String,
    },
    /// Every running container whose name begins so has at least this limit of open files; skipped where none runs.
    ContainerLimit {
        /// How their names begin.
        containers: String,
        /// At least.
        value: String,
    },
    /// Every running container whose name begins so has this program; skipped where none runs.
    ContainerProgram {
        /// How their names begin.
        containers: String,
        /// Its path in the container.
        program: String,
        /// The unit that puts it there.
        by: String,
    },
    /// A file of /sys that lists choices has this one in brackets.
    Selected {
        /// The file.
        path: String,
        /// Wanted choice.
        value: String,
        /// The unit that selects it at boot.
        by: String,
        /// The kernel argument that selects it too.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        argument: Option<String>,
        /// Options of tuned's plug-in `vm` that select it after the boot.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        tuned: Vec<String>,
    },
    /// Every disk whose name matches has this I/O scheduler; skipped where there is none.
    Scheduler {
        /// Globs over /sys/block.
        disks: Vec<String>,
        /// Wanted scheduler.
        value: String,
        /// The udev rules that set it at boot.
        rules: String,
    },
    /// The Python distribution that the system's python3 finds first has this version.
    PythonDist {
        /// Normalised name.
        name: String,
        /// Exact version.
        version: String,
    },
    /// Some installed rpm provides this.
    Package {
        /// Package name or virtual provide.
        name: String,
    },
    /// A program prints a line.
    Command {
        /// Its name.
        name: String,
        /// Whose PATH finds it: `sudo` or `login`.
        search: String,
        /// Its arguments.
        arguments: Vec<String>,
        /// A whole line of its standard output.
        contains: String,
    },
    /// No entry of these directories looks like a leftover.
    Leftovers {
        /// Directories, the last components may be globs.
        directories: Vec<String>,
        /// Globs over names.
        names: Vec<String>,
        /// Globs: of directories, only those that are empty or hold such an entry count; empty for all. Names that
        /// contain a hyphen are specific enough without.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        holding: Vec<String>,
        /// Whether only directories count.
        #[serde(default)]
        only_directories: bool,
        /// Owners that count; empty for all.
        #[serde(default)]
        owners: Vec<String>,
        /// How long it must have been left alone to count, in minutes.
        #[serde(default, deserialize_with = "number_or_text")]
        older_than_minutes: u64,
        /// The command that cleans up.
        clean: String,
    },
    /// A systemd unit is started at boot.
    UnitEnabled {
        /// Its name.
        unit: String,
    },
    /// A unit runs whenever another one does.
    RunsWith {
        /// Its name.
        unit: String,
        /// The other one.
        host: String,
    },
    /// A user exists and may call sudo without a password.
    Account {
        /// Its name.
        name: String,
    },
    /// The files of the check's fix are as built.
    Files {},
    /// The last run of prepare was of this manifest and failed in nothing that matters.
    Prepared {},
}

/// In fix.yaml a number may be a template, and then it is text.
fn number_or_text<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    let number = value.as_u64().or_else(|| value.as_str()?.trim().parse().ok());
    number.ok_or_else(|| D::Error::custom(format_args!("{value} is no number")))
}
