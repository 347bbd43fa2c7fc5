//! What `vastimg build` writes today, inspected and validated in every format.

use std::fs;
use std::process::Stdio;

use insta::assert_snapshot;
use serde_json::Value;

use crate::harness::{Run, Scratch, key_file};
use crate::small::{self, json};

const FORMATS: [(&str, &str, &str); 4] = [
    ("iso", "iso", "ISO 9660 with Rock Ridge"),
    ("tar", "tar", "tar in gzip"),
    ("zip", "zip", "zip"),
    ("dir", "dir", "directory"),
];

#[test]
fn every_format_is_valid_and_says_what_the_seed_says() {
    let scratch = Scratch::new();
    let built: &[&str] = &["--hostname", "vast-07", "--ssh-key", &key_file(), "-p", "loopback"];
    for (format, kind, container) in FORMATS {
        // A name says nothing.
        let name = "seed";
        scratch.done(&[&["build", "--force", "--format", format, "-o", name], built].concat());
        let run = scratch.done(&["validate", name]);
        assert!(run.stdout.is_empty());
        assert!(
            run.stderr.contains("a seed that vastimg wrote, valid\nIt wipes no disk: "),
            "{}",
            run.stderr
        );

        let found = json(&scratch, name);
        assert_eq!(found["schema"], "vastimg/inspection/1");
        assert_eq!((&found["kind"], &found["what"]), (&kind.into(), &"vastimg-seed".into()));
        assert_eq!(found["volumes"][0]["format"], container);
        let seed = &found["seed"];
        assert_eq!((&seed["hostname"], &seed["profile"]), (&"vast-07".into(), &"loopback".into()));
        assert_eq!(seed["generator"], concat!("vastimg ", env!("CARGO_PKG_VERSION")));
        assert_eq!((&seed["own_verifier"], &seed["password"]), (&true.into(), &false.into()));
        assert_eq!(seed["payload"], seed["payload_same"]);
        assert!(seed["payload"].as_u64().unwrap() > 20 && seed["fixes"].as_array().unwrap().len() > 10);
        assert!(seed["instance_id"].as_str().unwrap().starts_with("iid-vastimg-vast-07-"));
        assert_eq!(found["wipes"]["wipes"], false);
        assert_eq!(found["findings"], Value::Array(Vec::new()));

        let labels = found["volumes"][0]["labels"].as_array().unwrap();
        let texts: Vec<_> = labels.iter().map(|label| label["text"].as_str().unwrap()).collect();
        assert_eq!(texts, if format == "iso" { vec!["CIDATA"; 2] } else { Vec::new() });
        let _ = fs::remove_file(scratch.path(name));
    }
}

#[test]
fn a_folder_to_serve_is_valid_and_its_vendor_data_stays_empty() {
    let scratch = Scratch::new();
    scratch.done(&[
        "build",
        "-p",
        "minimal",
        "--ssh-key",
        &key_file(),
        "--format",
        "nocloud-net",
        "-o",
        "seed",
    ]);
    let run = scratch.done(&["validate", "--strict", "seed"]);
    assert!(run.stderr.contains("a seed that vastimg wrote, valid\n"), "{}", run.stderr);
    let found = json(&scratch, "seed");
    assert_eq!((&found["kind"], &found["what"]), (&"dir".into(), &"vastimg-seed".into()));
    assert_eq!(found["findings"], Value::Array(Vec::new()));
    // cloud-init would obey it.
    scratch.file("seed/vendor-data", "#cloud-config\nruncmd: [reboot]\n");
    let run = scratch.run(&["validate", "seed"]);
    assert_eq!(run.code, 1);
    let said = "vendor-data: it is not one of the files that this seed was built with";
    let findings = String::from_utf8(run.stdout).unwrap();
    assert!(findings.contains(said), "{findings}");
}

/// All formats carry the same files, with the same modes and digests.
#[test]
fn every_format_has_the_same_files() {
    let scratch = Scratch::new();
    let mut listings = Vec::new();
    for (format, ..) in FORMATS {
        let name = format!("seed-{format}");
        scratch.done(&["build", "--format", format, "-o", &name]);
        listings.push(json(&scratch, &name)["volumes"][0]["files"].clone());
    }
    assert!(listings[0].as_array().unwrap().len() > 20);
    for listing in &listings[1..] {
        assert_eq!(*listing, listings[0]);
    }
}

#[test]
fn what_a_person_reads() {
    let scratch = Scratch::new();
    scratch.file("seed.iso", small::iso(&small::tree("vastimg 0.0.0"), "CIDATA"));
    let run = scratch.done(&["inspect", "seed.iso"]);
    assert!(run.stderr.is_empty());
    assert_snapshot!(String::from_utf8(run.stdout).unwrap());

    scratch.file("other", "just a file\n");
    assert_snapshot!("no_image", scratch.refused(&["inspect", "other"]));
    scratch.file("noise", [0, 1, 2, 3].repeat(512));
    assert_snapshot!("noise", scratch.refused(&["inspect", "noise"]));
    let run = scratch.run(&["validate", "other"]);
    assert_eq!(run.code, 1);
    let found =
        "error: other: neither an image nor a text that vastimg knows\n  = help: --as KIND says what it is\n";
    assert_eq!(String::from_utf8(run.stdout).unwrap(), found);
    assert_eq!(run.stderr, "other: not an image that vastimg knows, NOT valid (1 error)\n");
}

#[test]
fn what_is_no_file_is_refused() {
    let scratch = Scratch::new();
    scratch.file("file", "");
    let status = std::process::Command::new("mkfifo").arg(scratch.path("pipe")).status().unwrap();
    assert!(status.success());
    for (name, words) in [
        ("none", "No such file"),
        ("file/x", "Not a directory"),
        ("pipe", "neither a file, a disk nor a directory"),
        ("-", "standard input cannot be searched"),
    ] {
        for command in ["inspect", "validate"] {
            let error = scratch.refused(&[command, name]).replace("reading image ", "reading ");
            assert!(error.starts_with(&format!("error: reading {name}: ")), "{error}");
            assert!(error.contains(words), "{error}");
        }
    }
}

#[test]
fn that_nobody_reads_to_the_end_is_no_error() {
    let scratch = Scratch::new();
    scratch.file("seed", small::iso(&small::seed(), "CIDATA"));
    for args in [["inspect", "seed"].as_slice(), &["inspect", "--extract", "user-data", "seed"]] {
        let mut child = scratch.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let run = Run::from(child.wait_with_output().unwrap());
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{args:?}");
    }
}

#[test]
fn help_fits_80_columns() {
    let scratch = Scratch::new();
    for command in ["inspect", "validate"] {
        let output = scratch.command(&[command, "--help"]).env("COLUMNS", "80").output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let long: Vec<_> = text.lines().filter(|line| line.chars().count() > 80).collect();
        assert!(output.status.success() && long.is_empty(), "{long:#?}");
    }
}

/// What `build` says of a medium with a kickstart is what `inspect` and `validate` say of the finished one.
#[test]
fn every_medium_with_a_kickstart_says_what_it_wipes_as_its_build_did() {
    let scratch = Scratch::new();
    let repository = "kickstart.repositories=epel=https://mirror.example.com/epel/8/";
    for (format, labels) in [("oemdrv", &["OEMDRV"][..]), ("disk", &["CIDATA", "OEMDRV"]), ("dir", &[])] {
        let built = scratch.done(
            &[
                &["build", "--format", format, "-o", format, "--ssh-key", &key_file()][..],
                &["--install-disk", "/dev/disk/by-id/virtio-1", "--set", repository],
            ]
            .concat(),
        );
        let said = built.stderr.lines().last().unwrap();
        assert!(said.ends_with(" is wiped without a question: disk disk/by-id/virtio-1."), "{said}");
        let run = scratch.done(&["validate", format]);
        assert_eq!(run.stdout, b"", "findings in what was just built");
        let sentence = run.stderr.lines().last().unwrap().to_owned();
        assert_eq!(sentence, said, "{format}");
        let found = json(&scratch, format);
        assert_eq!(found["wipes"]["sentence"], sentence.as_str());
        assert_eq!(found["wipes"]["disks"], serde_json::json!(["disk/by-id/virtio-1"]));
        let mut texts: Vec<_> = found["volumes"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|volume| volume["labels"].as_array().unwrap())
            .map(|label| label["text"].as_str().unwrap())
            .collect();
        texts.sort_unstable();
        texts.dedup();
        assert_eq!(texts, labels, "{format}");
        let seed = &found["seed"];
        assert_eq!((&seed["profile"], &seed["own_verifier"]), (&"loopback".into(), &true.into()));
        assert_eq!(seed["payload"], seed["payload_same"]);
    }
}

/// The medium's own list has every file, so that one bit of any of them is found, and a file too many is.
#[test]
fn every_file_is_held_against_the_list() {
    let scratch = Scratch::new();
    let arguments = ["build", "--format", "dir", "-o", "seed", "-p", "minimal", "--install-disk", "vda"];
    scratch.done(&[&arguments[..], &["--ssh-key", &key_file()]].concat());
    for file in ["ks.cfg", "user-data", "meta-data", "vastimg/manifest.json", "vastimg/prepare.sh"] {
        let path = scratch.path("seed").join(file);
        let good = fs::read(&path).unwrap();
        let mut bad = good.clone();
        // In the middle of a comment, a name or a digest.
        let at = bad.len() / 2;
        bad[at] ^= 1;
        fs::write(&path, bad).unwrap();
        let run = scratch.run(&["validate", "seed"]);
        let found = String::from_utf8(run.stdout).unwrap();
        assert!(run.code == 1 && found.contains(&format!("error: seed: {file}: ")), "{file}: {found}");
        assert!(run.stderr.contains("seed: a seed that vastimg wrote, NOT valid ("), "{}", run.stderr);
        fs::write(&path, good).unwrap();
    }
    scratch.done(&["validate", "seed"]);
    scratch.file("seed/evil", "x");
    let found = String::from_utf8(scratch.run(&["validate", "seed"]).stdout).unwrap();
    assert_eq!(found, "error: seed: evil: it is not one of the files that this seed was built with\n");
    fs::remove_file(scratch.path("seed/evil")).unwrap();
    fs::remove_file(scratch.path("seed/ks.cfg")).unwrap();
    let found = String::from_utf8(scratch.run(&["validate", "seed"]).stdout).unwrap();
    assert_eq!(found, "error: seed: ks.cfg: missing; vastimg/SHA256SUMS names it\n");
}

/// %post would refuse a payload that its kickstart was not built with, and so does `validate`.
#[test]
fn a_kickstart_of_another_payload_is_found() {
    let scratch = Scratch::new();
    for (name, profile) in [("one", "minimal"), ("other", "loopback")] {
        scratch.done(&["build", "--format", "dir", "-o", name, "-p", profile, "--install-disk", "vda"]);
    }
    fs::copy(scratch.path("other/ks.cfg"), scratch.path("one/ks.cfg")).unwrap();
    let run = scratch.run(&["validate", "one"]);
    assert_eq!(run.code, 1);
    let found = String::from_utf8(run.stdout).unwrap();
    let refused = "it is not the one that ks.cfg was built with, whose %post will refuse this seed";
    let paths = ["vastimg/manifest.json", "vastimg/prepare.sh"];
    assert!(paths.iter().all(|path| found.contains(&format!("{path}: {refused}"))), "{found}");
}

/// What a person mistakes for an image is told by its name, with what to do.
#[test]
fn what_is_no_image_yet() {
    let scratch = Scratch::new();
    let error = scratch.refused(&["inspect", "none.iso"]);
    assert_eq!(
        error,
        "error: reading image none.iso: No such file or directory (os error 2); check the path\n"
    );
    scratch.done(&["build", "-o", "seed.img", "-p", "minimal", "--install-disk", "vda"]);
    let image = fs::read(scratch.path("seed.img")).unwrap();
    scratch.file("cut.img", &image[..1_200_000]);
    let run = scratch.run(&["validate", "cut.img"]);
    let error = String::from_utf8(run.stdout).unwrap();
    assert_eq!((run.code, run.stderr.as_str()), (1, "cut.img: a damaged image, NOT valid (1 error)\n"));
    assert!(
        error.contains("cut.img: partition 1: ") && error.contains("it is cut off or damaged"),
        "{error}"
    );
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut gzip, &image).unwrap();
    scratch.file("seed.img.gz", gzip.finish().unwrap());
    let error = scratch.refused(&["inspect", "seed.img.gz"]);
    assert!(error.contains("if it is an image that was compressed, unpack that first"), "{error}");
}

/// The manifest says each fix's values; what a hostile one says is shown and not obeyed, and an older one says none.
#[test]
fn the_values_of_every_fix() {
    let scratch = Scratch::new();
    scratch.done(&["build", "--format", "dir", "-o", "seed", "--set", "fd-limits.nofile=2097152"]);
    let fix = |id: &str| {
        let found = json(&scratch, "seed");
        let fixes = found["seed"]["fixes"].as_array().unwrap().clone();
        fixes.into_iter().find(|fix| fix["id"] == id).unwrap()
    };
    assert_eq!(fix("fd-limits")["values"]["nofile"], 2_097_152);
    assert_eq!(fix("packages")["values"]["epel"], serde_json::json!(["pv", "htop"]));
    assert_eq!(fix("base").get("values"), None);
    let text = String::from_utf8(scratch.done(&["inspect", "seed"]).stdout).unwrap();
    assert!(text.contains(" nofile=2097152 "), "{text}");

    let manifest = scratch.path("seed/vastimg/manifest.json");
    let good: Value = serde_json::from_slice(&fs::read(&manifest).unwrap()).unwrap();
    let mut bad = good.clone();
    bad["fixes"][1]["values"] = serde_json::json!({"a\u{1b}[2J": ["\u{202e}x", {"deep": "\u{7}"}]});
    fs::write(&manifest, bad.to_string()).unwrap();
    let text = String::from_utf8(scratch.done(&["inspect", "seed"]).stdout).unwrap();
    assert!(text.contains("a\\u{1b}[2J=\\u{202e}x,"), "{text}");
    assert!(!text.chars().any(|c| (c.is_control() && c != '\n') || c == '\u{202e}'), "{text:?}");

    let mut old = good;
    old["fixes"].as_array_mut().unwrap().iter_mut().for_each(|fix| {
        fix.as_object_mut().unwrap().remove("values");
    });
    fs::write(&manifest, old.to_string()).unwrap();
    assert_eq!(fix("fd-limits").get("values"), None);
}
