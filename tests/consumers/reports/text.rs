//! The table for people: it fits a console of 80 columns, loses nothing, and is coloured where that can be seen.

use super::{Case, cases};
use crate::tools::{self, Ran};
use crate::verifier::Tree;

const COLUMNS: usize = 80;

/// As the table shows a text.
pub(super) fn ascii(text: &str) -> String {
    super::shown(text).chars().map(|c| if c.is_ascii() { c } else { '?' }).collect()
}

/// Panics unless the table, without its last line, fits and has all that is to be in it.
pub(super) fn hold(name: &str, text: &str, rows: &[(String, Vec<String>)]) {
    assert!(text.ends_with('\n'), "{name}");
    let lines: Vec<&str> = text.lines().collect();
    let (last, table) = lines.split_last().unwrap();
    assert!(last.starts_with("vastimg-verify: "), "{name}: {last}");
    for line in table {
        assert!(line.len() <= COLUMNS, "{name}: {} columns: {line}", line.len());
        assert!(line.bytes().all(|b| (b' '..=b'~').contains(&b)), "{name}: {line:?}");
        assert!(!line.ends_with(' '), "{name}: {line:?}");
    }
    // Everything is there, in order, what deviates last; a word is in one line wherever a line has room for it.
    let joined: String = table.concat().chars().filter(|c| *c != ' ').collect();
    let mut rest = joined.as_str();
    let settled = |row: &&(String, Vec<String>)| ["pass", "skip"].contains(&row.0.as_str());
    let (settled, deviating): (Vec<_>, Vec<_>) = rows.iter().partition(settled);
    for (word, texts) in settled.into_iter().chain(deviating) {
        for text in [word].into_iter().chain(texts) {
            let packed: String = text.chars().filter(|c| *c != ' ').collect();
            let at = rest.find(&packed).unwrap_or_else(|| panic!("{name}: {text:?} is not in {rest}"));
            rest = &rest[at + packed.len()..];
            for part in text.split_whitespace().filter(|part| part.len() <= COLUMNS - 6) {
                assert!(table.iter().any(|line| line.contains(part)), "{name}: {part} is broken");
            }
        }
    }
}

fn rows(case: &Case) -> Vec<(String, Vec<String>)> {
    let word =
        |word: &str| if ["fail", "error"].contains(&word) { word.to_uppercase() } else { word.to_owned() };
    let row = |result: &super::Found| {
        let mut texts = vec![ascii(&result.id), ascii(&result.fields["wanted"])];
        for field in ["live", "persisted", "source", "remedy"] {
            if let Some(value) = result.fields.get(field).filter(|_| result.word != "pass") {
                let name = if field == "source" && result.word == "skip" { "because" } else { field };
                texts.extend([name.to_owned(), ascii(value)]);
            }
        }
        (word(&result.word), texts)
    };
    case.results().iter().map(row).collect()
}

#[test]
fn it_fits_and_says_all() {
    for case in cases() {
        hold(&case.name, case.text("text"), &rows(case));
        let text = case.text("text");
        let last = text.lines().last().unwrap();
        let counts =
            ["pass", "fail", "warn", "skip"].map(|kind| format!("{} {kind}", case.count(kind))).join(", ");
        let names = |field: &str| super::shown(case.report[field].as_str().unwrap());
        let wanted = format!(
            "vastimg-verify: {} {counts}  profile={} host={} manifest={:.19}",
            names("verdict"),
            names("profile"),
            names("host"),
            names("manifest")
        );
        assert_eq!(last, wanted, "{}", case.name);
    }
}

#[test]
fn a_short_table_is_aligned() {
    let case = &cases()[0];
    let (mut results, deviating): (Vec<_>, Vec<_>) =
        case.results().into_iter().partition(|result| ["pass", "skip"].contains(&result.word.as_str()));
    results.extend(deviating);
    let width = results.iter().map(|result| result.id.len()).max().unwrap();
    assert!((20..=44).contains(&width), "{width}");
    let lines: Vec<&str> = case.text("text").lines().filter(|line| !line.starts_with(' ')).collect();
    for (result, line) in results.iter().zip(lines) {
        assert_eq!(line.get(6..6 + result.id.len()), Some(result.id.as_str()), "{line}");
        // What is too long for the line goes on in the next.
        let (wanted, there) = (&result.fields["wanted"], &line[6 + width + 2..]);
        let whole = wanted.len() <= COLUMNS - (6 + width + 2);
        assert!(
            if whole { there == wanted } else { wanted.starts_with(there) && !there.is_empty() },
            "{line}"
        );
    }
}

/// The verifier on a terminal, as script(1) makes one.
fn on_terminal(tree: &Tree, environment: &[(&str, &str)], arguments: &str) -> Option<Ran> {
    let program = tree.root().join("usr/bin/vastimg-verify");
    let line = format!("{} --root {} {arguments}", program.display(), tree.root().display());
    let mut command = tools::find("script")?;
    command.env_remove("NO_COLOR").env("TERM", "vt100").envs(environment.iter().copied());
    Some(tools::run(command.args(["--quiet", "--return", "--command", &line, "/dev/null"])))
}

#[test]
fn colours_are_for_terminals_that_have_them() {
    let tree = Tree::new("minimal");
    let plain = tree.verify(&[]);
    assert!(!plain.stdout.contains('\u{1b}'));
    for (environment, arguments, coloured) in [
        (&[][..], "", true),
        (&[("NO_COLOR", "")], "", true),
        (&[("NO_COLOR", "1")], "", false),
        (&[("TERM", "dumb")], "", false),
        (&[("TERM", "")], "", false),
        (&[], "--format nagios", false),
        (&[], "--format tap", false),
    ] {
        let Some(ran) = on_terminal(&tree, environment, arguments) else { return };
        assert!([1, 2].contains(&ran.code), "{}", ran.stdout);
        assert_eq!(ran.stdout.contains("\u{1b}["), coloured, "{environment:?} {arguments}: {}", ran.stdout);
        if coloured {
            let bare =
                ["31", "32", "33", "36", "0"].iter().fold(ran.stdout.replace('\r', ""), |text, code| {
                    text.replace(&format!("\u{1b}[{code}m"), "")
                });
            assert_eq!(bare, plain.stdout);
            assert!(ran.stdout.contains("\u{1b}[31mFAIL\u{1b}[0m  "), "{}", ran.stdout);
            assert!(ran.stdout.contains("\u{1b}[32mpass\u{1b}[0m  "), "{}", ran.stdout);
        }
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    let Some(_) = on_terminal(&tree, &[], &format!("--output {}", file.path().display())) else { return };
    assert_eq!(std::fs::read_to_string(file.path()).unwrap(), plain.stdout);
}
