//! tuned: what its active profile sets after every boot, where the daemon is enabled.
//!
//! A profile is a tuned.conf of sections, one for each instance of a plugin; `include` takes others in first, and the
//! later option wins. /etc/tuned hides /usr/lib/tuned. Sources: tuned.conf(5), tuned-main.conf(5), and tuned 2.22.1's
//! profiles/{locator,loader,merger}.py.
//! Limits: options whose value has a variable (`${...}`) are left out, since tuned computes them; `devices=` and other
//! conditions of a section are not looked at.

use std::io;

use super::{Root, named, systemd};

/// Where profiles are, the first that has one first. 2.23 moved them into `profiles/`.
const DIRECTORIES: [&str; 4] =
    ["/etc/tuned/profiles", "/etc/tuned", "/usr/lib/tuned/profiles", "/usr/lib/tuned"];
/// More includes than this are no profile that a person wrote.
const MOST_FILES: usize = 64;

/// An option of a plugin, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    section: String,
    plugin: String,
    /// Its name.
    pub option: String,
    /// Its value; a first `>` or `<` means at least or at most.
    pub value: String,
    /// The profile's file.
    pub path: String,
}

/// What the daemon applies.
#[derive(Debug, Default)]
pub struct Profile {
    settings: Vec<Setting>,
    /// Whether it applies sysctl.d again after its own parameters.
    pub reapply_sysctl: bool,
}

impl Profile {
    /// The active profile; none where tuned is not enabled or has none.
    ///
    /// # Errors
    /// When a file that is there cannot be read.
    pub fn active(root: &Root) -> io::Result<Option<Self>> {
        const ACTIVE: &str = "/etc/tuned/active_profile";
        const MAIN: &str = "/etc/tuned/tuned-main.conf";
        let names = root.read_if_there(ACTIVE).map_err(named(ACTIVE))?.unwrap_or_default();
        if names.trim().is_empty() || systemd::enabled_by(root, "tuned.service")?.is_none() {
            return Ok(None);
        }
        let main = root.read_if_there(MAIN).map_err(named(MAIN))?.unwrap_or_default();
        let reapply = options(&main).filter(|(_, option, _)| *option == "reapply_sysctl").last();
        let mut profile = Profile {
            reapply_sysctl: reapply.is_none_or(|(_, _, value)| is_true(value)),
            ..Profile::default()
        };
        let mut seen = Vec::new();
        for name in names.split_whitespace() {
            profile.load(root, name, &mut seen)?;
        }
        Ok(Some(profile))
    }

    /// An option of a plugin, the last one.
    pub fn setting<'a>(&'a self, plugin: &'a str, option: &str) -> Option<&'a Setting> {
        self.of(plugin).rfind(|setting| setting.option == option)
    }

    /// All options of a plugin.
    pub fn of<'a>(&'a self, plugin: &'a str) -> impl DoubleEndedIterator<Item = &'a Setting> {
        self.settings.iter().filter(move |setting| setting.plugin == plugin)
    }

    fn load(&mut self, root: &Root, name: &str, seen: &mut Vec<String>) -> io::Result<()> {
        let mut candidates = DIRECTORIES.iter().map(|directory| format!("{directory}/{name}/tuned.conf"));
        // A profile may include the one of its own name that it hides.
        let found = candidates.find_map(|path| {
            if seen.contains(&path) {
                return None;
            }
            root.read_if_there(&path).map_err(named(&path)).transpose().map(|text| (path, text))
        });
        let Some((path, text)) = found else { return Ok(()) };
        let text = text?;
        seen.push(path.clone());
        if seen.len() > MOST_FILES {
            return Err(io::Error::other(format!("{path}: too many profiles include one another")));
        }
        for (section, option, value) in options(&text) {
            if section == "main" && option == "include" {
                for included in value.split([',', ';']) {
                    self.load(root, included.trim(), seen)?;
                }
            }
        }
        let plugin_of = |section: &str| {
            let own = options(&text).find(|(other, option, _)| *other == section && *option == "type");
            own.map_or(section, |(_, _, value)| value).to_owned()
        };
        for (section, option, value) in options(&text) {
            if option == "replace" && is_true(value) {
                self.settings.retain(|setting| setting.section != section || setting.path == path);
            } else if !value.contains("${") {
                self.settings.push(Setting {
                    section: section.to_owned(),
                    plugin: plugin_of(section),
                    option: option.to_owned(),
                    value: value.to_owned(),
                    path: path.clone(),
                });
            }
        }
        Ok(())
    }
}

/// Section, option and value of each line `option=value`; a `#` behind white space begins a comment.
fn options(text: &str) -> impl Iterator<Item = (&str, &str, &str)> {
    let mut section = "";
    text.lines().filter_map(move |line| {
        let line = line.trim();
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
            section = name;
            return None;
        }
        if line.starts_with(['#', ';']) {
            return None;
        }
        let (option, value) = line.split_once('=')?;
        let value =
            value.split_once(" #").or_else(|| value.split_once("\t#")).map_or(value, |(value, _)| value);
        Some((section, option.trim(), value.trim().trim_matches(['"', '\''])))
    })
}

fn is_true(value: &str) -> bool {
    matches!(value.to_ascii_lowercase().as_str(), "1" | "true" | "yes" | "y" | "t" | "on")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_comments_and_modifiers() {
        let text =
            "[main]\nsummary=x\n# [no]\n[sysctl]\nvm.swappiness = 30 # why\nnet.core.somaxconn=>2048\n";
        let all: Vec<_> = options(text).collect();
        let wanted = [
            ("main", "summary", "x"),
            ("sysctl", "vm.swappiness", "30"),
            ("sysctl", "net.core.somaxconn", ">2048"),
        ];
        assert_eq!(all, wanted);
    }
}
