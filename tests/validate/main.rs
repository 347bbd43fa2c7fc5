//! `vastimg validate`: pairs of what somebody wrote (`cases/NAME`) and what is said of it (`cases/NAME.txt`: standard output,
//! then standard error and the exit code), and what is built today, which nothing may be said of.
//!
//! After a change that is meant: VASTIMG_UPDATE=1 cargo test --test validate, and read the difference.

#![cfg(feature = "generator")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "../cli/harness.rs"]
#[allow(dead_code)]
mod harness;
#[path = "../shared/skip.rs"]
mod skip;

mod built;
mod forms;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Options that a case is tried with.
const OPTIONS: [(&str, &[&str]); 7] = [
    ("good.ks", &["--memory", "120G"]),
    ("catalogue-broken/uses.yaml", &["--catalogue", "catalogue-broken"]),
    ("memory.yaml", &["--memory", "120G"]),
    ("user-data-files.yaml", &["--memory", "120G"]),
    ("needs.yaml", &["--strict"]),
    ("catalogue/later.yaml", &["--catalogue", "catalogue", "--strict"]),
    ("good.yaml", &["--memory", "16G", "--strict"]),
];

fn cases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/validate/cases")
}

fn said(name: &str) -> String {
    let options = OPTIONS.iter().find(|(case, _)| *case == name).map_or(&[][..], |(_, options)| options);
    let output = Command::new(env!("CARGO_BIN_EXE_vastimg"))
        .arg("validate")
        .args(options)
        .arg(name)
        .current_dir(cases())
        .output()
        .unwrap();
    let mut text = String::from_utf8(output.stdout).unwrap();
    let command = [&["validate"], options, &[name]].concat().join(" ");
    let _ = writeln!(text, "--- {command}: exit {}", output.status.code().unwrap());
    text + &String::from_utf8(output.stderr).unwrap()
}

#[test]
fn every_case_is_told_as_it_was() {
    let mut names: Vec<String> =
        ["catalogue/later.yaml", "catalogue", "catalogue-broken/uses.yaml"].map(str::to_owned).into();
    for entry in fs::read_dir(cases()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if ![".txt", ".pub"].iter().any(|end| name.ends_with(end)) && !names.contains(&name) {
            names.push(name);
        }
    }
    assert!(names.len() > 20, "{names:?}");
    let mut different = Vec::new();
    for name in names {
        let found = said(&name);
        let pair = cases().join(format!("{}.txt", name.replace('/', "-")));
        if std::env::var_os("VASTIMG_UPDATE").is_some() {
            fs::write(&pair, &found).unwrap();
        }
        let wanted = fs::read_to_string(&pair).unwrap_or_default();
        if found != wanted {
            different.push(format!("=== {name}: it was\n{wanted}=== and is\n{found}"));
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
}
