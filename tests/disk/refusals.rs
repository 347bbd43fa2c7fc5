//! What a disk cannot carry, and targets that fail.

use std::io::{self, Write};

use proptest::prelude::*;
use vastimg::media::disk::{self, Disk, Partition};
use vastimg::media::tree::{Entry, Tree};
use vastimg::media::{FileMedium, Options};

use crate::{MODIFIED, OPTIONS, file, whole, written};

fn refusal(tree: &Tree, options: &Options) -> String {
    let mut out = Vec::new();
    let error = Disk.write(tree, options, &mut out).unwrap_err();
    assert!(out.is_empty(), "an image that is refused is not begun");
    format!("{error:#}")
}

#[test]
fn refusals_say_what_why_and_what_to_do() {
    let refuse = |make: &dyn Fn(&mut Tree), words: &[&str]| {
        let mut tree = whole();
        make(&mut tree);
        let error = refusal(&tree, &OPTIONS);
        let words = words.iter().chain(&["partition CIDATA"]);
        words.for_each(|word| assert!(error.contains(word), "{word}: {error}"));
    };
    for character in r#""*:<>?\|"#.chars() {
        let name = format!("d/a{character}b");
        refuse(&|tree| file(tree, &name, ""), &[&format!("{name:?}"), "has no", "rename"]);
    }
    refuse(&|tree| file(tree, "d/dot.", ""), &["\"d/dot.\"", "at the end", "rename"]);
    refuse(&|tree| file(tree, "space /f", ""), &["\"space \"", "at the end"]);
    refuse(&|tree| file(tree, &"n".repeat(256), ""), &["256 bytes", "255", "shorten"]);
    refuse(&|tree| file(tree, &"é".repeat(128), ""), &["256 bytes", "255", "shorten"]);
    refuse(&|tree| file(tree, "a\u{1F600}", ""), &["beyond U+FFFF", "rename"]);
    for (one, other) in [("Read", "rEAD"), ("é", "É"), ("ſ", "S")] {
        let both =
            |tree: &mut Tree| [one, other].iter().for_each(|name| file(tree, &format!("d/{name}"), ""));
        refuse(&both, &[&format!("{one:?}"), &format!("{other:?}"), "\"d\"", "only in case", "rename one"]);
    }
    let link = |tree: &mut Tree| tree.insert("l", Entry::Symlink { target: "to".into() }).unwrap();
    refuse(&link, &["\"l\"", "symbolic link to \"to\"", "the file itself"]);
}

#[test]
fn a_file_ends_at_four_gibibytes_less_one() {
    // Never read, so never in memory.
    let mut tree = whole();
    file(&mut tree, "d/large", vec![0; 1 << 32]);
    let error = refusal(&tree, &OPTIONS);
    assert!(
        error.contains("\"d/large\"") && error.contains("4294967296 bytes") && error.contains("split"),
        "{error}"
    );
}

#[test]
fn a_directory_ends_at_65536_slots() {
    let mut tree = whole();
    for number in 0..32_768 {
        file(&mut tree, &format!("d/{number}"), "");
    }
    let error = refusal(&tree, &OPTIONS);
    for word in ["directory \"d\"", "65538 slots", "65536", "spread"] {
        assert!(error.contains(word), "{word}: {error}");
    }
}

#[test]
fn a_disk_without_a_kickstart() {
    let mut tree = Tree::default();
    for path in ["user-data", "d/ks.cfg", "KS.CFG"] {
        file(&mut tree, path, "x");
    }
    let error = refusal(&tree, &OPTIONS);
    assert!(
        error.contains("no file ks.cfg") && error.contains("OEMDRV") && error.contains("--format iso"),
        "{error}"
    );
    let mut tree = Tree::default();
    tree.insert("ks.cfg", Entry::Directory { mode: 0o755 }).unwrap();
    assert!(refusal(&tree, &OPTIONS).contains("no file ks.cfg"));
}

#[test]
fn dates_before_1980_are_its_beginning_and_those_after_2107_refused() {
    let dates = |modified: u64| {
        let image = written(&whole(), &Options { modified, ..OPTIONS });
        // The label, first in the root directory of the first volume.
        let at = (2048 + 16) * 512;
        assert_eq!(&image[at..at + 12], b"CIDATA     \x08");
        image[at + 13..at + 26].to_vec()
    };
    let first = dates(315_532_800);
    assert!([0, 1, 315_532_799].iter().all(|modified| dates(*modified) == first));
    assert!(dates(315_532_801) != first && dates(4_354_819_199) != first);
    for modified in [4_354_819_200, 1_700_000_000_000, u64::MAX] {
        let error = refusal(&whole(), &Options { modified, ..OPTIONS });
        assert!(error.contains("2107") && error.contains("SOURCE_DATE_EPOCH"), "{error}");
    }
}

#[test]
fn partitions_that_are_no_disk() {
    let tree = whole();
    let refuse = |labels: &[&str]| {
        let partitions: Vec<_> = labels.iter().map(|label| Partition::new(label, &tree)).collect();
        let mut out = Vec::new();
        let error = disk::write(&partitions, MODIFIED, &mut out).unwrap_err();
        assert!(out.is_empty());
        format!("{error:#}")
    };
    for labels in [&[][..], &["A", "B", "C", "D", "E"]] {
        assert!(refuse(labels).contains("1 to 4 partitions"));
    }
    assert!(refuse(&["A", "B", "A"]).contains("two partitions are labelled \"A\""));
    for label in ["", "cidata", "A-B", "A B", "TWELVE_CHARS", "Ä"] {
        let error = refuse(&[label]);
        assert!(error.contains(&format!("{label:?} is not 1 to 11")) && error.contains("CIDATA"), "{error}");
    }
}

/// Takes some bytes, a few at a time, and then no more.
struct Full {
    room: usize,
    step: usize,
}

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = bytes.len().min(self.step).min(self.room);
        if count == 0 && !bytes.is_empty() {
            return Err(io::Error::from(io::ErrorKind::StorageFull));
        }
        self.room -= count;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..Default::default() })]

    #[test]
    fn a_target_that_is_full_is_an_error(room in any::<prop::sample::Index>(), step in 64..200_000_usize) {
        let mut tree = Tree::default();
        for path in ["ks.cfg", "user-data", "d/e/f"] {
            file(&mut tree, path, path.repeat(900));
        }
        let whole = written(&tree, &OPTIONS).len();
        let room = room.index(whole);
        let enough = Disk.write(&tree, &OPTIONS, &mut Full { room: whole, step });
        prop_assert!(enough.is_ok());
        let error = Disk.write(&tree, &OPTIONS, &mut Full { room, step }).unwrap_err();
        let kind = error.root_cause().downcast_ref::<io::Error>().map(io::Error::kind);
        prop_assert_eq!(kind, Some(io::ErrorKind::StorageFull));
        prop_assert!(format!("{error:#}").contains("of the disk image"), "{:#}", error);
    }
}
