//! Holds the README to what is: its commands run and print what it shows, and its table is the catalogue's.
//!
//! In a `console` block, lines after `$ ` are run by a shell; what follows is their output on both streams, in which
//! `[..]` stands for the rest of a line. A `yaml` block is a file whose name its first comment tells.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use vastimg::catalogue::Catalogue;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn readme() -> String {
    fs::read_to_string(root().join("README.md")).unwrap()
}

/// The fenced blocks of a kind.
fn blocks(text: &str, kind: &str) -> Vec<String> {
    let fence = format!("```{kind}\n");
    text.split(&fence).skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

/// A directory with the files that the README speaks of.
fn scratch() -> tempfile::TempDir {
    let scratch = tempfile::tempdir().unwrap();
    fs::copy(root().join("tests/fixtures/operator.pub"), scratch.path().join("operator.pub")).unwrap();
    scratch
}

fn shell(line: &str, directory: &Path) -> (String, bool) {
    let program = Path::new(env!("CARGO_BIN_EXE_vastimg")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let output = Command::new("bash")
        .args(["-c", &format!("{line} 2>&1")])
        .current_dir(directory)
        .env("PATH", path)
        .output()
        .unwrap();
    (String::from_utf8(output.stdout).unwrap(), output.status.success())
}

fn matches(wanted: &str, found: &str) -> bool {
    match wanted.split_once("[..]") {
        Some((before, after)) => found.starts_with(before) && found.ends_with(after),
        None => wanted == found,
    }
}

#[test]
fn console_sessions_print_what_they_show() {
    let readme = readme();
    let scratch = scratch();
    let mut commands = 0;
    for block in blocks(&readme, "console") {
        for session in block.split("$ ").skip(1) {
            let (line, wanted) = session.split_once('\n').unwrap();
            let (found, _) = shell(line, scratch.path());
            let same = wanted.lines().count() == found.lines().count()
                && wanted.lines().zip(found.lines()).all(|(wanted, found)| matches(wanted, found));
            assert!(same, "{line}\n--- the README shows\n{wanted}--- it printed\n{found}");
            commands += 1;
        }
    }
    assert!(commands >= 3, "only {commands} commands were found");
}

#[test]
fn the_first_command_builds_the_iso() {
    let line = "cargo run --release -- build --profile loopback";
    assert!(readme().contains(&format!("    {line} ")), "the README's first command is another one");
    // As written, but for the program that this test run has built already.
    let scratch = scratch();
    let (text, done) = shell(&line.replace("cargo run --release --", "vastimg"), scratch.path());
    assert!(done && scratch.path().join("vast-loopback.iso").is_file(), "{text}");
}

#[test]
fn profiles_that_it_shows_are_good_ones() {
    let scratch = scratch();
    let profiles = blocks(&readme(), "yaml");
    assert!(!profiles.is_empty());
    for profile in profiles {
        let head = profile.lines().next().unwrap();
        let (name, command) = head.strip_prefix("# ").unwrap().split_once(", for: ").unwrap();
        fs::write(scratch.path().join(name), &profile).unwrap();
        let (text, done) = shell(command, scratch.path());
        assert!(done, "{command}\n{text}");
    }
}

#[test]
fn the_table_of_fixes_is_the_catalogues() {
    let catalogue = Catalogue::load(None).unwrap();
    let mut fixes: Vec<_> = catalogue.fixes.values().collect();
    fixes.sort_by_key(|fix| fix.spec.order);
    let mut table = String::from("| fix | label | document | what it brings |\n|---|---|---|---|\n");
    for fix in fixes {
        let spec = &fix.spec;
        let document = spec.document.as_deref().unwrap_or_default();
        table += &format!("| `{}` | {} | {document} | {} |\n", fix.id, spec.label.as_str(), spec.title);
    }
    let readme = readme();
    let (before, rest) = readme.split_once("<!-- fixes: ").unwrap();
    let (head, rest) = rest.split_once("-->\n").unwrap();
    let (found, after) = rest.split_once("<!-- /fixes -->").unwrap();
    if std::env::var_os("VASTIMG_UPDATE").is_some() {
        let new = format!("{before}<!-- fixes: {head}-->\n{table}<!-- /fixes -->{after}");
        fs::write(root().join("README.md"), new).unwrap();
    } else {
        assert_eq!(found, table, "run VASTIMG_UPDATE=1 cargo test --test readme");
    }
}
