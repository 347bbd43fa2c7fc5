//! The catalogue: every fix that a profile may name, each read from one folder.
//!
//! ```text
//! ID/fix.yaml          what it is, its values, packages, steps and checks
//! ID/rootfs/...        the files it places: a path here is a path on the VM; a name that ends in .j2 is a template
//! ID/steps/STEP.sh     what it does on the VM (bash; .j2 for a template)
//! ```
//!
//! A file that it places below `/usr/libexec/vastimg/post-container.d/` is a post-container helper: it is run for every
//! container that appears, with the container's name as its argument.
//!
//! The built-in catalogue is `templates/fixes`, embedded in the program. A directory of the user's own adds fixes, or
//! replaces built-in ones of the same name, without recompiling.

mod declaration;
mod fix;
mod folder;
mod places;
pub mod schema;
mod spec;
mod value;

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};
use camino::Utf8Path;
use include_dir::{Dir, include_dir};

pub use fix::Fix;
pub use folder::Folder;
pub use spec::Spec;
pub use value::{Kind, Setting, ValueSpec};

static TEMPLATES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates");

/// The id of what every seed has whatever its fixes are (`templates/base`).
pub const BASE: &str = "base";
/// What profiles and `--set` call the values of the kickstart, which no fix may be named.
pub const KICKSTART: &str = "kickstart";

/// Fixes by id, and the base.
#[derive(Debug)]
pub struct Catalogue {
    /// The user, the services: part of every plan.
    pub base: Arc<Fix>,
    /// The fixes a profile may name.
    pub fixes: BTreeMap<String, Arc<Fix>>,
    /// Those of the user's own directory.
    pub own: Vec<String>,
    /// What a profile may set under `kickstart:`, by name (`templates/documents/ks.cfg.yaml`).
    pub kickstart: BTreeMap<String, ValueSpec>,
}

impl Catalogue {
    /// The built-in catalogue, with the fixes of `directory` added or put in the place of built-in ones.
    ///
    /// # Errors
    /// When the directory cannot be read or has no fix in it, or a fix is not well formed: names the file.
    pub fn load(directory: Option<&Utf8Path>) -> Result<Self> {
        let embedded = |path: &str| {
            TEMPLATES.get_dir(path).with_context(|| format!("finding templates/{path} in this program"))
        };
        let base = Arc::new(Fix::parse(BASE, Folder::embedded("templates/base", embedded("base")?))?);
        let mut fixes = BTreeMap::new();
        for folder in embedded("fixes")?.dirs() {
            let id = folder.path().file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let fix = Fix::parse(id, Folder::embedded(&format!("templates/fixes/{id}"), folder))?;
            fixes.insert(id.to_owned(), Arc::new(fix));
        }
        let mut own = Vec::new();
        if let Some(directory) = directory {
            let ids = Folder::subdirectories(directory)?;
            ensure!(
                !ids.is_empty(),
                "reading the catalogue {directory}: it has no folder with a fix.yaml; each fix is a folder ID/fix.yaml"
            );
            for id in ids {
                if [BASE, KICKSTART].contains(&id.as_str()) {
                    bail!(
                        "reading the catalogue {directory}: {id:?} is the name of what every seed has; name the fix otherwise"
                    );
                }
                let fix = Fix::parse_strictly(&id, Folder::read(&directory.join(&id))?)?;
                fixes.insert(id.clone(), Arc::new(fix));
                own.push(id);
            }
        }
        let kickstart = value::specs("templates/documents/ks.cfg.yaml", Self::document("ks.cfg.yaml")?)?;
        Ok(Catalogue { base, fixes, own, kickstart })
    }

    /// A document's template, or the values that it has, for example `user-data.j2`.
    ///
    /// # Errors
    /// When this program has none of that name.
    pub fn document(name: &str) -> Result<&'static str> {
        embedded(&format!("documents/{name}"))
    }
}

/// The ids of the built-in fixes.
pub fn built_in() -> impl Iterator<Item = &'static str> {
    let folders = TEMPLATES.get_dir("fixes").into_iter().flat_map(Dir::dirs);
    folders.filter_map(|folder| folder.path().file_name()?.to_str())
}

/// A file below templates/, for example `attach/header.j2`.
///
/// # Errors
/// When this program has none of that name.
pub fn embedded(path: &str) -> Result<&'static str> {
    TEMPLATES
        .get_file(path)
        .and_then(|file| file.contents_utf8())
        .with_context(|| format!("finding templates/{path} in this program"))
}
