//! Images of our own writer, read back by readers of others: xorriso, libarchive's bsdtar, hadris-iso, genisoimage's
//! isoinfo and isovfy, libblkid and 7z.
//!
//! A missing tool is reported on the terminal, and fails the test where CI=true. A mount by the kernel needs root and
//! a kernel module, and is part of the boot test.

#![cfg(feature = "generator")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "iso_readers/raw.rs"]
mod raw;
#[path = "iso_readers/readers.rs"]
mod readers;
#[path = "shared/skip.rs"]
mod skip;
#[path = "iso_readers/tools.rs"]
mod tools;
#[path = "iso_readers/trees.rs"]
mod trees;

use std::collections::BTreeSet;

use proptest::prelude::*;
use readers::{Image, Namespace};
use vastimg::media::iso::{self, Volume};
use vastimg::media::tree::{Entry, Tree};

fn volume() -> Volume {
    Volume { label: "CIDATA".into(), modified: 1_700_000_000 }
}

fn bytes(tree: &Tree) -> Vec<u8> {
    let mut out = Vec::new();
    iso::write(tree, &volume(), &mut out).unwrap();
    out
}

fn refusal(tree: &Tree, volume: &Volume) -> String {
    let mut out = Vec::new();
    let error = iso::write(tree, volume, &mut out).unwrap_err();
    assert!(out.is_empty(), "an image that is refused is not begun");
    format!("{error:#}")
}

fn link(tree: &mut Tree, path: &str, target: &str) {
    tree.insert(path, Entry::Symlink { target: target.into() }).unwrap();
}

/// Reads the image of `tree` with everything there is, and compares.
fn check(tree: &Tree) {
    let bytes = bytes(tree);
    raw::check(&bytes);
    let image = Image::new(bytes);
    image.check_structure();
    let expected = trees::expected(tree);
    for (reader, found) in image.listings(Namespace::RockRidge) {
        let comparable = |listing| image.comparable(reader, listing);
        readers::assert_same(reader, &comparable(&expected), &comparable(&found));
    }
    let listings = image.listings(Namespace::Joliet);
    for (reader, found) in &listings {
        readers::assert_joliet(reader, &expected, found);
        readers::assert_same(reader, &listings[0].1, found);
    }
    let joliet = listings[0].1.len();
    for (option, count) in [(None, expected.len()), (Some("-J"), joliet)] {
        if let Some(names) = image.isoinfo_names(option) {
            assert_eq!(names.len(), count, "isoinfo {option:?} counts {names:#?}");
            // It shows every character beyond ASCII alike.
            let distinct = names.iter().collect::<BTreeSet<_>>().len();
            let ascii = expected.keys().all(|path| path.is_ascii());
            assert!(distinct == count || !ascii, "isoinfo {option:?}: names are not unique");
        }
    }
}

/// Like the seed that the generator makes.
fn seed() -> Tree {
    let mut tree = Tree::default();
    tree.file("user-data", 0o600, b"#cloud-config\nhostname: vast01\n".as_slice()).unwrap();
    tree.file("meta-data", 0o644, b"instance-id: vast01-0123456789\n".as_slice()).unwrap();
    tree.file("network-config", 0o644, b"version: 2\n".as_slice()).unwrap();
    let verifier: Vec<u8> =
        (0..2_100_000_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    tree.file("vastimg/vastimg-verify", 0o755, verifier).unwrap();
    tree.file("vastimg/manifest.json", 0o644, "{}\n".repeat(900)).unwrap();
    tree.file("vastimg/prepare.sh", 0o755, b"#!/bin/bash\n".as_slice()).unwrap();
    for unit in ["vast-limits.conf", "vast-sysctl.conf", "99-vast.rules", "vast-prepare.service"] {
        tree.file(&format!("vastimg/payload/etc/{unit}"), 0o644, format!("# {unit}\n")).unwrap();
    }
    link(&mut tree, "vastimg/latest", "payload/etc");
    tree
}

#[test]
fn a_seed_is_read_by_everyone() {
    check(&seed());
}

#[test]
fn a_seed_is_found_by_its_label() {
    let image = Image::new(bytes(&seed()));
    if let Some(properties) = tools::run("blkid", &["-p", "-o", "export", image.path()]) {
        for line in ["LABEL=CIDATA", "TYPE=iso9660", "UUID=2023-11-14-22-13-20-00"] {
            assert!(properties.lines().any(|found| found == line), "{properties}");
        }
    }
    if let Some(listing) = tools::run("7z", &["l", image.path()]) {
        for line in ["user-data", "meta-data", "10 files, 3 folders"] {
            assert!(listing.lines().any(|found| found.ends_with(line)), "{listing}");
        }
    }
}

#[test]
fn lower_case_cidata_is_a_label_as_well() {
    let mut out = Vec::new();
    iso::write(&seed(), &Volume { label: "cidata".into(), ..volume() }, &mut out).unwrap();
    if let Some(properties) = tools::run("blkid", &["-p", "-o", "export", Image::new(out).path()]) {
        assert!(properties.contains("LABEL=cidata\n"), "{properties}");
    }
}

#[test]
fn the_same_tree_gives_the_same_bytes() {
    let first = bytes(&seed());
    assert!(first == bytes(&seed()), "two images of one tree differ");
    let later = Volume { modified: 1_700_000_001, ..volume() };
    let mut second = Vec::new();
    iso::write(&seed(), &later, &mut second).unwrap();
    assert!(first != second, "the date is in the image");
    assert_eq!((first.len() % 65_536, first.len()), (0, second.len()));
    assert!(first.len() < 2_100_000 + 131_072, "{} bytes", first.len());
}

#[test]
fn an_empty_tree_is_an_image() {
    check(&Tree::default());
}

#[test]
fn directories_that_end_where_the_image_could() {
    let mut tree = Tree::default();
    for path in ["a", "a/b", "a/b/c", "d"] {
        check(&tree);
        tree.insert(path, Entry::Directory { mode: 0o755 }).unwrap();
    }
}

#[test]
fn three_thousand_files_in_a_directory() {
    let mut tree = Tree::default();
    for number in 0..3000 {
        tree.file(&format!("many/a file with number {number}.conf"), 0o644, format!("{number}")).unwrap();
    }
    check(&tree);
}

#[test]
fn twelve_levels() {
    let mut tree = Tree::default();
    let deep = (1..=12).map(|level| format!("level{level}")).collect::<Vec<_>>().join("/");
    tree.file(&format!("{deep}/file"), 0o644, b"down here".as_slice()).unwrap();
    check(&tree);
}

#[test]
fn the_longest_names_and_links() {
    let mut tree = Tree::default();
    for name in ["n".repeat(248), format!("{}.json", "é".repeat(121)), format!("{}.txt", "日".repeat(80))] {
        tree.file(&name, 0o640, name.clone().into_bytes()).unwrap();
        link(&mut tree, &format!("links/{name}"), &"t".repeat(200));
    }
    link(&mut tree, "links/parts", "a/".repeat(82).trim_end_matches('/'));
    link(&mut tree, "links/root", "/");
    link(&mut tree, "links/up", "../../x/./y");
    tree.insert(&"d".repeat(248), Entry::Directory { mode: 0o711 }).unwrap();
    check(&tree);
}

#[test]
fn symbolic_links_fill_sectors_like_files() {
    // Their identifiers end with a version as well, which counts in the size of the directory.
    let mut tree = Tree::default();
    for number in 0..400 {
        link(&mut tree, &format!("links/{number}"), &format!("../target/{number}"));
    }
    check(&tree);
}

#[test]
fn names_that_collide_after_replacement() {
    let mut tree = Tree::default();
    for name in ["a*b", "a:b", "a?b", "a_b", "a;b", "a\\b", "a\u{1F600}b", "dot.", "dot_", "dot..", "a_b~1"] {
        tree.file(name, 0o644, name.to_owned()).unwrap();
    }
    check(&tree);
}

#[test]
fn refusals_say_what_why_and_what_to_do() {
    let refuse = |make: &dyn Fn(&mut Tree), words: &[&str]| {
        let mut tree = Tree::default();
        make(&mut tree);
        let error = refusal(&tree, &volume());
        assert!(words.iter().all(|word| error.contains(word)), "{error}");
    };
    let file = |tree: &mut Tree, path: &str| tree.file(path, 0o644, Vec::new()).unwrap();
    let files = |tree: &mut Tree, paths: [&str; 2]| paths.into_iter().for_each(|path| file(tree, path));
    refuse(&|tree| file(tree, &"n".repeat(249)), &["249 bytes", "248", "shorten"]);
    refuse(&|tree| file(tree, &format!("{}/f", "n".repeat(249))), &["249 bytes"]);
    refuse(&|tree| files(tree, ["d/Read", "d/rEAD"]), &["\"Read\"", "\"rEAD\"", "only in case"]);
    refuse(&|tree| files(tree, ["É", "é"]), &["only in case", "rename"]);
    refuse(&|tree| link(tree, "l", &"t".repeat(201)), &["\"l\"", "201 bytes", "200"]);
    refuse(&|tree| link(tree, "l", &"a/".repeat(90)), &["components"]);
    refuse(&|tree| link(tree, "l", ""), &["empty"]);
    refuse(&|tree| link(tree, "l", "a\nb"), &["control"]);
}

#[test]
fn refused_volumes() {
    for label in ["", "VASTIMG-SEED", "SEVENTEEN_LETTERS", "oemdrv"] {
        let error = refusal(&seed(), &Volume { label: label.into(), ..volume() });
        assert!(error.contains("1 to 16") && error.contains("CIDATA"), "{error}");
    }
    let error = refusal(&seed(), &Volume { modified: 1_700_000_000_000, ..volume() });
    assert!(error.contains("2155") && error.contains("SOURCE_DATE_EPOCH"), "{error}");
}

#[test]
fn more_directories_than_a_path_table_counts() {
    let mut tree = Tree::default();
    for number in 1..65_535 {
        tree.insert(&format!("{}/{number}", number % 256), Entry::Directory { mode: 0o755 }).unwrap();
    }
    let error = refusal(&tree, &volume());
    assert!(error.contains("65535 directories") && error.contains("archive"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 200, failure_persistence: None, ..Default::default() })]

    #[test]
    fn any_tree_is_read_as_it_was_written(items in trees::items()) {
        check(&trees::grow(&items));
    }
}
