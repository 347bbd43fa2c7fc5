//! Documents: what a plan looks like to cloud-init, to a shell, to the verifier. One file for each.
//!
//! Some documents hold others (user-data carries the manifest, the manifest knows the digest of prepare), so they are
//! rendered in the order of their lists, and each sees those before it. Those that say nothing of the host are rendered and
//! digested once for all hosts of a plan ([`Common`]).

pub mod kickstart;
mod manifest;
mod meta_data;
mod network_config;
mod prepare;
mod sums;
mod user_data;

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context, Result};

use crate::digest::sha256;
use crate::media::tree::{Payload, Tree};
use crate::plan::{Host, Plan, Templates};

pub use kickstart::PATH as KICKSTART;
pub use manifest::{GENERATOR, PATH as MANIFEST};
pub use meta_data::instance_id;
pub use prepare::PATH as PREPARE;
pub use sums::PATH as SUMS;

/// Where the files of the VM are on the medium, each at its path there.
pub const PAYLOAD: &str = "vastimg/rootfs";

/// A rendered text and its digest. Cloning shares the text.
#[derive(Clone, Debug)]
pub struct Text {
    /// The text.
    pub body: Arc<str>,
    /// Its SHA-256, in hexadecimal.
    pub sha256: Arc<str>,
}

/// Texts by their path on the medium.
pub type Rendered = BTreeMap<&'static str, Text>;

/// One document.
pub trait Document {
    /// Its path on the medium.
    fn path(&self) -> &'static str;

    /// Its permission bits on the medium.
    fn mode(&self, _: &Plan) -> u32 {
        0o644
    }
}

/// A document that is the same for every host of a plan.
trait OfPlan: Document {
    /// Its text. `earlier` has the documents before it in [`of_plan`].
    fn render(&self, plan: &Plan, templates: &Templates, earlier: &Rendered) -> Result<String>;
}

/// A document that is a host's own.
trait OfHost: Document {
    /// Its text; none when this host has no such document. `earlier` has those of the plan, and those before it in
    /// [`of_host`].
    fn render(&self, input: Input<'_>, earlier: &Rendered) -> Result<Option<String>>;
}

/// What a host's own document is rendered from.
#[derive(Clone, Copy)]
struct Input<'a> {
    plan: &'a Plan,
    host: &'a Host,
    templates: &'a Templates,
    common: &'a Common,
}

fn of_plan() -> [&'static dyn OfPlan; 3] {
    [&prepare::Prepare, &manifest::ManifestDocument, &user_data::UserData]
}

fn of_host() -> [&'static dyn OfHost; 4] {
    [&network_config::NetworkConfig, &meta_data::MetaData, &kickstart::KickstartDocument, &sums::Sums]
}

/// What the seeds of all hosts of a plan have in common: its documents and the payload.
#[derive(Debug)]
pub struct Common {
    documents: Rendered,
    tree: Tree,
    /// The digest of every file of `tree` by path.
    sums: BTreeMap<String, Arc<str>>,
}

/// The seed of one host: its documents, and all that goes on the medium.
#[derive(Debug)]
pub struct Seed {
    /// Texts by their path on the medium.
    pub documents: Rendered,
    /// Documents and payload.
    pub tree: Tree,
    /// By which cloud-init knows it again.
    pub instance_id: String,
}

impl Common {
    /// Renders the documents of a plan, and lays out its payload.
    ///
    /// # Errors
    /// When a document fails.
    pub fn of(plan: &Plan, templates: &Templates) -> Result<Self> {
        let mut common = Common { documents: Rendered::new(), tree: Tree::default(), sums: BTreeMap::new() };
        for document in of_plan() {
            let text = Text::of(document.render(plan, templates, &common.documents)?);
            let payload = Payload::common(text.body.as_bytes().to_vec());
            common.tree.file(document.path(), document.mode(plan), payload)?;
            common.sums.insert(document.path().to_owned(), Arc::clone(&text.sha256));
            common.documents.insert(document.path(), text);
        }
        for file in &plan.files {
            let path = format!("{PAYLOAD}{}", file.path);
            common.tree.file(&path, file.mode, Payload::common(file.content.clone()))?;
            common.sums.insert(path, file.sha256.as_str().into());
        }
        Ok(common)
    }

    /// The seed of one host of the same `plan`.
    ///
    /// # Errors
    /// When a document fails.
    pub fn seed(&self, plan: &Plan, host: &Host, templates: &Templates) -> Result<Seed> {
        let mut documents = self.documents.clone();
        let mut tree = self.tree.clone();
        for document in of_host() {
            let input = Input { plan, host, templates, common: self };
            if let Some(text) = document.render(input, &documents)? {
                let text = Text::of(text);
                tree.file(document.path(), document.mode(plan), text.body.as_bytes().to_vec())?;
                documents.insert(document.path(), text);
            }
        }
        let instance_id = meta_data::id_of(&host.hostname, &documents)?;
        Ok(Seed { documents, tree, instance_id })
    }

    /// A digest of everything that is in it, with the paths.
    pub fn sha256(&self) -> String {
        sha256(sums::text(&self.sums).as_bytes())
    }
}

impl Text {
    fn of(body: String) -> Self {
        let sha256 = sha256(body.as_bytes()).into();
        Text { body: body.into(), sha256 }
    }
}

/// Renders every document of one host and lays out its medium.
///
/// # Errors
/// When a document fails.
pub fn seed(plan: &Plan, host: &Host, templates: &Templates) -> Result<Seed> {
    Common::of(plan, templates)?.seed(plan, host, templates)
}

/// An earlier document, which the order of the lists promises.
fn earlier<'a>(rendered: &'a Rendered, path: &str) -> Result<&'a Text> {
    rendered.get(path).with_context(|| format!("rendering: {path} must come before"))
}

/// The mode of a document that says how to log in: its owner's alone where that is by a password.
fn mode_of_access(plan: &Plan) -> u32 {
    if plan.password_hash.is_some() { 0o600 } else { 0o644 }
}

/// Four octal digits.
fn octal(mode: u32) -> String {
    format!("{mode:04o}")
}
