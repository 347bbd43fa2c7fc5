//! Holds the README and docs/ to what is: their commands run and print what they show, and their tables are the catalogue's.
//!
//! In a `console` block, lines after `$ ` are run by a shell; what follows is their output on both streams, in which
//! `[..]` stands for the rest of a line. A `yaml` block is a file whose name its first comment tells.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use vastimg::catalogue::{Catalogue, Setting};
use vastimg::explanation::{self, Explanation};
use vastimg::plan::{self, Access, Templates};
use vastimg::profile::{self, Overrides};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(document: &str) -> String {
    fs::read_to_string(root().join(document)).unwrap()
}

/// The README and what is in docs/, by their paths in the repository.
fn documents() -> Vec<String> {
    let mut found = vec!["README.md".to_owned()];
    for entry in fs::read_dir(root().join("docs")).unwrap() {
        found.push(format!("docs/{}", entry.unwrap().file_name().to_str().unwrap()));
    }
    assert!(found.len() > 3, "{found:?}");
    found
}

/// The fenced blocks, each with its kind, in their order.
fn blocks(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("\n```") {
        let (kind, after) = after.split_once('\n').unwrap();
        // An empty block ends where it begins.
        let (block, after) = after.split_once("```").unwrap();
        found.push((kind.to_owned(), block.to_owned()));
        rest = after;
    }
    found
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

/// What a session of a `console` block shows, or what is another.
fn session(document: &str, session: &str, directory: &Path) {
    let (line, wanted) = session.split_once('\n').unwrap();
    let (found, _) = shell(line, directory);
    let same = wanted.lines().count() == found.lines().count()
        && wanted.lines().zip(found.lines()).all(|(wanted, found)| matches(wanted, found));
    assert!(same, "{line}\n--- {document} shows\n{wanted}--- it printed\n{found}");
}

/// A block whose first line is `# PATH` or `# PATH, for: COMMAND` is a file; the command has to take it.
fn file(document: &str, block: &str, directory: &Path) -> bool {
    let Some(head) = block.lines().next().and_then(|line| line.strip_prefix("# ")) else { return false };
    let (name, command) =
        head.split_once(", for: ").map_or((head, None), |(name, command)| (name, Some(command)));
    if name.contains(' ') || !name.contains('.') {
        return false;
    }
    let path = directory.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, block).unwrap();
    if let Some(command) = command {
        let (text, done) = shell(command, directory);
        assert!(done, "{document}: {command}\n{text}");
    }
    true
}

/// Each document from its beginning to its end, in one directory: its files are written, its commands run.
#[test]
fn documents_do_what_they_show() {
    let (mut commands, mut files) = (0, 0);
    for document in documents() {
        let scratch = scratch();
        for (kind, block) in blocks(&read(&document)) {
            match kind.as_str() {
                "console" => {
                    for part in block.split("$ ").skip(1) {
                        session(&document, part, scratch.path());
                        commands += 1;
                    }
                }
                "yaml" => {
                    assert!(file(&document, &block, scratch.path()), "{document}: a file without a name")
                }
                _ => drop(file(&document, &block, scratch.path())),
            }
            files += usize::from(kind == "yaml");
        }
    }
    assert!(commands >= 15 && files >= 6, "only {commands} commands and {files} files were found");
}

#[test]
fn the_first_command_builds_the_iso() {
    let line = "cargo run --release -- build --profile loopback";
    assert!(read("README.md").contains(&format!("    {line} ")), "the README's first command is another one");
    // As written, but for the program that this test run has built already.
    let scratch = scratch();
    let (text, done) = shell(&line.replace("cargo run --release --", "vastimg"), scratch.path());
    assert!(done && scratch.path().join("vast-loopback.iso").is_file(), "{text}");
}

/// Every fix with its defaults, in the order in which they are applied.
fn explained() -> Vec<Explanation> {
    let catalogue = Catalogue::load(None).unwrap();
    let selection = profile::select(&catalogue, "loopback", &Overrides::default()).unwrap();
    let fixes = selection.fixes.clone();
    assert_eq!(fixes.len(), catalogue.fixes.len(), "loopback has all of them");
    let templates = Templates::new().unwrap();
    let plan = plan::assemble(&catalogue, selection, Access::default(), &templates, &[], None).unwrap();
    fixes.iter().map(|fix| explanation::explain(fix, &plan, true).unwrap()).collect()
}

#[test]
fn what_is_said_of_fixes_is_the_catalogues() {
    let fixes = explained();
    assert_table("README.md", "fixes", &explanation::table(&fixes));
    assert_file("docs/fixes.md", &explanation::whole(&fixes));
}

#[test]
fn the_table_of_settings_is_the_kickstarts() {
    let catalogue = Catalogue::load(None).unwrap();
    let mut table = String::from("| key | default | what it is |\n|---|---|---|\n");
    for (name, spec) in &catalogue.kickstart {
        let default = match spec.default_setting().unwrap() {
            Setting::Integer(number) => format!("`{number}`"),
            Setting::Text(text) => format!("`{text}`"),
            Setting::Words(words) if words.is_empty() => "none".to_owned(),
            Setting::Words(words) => format!("`{}`", words.join(", ")),
        };
        table += &format!("| `{name}` | {default} | {} |\n", spec.about);
    }
    assert_table("docs/kickstart.md", "kickstart", &table);
}

#[test]
fn the_table_of_checks_is_the_types() {
    let mut table = String::from("| kind | what is to hold | keys |\n|---|---|---|\n");
    for (kind, schema) in vastimg::schema::assertions() {
        let about = schema["description"].as_str().unwrap_or_default();
        let keys: Vec<String> = schema["properties"]
            .as_object()
            .map(|keys| keys.keys().map(|key| format!("`{key}`")).collect())
            .unwrap_or_default();
        table += &format!("| `{kind}` | {about} | {} |\n", keys.join(", "));
    }
    assert_table("docs/authoring.md", "checks", &table);
}

#[test]
fn the_table_of_columns_is_the_inventorys() {
    let mut table = String::from("| column | what it is | such as |\n|---|---|---|\n");
    for column in &vastimg::inventory::COLUMNS {
        table += &format!("| `{}` | {} | `{}` |\n", column.name, column.about, column.example);
    }
    assert_table("docs/inventory.md", "columns", &table);
}

/// Every room of the tree is on the page, and every room on the page is in the tree.
#[test]
fn the_architecture_is_that_of_the_tree() {
    let page = read("docs/architecture.md");
    let named: Vec<&str> = page.split('`').skip(1).step_by(2).filter(|word| word.contains('/')).collect();
    for name in &named {
        assert!(root().join(name).exists(), "the page names {name}, which is not there");
    }
    for entry in fs::read_dir(root().join("src")).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let name = if entry.path().is_dir() { format!("src/{name}/") } else { format!("src/{name}") };
        let known = ["src/lib.rs", "src/main.rs"].contains(&name.as_str());
        assert!(known || named.contains(&name.as_str()), "the page does not name {name}");
    }
}

/// Holds a whole document against what it is generated from, or writes it.
fn assert_file(document: &str, text: &str) {
    if std::env::var_os("VASTIMG_UPDATE").is_some() {
        fs::write(root().join(document), text).unwrap();
    } else {
        let found = fs::read_to_string(root().join(document)).unwrap_or_default();
        assert_eq!(found, text, "{document}: run VASTIMG_UPDATE=1 cargo test --test docs");
    }
}

/// Holds what a document has between `<!-- NAME: ...-->` and `<!-- /NAME -->` against a table, or puts it there.
fn assert_table(document: &str, name: &str, table: &str) {
    let (open, close) = (format!("<!-- {name}: "), format!("<!-- /{name} -->"));
    let text = read(document);
    let (before, rest) = text.split_once(&open).unwrap();
    let (head, rest) = rest.split_once("-->\n").unwrap();
    let (found, after) = rest.split_once(&close).unwrap();
    if std::env::var_os("VASTIMG_UPDATE").is_some() {
        fs::write(root().join(document), format!("{before}{open}{head}-->\n{table}{close}{after}")).unwrap();
    } else {
        assert_eq!(found, table, "{document}: run VASTIMG_UPDATE=1 cargo test --test docs");
    }
}
