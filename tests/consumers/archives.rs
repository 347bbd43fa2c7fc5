//! tar and zip before the programs that unpack them on a host: GNU tar, libarchive's bsdtar, Info-ZIP, sha256sum.
//! What comes out is what the `dir` medium has.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::seed::{KEY, Seed, assert_same, files};
use crate::tools;

const ACCESS: &[&str] = &["--ssh-key", KEY];

/// Unpacks with each of the commands that are there, and compares; `@` stands for the archive. They run where the
/// result is to be.
fn check_extraction(archive: &Seed, commands: &[&[&str]]) {
    let expected = Seed::build("seed", ACCESS).files();
    let path = archive.path();
    for words in commands {
        let Some(mut command) = tools::find(words[0]) else { continue };
        let target = archive.scratch().join("unpacked");
        fs::create_dir(&target).unwrap();
        command.current_dir(&target);
        command.args(words[1..].iter().map(|word| if *word == "@" { path.to_str().unwrap() } else { word }));
        tools::output(&mut command);
        assert_same(&format!("{words:?}"), &expected, &files(&target));
        fs::remove_dir_all(&target).unwrap();
    }
}

/// The medium's own digests before sha256sum: all other files, and each as it is.
#[test]
fn sha256sum_finds_every_file_of_a_medium_in_order() {
    let seed = Seed::build("seed", &["--ssh-key", KEY, "--install-disk", "vda"]);
    let sums = "vastimg/SHA256SUMS";
    let Some(mut command) = tools::find("sha256sum") else { return };
    tools::output(command.args(["--check", "--strict", "--quiet", sums]).current_dir(seed.path()));
    let text = fs::read_to_string(seed.path().join(sums)).unwrap();
    let named: Vec<&str> = text.lines().map(|line| line.split_once("  ").unwrap().1).collect();
    let mut there = seed.files();
    there.remove(sums).unwrap();
    assert!(there.keys().eq(named.iter()), "{named:?}");
}

/// Directories of the tree, each by the path with a slash at its end.
fn directories(root: &Path, prefix: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(root.join(prefix)).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            let name = format!("{prefix}{}/", entry.file_name().to_str().unwrap());
            found.extend(directories(root, &name));
            found.push(name);
        }
    }
    found
}

/// `(mode, date, name)` of every entry that is to be there, as `ls -l` words them.
fn listing(date: &str) -> Vec<(String, String, String)> {
    let seed = Seed::build("seed", ACCESS);
    let file = |mode: u32| match mode {
        0o644 => "-rw-r--r--",
        0o755 => "-rwxr-xr-x",
        0o440 => "-r--r-----",
        other => panic!("{other:04o} is no mode that a seed has"),
    };
    let mut all: Vec<_> = seed
        .files()
        .into_iter()
        .map(|(name, entry)| (file(entry.mode).to_owned(), date.to_owned(), name))
        .chain(
            directories(&seed.path(), "")
                .into_iter()
                .map(|name| ("drwxr-xr-x".to_owned(), date.to_owned(), name)),
        )
        .collect();
    all.sort_by(|a, b| a.2.cmp(&b.2));
    all
}

#[test]
fn a_tar_is_unpacked_to_the_same_files() {
    let archive = Seed::build("seed.tar.gz", ACCESS);
    let path = archive.path();
    if let Some(mut gzip) = tools::find("gzip") {
        tools::output(gzip.arg("-t").arg(&path));
    }
    check_extraction(
        &archive,
        &[&["tar", "--extract", "--preserve-permissions", "--file", "@"], &["bsdtar", "-x", "-p", "-f", "@"]],
    );
}

#[test]
fn a_zip_is_unpacked_to_the_same_files() {
    let archive = Seed::build("seed.zip", ACCESS);
    if let Some(mut unzip) = tools::find("unzip") {
        let text = tools::output(unzip.arg("-tq").arg(archive.path()));
        assert!(text.contains("No errors detected"), "{text}");
    }
    check_extraction(&archive, &[&["unzip", "-q", "@"], &["bsdtar", "-x", "-p", "-f", "@"]]);
}

#[test]
fn a_tar_lists_modes_owners_and_the_one_date() {
    for (epoch, date) in [(None, "2026-01-01 00:00"), (Some("1700000000"), "2023-11-14 22:13")] {
        let environment: Vec<_> = epoch.map(|epoch| ("SOURCE_DATE_EPOCH", epoch)).into_iter().collect();
        let archive = Seed::build_with("seed.tar.gz", ACCESS, &environment);
        for (owner, option) in [("root/root", "--list"), ("0/0", "--numeric-owner")] {
            let Some(mut tar) = tools::find("tar") else { return };
            let text = tools::output(tar.args(["--list", "-vz", option, "--file"]).arg(archive.path()));
            let mut found = Vec::new();
            for line in text.lines() {
                let words: Vec<_> = line.split_whitespace().collect();
                let [mode, who, _, day, time, name] = words[..] else { panic!("{line}") };
                assert_eq!(who, owner, "{line}");
                found.push((mode.to_owned(), format!("{day} {time}"), name.to_owned()));
            }
            found.sort_by(|a, b| a.2.cmp(&b.2));
            assert_eq!(found, listing(date));
        }
    }
}

#[test]
fn a_zip_lists_modes_and_the_one_date() {
    for (epoch, date) in [(None, "20260101.000000"), (Some("1700000000"), "20231114.221320")] {
        let environment: Vec<_> = epoch.map(|epoch| ("SOURCE_DATE_EPOCH", epoch)).into_iter().collect();
        let archive = Seed::build_with("seed.zip", ACCESS, &environment);
        let Some(mut unzip) = tools::find("unzip") else { return };
        let text = tools::output(unzip.args(["-Z", "-l", "-T", "--h-t"]).arg(archive.path()));
        let mut found = Vec::new();
        for line in text.lines() {
            // Mode, version, system, size, flags, packed size, method, date, name.
            let words: Vec<_> = line.split_whitespace().collect();
            let [mode, _, system, _, _, _, _, date, name] = words[..] else { panic!("{line}") };
            assert_eq!(system, "unx", "{line}");
            found.push((mode.to_owned(), date.to_owned(), name.to_owned()));
        }
        found.sort_by(|a, b| a.2.cmp(&b.2));
        assert_eq!(found, listing(date));
    }
}

#[test]
fn the_same_inputs_give_the_same_bytes() {
    for name in ["seed.tar.gz", "seed.zip"] {
        let bytes = |environment| fs::read(Seed::build_with(name, ACCESS, environment).path()).unwrap();
        let first = bytes(&[]);
        // Neither the zone nor the umask's or locale's doing, nor the time that passed, is in it.
        assert!(first == bytes(&[("TZ", "Asia/Tokyo"), ("LC_ALL", "tr_TR.UTF-8")]), "{name}");
        let dated = bytes(&[("SOURCE_DATE_EPOCH", "1700000000")]);
        assert!(first != dated, "{name}: SOURCE_DATE_EPOCH is honoured");
        assert!(dated == bytes(&[("SOURCE_DATE_EPOCH", "1700000000")]), "{name}");
    }
}

#[test]
fn sha256sum_agrees_with_the_sums_beside_an_image_and_with_the_manifest() {
    let archive = Seed::build("seed.tar.gz", ACCESS);
    let mut check = tools::bounded("sha256sum");
    check.current_dir(archive.scratch()).args(["--check", "--strict", "SHA256SUMS"]);
    assert_eq!(tools::output(&mut check), "seed.tar.gz: OK\n");

    let seed = Seed::build("seed", ACCESS);
    let text = fs::read_to_string(seed.path().join("vastimg/manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&text).unwrap();
    let mut sums = String::new();
    for file in manifest["files"].as_array().unwrap() {
        let path = match file["path"].as_str().unwrap() {
            "/usr/libexec/vastimg/prepare" => "prepare.sh".to_owned(),
            path => format!("rootfs{path}"),
        };
        let mode = fs::metadata(seed.path().join("vastimg").join(&path)).unwrap().permissions().mode();
        assert_eq!(file["mode"], format!("{:04o}", mode & 0o7777), "{path}");
        sums += &format!("{}  {path}\n", file["sha256"].as_str().unwrap());
    }
    fs::write(seed.path().join("vastimg/sums"), &sums).unwrap();
    let mut check = tools::bounded("sha256sum");
    check.current_dir(seed.path().join("vastimg")).args(["--check", "--strict", "sums"]);
    assert_eq!(tools::output(&mut check).lines().count(), seed.placed().len() + 1);
}

/// An image that holds a hash is its owner's alone, whatever the format and the umask.
#[test]
fn an_image_with_a_secret_is_private() {
    let secret = tempfile::NamedTempFile::new().unwrap();
    fs::write(secret.path(), format!("{}\n", crate::cloud_init::HASH)).unwrap();
    for name in ["seed.tar.gz", "seed.zip", "seed.iso"] {
        let mode = |arguments: &[&str]| {
            fs::metadata(Seed::build(name, arguments).path()).unwrap().permissions().mode() & 0o7777
        };
        assert_eq!(mode(&["--password-hash-file", secret.path().to_str().unwrap()]), 0o600, "{name}");
        assert_eq!(mode(ACCESS), 0o644, "{name}");
    }
}
