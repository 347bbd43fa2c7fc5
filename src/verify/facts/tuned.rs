//! tuned: what its active profile sets after every boot, where the daemon is enabled.
//!
//! A profile is a tuned.conf of sections, one for each instance of a plugin; `include` takes others in first, then a
//! section's options are laid over those of the same name. /etc/tuned hides /usr/lib/tuned. A profile that is missing or
//! malformed keeps tuned from applying anything. Sources: tuned.conf(5), tuned-main.conf(5), and tuned 2.22.1's
//! profiles/{locator,loader,merger}.py and units/manager.py.
//! Limits: of what stands in `${...}` only the variables of the profile's own section `variables` are known
//! ([`is_computed`]); sections that ask for a processor or a kernel (`cpuinfo_regex`, `uname_regex`) are left out, and
//! `devices` is not looked at.

use std::io;

use super::{Root, named, root::Allowance, systemd};

const ACTIVE: &str = "/etc/tuned/active_profile";
/// No value of a kernel parameter is longer.
const LONGEST_VALUE: usize = 512;
const UNIT: &str = "tuned.service";
/// Where profiles are, the first that has one first. 2.23 moved them into `profiles/`.
const DIRECTORIES: [&str; 4] =
    ["/etc/tuned/profiles", "/etc/tuned", "/usr/lib/tuned/profiles", "/usr/lib/tuned"];
/// More profiles than this, or more text in them, are nothing that a person wrote.
const MOST_NAMES: usize = 64;
const ALLOWANCE: usize = 1 << 18;

/// An option of a plugin, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Its name.
    pub option: String,
    /// Its value; a first `>` or `<` means at least or at most.
    pub value: String,
    /// The profile's file.
    pub path: String,
}

/// A section: an instance of a plugin.
#[derive(Debug, Default)]
struct Instance {
    name: String,
    plugin: String,
    disabled: bool,
    conditional: bool,
    replace: bool,
    drop: Vec<String>,
    priority: i64,
    settings: Vec<Setting>,
}

/// What was looked for, and which files were taken in.
struct Loaded {
    names: usize,
    seen: Vec<String>,
    allowance: Allowance,
}

/// What the daemon applies.
#[derive(Debug, Default)]
pub struct Profile {
    instances: Vec<Instance>,
    /// Whether it applies sysctl.d again after its own parameters.
    pub reapply_sysctl: bool,
}

impl Profile {
    /// The active profile; none where tuned is not enabled, has none, or cannot load it.
    ///
    /// # Errors
    /// When a file that is there cannot be read.
    pub fn active(root: &Root) -> io::Result<Option<Self>> {
        const MAIN: &str = "/etc/tuned/tuned-main.conf";
        let names = root.read_if_there(ACTIVE).map_err(named(ACTIVE))?.unwrap_or_default();
        // Masking leaves the link that would start it.
        if names.trim().is_empty()
            || systemd::enabled_by(root, UNIT)?.is_none()
            || systemd::is_masked(root, UNIT)?
        {
            return Ok(None);
        }
        let main = root.read_if_there(MAIN).map_err(named(MAIN))?.unwrap_or_default();
        let reapply = main
            .lines()
            .filter_map(|line| line.split_once('='))
            .rfind(|(option, _)| option.trim() == "reapply_sysctl");
        let mut profile = Profile {
            reapply_sysctl: reapply.is_none_or(|(_, value)| is_true(value.trim())),
            ..Profile::default()
        };
        let mut loaded = Loaded { names: 0, seen: Vec::new(), allowance: Allowance::new(ALLOWANCE) };
        for name in names.split_whitespace() {
            if !profile.load(root, name, &mut loaded)? {
                return Ok(None);
            }
        }
        profile.fill_in();
        // A stable sort: among equals the order of the sections stays.
        profile.instances.sort_by_key(|instance| instance.priority);
        Ok(Some(profile))
    }

    /// An option of a plugin, the last one.
    pub fn setting<'a>(&'a self, plugin: &'a str, option: &str) -> Option<&'a Setting> {
        self.of(plugin).filter(|setting| setting.option == option).last()
    }

    /// All options of a plugin, in the order in which they are applied.
    pub fn of<'a>(&'a self, plugin: &'a str) -> impl Iterator<Item = &'a Setting> {
        self.instances(plugin).flat_map(|instance| &instance.settings)
    }

    /// Whether a plugin runs at all, be it without an option.
    pub fn runs(&self, plugin: &str) -> bool {
        self.instances(plugin).next().is_some()
    }

    fn instances<'a>(&'a self, plugin: &'a str) -> impl Iterator<Item = &'a Instance> {
        self.instances.iter().filter(move |own| own.plugin == plugin && !own.disabled && !own.conditional)
    }

    /// Lays a profile over what is there; false where it cannot be loaded.
    fn load(&mut self, root: &Root, name: &str, loaded: &mut Loaded) -> io::Result<bool> {
        loaded.names += 1;
        if loaded.names > MOST_NAMES {
            return Err(io::Error::other(format!("{ACTIVE}: leads to more than {MOST_NAMES} profiles")));
        }
        let (name, may_be_missing) = match name.strip_prefix('-') {
            Some(name) => (name, true),
            None => (name, false),
        };
        let name = name.rsplit('/').next().unwrap_or(name);
        let mut hidden = false;
        let mut found = None;
        for directory in DIRECTORIES {
            let path = format!("{directory}/{name}/tuned.conf");
            // A profile may include the one of its own name that it hides.
            if loaded.seen.contains(&path) {
                hidden = true;
            } else if let Some(text) = root.read_if_there(&path).map_err(named(&path))? {
                found = Some((path, text));
                break;
            }
        }
        let Some((path, text)) = found else { return Ok(hidden || may_be_missing) };
        loaded.allowance.take(&path, &text)?;
        loaded.seen.push(path.clone());
        let Some((includes, instances)) = parse(&text, &path) else { return Ok(false) };
        for included in includes.split([',', ';']).map(str::trim).filter(|name| !name.is_empty()) {
            if !included.contains("${") && !self.load(root, included, loaded)? {
                return Ok(false);
            }
        }
        for instance in instances {
            self.lay_over(instance);
        }
        Ok(true)
    }

    /// Puts the values of variables in their places, those of earlier variables into later ones.
    fn fill_in(&mut self) {
        let section = self.instances.iter_mut().find(|instance| instance.name == "variables");
        let mut known: Vec<(String, String)> = Vec::new();
        for variable in section.map(|section| std::mem::take(&mut section.settings)).unwrap_or_default() {
            let value = filled(&variable.value, &known);
            known.push((format!("${{{}}}", variable.option), value));
        }
        for setting in self.instances.iter_mut().flat_map(|instance| &mut instance.settings) {
            if is_computed(&setting.value) {
                setting.value = filled(&setting.value, &known);
            }
        }
    }

    fn lay_over(&mut self, newer: Instance) {
        let Some(older) = self.instances.iter_mut().find(|older| older.name == newer.name) else {
            self.instances.push(newer);
            return;
        };
        if newer.replace {
            *older = newer;
            return;
        }
        older.plugin = newer.plugin;
        older.disabled = newer.disabled;
        older.conditional |= newer.conditional;
        older.priority = newer.priority;
        older.settings.retain(|setting| !newer.drop.contains(&setting.option));
        for setting in newer.settings {
            set(&mut older.settings, setting);
        }
    }
}

/// What a tuned.conf includes, and its sections; none where tuned could not parse it. A line that is indented goes on
/// with the one before; a `#` behind white space begins a comment.
fn parse(text: &str, path: &str) -> Option<(String, Vec<Instance>)> {
    let mut includes = String::new();
    let mut instances: Vec<Instance> = Vec::new();
    let mut section = None;
    for line in text.lines() {
        let bare = line.trim();
        if bare.is_empty() || bare.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = bare.strip_prefix('[').and_then(|rest| rest.split_once(']')).map(|(name, _)| name)
        {
            section = Some(name);
            if name != "main" && !instances.iter().any(|own| own.name == name) {
                instances.push(Instance {
                    name: name.to_owned(),
                    plugin: name.to_owned(),
                    ..Instance::default()
                });
            }
            continue;
        }
        let section = section?;
        if line.starts_with([' ', '\t']) {
            continue;
        }
        let bare = bare.split_once(" #").or_else(|| bare.split_once("\t#")).map_or(bare, |(bare, _)| bare);
        let (option, value) = bare.split_once('=')?;
        let (option, value) = (option.trim(), value.trim());
        let Some(instance) = instances.iter_mut().find(|own| own.name == section) else {
            if option == "include" {
                value.clone_into(&mut includes);
            }
            continue;
        };
        match option {
            "type" => value.clone_into(&mut instance.plugin),
            "enabled" => instance.disabled = !is_true(value),
            "replace" => instance.replace = is_true(value),
            "drop" => instance.drop = value.split([',', ';']).map(|name| name.trim().to_owned()).collect(),
            "priority" => instance.priority = value.parse().unwrap_or_default(),
            "uname_regex" | "cpuinfo_regex" => instance.conditional = true,
            _ => set(
                &mut instance.settings,
                Setting {
                    option: option.to_owned(),
                    value: value.trim_matches(['"', '\'']).to_owned(),
                    path: path.to_owned(),
                },
            ),
        }
    }
    Some((includes, instances))
}

/// Whether a value has something in it that only tuned knows.
pub fn is_computed(value: &str) -> bool {
    value.contains("${")
}

fn filled(value: &str, known: &[(String, String)]) -> String {
    let mut value = value.to_owned();
    for (name, text) in known {
        // Each once at the most, and nothing that would grow without end.
        if value.contains(name.as_str()) && value.len() + text.len() < LONGEST_VALUE {
            value = value.replacen(name.as_str(), text, 1);
        }
    }
    value
}

/// In the place of the option of that name, or behind all others.
fn set(settings: &mut Vec<Setting>, new: Setting) {
    match settings.iter_mut().find(|own| own.option == new.option) {
        Some(own) => *own = new,
        None => settings.push(new),
    }
}

fn is_true(value: &str) -> bool {
    matches!(value.to_ascii_lowercase().as_str(), "1" | "true" | "yes" | "y" | "t" | "on")
}
