//! Disk images of our own writer, read back by the tools of others: mtools, 7z, fsck.vfat, libblkid and sfdisk.
//!
//! A missing tool is reported on the terminal, and fails the test where CI=true. A mount by the kernel needs root and
//! a kernel module, and is part of the boot test.

#![cfg(feature = "generator")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "disk/image.rs"]
mod image;
#[path = "disk/refusals.rs"]
mod refusals;
#[path = "shared/skip.rs"]
mod skip;
#[path = "iso_readers/tools.rs"]
mod tools;
#[path = "disk/trees.rs"]
mod trees;

use image::{Image, assert_same, expected, number};
use proptest::prelude::*;
use vastimg::media::disk::{self, Disk, Partition};
use vastimg::media::tree::{Entry, Tree};
use vastimg::media::{FileMedium, Options};

/// 2023-11-14 22:13:21, an odd second.
const MODIFIED: u64 = 1_700_000_001;
const OPTIONS: Options = Options { modified: MODIFIED, private: false };

fn written(tree: &Tree, options: &Options) -> Vec<u8> {
    let mut out = Vec::new();
    Disk.write(tree, options, &mut out).unwrap();
    out
}

/// A disk with `tree` on its one partition.
fn single(tree: &Tree) -> Image {
    let mut out = Vec::new();
    disk::write(&[Partition::new("CIDATA", tree)], MODIFIED, &mut out).unwrap();
    Image::new(out)
}

/// Reads the partition `index` with everything there is, and compares with `tree`.
fn check(image: &Image, index: usize, label: &str, version: &str, tree: &Tree) {
    let start = image.rows()[index].start;
    let boot = &image.bytes[start as usize * 512..][..512];
    assert_eq!((number(boot, 28, 4), boot[21]), (start, 0xf8), "hidden sectors and media byte");
    image.check_volume(index);
    if let Some(properties) = image.properties(index) {
        for (name, value) in
            [("LABEL", label), ("LABEL_FATBOOT", label), ("TYPE", "vfat"), ("VERSION", version)]
        {
            assert_eq!(properties.get(name).map(String::as_str), Some(value), "{name} of {properties:?}");
        }
        assert!(properties.contains_key("UUID"), "{properties:?}");
    }
    let expected = expected(tree);
    for (reader, found) in image.listings(index) {
        assert_same(reader, &expected, &found);
    }
}

fn check_single(tree: &Tree, version: &str) -> Image {
    let image = single(tree);
    image.check_table();
    check(&image, 0, "CIDATA", version, tree);
    image
}

fn file(tree: &mut Tree, path: &str, bytes: impl Into<Vec<u8>>) {
    tree.file(path, 0o644, bytes.into()).unwrap();
}

fn noise(bytes: u32) -> Vec<u8> {
    (0..bytes).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
}

/// Like the seed that the generator makes, in its two parts.
fn seed() -> (Tree, Tree) {
    let (mut cidata, mut oemdrv) = (Tree::default(), Tree::default());
    file(&mut cidata, "user-data", "#cloud-config\nhostname: vast01\n");
    file(&mut cidata, "meta-data", "instance-id: vast01-0123456789\n");
    file(&mut cidata, "network-config", "version: 2\n");
    file(&mut cidata, "vastimg/vastimg-verify", noise(2_100_000));
    file(&mut cidata, "vastimg/manifest.json", "{}\n".repeat(900));
    file(&mut cidata, "vastimg/empty", "");
    for unit in ["vast-limits.conf", "99-vast.rules", "vast-prepare.service"] {
        file(&mut cidata, &format!("vastimg/payload/etc/{unit}"), format!("# {unit}\n"));
    }
    // This one stays: it is not at the root.
    file(&mut cidata, "vastimg/ks.cfg", "not for Anaconda\n");
    file(&mut oemdrv, "ks.cfg", "text\nreboot\n");
    (cidata, oemdrv)
}

fn whole() -> Tree {
    let mut tree = seed().0;
    file(&mut tree, "ks.cfg", "text\nreboot\n");
    tree
}

#[test]
fn a_seed_is_read_by_everyone() {
    let (cidata, oemdrv) = seed();
    let image = Image::new(written(&whole(), &OPTIONS));
    image.check_table();
    assert_eq!(image.rows().iter().map(|row| row.sectors / 2048).collect::<Vec<_>>(), [3, 1]);
    check(&image, 0, "CIDATA", "FAT12", &cidata);
    check(&image, 1, "OEMDRV", "FAT12", &oemdrv);
    if let Some(properties) = tools::run("blkid", &["-p", "-o", "export", image.path()]) {
        assert!(properties.contains("PTTYPE=dos\n") && !properties.contains("\nTYPE="), "{properties}");
    }
}

#[test]
fn mtools_sees_labels_dates_and_geometry() {
    let image = Image::new(written(&whole(), &OPTIONS));
    for (row, label) in image.rows().iter().zip(["CIDATA", "OEMDRV"]) {
        let source = format!("{}@@{}", image.path(), row.start * 512);
        let Some(text) = tools::run("mlabel", &["-s", "-i", &source, "::"]) else { return };
        assert_eq!(text.trim(), format!("Volume label is {label}"));
        let text = tools::run("minfo", &["-i", &source, "::"]).unwrap();
        let hidden = format!("hidden sectors: {}", row.start);
        for wanted in ["sectors per track: 32", "heads: 64", "media descriptor byte: 0xf8", &hidden] {
            assert!(text.contains(wanted), "{wanted}: {text}");
        }
        let text = tools::run("mdir", &["-i", &source, "::"]).unwrap();
        assert!(text.contains("2023-11-14  22:13"), "{text}");
    }
}

#[test]
fn the_same_tree_gives_the_same_bytes_and_another_other_ids() {
    let ids = |bytes: &[u8]| {
        let rows = Image::new(bytes.to_vec()).rows();
        let volume = |index: usize| number(bytes, rows[index].start as usize * 512 + 39, 4);
        [number(bytes, 440, 4), volume(0), volume(1)]
    };
    let first = written(&whole(), &OPTIONS);
    assert!(first == written(&whole(), &OPTIONS), "two images of one tree differ");
    let first = ids(&first);
    assert!(first.iter().all(|id| *id != 0) && first[1] != first[2], "{first:x?}");
    let later = ids(&written(&whole(), &Options { modified: MODIFIED + 1, ..OPTIONS }));
    assert!(first.iter().zip(&later).all(|(one, other)| one != other), "{first:x?} {later:x?}");
    let mut tree = whole();
    file(&mut tree, "vastimg/more", "");
    let other = ids(&written(&tree, &OPTIONS));
    assert!(first[0] != other[0] && first[1] != other[1] && first[2] == other[2], "{first:x?} {other:x?}");
}

#[test]
fn fat16_and_fat32_by_size() {
    let mut tree = whole();
    file(&mut tree, "vastimg/payload/large", noise(20 << 20));
    let image = check_single(&tree, "FAT16");
    assert_eq!(image.rows()[0].kind, "e");
    // Directories of more than one cluster, below a root that is a chain as well.
    for number in 0..300 {
        file(&mut tree, &format!("file with number {number}"), format!("{number}"));
        file(&mut tree, &format!("down/file with number {number}"), format!("{number}"));
    }
    file(&mut tree, "vastimg/payload/larger", vec![0xa5; 250 << 20]);
    let image = check_single(&tree, "FAT32");
    assert_eq!(image.rows()[0].kind, "c");
}

#[test]
fn volumes_of_whole_mebibytes_just_full() {
    // The room of 1 MiB is 250 clusters; one byte more takes another MiB.
    for (bytes, mebibytes) in [(250 << 12, 1), ((250 << 12) + 1, 2)] {
        let mut tree = Tree::default();
        file(&mut tree, "f", noise(bytes));
        assert_eq!(check_single(&tree, "FAT12").rows()[0].sectors, mebibytes * 2048);
    }
}

#[test]
fn empty_trees_files_and_directories() {
    let mut tree = Tree::default();
    check_single(&tree, "FAT12");
    file(&mut tree, "nothing", "");
    tree.insert("empty/also empty", Entry::Directory { mode: 0o700 }).unwrap();
    check_single(&tree, "FAT12");
}

#[test]
fn crowded_directories() {
    let mut tree = Tree::default();
    // 63 files of two slots, with those for itself and its parent, fill one cluster to its end.
    for number in 0..63 {
        file(&mut tree, &format!("full/{number}"), "x");
    }
    for number in 0..3000 {
        file(&mut tree, &format!("many/a file with number {number}.conf"), format!("{number}"));
        file(&mut tree, &format!("at the root, number {number}"), "");
    }
    check_single(&tree, "FAT12");
}

#[test]
fn forty_levels() {
    let mut tree = Tree::default();
    let deep = (1..=40).map(|level| format!("level {level}")).collect::<Vec<_>>().join("/");
    file(&mut tree, &format!("{deep}/file"), "down here");
    check_single(&tree, "FAT12");
}

#[test]
fn names_of_every_kind() {
    let mut tree = Tree::default();
    let fullest = ["n".repeat(255), format!("{}x", "é".repeat(127)), "日".repeat(85), "thirteen.char".into()];
    let names = [
        "README",
        "readme.TXT",
        "Mixed.Case.conf",
        "user-data",
        ".x",
        ".profile",
        " leading",
        "a b. c",
        "a..b",
        "x+y=z;,[]",
        "'q'",
        "{a}%20#$&`@^!()",
        "~x",
        "ABCDEF~1",
        "abcdef and more",
        "é",
        "Grüße 日本.txt",
        "con",
        "NUL.txt",
        "com1",
    ];
    for name in names.iter().copied().chain(fullest.iter().map(String::as_str)) {
        file(&mut tree, name, name);
        file(&mut tree, &format!("dir {}/{name}", name.len()), name);
    }
    check_single(&tree, "FAT12");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 200, failure_persistence: None, ..Default::default() })]

    #[test]
    fn any_tree_is_read_as_it_was_written(items in trees::items()) {
        check_single(&trees::grow(&items), "FAT12");
    }
}
