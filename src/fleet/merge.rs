//! The indexes of all shares as one, and the proof that nothing is missing and nothing is there twice.
//!
//! Shares write into one directory, or are copied into one; their images have different names. What results is byte for byte
//! what one run over the whole inventory leaves.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail, ensure};
use camino::Utf8Path;

use super::directory::Directory;
use super::index::{Image, Index};
use super::shard::Shard;

/// The index of all, from those of the shares in a directory.
///
/// # Errors
/// When a share is missing, unfinished or of another fleet; when an image is in two of them, in the wrong one, or not there.
pub fn merge(directory: &Utf8Path) -> Result<Index> {
    ensure!(
        directory.is_dir(),
        "reading {directory}: that is no folder; name the one that the shares wrote into"
    );
    let parts: Vec<(Shard, Index)> =
        Index::all(directory)?.into_iter().filter_map(|(shard, index, _)| Some((shard?, index))).collect();
    let Some((first, _)) = parts.first() else {
        bail!(
            "reading {directory}: there is no index of a share in it, such as index-1-of-8.json; build them with --shard I/N -o {directory}, or copy them there"
        )
    };
    let count = first.count();
    let missing: Vec<String> = (1..=count)
        .filter(|index| !parts.iter().any(|(shard, _)| shard.index() == *index && shard.count() == count))
        .map(|index| format!("{index}/{count}"))
        .collect();
    if let Some((other, _)) = parts.iter().find(|(shard, _)| shard.count() != count) {
        bail!(
            "reading {directory}: it has shares of {count} and of {}, as {first} and {other}; remove the indexes of the older ones, such as {}, and leave the images",
            other.count(),
            Index::name(Some(*first))
        );
    }
    ensure!(
        missing.is_empty(),
        "reading {directory}: of {count} shares these are missing: {}; build them, or copy them there",
        missing.join(", ")
    );
    join(directory, parts)
}

fn join(directory: &Utf8Path, parts: Vec<(Shard, Index)>) -> Result<Index> {
    let mut all: Option<Index> = None;
    let mut images: BTreeMap<String, Image> = BTreeMap::new();
    let mut removed = Vec::new();
    for (shard, part) in parts {
        ensure!(
            part.complete,
            "reading {directory}: share {shard} was not written to its end; run it again, and it goes on from there"
        );
        let all = all.get_or_insert_with(|| Index { shard: None, ..part.head() });
        ensure!(
            (&all.fleet, all.hosts, &all.generator) == (&part.fleet, part.hosts, &part.generator),
            "reading {directory}: share {shard} and those before it are not of the same inventory, arguments and vastimg; build again those that are outdated"
        );
        for image in part.images {
            ensure!(
                shard.has(&image.host),
                "reading {directory}: share {shard} names {}, which does not fall to it; build it again",
                image.host
            );
            if let Some(other) = images.insert(image.host.clone(), image) {
                bail!("reading {directory}: {} is there twice; build the shares again", other.host);
            }
        }
        removed.extend(part.removed.into_iter().filter(|image| directory.join(&image.file).exists()));
    }
    let mut all = all.context("there is no share")?;
    ensure!(
        images.len() == all.hosts,
        "reading {directory}: the shares have {} images, and the inventory {} hosts; build the shares again",
        images.len(),
        all.hosts
    );
    all.images = images.into_values().collect();
    removed.sort_by(|a, b| a.file.cmp(&b.file));
    all.removed = removed;
    Ok(all)
}

/// Holds the images of an index against what is in the directory: that each is there, with its size; its digest too, if asked.
///
/// # Errors
/// With the first that is not.
pub fn check(directory: &Directory, index: &Index, digests: bool) -> Result<()> {
    for image in &index.images {
        directory.check(image, digests)?;
    }
    Ok(())
}
