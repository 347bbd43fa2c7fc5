//! Seeds that other tools made: genisoimage, xorriso, cloud-localds, mkfs.vfat with mcopy.

use std::fs;

use vastimg::media::dir;

use crate::harness::Scratch;
use crate::small::{self, json};
use crate::tools;

/// A directory with the small seed.
fn unpacked(scratch: &Scratch) -> String {
    let path = scratch.path("files");
    fs::create_dir(&path).unwrap();
    dir::write(&small::seed(), false, camino::Utf8Path::from_path(&path).unwrap()).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn iso_images_with_each_kind_of_names() {
    let scratch = Scratch::new();
    let files = unpacked(&scratch);
    for (options, format) in [
        (["-R", "-quiet"].as_slice(), "ISO 9660 with Rock Ridge"),
        (&["-r", "-J"], "ISO 9660 with Rock Ridge"),
        (&["-J", "-D", "-quiet"], "ISO 9660 with Joliet"),
    ] {
        let Some(mut genisoimage) = tools::find("genisoimage") else { return };
        let image = scratch.path("image");
        tools::output(genisoimage.args(options).args(["-V", "CIDATA", "-o"]).arg(&image).arg(&files));
        let found = json(&scratch, "image");
        assert_eq!(found["volumes"][0]["format"], format, "{options:?}");
        assert_eq!(found["seed"]["payload_same"], 2, "{options:?}: {}", found["findings"]);
        small::valid(&scratch, &fs::read(image).unwrap());
    }
    let Some(mut xorriso) = tools::find("xorriso") else { return };
    let options = ["-as", "mkisofs", "-quiet", "-r", "-J", "-V", "cidata", "-o"];
    tools::output(xorriso.args(options).arg(scratch.path("image")).arg(&files));
    small::valid(&scratch, &fs::read(scratch.path("image")).unwrap());
    let files = json(&scratch, "image")["volumes"][0]["files"].clone();
    let link = files.as_array().unwrap().iter().find(|file| file["kind"] == "symlink").unwrap();
    assert_eq!((&link["path"], &link["target"]), (&"vastimg/link".into(), &"manifest.json".into()));
}

/// Deep directories are moved aside in the primary tree, long names and links go on in continuation areas.
#[test]
fn relocated_directories_and_continuation_areas() {
    let scratch = Scratch::new();
    let deep = "a/b/c/d/e/f/g/h/i/j";
    let (name, target) = ("n".repeat(250), format!("{}/x", "t".repeat(200)).repeat(3));
    for document in ["user-data", "meta-data"] {
        scratch.file(&format!("files/{document}"), "#cloud-config\ninstance-id: a\n");
    }
    scratch.file(&format!("files/{deep}/{name}"), "deep");
    std::os::unix::fs::symlink(&target, scratch.path("files/link")).unwrap();
    for tool in [["genisoimage"].as_slice(), &["xorriso", "-as", "mkisofs"]] {
        let Some(mut command) = tools::find(tool[0]) else { return };
        command.args(&tool[1..]).args(["-quiet", "-R", "-V", "cidata", "-o"]).arg(scratch.path("image"));
        tools::output(command.arg(scratch.path("files")));
        let found = json(&scratch, "image");
        let files = found["volumes"][0]["files"].as_array().unwrap();
        assert!(files.iter().any(|file| file["path"] == format!("{deep}/{name}")), "{tool:?}: {files:#?}");
        // genisoimage cuts such a target itself.
        let whole = files.iter().any(|file| file["target"] == target.as_str());
        assert_eq!(whole, tool[0] == "xorriso", "{tool:?}");
        assert_eq!(files.len(), 4, "{tool:?}: {files:#?}");
    }
}

#[test]
fn names_that_plain_iso_9660_has_cut_are_explained() {
    let scratch = Scratch::new();
    let files = unpacked(&scratch);
    let Some(mut genisoimage) = tools::find("genisoimage") else { return };
    let documents = ["user-data", "meta-data"].map(|name| format!("{files}/{name}"));
    let image = scratch.path("image");
    tools::output(genisoimage.args(["-quiet", "-V", "cidata", "-o"]).arg(&image).args(documents));
    let findings = small::findings(&scratch, &fs::read(image).unwrap());
    assert!(
        findings.contains("user-data: missing at the root") && findings.contains("names were cut"),
        "{findings}"
    );
}

#[test]
fn seeds_of_cloud_localds() {
    let scratch = Scratch::new();
    scratch.file("user-data", "#cloud-config\npassword: hunter2\n");
    scratch.file("network", "version: 2\nethernets: {}\n");
    scratch.file("wrong", "network: {version: 2}\n");
    for (options, kind, network) in [
        (["-N", "network"].as_slice(), "iso", true),
        (&["-f", "vfat"], "fat", false),
        (&["-N", "wrong"], "iso", true),
    ] {
        let Some(mut localds) = tools::find("cloud-localds") else { return };
        localds.current_dir(scratch.path(".")).args(options).args(["image", "user-data"]);
        tools::output(&mut localds);
        let found = json(&scratch, "image");
        assert_eq!((&found["kind"], &found["what"]), (&kind.into(), &"nocloud-seed".into()));
        assert_eq!(found["title"], "a NoCloud seed that vastimg did not write");
        assert_eq!(found["volumes"][0]["labels"][0]["text"], "cidata");
        assert_eq!(found["seed"]["password"], true);
        assert!(!found.to_string().contains("hunter2"));
        let files = found["volumes"][0]["files"].as_array().unwrap();
        assert_eq!(files.iter().any(|file| file["path"] == "network-config"), network);
        let run = scratch.run(&["validate", "image"]);
        if options.contains(&"wrong") {
            assert_eq!(run.code, 1);
            let text = String::from_utf8(run.stdout).unwrap();
            assert!(
                text.contains("has no `network:` around it\n  --> image:/network-config:1:1\n"),
                "{text}"
            );
        } else {
            assert_eq!(run.code, 0, "{}", run.stderr);
            assert!(run.stderr.contains("valid as far as its documents go"), "{}", run.stderr);
        }
    }
}

#[test]
fn an_image_with_something_else_is_called_that() {
    let scratch = Scratch::new();
    scratch.file("files/readme.txt", "hello");
    let Some(mut genisoimage) = tools::find("genisoimage") else { return };
    let image = scratch.path("image");
    tools::output(
        genisoimage.args(["-quiet", "-J", "-V", "HOLIDAY", "-o"]).arg(&image).arg(scratch.path("files")),
    );
    let found = json(&scratch, "image");
    assert_eq!((&found["what"], &found["title"]), (&"no-seed".into(), &"no seed: label HOLIDAY".into()));
    let findings = small::findings(&scratch, &fs::read(image).unwrap());
    assert!(findings.contains("no volume is labelled CIDATA or OEMDRV"), "{findings}");
}

#[test]
fn fat_volumes_of_each_width() {
    let scratch = Scratch::new();
    for (bits, bytes) in [("12", 1 << 20), ("16", 8 << 20), ("32", 40 << 20)] {
        let Some(image) = small::fat(&scratch, &small::seed(), "CIDATA", bits, bytes) else { return };
        small::valid(&scratch, &image);
        let found = json(&scratch, "image");
        assert_eq!(found["volumes"][0]["format"], format!("FAT{bits}"));
        assert_eq!(found["seed"]["payload_same"], 2);
        let labels: Vec<_> =
            found["volumes"][0]["labels"].as_array().unwrap().iter().map(|label| &label["text"]).collect();
        assert_eq!(labels, ["CIDATA", "CIDATA"]);
        assert_eq!(
            scratch.done(&["inspect", "--extract", "USER-DATA", "image"]).stdout[..13],
            *b"#cloud-config"
        );
    }
}
