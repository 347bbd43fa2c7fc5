//! ISO images that are damaged, or made to harm.

use crate::harness::Scratch;
use crate::small::{self, PAYLOAD, find};

const SECTOR: usize = 2048;

fn seed() -> Vec<u8> {
    small::iso(&small::seed(), "CIDATA")
}

/// A record of the primary tree, by its identifier.
fn record(image: &[u8], id: &[u8]) -> usize {
    let id = [&[id.len() as u8], id].concat();
    find(image, &id) - 32
}

fn set_u32(image: &mut [u8], at: usize, value: u32) {
    image[at..at + 4].copy_from_slice(&value.to_le_bytes());
}

#[test]
fn one_bit_of_the_payload() {
    let scratch = Scratch::new();
    let mut image = seed();
    let at = find(&image, PAYLOAD.as_bytes());
    image[at + 3] ^= 1;
    let findings = small::findings(&scratch, &image);
    let start = format!("error: image: {}: its sha256 is ", small::PAYLOAD_PATH);
    assert!(findings.starts_with(&start) && findings.lines().count() == 1, "{findings}");
    let text = String::from_utf8(scratch.done(&["inspect", "image"]).stdout).unwrap();
    assert!(text.contains("99-vast-perf.conf  DIFFERS from the manifest"), "{text}");
    assert!(text.contains("1 of 2 files are as the manifest says"), "{text}");
}

#[test]
fn user_data_that_was_changed_afterwards() {
    let scratch = Scratch::new();
    let mut image = seed();
    let at = find(&image, b"centos\n");
    image[at] = b'k';
    let findings = small::findings(&scratch, &image);
    assert!(
        findings.starts_with("error: image: meta-data: the instance-id is of other documents"),
        "{findings}"
    );
}

#[test]
fn what_is_missing_or_malformed_is_named() {
    let scratch = Scratch::new();
    let spoil = |from: &[u8], to: &[u8]| {
        assert_eq!(from.len(), to.len());
        let mut image = seed();
        // Both trees have names of their own; Rock Ridge's count.
        let mut start = 0;
        while let Some(at) = image[start..].windows(from.len()).position(|window| window == from) {
            image[start + at..][..to.len()].copy_from_slice(to);
            start += at + to.len();
        }
        small::findings(&scratch, &image)
    };
    for (from, to, wanted) in [
        (&b"meta-data"[..], &b"meta_data"[..], "image: meta-data: missing at the root"),
        (b"user-data", b"user_data", "image: user-data: missing at the root"),
        (b"prepare.sh", b"prepare.no", "image: vastimg/prepare.sh: missing; the manifest names it"),
        (b"manifest.json", b"manifest.jsom", "image: vastimg/manifest.json: missing"),
        (b"manifest/1", b"manifest/9", "a manifest of version \"vastimg/manifest/9\""),
        (b"{\"schema\"", b"[\"schema\"", "image: vastimg/manifest.json: not a manifest"),
        (b"#cloud-config", b"#cloud-konfig", "error: the first line is not #cloud-config"),
        (b"users:\n", b"users\t:", " --> image:/user-data:2:"),
        (b"CIDATA ", b"CIDATE ", "two labels: CIDATA in the Joliet volume descriptor, CIDATE in the primary"),
    ] {
        let findings = spoil(from, to);
        assert!(findings.contains(wanted), "{wanted}: {findings}");
    }
}

/// Wherever it is cut off, it is not valid, and said to be so.
#[test]
fn cut_off_at_every_sector() {
    let scratch = Scratch::new();
    let image = seed();
    for end in (0..image.len()).step_by(SECTOR) {
        let run = small::validate(&scratch, &image[..end]);
        let text = String::from_utf8(run.stdout).unwrap() + &run.stderr;
        let wanted = ["cut off", "not an image that vastimg knows"];
        assert!(run.code == 1 && wanted.iter().any(|words| text.contains(words)), "{end}: {text}");
    }
}

#[test]
fn a_directory_that_leads_back() {
    let scratch = Scratch::new();
    let mut image = seed();
    let root = u32::from_le_bytes(image[16 * SECTOR + 158..][..4].try_into().unwrap());
    let at = record(&image, b"VASTIMG");
    set_u32(&mut image, at + 2, root);
    let error = small::unreadable(&scratch, &image);
    let wanted = format!("directory /vastimg at byte {}: it is its own parent", root as usize * SECTOR);
    assert!(error.contains(&wanted), "{error}");
}

#[test]
fn numbers_that_cannot_be() {
    let scratch = Scratch::new();
    let change = |id: &[u8], field: usize, value: u32| {
        let mut image = seed();
        let at = record(&image, id);
        set_u32(&mut image, at + field, value);
        (small::unreadable(&scratch, &image), at)
    };
    let (error, at) = change(b"USER_DATA.;1", 10, u32::MAX);
    assert!(error.contains(&format!("/user-data (record at byte {at}): 4294967295 bytes")), "{error}");
    let (error, _) = change(b"USER_DATA.;1", 2, u32::MAX);
    assert!(error.contains("at byte 8796093020160, but the image ends"), "{error}");
    let (error, _) = change(b"VASTIMG", 10, 1 << 30);
    assert!(error.contains("it has 1073741824 bytes; no directory"), "{error}");
    // The name is not checked yet when the place is.
    let mut image = seed();
    let name = find(&image, b"NM\x0e\x01\0user-data") + 5;
    image[name + 4] = 0x1b;
    let at = record(&image, b"USER_DATA.;1");
    set_u32(&mut image, at + 10, u32::MAX);
    let error = small::unreadable(&scratch, &image);
    assert!(error.contains("/user\\u{1b}data (record"), "{error:?}");
    // Into the middle of another file's sector and beyond: both would have the same bytes.
    let mut image = seed();
    let (meta, user) = (record(&image, b"META_DATA.;1"), record(&image, b"USER_DATA.;1"));
    let sector = u32::from_le_bytes(image[user + 2..][..4].try_into().unwrap());
    set_u32(&mut image, meta + 2, sector);
    let error = small::unreadable(&scratch, &image);
    assert!(error.contains("user-data and meta-data share bytes from byte"), "{error}");
}

#[test]
fn names_and_fields_that_cannot_be() {
    let scratch = Scratch::new();
    for (from, to, wanted) in [
        (&b"NM\x0e\x01\0user-data"[..], &b"NM\x0e\x01\0../../etc"[..], "has a slash in it"),
        (b"NM\x0e\x01\0user-data", b"NM\x0e\x01\0user\x1bdata", "has a control character in it"),
        (b"NM\x0e\x01\0user-data", b"NM\xf0\x01\0user-data", "a field of 240 bytes, where"),
        (b"NM\x0e\x01\0user-data", b"CE\x0e\x01\0user-data", ""),
    ] {
        let mut image = seed();
        let at = find(&image, from);
        image[at..][..to.len()].copy_from_slice(to);
        if wanted.is_empty() {
            // Too short a field is none: the plain name is left.
            small::findings(&scratch, &image);
        } else {
            let error = small::unreadable(&scratch, &image);
            assert!(error.contains(wanted) && !error.contains('\x1b'), "{error:?}");
        }
    }
    // A record that is too short, one whose identifier is longer than it, and one without.
    for (field, value) in [(0, 20), (32, 200), (32, 0)] {
        let mut image = seed();
        let at = record(&image, b"VASTIMG");
        image[at + field] = value;
        let error = small::unreadable(&scratch, &image);
        assert!(error.contains("record at byte "), "{error}");
    }
}

/// A continuation area that continues in itself.
#[test]
fn continuation_without_end() {
    let scratch = Scratch::new();
    let mut tree = small::seed();
    tree.file(&"n".repeat(240), 0o644, String::new()).unwrap();
    let mut image = small::iso(&tree, "CIDATA");
    let ce = find(&image, b"CE\x1c\x01");
    let field = image[ce..][..28].to_vec();
    let number = |at: usize| u32::from_le_bytes(field[at..][..4].try_into().unwrap()) as usize;
    let area = number(4) * SECTOR + number(12);
    image[area..][..28].copy_from_slice(&field);
    image[area + 28..][..4].copy_from_slice(b"ST\x04\x01");
    let error = small::unreadable(&scratch, &image);
    assert!(error.contains("more than 32 continuation areas"), "{error}");
}
