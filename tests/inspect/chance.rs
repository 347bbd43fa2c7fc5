//! Images with bytes changed by chance: an answer each time, soon, and no panic.
//!
//! Most cases ask the library, which is quick; some ask the program, for its exit codes. A case that fails is shrunk and
//! printed by proptest.

use std::io::Cursor;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use vastimg::{image, inspection};

use crate::harness::Scratch;
use crate::small;

/// A debug build's on a busy machine.
const SOON: Duration = Duration::from_secs(5);

/// A change: where, and the byte that is put there.
type Change = (Index, u8);

/// An image, and where its bytes are that are not zero.
type Image = (Vec<u8>, Vec<usize>);

/// One image of each kind.
fn images() -> &'static [Image] {
    static IMAGES: OnceLock<Vec<Image>> = OnceLock::new();
    IMAGES.get_or_init(|| {
        let scratch = Scratch::new();
        let mut tree = small::seed();
        tree.file("ks.cfg", 0o644, small::KICKSTART.to_owned()).unwrap();
        tree.file(&format!("d/{}", "n".repeat(230)), 0o644, "long".to_owned()).unwrap();
        let mut plain = Vec::new();
        let mut gzip = &small::tar_gz(&tree)[..];
        std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&mut gzip), &mut plain).unwrap();
        let mut images = vec![
            small::iso(&tree, "CIDATA"),
            small::iso(&tree, "OEMDRV"),
            small::tar_gz(&tree),
            plain,
            small::zip(&tree),
        ];
        // Without Rock Ridge, Joliet's tree is read.
        let mut joliet = small::iso(&tree, "CIDATA");
        let sp = small::find(&joliet, b"SP\x07\x01\xbe\xef");
        joliet[sp] = b'X';
        images.push(joliet);
        for (bits, bytes) in [("12", 512 << 10), ("16", 3 << 20), ("32", 34 << 20)] {
            images.extend(small::fat(&scratch, &tree, "CIDATA", bits, bytes));
        }
        if let Some(volume) = images.get(6).cloned() {
            images.push(small::disk(&[volume.clone(), volume]));
        }
        let filled = |image: &Vec<u8>| (0..image.len()).filter(|at| image[*at] != 0).collect();
        images
            .into_iter()
            .map(|image| {
                let filled = filled(&image);
                (image, filled)
            })
            .collect()
    })
}

/// Half of the changes hit the places where something is, the headers among them; the others, any place.
fn spoil((image, filled): &Image, near: &[Change], far: &[Change], end: Option<Index>) -> Vec<u8> {
    let mut bytes = image.clone();
    for (place, byte) in near {
        bytes[filled[place.index(filled.len())]] = *byte;
    }
    for (place, byte) in far {
        let at = place.index(bytes.len());
        bytes[at] = *byte;
    }
    if let Some(end) = end {
        bytes.truncate(end.index(bytes.len()));
    }
    bytes
}

fn changes(most: usize) -> impl Strategy<Value = Vec<Change>> {
    vec((any::<Index>(), prop_oneof![any::<u8>(), Just(0), Just(0xFF), Just(0x80)]), 0..most)
}

fn cases(count: u32) -> ProptestConfig {
    ProptestConfig { cases: count, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases(600))]

    #[test]
    fn the_library_answers(
        which in any::<Index>(),
        near in changes(12),
        far in changes(4),
        end in proptest::option::weighted(0.2, any::<Index>()),
    ) {
        let images = images();
        let bytes = spoil(&images[which.index(images.len())], &near, &far, end);
        let started = Instant::now();
        let opened = image::from_reader(Box::new(Cursor::new(bytes)));
        if let Err(error) = &opened {
            let text = format!("{error:#}");
            prop_assert!(!text.chars().any(char::is_control), "{text:?}");
        }
        if let Ok(mut image) = opened {
            let found = inspection::examine("image", &mut image);
            let text = found.to_string();
            prop_assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{text:?}");
            prop_assert!(!found.wipes.sentence.is_empty());
            serde_json::to_string(&found).unwrap();
        }
        prop_assert!(started.elapsed() < SOON, "{:?}", started.elapsed());
    }
}

proptest! {
    #![proptest_config(cases(120))]

    #[test]
    fn the_program_exits_as_it_should(
        which in any::<Index>(),
        near in changes(8),
        end in proptest::option::weighted(0.2, any::<Index>()),
    ) {
        let images = images();
        let scratch = Scratch::new();
        scratch.file("image", spoil(&images[which.index(images.len())], &near, &[], end));
        let started = Instant::now();
        let (seen, judged) = (scratch.run(&["inspect", "image"]), scratch.run(&["validate", "image"]));
        prop_assert!(started.elapsed() < SOON, "{:?}", started.elapsed());
        prop_assert!(matches!(seen.code, 0 | 2) && matches!(judged.code, 0 | 1), "{}", judged.stderr);
        let findings = String::from_utf8(judged.stdout).unwrap();
        // Where there is nothing to see, there is nothing else to judge.
        let no_image = judged.stderr.contains("not an image that vastimg knows");
        prop_assert_eq!(seen.code == 2, findings.starts_with("error: reading image image") || no_image);
        prop_assert_eq!(judged.code == 1, findings.lines().any(|line| line.starts_with("error: ")));
        prop_assert!(!findings.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t')), "{findings:?}");
        for text in [String::from_utf8(seen.stdout).unwrap(), judged.stderr] {
            prop_assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{text:?}");
        }
    }
}
