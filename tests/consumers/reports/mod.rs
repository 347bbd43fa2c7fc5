//! The report's formats before the parsers of those that read them, and each against the JSON report of the same run.
//!
//! The reports are of the verifier that a seed carries, over the seed's own files and over a directory with names that
//! nobody would choose; and of the library, with texts that no run has brought yet.

mod file;
mod hostile;
mod json;
mod junit;
mod nagios;
mod node_exporter;
mod prometheus;
mod properties;
mod tap;
mod text;

use std::collections::BTreeMap;
use std::fs;
use std::sync::OnceLock;

use serde_json::Value;

use crate::tools::{self, Ran};
use crate::verifier::Tree;

/// A run in each of the formats.
pub(super) struct Case {
    pub(super) name: String,
    /// What `--format json` says.
    pub(super) report: Value,
    strict: bool,
    formats: BTreeMap<&'static str, (String, u8)>,
}

impl Case {
    /// The report in a format.
    pub(super) fn text(&self, format: &str) -> &str {
        &self.formats[format].0
    }

    /// The exit code with a format.
    pub(super) fn code(&self, format: &str) -> u8 {
        self.formats[format].1
    }

    pub(super) fn results(&self) -> Vec<Found> {
        self.report["results"].as_array().unwrap().iter().map(|result| self.found(result)).collect()
    }

    /// How many of one kind the report counts.
    pub(super) fn count(&self, kind: &str) -> usize {
        usize::try_from(self.report["counts"][kind].as_u64().unwrap()).unwrap()
    }

    fn found(&self, result: &Value) -> Found {
        let text = |name: &str| result[name].as_str().map(ToOwned::to_owned);
        let (label, word) = (text("label").unwrap(), text("result").unwrap());
        let tolerated = word == "error" && label == "OPTIONAL" && !self.strict;
        let counted = if tolerated { "warn".to_owned() } else { word.clone() };
        let fields = ["wanted", "live", "persisted", "source", "remedy"];
        let fields = fields.into_iter().filter_map(|name| Some((name, text(name)?))).collect();
        Found { id: text("id").unwrap(), fix: text("fix").unwrap(), label, word, counted, fields }
    }
}

/// One result of a JSON report.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) id: String,
    pub(super) fix: String,
    pub(super) label: String,
    /// As the report has it.
    pub(super) word: String,
    /// `warn` for what is OPTIONAL and could not be read.
    pub(super) counted: String,
    /// Texts that are there.
    pub(super) fields: BTreeMap<&'static str, String>,
}

/// All reports that each format is tried with; the first is a run with every result word but `pass` alone.
pub(super) fn cases() -> &'static [Case] {
    static CASES: OnceLock<Vec<Case>> = OnceLock::new();
    CASES.get_or_init(|| {
        let tree = Tree::new("loopback");
        let mut cases: Vec<Case> = [
            ("a tree that was never prepared", &[][..]),
            ("the same, strict", &["--strict"]),
            ("one that passes", &["--only", "fd-limits.files"]),
            ("one that warns", &["--only", "thp-off.enabled"]),
            ("skips only", &["--only", "packages.gcc"]),
        ]
        .map(|(name, arguments)| of_run(&tree, name, arguments))
        .into();
        let directory = tree.root().join("usr/local/lib/python3.6/site-packages");
        for (number, name) in hostile::file_names().iter().enumerate() {
            fs::create_dir_all(directory.join(name)).unwrap();
            let case = of_run(&tree, &format!("leftover {number}"), &["--only", "pip-leftovers"]);
            let sources: Vec<_> =
                case.results().iter().filter_map(|r| r.fields.get("source").cloned()).collect();
            assert!(
                sources.iter().any(|source| source.ends_with(name)),
                "{name:?} was not found: {sources:?}"
            );
            fs::remove_dir(directory.join(name)).unwrap();
            cases.push(case);
        }
        cases.extend(hostile::reports());
        cases
    })
}

/// The table of formats is what the help, the refusal of another one and the option itself know.
#[test]
fn every_format_is_named() {
    let tree = Tree::new("minimal");
    let names: Vec<_> = vastimg::verify::report::ALL.iter().map(|format| format.name()).collect();
    assert_eq!(names, ["text", "json", "junit", "tap", "nagios", "prometheus"]);
    let list = |and: &str| names.join(", ").replace(", prometheus", &format!(" {and} prometheus"));
    assert!(tree.verify(&["--help"]).stdout.contains(&format!("FORMAT   {} [default: text]", list("or"))));
    let refused = tree.verify(&["--format", "xml"]);
    assert_eq!(refused.code, 2);
    assert!(
        refused.stderr.contains(&format!("--format xml: formats are {};", list("and"))),
        "{}",
        refused.stderr
    );
    assert_eq!(tree.verify(&[]).stdout, tree.verify(&["--format", "text"]).stdout);
}

fn of_run(tree: &Tree, name: &str, arguments: &[&str]) -> Case {
    let run = |format: &str| -> Ran {
        let ran = tree.verify(&[&["--format", format], arguments].concat());
        assert_eq!(ran.stderr, "", "{name}: {format}");
        ran
    };
    let formats = vastimg::verify::report::ALL.iter().map(|format| {
        let ran = run(format.name());
        (format.name(), (ran.stdout, u8::try_from(ran.code).unwrap()))
    });
    let formats: BTreeMap<_, _> = formats.collect();
    let report = serde_json::from_str(&formats["json"].0).unwrap();
    Case { name: name.to_owned(), report, strict: arguments.contains(&"--strict"), formats }
}

/// As the formats for people and line readers show a text.
pub(super) fn shown(text: &str) -> String {
    let hidden =
        |c: char| c.is_control() || "\u{2028}\u{2029}\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}".contains(c);
    let hidden = |c: char| hidden(c) || "\u{2066}\u{2067}\u{2068}\u{2069}\u{fffe}\u{ffff}".contains(c);
    text.chars().map(|c| if hidden(c) { '?' } else { c }).collect()
}

/// Standard output of a program for Debian's python3, which gets the path of `input` as its last argument; none where a
/// module is missing.
pub(super) fn python(module: &str, program: &str, arguments: &[&str], input: &str) -> Option<String> {
    if tools::run(tools::bounded("/usr/bin/python3").args(["-c", &format!("import {module}")])).code != 0 {
        tools::skipped(&format!("python3's {module} is missing"));
        return None;
    }
    let file = written(input);
    let mut command = tools::bounded("/usr/bin/python3");
    Some(tools::output(command.args(["-c", program]).args(arguments).arg(file.path())))
}

/// The same for Perl, whose text is UTF-8.
pub(super) fn perl(module: &str, program: &str, input: &str) -> Option<String> {
    let mut perl = tools::find("perl")?;
    if tools::run(perl.args([&format!("-M{module}"), "-e1"])).code != 0 {
        tools::skipped(&format!("perl's {module} is missing"));
        return None;
    }
    let file = written(input);
    let mut command = tools::find("perl")?;
    Some(tools::output(command.args([&format!("-M{module}"), "-MJSON::PP", "-e", program]).arg(file.path())))
}

/// A file with that content, for as long as the value lives.
pub(super) fn written(content: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), content).unwrap();
    file
}
