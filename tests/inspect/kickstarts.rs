//! Whether it wipes a disk, in one sentence, from the ks.cfg that a machine would take.

use vastimg::media::tree::Tree;

use crate::harness::Scratch;
use crate::small::{self, KICKSTART, json};

fn with(kickstart: &str) -> Tree {
    small::seed_with(&[("ks.cfg", kickstart.as_bytes())])
}

/// The second line of the text, the end of validate's standard error, and the JSON are the same sentence.
fn sentence(scratch: &Scratch, image: &[u8]) -> String {
    scratch.file("image", image);
    let text = String::from_utf8(scratch.done(&["inspect", "image"]).stdout).unwrap();
    let sentence = text.lines().nth(1).unwrap().to_owned();
    assert_eq!(json(scratch, "image")["wipes"]["sentence"], sentence.as_str());
    let run = scratch.run(&["validate", "image"]);
    assert_eq!(run.stderr.lines().last().unwrap(), sentence);
    sentence
}

#[test]
fn a_volume_labelled_oemdrv_wipes_the_disk_that_it_names() {
    let scratch = Scratch::new();
    let image = small::iso(&with(KICKSTART), "OEMDRV");
    assert_eq!(
        sentence(&scratch, &image),
        "WARNING: a machine that boots Rocky's installer with this attached is wiped without a question: disk vda."
    );
    let wipes = json(&scratch, "image")["wipes"].clone();
    assert_eq!(wipes["disks"], serde_json::json!(["vda"]));
    assert_eq!((&wipes["unasked"], &wipes["any_disk"]), (&true.into(), &false.into()));
    small::valid(&scratch, &image);

    let two = small::iso(&with("ignoredisk --only-use=sda,sdb\nclearpart --all\n"), "OEMDRV");
    assert!(sentence(&scratch, &two).ends_with(": disks sda, sdb."));
}

#[test]
fn one_that_names_no_disk_may_wipe_any() {
    let scratch = Scratch::new();
    for kickstart in
        ["clearpart --all\n", "zerombr\n", "ignoredisk --only-use=vda\n%include /tmp/x\n", "\u{0}"]
    {
        let image = small::iso(&with(kickstart), "OEMDRV");
        let sentence = sentence(&scratch, &image);
        let any = sentence.ends_with("any disk may be, this seed's own included.");
        assert_eq!(any, kickstart != "\u{0}", "{kickstart:?}: {sentence}");
    }
    // What cannot be read as text is not trusted.
    let tree = small::seed_with(&[("ks.cfg", &[0xFF, 0xFE])]);
    assert!(sentence(&scratch, &small::iso(&tree, "OEMDRV")).contains("any disk"));
}

#[test]
fn elsewhere_it_wipes_only_when_told_to() {
    let scratch = Scratch::new();
    for image in [small::iso(&with(KICKSTART), "CIDATA"), small::tar_gz(&with(KICKSTART))] {
        assert_eq!(
            sentence(&scratch, &image),
            "WARNING: a machine whose installer is given this ks.cfg (inst.ks=) is wiped without a question: disk vda."
        );
    }
    let keeps = small::iso(&with("autopart\n"), "OEMDRV");
    assert!(sentence(&scratch, &keeps).starts_with("Its ks.cfg clears no disk that is in use, but"));
    let none = small::iso(&small::seed(), "CIDATA");
    assert_eq!(sentence(&scratch, &none), "It wipes no disk: there is no kickstart (ks.cfg) in it.");
}

/// The medium with both ways: everything on CIDATA, the kickstart alone on OEMDRV.
#[test]
fn a_disk_with_two_volumes() {
    let scratch = Scratch::new();
    let mut alone = Tree::default();
    alone.file("ks.cfg", 0o644, KICKSTART.to_owned()).unwrap();
    let Some(cidata) = small::fat(&scratch, &with(KICKSTART), "CIDATA", "16", 8 << 20) else { return };
    let Some(oemdrv) = small::fat(&scratch, &alone, "OEMDRV", "12", 1 << 20) else { return };
    let disk = small::disk(&[cidata.clone(), oemdrv.clone()]);
    small::valid(&scratch, &disk);
    assert!(sentence(&scratch, &disk).ends_with("without a question: disk vda."));
    let found = json(&scratch, "image");
    assert_eq!((&found["kind"], &found["what"]), (&"disk".into(), &"vastimg-seed".into()));
    assert_eq!(found["seed"]["payload_same"], 2);
    let labels = |volume: usize| found["volumes"][volume]["labels"][0]["text"].clone();
    assert_eq!((labels(0), labels(1)), ("CIDATA".into(), "OEMDRV".into()));

    let mut other = Tree::default();
    other.file("ks.cfg", 0o644, "clearpart --all\n".to_owned()).unwrap();
    let other = small::fat(&scratch, &other, "OEMDRV", "16", 8 << 20).unwrap();
    let findings = small::findings(&scratch, &small::disk(&[cidata.clone(), other]));
    assert!(findings.contains("ks.cfg: it differs from volume to volume"), "{findings}");
    let twice = small::findings(&scratch, &small::disk(&[cidata.clone(), cidata.clone()]));
    assert!(twice.contains("two volumes are labelled CIDATA"), "{twice}");

    // The second partition begins in the first.
    let mut overlapping = small::disk(&[cidata, oemdrv]);
    overlapping[446 + 16 + 8..][..4].copy_from_slice(&2049_u32.to_le_bytes());
    let error = small::unreadable(&scratch, &overlapping);
    assert!(error.contains("partition 2 at byte 1049088: it overlaps partition 1"), "{error}");
}
