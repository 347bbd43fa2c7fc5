//! Documents: what a plan looks like to cloud-init, to a shell, to the verifier. One file for each.
//!
//! Some documents hold others (user-data carries the manifest, the manifest knows the digest of prepare), so they are
//! rendered in the order of [`all`], and each sees those before it.

pub mod kickstart;
mod manifest;
mod meta_data;
mod network_config;
mod prepare;
mod sums;
mod user_data;

use std::collections::BTreeMap;

use anyhow::{Context, Result};

use crate::media::tree::{Payload, Tree};
use crate::plan::{Host, Plan, Templates};

pub use kickstart::PATH as KICKSTART;
pub use manifest::{GENERATOR, PATH as MANIFEST};
pub use meta_data::instance_id;
pub use prepare::PATH as PREPARE;
pub use sums::PATH as SUMS;

/// What a document is rendered from.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// What is the same for every host.
    pub plan: &'a Plan,
    /// What is not.
    pub host: &'a Host,
    /// The environment for its template.
    pub templates: &'a Templates,
}

/// Where the files of the VM are on the medium, each at its path there.
pub const PAYLOAD: &str = "vastimg/rootfs";

/// Texts by their path on the medium.
pub type Rendered = BTreeMap<&'static str, String>;

/// One document.
pub trait Document {
    /// Its path on the medium.
    fn path(&self) -> &'static str;

    /// Its permission bits on the medium.
    fn mode(&self, _: &Plan) -> u32 {
        0o644
    }

    /// Its text; none when this seed has no such document. `earlier` has the documents before it in [`all`].
    ///
    /// # Errors
    /// When its template fails.
    fn render(&self, input: Input<'_>, earlier: &Rendered) -> Result<Option<String>>;
}

/// Every document, in the order in which they are rendered.
pub fn all() -> [&'static dyn Document; 7] {
    [
        &prepare::Prepare,
        &manifest::ManifestDocument,
        &user_data::UserData,
        &network_config::NetworkConfig,
        &meta_data::MetaData,
        &kickstart::KickstartDocument,
        &sums::Sums,
    ]
}

/// A seed: its documents, and all that goes on the medium.
#[derive(Debug)]
pub struct Seed {
    /// Texts by their path on the medium.
    pub documents: Rendered,
    /// Documents and payload.
    pub tree: Tree,
}

/// Renders every document and lays out the medium.
///
/// # Errors
/// When a document fails.
pub fn seed(plan: &Plan, host: &Host, templates: &Templates) -> Result<Seed> {
    let input = Input { plan, host, templates };
    let mut documents = Rendered::new();
    let mut tree = Tree::default();
    for document in all() {
        if let Some(text) = document.render(input, &documents)? {
            tree.file(document.path(), document.mode(plan), text.clone())?;
            documents.insert(document.path(), text);
        }
    }
    for file in &plan.files {
        tree.file(&format!("{PAYLOAD}{}", file.path), file.mode, Payload::from(file.content.clone()))?;
    }
    Ok(Seed { documents, tree })
}

/// An earlier document, which the order of [`all`] promises.
fn earlier<'a>(rendered: &'a Rendered, path: &str) -> Result<&'a str> {
    rendered.get(path).map(String::as_str).with_context(|| format!("rendering: {path} must come before"))
}

/// The mode of a document that says how to log in: its owner's alone where that is by a password.
fn mode_of_access(plan: &Plan) -> u32 {
    if plan.password_hash.is_some() { 0o600 } else { 0o644 }
}

/// Four octal digits.
fn octal(mode: u32) -> String {
    format!("{mode:04o}")
}
