//! What follows from the program itself: schemas, completions, manual pages.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::harness::{Scratch, skipped};

fn out(scratch: &Scratch, args: &[&str]) -> String {
    String::from_utf8(scratch.done(args).stdout).unwrap()
}

/// `schemas/` has what the program prints. After a change that is meant: VASTIMG_UPDATE=1 cargo test --test cli
#[test]
fn schemas_are_kept_as_files() {
    let scratch = Scratch::new();
    for of in ["profile", "inventory", "fix", "manifest", "report", "index"] {
        let text = out(&scratch, &["schema", of]);
        let schema: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema", "{of}");
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("schemas/{of}.json"));
        if std::env::var_os("VASTIMG_UPDATE").is_some() {
            fs::write(&path, &text).unwrap();
        }
        assert!(fs::read_to_string(&path).unwrap_or_default() == text, "{} is another one", path.display());
    }
}

#[test]
fn a_schema_knows_fixes_of_ones_own() {
    let scratch = Scratch::new();
    scratch.file(
        "cat/mine/fix.yaml",
        "label: OPTIONAL\ntitle: Mine\nproblem: p\nundo: u\nvalues: {size: {kind: integer, default: 3, max: 9, about: a}}\n",
    );
    for of in ["profile", "inventory"] {
        let schema: Value =
            serde_json::from_str(&out(&scratch, &["schema", of, "--catalogue", "cat"])).unwrap();
        let size = schema.pointer("/$defs/fixes/properties/mine/anyOf/1/properties/size").unwrap();
        assert_eq!((&size["maximum"], &size["default"]), (&9.into(), &3.into()));
    }
}

#[test]
fn completions_are_scripts_of_their_shells() {
    let scratch = Scratch::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let text = out(&scratch, &["completions", shell]);
        for word in ["install-disk", "explain", "validate"] {
            assert!(text.contains(word), "{shell}: {word}");
        }
    }
    scratch.file("vastimg.bash", out(&scratch, &["completions", "bash"]));
    for (words, completed) in
        [("expl", "explain"), ("explain thp", "thp-off"), ("explain kickst", "kickstart")]
    {
        let last = words.split(' ').next_back().unwrap();
        let at = words.split(' ').count();
        let program = format!(
            "source ./vastimg.bash; COMP_WORDS=(vastimg {words}); COMP_CWORD={at}; _vastimg vastimg {last} x; echo \"${{COMPREPLY[*]}}\""
        );
        let output =
            Command::new("bash").args(["-c", &program]).current_dir(scratch.path(".")).output().unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap().trim(), completed, "{words}");
    }
}

#[test]
fn manual_pages_are_roff() {
    let scratch = Scratch::new();
    for args in [&["man"][..], &["man", "build"], &["man", "validate"]] {
        let text = out(&scratch, args);
        assert!(text.contains(".TH vastimg") && text.contains(".SH SYNOPSIS"), "{text}");
        let (_, codes) = text.split_once(".SH \"EXIT STATUS\"\n").unwrap();
        assert!(codes.starts_with(".TP\n\\fB0\\fR\n") && codes.contains("\n\\fB2\\fR\n"), "{codes}");
        assert!(!text.contains("Exit codes") && !text.contains("EXTRA"), "{text}");
        scratch.file("page", &text);
        let checked =
            Command::new("man").args(["--warnings", "-l", "-Tutf8"]).arg(scratch.path("page")).output();
        let Ok(output) = checked else { return skipped("man is missing; tests/tools.sh installs it") };
        assert!(
            output.status.success() && output.stderr.is_empty(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}
