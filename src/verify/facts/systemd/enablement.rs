//! Whether a unit is started at boot: what PID 1 makes of links in `.wants` and `.requires` ([`enabled_by`]), and the
//! word that `systemctl is-enabled` has for it ([`state`]). Sources: load-dropin.c and install.c of systemd 239.
//!
//! Limits: whether the boot reaches the unit that has the link is not asked. 239's systemctl takes links in any other
//! directory for enablement too, which starts nothing; they do not count here, nor for later ones.

use std::collections::BTreeSet;
use std::fs;
use std::io;

use super::units::{self, Fragment};
use super::{SEARCH, config, drop_ins, name};
use crate::verify::facts::root::is_missing;
use crate::verify::facts::{Root, named};

/// What `systemctl is-enabled` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// There is no such unit.
    NotFound,
    /// It cannot be started.
    Masked,
    /// A generator made it.
    Generated,
    /// A link starts it at boot, or is an alias that its `[Install]` section names.
    Enabled,
    /// Its file is elsewhere, and a link makes it known.
    Linked,
    /// It is known by a link that its `[Install]` section does not name, or names other units only.
    Indirect,
    /// Its `[Install]` section could enable it.
    Disabled,
    /// It has nothing to enable it by.
    Static,
}

impl State {
    /// As systemctl writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            State::NotFound => "not-found",
            State::Masked => "masked",
            State::Generated => "generated",
            State::Enabled => "enabled",
            State::Linked => "linked",
            State::Indirect => "indirect",
            State::Disabled => "disabled",
            State::Static => "static",
        }
    }
}

/// The link by which another unit pulls this one in.
///
/// # Errors
/// When a directory cannot be listed.
pub fn enabled_by(root: &Root, unit: &str) -> io::Result<Option<String>> {
    let names = units::find(root, unit)?.names;
    // One in an earlier directory hides one of the same name, and may be a mask.
    let mut seen = BTreeSet::new();
    for base in SEARCH {
        for directory in root.names(base).map_err(named(base))? {
            if !directory.ends_with(".wants") && !directory.ends_with(".requires") {
                continue;
            }
            let directory_path = format!("{base}/{directory}");
            let entries = root.names(&directory_path).map_err(named(&directory_path))?;
            for known in names.iter().filter(|known| entries.contains(known)) {
                let path = format!("{base}/{directory}/{known}");
                let first = seen.insert(format!("{directory}/{known}"));
                // What is no link pulls nothing in, and hides a link all the same.
                let Some(target) = units::link(root, &path).filter(|_| first) else { continue };
                if !units::is_mask(root, &target).is_ok_and(|mask| mask) {
                    return Ok(Some(path));
                }
            }
        }
    }
    Ok(None)
}

/// Whether the unit cannot be started.
///
/// # Errors
/// When its file cannot be looked at.
pub fn is_masked(root: &Root, unit: &str) -> io::Result<bool> {
    Ok(matches!(units::find(root, unit)?.fragment, Fragment::Masked(_)))
}

/// What an `[Install]` section has.
#[derive(Default)]
struct Install {
    aliases: Vec<String>,
    wanted_by: Vec<String>,
    required_by: Vec<String>,
    also: bool,
    default_instance: Option<String>,
}

/// What `systemctl is-enabled` says.
///
/// # Errors
/// When a file or directory cannot be read.
pub fn state(root: &Root, unit: &str) -> io::Result<State> {
    let found = units::find(root, unit)?;
    let path = match &found.fragment {
        Fragment::Missing => return Ok(State::NotFound),
        Fragment::Masked(_) => return Ok(State::Masked),
        Fragment::File(path) => path,
    };
    if path.starts_with("/run/systemd/generator") {
        return Ok(State::Generated);
    }
    let id = found.id();
    let mut install = Install::default();
    for path in [path.clone()].into_iter().chain(drop_ins::of_install(root, id)?) {
        install.read(root, &path)?;
    }
    let known = |link: &str| {
        let default = install.default_instance.as_deref().filter(|_| name::is_template(id));
        link == id
            || install.aliases.iter().any(|alias| alias == link)
            || default.is_some_and(|default| name::instance(id, default) == link)
    };
    let mut links = Vec::new();
    for base in SEARCH {
        find_links(root, base, base, id, &mut links)?;
    }
    let etc = |link: &&Link| link.base == "/etc/systemd/system";
    let own = |link: &&Link| !link.same_name && known(&link.name);
    let state = if links.iter().filter(etc).any(|link| own(&link)) {
        State::Enabled
    } else if name::instance_of(id).is_some() && links.iter().any(|link| own(&link)) {
        State::Static
    } else if links.iter().filter(etc).any(|link| link.same_name) {
        State::Linked
    } else if links.iter().filter(etc).any(|link| !link.same_name) {
        State::Indirect
    } else if [&install.aliases, &install.wanted_by, &install.required_by].iter().any(|list| !list.is_empty())
    {
        State::Disabled
    } else if install.also {
        State::Indirect
    } else {
        State::Static
    };
    Ok(state)
}

struct Link {
    base: &'static str,
    name: String,
    /// The unit's own place, from which a link leads to where its file is.
    same_name: bool,
}

/// The links that are named as the unit is, or lead to a file of its name.
fn find_links(
    root: &Root,
    base: &'static str,
    directory: &str,
    unit: &str,
    links: &mut Vec<Link>,
) -> io::Result<()> {
    let real = root.locate(directory)?;
    let entries = match fs::read_dir(&real) {
        Ok(entries) => entries,
        Err(error) if is_missing(&error) => return Ok(()),
        Err(error) => return Err(named(directory)(error)),
    };
    for entry in entries {
        let entry = entry.map_err(named(directory))?;
        let (kind, name) = (entry.file_type(), entry.file_name());
        let (Ok(kind), Some(name)) = (kind, name.to_str()) else { continue };
        if kind.is_dir() && directory == base && (name.ends_with(".wants") || name.ends_with(".requires")) {
            find_links(root, base, &format!("{directory}/{name}"), unit, links)?;
        } else if kind.is_symlink()
            && let Ok(target) = fs::read_link(entry.path())
        {
            let leads_there = target.file_name().is_some_and(|last| last == unit);
            if name == unit || leads_there {
                let same_name = leads_there && directory == base && name == unit;
                links.push(Link { base, name: name.to_owned(), same_name });
            }
        }
    }
    Ok(())
}

impl Install {
    fn read(&mut self, root: &Root, path: &str) -> io::Result<()> {
        let bytes = match root.read_bytes(path) {
            Ok(bytes) => bytes,
            Err(error) if is_missing(&error) => return Ok(()),
            Err(error) => {
                return if units::is_mask(root, path)? { Ok(()) } else { Err(named(path)(error)) };
            }
        };
        config::parse(&bytes, &[], &mut |section, key, value| {
            if section != "Install" {
                return;
            }
            let list = match key {
                "Alias" => &mut self.aliases,
                "WantedBy" => &mut self.wanted_by,
                "RequiredBy" => &mut self.required_by,
                "Also" => {
                    self.also |= !value.is_empty();
                    return;
                }
                "DefaultInstance" => {
                    self.default_instance = Some(value.to_owned());
                    return;
                }
                _ => return,
            };
            if value.is_empty() {
                list.clear();
            }
            list.extend(value.split_whitespace().map(str::to_owned));
        });
        Ok(())
    }
}
