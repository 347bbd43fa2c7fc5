//! ks.cfg before those that read it: pykickstart, ShellCheck, and a system into which its scripts install.
//!
//! What Anaconda makes of the commands is not tested here, since there is no Rocky 8 DVD; the boot test runs the scripts in
//! a virtual machine, with real media.

mod post;
mod pre;
mod root;
mod syntax;
mod system;
mod ways;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::Value;

use crate::pykickstart;
use crate::seed::{KEY, Seed};

/// A medium with a kickstart, as a directory.
pub(crate) struct Medium {
    pub(crate) seed: Seed,
    pub(crate) text: String,
}

impl Medium {
    pub(crate) fn build(arguments: &[&str]) -> Self {
        let disk: &[&str] =
            if arguments.contains(&"--install-disk") { &[] } else { &["--install-disk", "vda"] };
        let arguments = [disk, arguments].concat();
        let seed = Seed::build("seed", &arguments);
        let text = fs::read_to_string(seed.path().join("ks.cfg")).unwrap();
        Medium { seed, text }
    }

    pub(crate) fn of_profile(profile: &str) -> Self {
        Medium::build(&["--profile", profile, "--ssh-key", KEY])
    }

    /// What pykickstart reads; none when it is missing.
    pub(crate) fn read(&self) -> Option<Value> {
        pykickstart::parse(&self.text)
    }

    /// The script of one section, as pykickstart takes it out.
    pub(crate) fn script(&self, section: &str) -> Option<String> {
        let read = self.read()?;
        let scripts = read["scripts"].as_array().unwrap();
        let number =
            ["pre", "post", "traceback", "preinstall", "onerror"].iter().position(|name| *name == section);
        let mut found = scripts.iter().filter(|script| script["type"] == number.unwrap());
        let script = found.next().unwrap_or_else(|| panic!("no {section} in {read}"));
        assert!(found.next().is_none(), "two sections {section}");
        assert_eq!(script["interp"], "/bin/bash");
        Some(script["script"].as_str().unwrap().to_owned())
    }
}

pub(crate) fn executable(path: &Path) {
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}
