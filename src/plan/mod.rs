//! The plan: everything a seed will do to a VM, resolved and checked, before a document is rendered.
//!
//! It holds no YAML and nothing of the command line. Documents are pure functions of it. One plan serves many hosts:
//! what differs from host to host is in [`Host`].

mod assemble;
mod checks;
mod disk;
mod fault;
mod installation;
mod steps;
mod template;
mod trial;

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::catalogue::Setting;
use crate::manifest::{Check, Label};
use crate::network::Link;

pub use assemble::{Access, assemble};
pub use disk::Disk;
pub use installation::Installation;
pub use template::Templates;
pub use trial::faults_of;

/// Where prepare is on the VM.
pub const PREPARE: &str = "/usr/libexec/vastimg/prepare";
/// Where the verifier is on the VM.
pub const VERIFIER: &str = "/usr/bin/vastimg-verify";
/// Where the manifest is on the VM.
pub const MANIFEST: &str = "/etc/vastimg/manifest.json";
/// Below it, files wait for prepare to raise their values to what the VM's kernel has.
pub const FLOORS: &str = "/usr/share/vastimg/floors";

/// What is the same for every host of a profile.
#[derive(Debug)]
pub struct Plan {
    /// Name of the profile.
    pub profile: String,
    /// The VAST user.
    pub user: String,
    /// Public keys that may log in as the user, one authorized_keys line each.
    pub ssh_keys: Vec<String>,
    /// The user's password in crypt(5) form.
    pub password_hash: Option<String>,
    /// The fixes in the order in which they are applied; the base first.
    pub fixes: Vec<PlannedFix>,
    /// Files, sorted by path.
    pub files: Vec<PlannedFile>,
    /// What prepare does, in order.
    pub steps: Vec<Step>,
    /// What is to hold on the VM.
    pub checks: Vec<Check>,
    /// What the installer does, where the medium has a kickstart.
    pub installation: Option<Installation>,
}

impl Plan {
    /// Units that are enabled, in the order in which they are.
    pub fn units(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().flat_map(|step| match &step.action {
            Action::Units { units, .. } => units.iter().map(String::as_str).collect(),
            _ => Vec::new(),
        })
    }
}

/// What differs from host to host.
#[derive(Clone, Debug)]
pub struct Host {
    /// RFC 1123.
    pub hostname: String,
    /// cloud-init's network-config, version 1 or 2, verbatim; none asks DHCP.
    pub network: Option<String>,
    /// The same for the installer, each link after those that it is made of; empty where there is no kickstart.
    pub links: Vec<Link>,
}

/// A fix of the plan.
#[derive(Debug)]
pub struct PlannedFix {
    /// Its id.
    pub id: String,
    /// How much depends on it.
    pub label: Label,
    /// One line.
    pub title: String,
    /// All of its values by name; the base has none.
    pub values: BTreeMap<String, Setting>,
}

/// A file to place on the VM.
#[derive(Debug)]
pub struct PlannedFile {
    /// Absolute path.
    pub path: String,
    /// Permission bits.
    pub mode: u32,
    /// Content.
    pub content: Cow<'static, [u8]>,
    /// Its digest, in hexadecimal.
    pub sha256: String,
    /// The fix that places it.
    pub fix: String,
    /// Where prepare writes it, with floors raised, when it is below [`FLOORS`].
    pub settles: Option<String>,
}

impl PlannedFile {
    /// A file that is placed where it is to be.
    pub fn new(path: &str, mode: u32, content: impl Into<Cow<'static, [u8]>>, fix: &str) -> Self {
        let content = content.into();
        let sha256 = crate::digest::sha256(&content);
        PlannedFile { path: path.to_owned(), mode, content, sha256, fix: fix.to_owned(), settles: None }
    }

    /// The content, where it is text; anything else travels on the medium only.
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.content).ok().filter(|text| !text.contains('\0'))
    }
}

/// One step of prepare.
#[derive(Debug)]
pub struct Step {
    /// `FIX/STEP`.
    pub id: String,
    /// How much depends on it.
    pub label: Label,
    /// One line.
    pub title: String,
    /// What it does.
    pub action: Action,
}

/// What a step does. All but scripts are derived from what a fix declares.
#[derive(Debug)]
pub enum Action {
    /// Write a sysctl.d file with these keys raised to what the kernel has.
    SettleSysctl {
        /// Path on the VM.
        path: String,
        /// Keys.
        keys: Vec<String>,
    },
    /// Write a limits.d file with these items raised to what a login has.
    SettleLimits {
        /// Path on the VM.
        path: String,
        /// Items.
        items: Vec<String>,
    },
    /// Load a sysctl.d file and read every value back.
    LoadSysctl {
        /// Path on the VM.
        path: String,
    },
    /// Install packages in one transaction.
    Install {
        /// What brings their repository, installed before.
        release: Option<String>,
        /// Names.
        names: Vec<String>,
    },
    /// Enable systemd units.
    Units {
        /// Names.
        units: Vec<String>,
        /// Whether to start them as well.
        start: bool,
    },
    /// Run a script of the catalogue.
    Script {
        /// Its path in the catalogue.
        source: String,
        /// Bash.
        body: String,
    },
}
