//! The index of a fleet: which image is whose, with its digest, as `index.json` beside the images.
//!
//! It is written twice: before the first image, to say which files are to be ours, and after the last, with all digests. So a
//! run that was interrupted can be taken up, and only files that an index names are ever replaced or removed. One image is one
//! line, for `grep` as well as for `jq`. The same inventory, arguments and program give the same bytes.

use std::fmt::Write as _;
use std::fs;
use std::io::ErrorKind;

use anyhow::{Context, Result, ensure};
use camino::{Utf8Path, Utf8PathBuf};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::shard::Shard;
use crate::input;

/// Name and version of the form.
pub const SCHEMA: &str = "vastimg/index/1";

/// An index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Index {
    /// `vastimg/index/1`.
    pub schema: String,
    /// The program and its version.
    pub generator: String,
    /// Kind of medium, as `--format` names it.
    pub format: String,
    /// Digest of all that decides what the images of the whole inventory are: shares of one fleet have the same.
    pub fleet: String,
    /// Hosts in the whole inventory.
    pub hosts: usize,
    /// The share that this is of, such as `2/8`; none where it is of all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub shard: Option<Shard>,
    /// Whether every image was written; otherwise the run was interrupted, and running it again goes on.
    pub complete: bool,
    /// The images, by name of their host.
    pub images: Vec<Image>,
    /// Images of hosts that the inventory no longer has, until `--prune` removes them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<Image>,
}

/// One image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Image {
    /// What the inventory calls the host.
    pub host: String,
    /// Its name in the network.
    pub hostname: String,
    /// File or folder, beside the index.
    pub file: String,
    /// cloud-init's instance-id; none before it was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_id: Option<String>,
    /// Bytes of the file, or of all files in the folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// SHA-256 of the file, or of the folder's vastimg/SHA256SUMS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// The disk that Rocky's installer wipes, where there is a kickstart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wipes: Option<String>,
}

impl Index {
    /// The name of the index file of all, or of one share.
    pub fn name(shard: Option<Shard>) -> String {
        match shard {
            None => "index.json".to_owned(),
            Some(shard) => format!("index-{}-of-{}.json", shard.index(), shard.count()),
        }
    }

    /// Reads one; none where there is none.
    ///
    /// # Errors
    /// When it is something else, or names files outside of its directory.
    pub fn read(path: &Utf8Path) -> Result<Option<Self>> {
        let text = match fs::read_to_string(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            read => read.map_err(input::with_way_out).with_context(|| format!("reading {path}"))?,
        };
        let index: Index = serde_json::from_str(&text).with_context(|| {
            format!("reading {path}: it is no index of vastimg's; move it, or use -o to write elsewhere")
        })?;
        ensure!(
            index.schema == SCHEMA,
            "reading {path}: its form is {:?}, and this vastimg reads {SCHEMA}; use the vastimg that wrote it",
            index.schema
        );
        for image in index.images.iter().chain(&index.removed) {
            ensure!(
                is_plain(&image.file),
                "reading {path}: {:?} is not the name of a file beside it; somebody changed it, so move it away",
                image.file
            );
        }
        Ok(Some(index))
    }

    /// The indexes in a directory, of all hosts and of shares, each with its path.
    ///
    /// # Errors
    /// When one of them is none.
    pub fn all(directory: &Utf8Path) -> Result<Vec<(Option<Shard>, Index, Utf8PathBuf)>> {
        let context = || format!("reading {directory}");
        let mut found = Vec::new();
        if !directory.exists() {
            return Ok(found);
        }
        for entry in directory.read_dir_utf8().map_err(input::with_way_out).with_context(context)? {
            let entry = entry.with_context(context)?;
            let name = entry.file_name();
            let shard = name.strip_prefix("index-").and_then(|name| name.strip_suffix(".json"));
            let shard = shard.and_then(|name| name.replace("-of-", "/").parse::<Shard>().ok());
            if (shard.is_some() || name == Index::name(None))
                && let Some(index) = Index::read(entry.path())?
            {
                ensure!(
                    index.shard == shard,
                    "reading {}: it is not of the share that its name says; somebody renamed it",
                    entry.path()
                );
                found.push((shard, index, entry.path().to_owned()));
            }
        }
        found.sort_by_key(|(shard, ..)| *shard);
        Ok(found)
    }

    /// As it is written.
    ///
    /// # Errors
    /// When it cannot be told as JSON, which all of its values can.
    pub fn text(&self) -> Result<String> {
        let head = Index { images: Vec::new(), removed: Vec::new(), ..self.head() };
        let head = serde_json::to_string_pretty(&head).context("rendering the index")?;
        let head =
            head.strip_suffix("\"images\": []\n}").context("rendering the index: its end is missing")?;
        let mut text = head.to_owned();
        list(&mut text, "images", &self.images)?;
        if !self.removed.is_empty() {
            text.push_str(",\n  ");
            list(&mut text, "removed", &self.removed)?;
        }
        text.push_str("\n}\n");
        Ok(text)
    }

    /// All but the images.
    pub(super) fn head(&self) -> Self {
        Index {
            schema: self.schema.clone(),
            generator: self.generator.clone(),
            format: self.format.clone(),
            fleet: self.fleet.clone(),
            hosts: self.hosts,
            shard: self.shard,
            complete: self.complete,
            images: Vec::new(),
            removed: Vec::new(),
        }
    }
}

fn list(text: &mut String, name: &str, images: &[Image]) -> Result<()> {
    let _ = write!(text, "\"{name}\": [");
    for (number, image) in images.iter().enumerate() {
        let line = serde_json::to_string(image).context("rendering the index")?;
        let comma = if number > 0 { "," } else { "" };
        let _ = write!(text, "{comma}\n    {line}");
    }
    text.push_str(if images.is_empty() { "]" } else { "\n  ]" });
    Ok(())
}

/// A name of a file in the same directory, and not a hidden one.
fn is_plain(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with('.')
        && !name.contains(['/', '\0'])
        && !name.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    fn image(host: &str) -> Image {
        Image {
            host: host.to_owned(),
            hostname: host.to_owned(),
            file: format!("{host}.iso"),
            instance_id: None,
            bytes: Some(1),
            sha256: None,
            wipes: None,
        }
    }

    fn index() -> Index {
        Index {
            schema: SCHEMA.to_owned(),
            generator: "vastimg 0".to_owned(),
            format: "iso".to_owned(),
            fleet: "d".to_owned(),
            hosts: 2,
            shard: Some("1/2".parse().unwrap()),
            complete: true,
            images: vec![image("a"), image("b")],
            removed: vec![image("c")],
        }
    }

    #[test]
    fn it_is_json_with_a_line_for_each_image() {
        let text = index().text().unwrap();
        assert_eq!(serde_json::from_str::<Index>(&text).unwrap(), index());
        assert_eq!(text.lines().filter(|line| line.contains("\"host\":")).count(), 3, "{text}");
        let empty = Index { images: Vec::new(), removed: Vec::new(), shard: None, ..index() };
        assert_eq!(serde_json::from_str::<Index>(&empty.text().unwrap()).unwrap(), empty);
    }

    #[test]
    fn an_index_that_points_elsewhere_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(directory.path()).unwrap().join("index.json");
        for file in ["../x.iso", "/etc/passwd", "a/b.iso", "", "..", ".bashrc", "a\n.iso"] {
            let hostile = Index { images: vec![Image { file: file.to_owned(), ..image("a") }], ..index() };
            std::fs::write(&path, hostile.text().unwrap()).unwrap();
            let error = Index::read(&path).unwrap_err().to_string();
            assert!(error.contains("not the name of a file beside it"), "{file}: {error}");
        }
        std::fs::write(&path, "{}").unwrap();
        assert!(format!("{:#}", Index::read(&path).unwrap_err()).contains("no index of vastimg's"));
    }
}
