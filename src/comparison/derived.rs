//! What follows from what: documents that hold others, or their digests, without that which is told of the others.
//!
//! What is left of two such documents is compared, and shown where it differs; nothing is left out of one that is not
//! certainly told elsewhere. Sources: the documents of this program, and `meta-data` of cloud-init's NoCloud.

use std::collections::BTreeMap;

use anyhow::Result;

use super::lines::Lines;
use super::names::Names;
use super::pairs::LARGEST;
use super::told::{Known, Reduced, Told};
use super::{Side, manifest, user_data};
use crate::digest::sha256;
use crate::documents::{self, KICKSTART, MANIFEST, PREPARE, SUMS};
use crate::image::EntryKind;
use crate::inspection::documents::OWN_ID;

/// What is known of both sides' documents before any is compared.
#[derive(Debug)]
pub(super) struct Documents {
    ids_follow: bool,
    sums_follow: bool,
    names: [Names; 2],
}

impl Documents {
    /// # Errors
    /// When a document cannot be read.
    pub(super) fn read(a: &mut Side, b: &mut Side) -> Result<Self> {
        Ok(Documents {
            ids_follow: id_follows(a)? && id_follows(b)?,
            sums_follow: sums_follow(a)? && sums_follow(b)?,
            names: [Names::of(a, b), Names::of(b, a)],
        })
    }

    /// Whether both instance-ids are digests of the documents, and so differ when these do.
    pub(super) fn ids_follow(&self) -> bool {
        self.ids_follow
    }

    /// What two texts of a path have that is not told; none where that is all of them.
    pub(super) fn reduced(&self, path: &str, a: &str, b: &str, told: &Told) -> Option<Reduced> {
        match path {
            SUMS => self.sums_follow.then(Reduced::default),
            "meta-data" => {
                let [x, y] = &told.sides;
                let without = Some("host name and instance-id");
                Some(Reduced { a: meta_data(a, x), b: meta_data(b, y), without, sources: None })
            }
            MANIFEST => {
                let (a, b) = manifest::unexplained(a, b, told)?;
                let whole = Reduced::whole(&a, &b);
                Some(Reduced { without: Some("what is told above"), sources: Some((a, b)), ..whole })
            }
            "user-data" => user_data::outlines(a, b, told, &self.names),
            PREPARE | KICKSTART => {
                let [x, y] = &self.names;
                let (a, b) = (
                    Lines::of(a, |_, line| Some(x.apply(line))),
                    Lines::of(b, |_, line| Some(y.apply(line))),
                );
                Some(Reduced { a, b, without: None, sources: None })
            }
            _ => None,
        }
    }
}

fn id_follows(side: &mut Side) -> Result<bool> {
    let (user_data, network) = (side.text("user-data", LARGEST)?, side.text("network-config", LARGEST)?);
    let has_network = side.files.contains_key("network-config");
    let Some(seed) = side.seed() else { return Ok(false) };
    let (Some(id), Some(hostname), Some(user_data)) = (&seed.instance_id, &seed.hostname, user_data) else {
        return Ok(false);
    };
    let network = match network {
        None if has_network => return Ok(false),
        network => network.unwrap_or_default(),
    };
    Ok(id.starts_with(OWN_ID)
        && *id == documents::instance_id(hostname, &sha256(user_data.as_bytes()), &network))
}

/// Whether its list of digests has every file, with its digest, and nothing else.
fn sums_follow(side: &mut Side) -> Result<bool> {
    let Some(list) = side.text(SUMS, LARGEST)? else { return Ok(false) };
    let mut left: BTreeMap<&str, &str> = BTreeMap::new();
    for (path, file) in &side.files {
        if let (EntryKind::File, Some(digest), true) = (file.state.kind, &file.state.sha256, path != SUMS) {
            left.insert(path, digest);
        }
    }
    let all = list
        .lines()
        .all(|line| line.split_once("  ").is_some_and(|(digest, path)| left.remove(path) == Some(digest)));
    Ok(all && left.is_empty())
}

/// meta-data without those lines that say no more than what was taken from them.
fn meta_data(text: &str, side: &Known) -> Lines {
    Lines::of(text, |_, line| {
        let said = line.split_once(':').and_then(|(key, value)| Some((side.says.get(key)?, value)));
        let told = said.is_some_and(|(told, value)| value.trim().trim_matches('"') == told);
        (!told).then(|| line.to_owned())
    })
}
