//! Profiles: which fixes a seed has, and with which values.
//!
//! ```yaml
//! description: Everything, with more open files
//! extends: loopback            # a built-in profile, or a file relative to this one
//! user: centos
//! fixes:
//!   fd-limits: {nofile: 2097152}
//!   thp-off: false             # leave out what `extends` brought
//! kickstart: {timezone: Europe/Berlin}
//! ```
//!
//! A profile says nothing twice: what it leaves out has the document's value. The result of this stage is a
//! [`Selection`]: fixes by id, each with all of its values, checked.

mod filter;
mod kickstart;
mod parse;
mod select;
mod user;

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Result, anyhow};
use camino::{Utf8Path, Utf8PathBuf};
use include_dir::{Dir, include_dir};

use crate::catalogue::{Catalogue, Fix, Setting};
use crate::diagnostic::{Diagnostic, Diagnostics, Place, Source, nearest};
use crate::input;

pub use filter::check_words;
pub use kickstart::{Kickstart, Partition, Repository, Size, Source as InstallSource};
pub use parse::Layer;
pub use select::{Base, base, defaults_crossed, select, select_for, select_over};

static IMAGES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/images");

/// The user that VAST's monitor logs in as.
pub const DEFAULT_USER: &str = "centos";

/// What the command line adds to a profile.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// `FIX.KEY=VALUE`, or `kickstart.KEY=VALUE`.
    pub set: Vec<String>,
    /// Fix ids or labels; empty for all.
    pub only: Vec<String>,
    /// Fix ids or labels.
    pub skip: Vec<String>,
    /// The VAST user.
    pub user: Option<String>,
    /// `cdrom` or a URL.
    pub install_source: Option<String>,
}

/// What is to be built.
#[derive(Clone, Debug)]
pub struct Selection {
    /// The profile's name.
    pub profile: String,
    /// The VAST user.
    pub user: String,
    /// In the order in which they are applied.
    pub fixes: Vec<SelectedFix>,
    /// What the installer is to do, where the medium has a kickstart.
    pub kickstart: Kickstart,
}

impl Selection {
    /// What the user may have meant to be in the seed, and is not.
    pub fn left_out(&self, catalogue: &Catalogue) -> Vec<Diagnostic> {
        let has = |id: &str| self.fixes.iter().any(|selected| selected.fix.id == id);
        let unused = catalogue.own.iter().filter(|id| !has(id)).map(|id| {
            format!(
                "profile {} does not have {id} of --catalogue; name it under `fixes:` of a profile of yours",
                self.profile
            )
        });
        let needed = self.fixes.iter().flat_map(|selected| {
            let fix = &selected.fix;
            fix.spec.needs.iter().filter(|id| !has(id)).map(|id| {
                format!(
                    "{} needs what {id} brings, and this seed does not have {id}: the VM must have that already",
                    fix.id
                )
            })
        });
        unused.chain(needed).map(|message| Diagnostic::warning(None, message)).collect()
    }
}

/// One fix with its values.
#[derive(Clone, Debug)]
pub struct SelectedFix {
    /// The fix.
    pub fix: Arc<Fix>,
    /// All of its values by name.
    pub values: BTreeMap<String, Setting>,
    /// Where those were set that are not the defaults.
    pub set: BTreeMap<String, Place>,
}

impl SelectedFix {
    /// A fix with its defaults.
    ///
    /// # Errors
    /// When one is out of its own bounds.
    pub fn with_defaults(fix: Arc<Fix>) -> Result<Self> {
        let values = fix.spec.values.iter().map(|(name, spec)| Ok((name.clone(), spec.default_setting()?)));
        let values = values.collect::<Result<_>>()?;
        Ok(SelectedFix { fix, values, set: BTreeMap::new() })
    }
}

/// The profile of those who name none.
pub const DEFAULT: &str = "loopback";

/// Names of the built-in profiles, sorted.
pub fn builtin() -> Vec<&'static str> {
    let mut names: Vec<_> = IMAGES.files().filter_map(|file| file.path().file_stem()?.to_str()).collect();
    names.sort_unstable();
    names
}

/// The description of a built-in profile.
///
/// # Errors
/// When there is none of that name, or it is not well formed.
pub fn description(name: &str) -> Result<Option<String>> {
    parse::description(name)
}

/// The built-in profile whose name is nearest to a word.
pub fn nearest_builtin(word: &str) -> Option<&'static str> {
    nearest(word, builtin())
}

/// A profile's text and where it came from.
struct Located {
    name: String,
    source: Arc<Source>,
    /// The directory that a relative `extends` starts from; none for built-in ones.
    directory: Option<Utf8PathBuf>,
}

/// Whether a profile's name is a path.
pub fn is_path(wanted: &str) -> bool {
    wanted.contains('/') || wanted.ends_with(".yaml") || wanted.ends_with(".yml")
}

/// Finds a profile by name, or by path where it looks like one.
fn locate(wanted: &str, from: Option<&Utf8Path>) -> Result<Located> {
    if !is_path(wanted) {
        let file = IMAGES.get_file(format!("{wanted}.yaml")).and_then(|file| file.contents_utf8());
        let text = file.ok_or_else(|| {
            let names = builtin();
            let hint = nearest_builtin(wanted)
                .map_or_else(String::new, |name| format!("did you mean {name:?}? "));
            anyhow!(
                "no profile is named {wanted:?}; {hint}built-in ones are {}, and a file is named by its path, such as ./{wanted}.yaml",
                names.join(", ")
            )
        })?;
        let source = Source::new(format!("images/{wanted}.yaml"), text);
        return Ok(Located { name: wanted.to_owned(), source, directory: None });
    }
    let below = |directory: &Utf8Path| directory.join(wanted.strip_prefix("./").unwrap_or(wanted));
    let path = from.map_or_else(|| Utf8PathBuf::from(wanted), below);
    let text = input::text("profile", &path)?;
    let name = path.file_stem().unwrap_or_default().to_owned();
    let directory = path.parent().map(Utf8Path::to_owned);
    Ok(Located { name, source: Source::new(path.as_str(), text), directory })
}

/// The error of a whole stage, when there is any.
fn refuse(found: Vec<crate::diagnostic::Diagnostic>) -> Result<()> {
    if found.is_empty() { Ok(()) } else { Err(Diagnostics(found).into()) }
}
