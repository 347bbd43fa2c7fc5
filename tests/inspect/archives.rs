//! Archives that are damaged, or made to harm.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use tar::{Builder, EntryType, Header};

use crate::harness::Scratch;
use crate::small;

/// A tar whose entries have any names, which the crate would refuse.
fn tar(entries: &[(&str, EntryType, &[u8])]) -> Vec<u8> {
    let mut builder = Builder::new(Vec::new());
    for (name, kind, content) in entries {
        let mut header = Header::new_ustar();
        header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
        header.set_entry_type(*kind);
        header.set_mode(0o644);
        header.set_size(content.len() as u64);
        header.set_cksum();
        builder.append(&header, *content).unwrap();
    }
    builder.into_inner().unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn names_that_leave() {
    let scratch = Scratch::new();
    for name in ["../x", "/etc/passwd", "a/../../x", "a\u{1b}[2J", ".."] {
        let plain = tar(&[("user-data", EntryType::Regular, b"a"), (name, EntryType::Regular, b"x")]);
        for image in [gzip(&plain), plain] {
            let error = small::unreadable(&scratch, &image);
            assert!(error.contains("entry at byte 1024: the name "), "{error}");
            assert!(!error.contains('\u{1b}'));
        }
    }
    // In a zip, both headers have the name.
    let zip = small::zip(&small::seed());
    let renamed = |from: &[u8], to: &[u8]| {
        let mut zip = zip.clone();
        while let Some(at) = zip.windows(from.len()).position(|window| window == from) {
            zip[at..][..to.len()].copy_from_slice(to);
        }
        zip
    };
    let error = small::unreadable(&scratch, &renamed(b"meta-data", b"../../ata"));
    assert!(error.contains("the name \"../../ata\" is no plain relative path"), "{error}");
    let error = small::unreadable(&scratch, &renamed(b"meta-data", b"user-data"));
    assert!(error.contains("user-data is there twice"), "{error}");
}

#[test]
fn a_file_below_a_link() {
    let scratch = Scratch::new();
    let image = tar(&[("a", EntryType::Symlink, b""), ("a/b", EntryType::Regular, b"x")]);
    let error = small::unreadable(&scratch, &image);
    assert!(error.contains("a/b lies below a, which is no directory"), "{error}");
}

#[test]
fn bombs() {
    let scratch = Scratch::new();
    // 20 MiB of zeros in 20 KiB: in a file, and as the name of one.
    let zeros = vec![0; 20 << 20];
    let error = small::unreadable(&scratch, &gzip(&tar(&[("a", EntryType::Regular, &zeros)])));
    assert!(error.contains("it unpacks to more than "), "{error}");
    let error = small::unreadable(&scratch, &gzip(&tar(&[("a", EntryType::GNULongName, &zeros)])));
    assert!(error.contains("a name or attributes of 20971520 bytes"), "{error}");
    let error = small::unreadable(&scratch, &gzip(&zeros));
    assert!(error.contains("it unpacks to more than "), "{error}");

    let many: Vec<String> = (0..20_001).map(|number| format!("{number}")).collect();
    let many: Vec<_> = many.iter().map(|name| (name.as_str(), EntryType::Regular, &b""[..])).collect();
    let error = small::unreadable(&scratch, &gzip(&tar(&many)));
    assert!(error.contains("there are more than 20000 entries"), "{error}");

    // A zip that says what it is, and one that does not.
    let mut tree = small::seed();
    tree.file("zeros", 0o644, zeros).unwrap();
    let mut zip = small::zip(&tree);
    let error = small::unreadable(&scratch, &zip);
    assert!(error.contains("it unpacks to more than "), "{error}");
    let size = (20_u32 << 20).to_le_bytes();
    while let Some(at) = zip.windows(4).position(|window| window == size) {
        zip[at..][..4].copy_from_slice(&1000_u32.to_le_bytes());
    }
    let findings = small::findings(&scratch, &zip);
    assert!(findings.contains("zeros: reading zeros: it unpacks to more than it says"), "{findings}");
}

#[test]
fn one_bit_of_the_payload() {
    let scratch = Scratch::new();
    let (tar, zip) = (small::tar_gz(&small::seed()), small::zip(&small::seed()));
    small::valid(&scratch, &tar);
    small::valid(&scratch, &zip);
    let mut spoilt = tar.clone();
    let middle = spoilt.len() / 2;
    spoilt[middle] ^= 4;
    let error = small::unreadable(&scratch, &spoilt);
    assert!(error.starts_with("error: reading image image: unpacking: "), "{error}");
    // A zip has a stream for each file: the others can be read.
    let name = small::find(&zip, small::PAYLOAD_PATH.as_bytes());
    let mut spoilt = zip;
    spoilt[name + small::PAYLOAD_PATH.len() + 8] ^= 4;
    let findings = small::findings(&scratch, &spoilt);
    assert!(findings.starts_with(&format!("error: image: {}: ", small::PAYLOAD_PATH)), "{findings}");
}

#[test]
fn cut_off_anywhere() {
    let scratch = Scratch::new();
    for image in [small::tar_gz(&small::seed()), small::zip(&small::seed())] {
        for end in (0..image.len()).step_by(97) {
            let run = small::validate(&scratch, &image[..end]);
            assert!(matches!(run.code, 1 | 2), "{end} of {}: {}", image.len(), run.stderr);
        }
    }
}

/// The directory and the local headers disagree, or entries overlap: unpackers would differ.
#[test]
fn zips_that_are_read_in_two_ways() {
    let scratch = Scratch::new();
    let zip = small::zip(&small::seed());
    let directory = small::find(&zip, b"PK\x01\x02");
    let mut renamed = zip.clone();
    renamed[directory + 46] = b'X';
    let error = small::unreadable(&scratch, &renamed);
    assert!(error.contains("the local header at byte 0 is of another file"), "{error}");
    let mut moved = zip.clone();
    moved[directory + 42..][..4].copy_from_slice(&7_u32.to_le_bytes());
    let error = small::unreadable(&scratch, &moved);
    assert!(error.contains("at byte 7 there is no local header of it"), "{error}");
    let mut encrypted = zip;
    encrypted[directory + 8] |= 1;
    let error = small::unreadable(&scratch, &encrypted);
    assert!(error.contains(&format!("entry at byte {directory}: it is encrypted")), "{error}");
}
