//! The seed that is attached to a VM, before what reads ISO images: xorriso, genisoimage's isoinfo, bsdtar, libblkid
//! (by which cloud-init finds it) and file. What comes out is what the `dir` medium has.
//!
//! The writer by itself, with trees that no seed has, is tested in tests/iso_readers.rs.

use std::fs;
use std::path::Path;

use crate::seed::{File, Files, KEY, Seed, assert_same, files};
use crate::tools;

const ACCESS: &[&str] = &["--ssh-key", KEY];

fn image() -> Seed {
    Seed::build("seed.iso", ACCESS)
}

fn expected() -> Files {
    Seed::build("seed", ACCESS).files()
}

/// Extraction as far as it leaves directories writable, so that they can be removed.
fn unpack(image: &Seed, fill: impl FnOnce(&Path)) -> Files {
    let target = image.scratch().join("unpacked");
    fs::create_dir(&target).unwrap();
    fill(&target);
    let found = files(&target);
    fs::remove_dir_all(&target).unwrap();
    found
}

#[test]
fn xorriso_extracts_the_same_files() {
    let image = image();
    let Some(mut xorriso) = tools::find("xorriso") else { return };
    let found = unpack(&image, |target| {
        xorriso.args(["-abort_on", "WARNING", "-indev"]).arg(image.path());
        tools::output(xorriso.args(["-osirrox", "on", "-extract", "/"]).arg(target));
    });
    assert_same("xorriso", &expected(), &found);
}

#[test]
fn bsdtar_extracts_the_same_files() {
    let image = image();
    let Some(mut bsdtar) = tools::find("bsdtar") else { return };
    let found = unpack(&image, |target| {
        tools::output(bsdtar.args(["-x", "-p", "-f"]).arg(image.path()).arg("-C").arg(target));
    });
    assert_same("bsdtar", &expected(), &found);
}

/// One listing with names, sizes, modes and owners.
#[test]
fn xorriso_lists_modes_and_owners() {
    let image = image();
    let Some(mut xorriso) = tools::find("xorriso") else { return };
    xorriso.args(["-indev"]).arg(image.path()).args(["-find", "/", "-exec", "lsdl"]);
    let text = tools::output(&mut xorriso);
    let mut found = Vec::new();
    for line in text.lines() {
        // Mode, links, owner, group, size, month, day, year or time, name.
        let words: Vec<_> = line.split_whitespace().collect();
        let [mode, _, owner, group, size, _, _, _, name] = words[..] else { panic!("{line}") };
        assert_eq!((owner, group), ("0", "0"), "{line}");
        if mode.starts_with('d') {
            assert_eq!(mode, "drwxr-xr-x", "{line}");
            continue;
        }
        found.push(format!("{mode} {size} {}", name.trim_matches('\'')));
    }
    found.sort_by(|a, b| a.rsplit(' ').next().cmp(&b.rsplit(' ').next()));
    let words = |file: &File| match file.mode {
        0o644 => "-rw-r--r--",
        0o755 => "-rwxr-xr-x",
        0o440 => "-r--r-----",
        other => panic!("{other:04o} is no mode that a seed has"),
    };
    let expected: Vec<_> = expected()
        .iter()
        .map(|(name, file)| format!("{} {} /{name}", words(file), file.content.len()))
        .collect();
    assert_eq!(found, expected);
}

/// A reader that knows one of the two only finds the same in it. isoinfo shows Joliet's identifiers as they are.
#[test]
fn isoinfo_finds_the_same_in_rock_ridge_and_in_joliet() {
    let image = image();
    let isoinfo = |arguments: &[&str]| {
        let mut command = tools::find("isoinfo")?;
        Some(tools::output(command.arg("-i").arg(image.path()).args(arguments)))
    };
    let expected = expected();
    for namespace in ["-R", "-J"] {
        let Some(text) = isoinfo(&[namespace, "-f"]) else { return };
        let mut found: Vec<&str> = text.lines().map(|path| path.strip_prefix('/').unwrap()).collect();
        found.retain(|name| !expected.keys().any(|file| file.starts_with(&format!("{name}/"))));
        found.sort_unstable();
        assert!(found.iter().eq(expected.keys()), "{namespace}: {found:?}");
        for name in ["user-data", "meta-data", "vastimg/manifest.json"] {
            let Some(text) = isoinfo(&[namespace, "-x", &format!("/{name}")]) else { return };
            assert!(text.as_bytes() == expected[name].content, "{namespace}: {name}");
        }
    }
}

/// cloud-init looks for a file system of that label, which libblkid takes out of Joliet's volume descriptor first.
#[test]
fn blkid_and_file_know_it_for_what_it_is() {
    let image = image();
    if let Some(mut blkid) = tools::find("blkid") {
        let text = tools::output(blkid.args(["-p", "-o", "export"]).arg(image.path()));
        for line in ["LABEL=CIDATA", "TYPE=iso9660", "USAGE=filesystem"] {
            assert!(text.lines().any(|found| found == line), "{line}: {text}");
        }
    }
    if let Some(mut isoinfo) = tools::find("isoinfo") {
        let text = tools::output(isoinfo.arg("-d").arg("-i").arg(image.path()));
        assert!(text.lines().any(|line| line == "Volume id: CIDATA"), "{text}");
    }
    if let Some(mut file) = tools::find("file") {
        let text = tools::output(file.arg("--brief").arg(image.path()));
        assert_eq!(text, "ISO 9660 CD-ROM filesystem data 'CIDATA'\n");
    }
}

#[test]
fn the_same_inputs_give_the_same_bytes() {
    let bytes = |environment| fs::read(Seed::build_with("seed.iso", ACCESS, environment).path()).unwrap();
    let first = bytes(&[]);
    assert!(first == bytes(&[("TZ", "Asia/Tokyo"), ("LC_ALL", "tr_TR.UTF-8")]));
    let dated = bytes(&[("SOURCE_DATE_EPOCH", "1700000000")]);
    assert!(first != dated, "SOURCE_DATE_EPOCH is honoured");
    assert!(dated == bytes(&[("SOURCE_DATE_EPOCH", "1700000000")]));
}

/// To standard output it is the same image as to a file.
#[test]
fn standard_output_has_the_same_bytes() {
    let image = image();
    let mut command = tools::bounded(env!("CARGO_BIN_EXE_vastimg"));
    command.args(["build", "--hostname", "vast-01", "--ssh-key", KEY, "--output", "-"]);
    let output = command.env_remove("SOURCE_DATE_EPOCH").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stdout == fs::read(image.path()).unwrap());
}
