//! What a subject is, by its content: first whether it is text, then by the words that only one kind has.

use std::fs;
use std::sync::Arc;

use anyhow::{Result, bail};
use camino::{Utf8Path, Utf8PathBuf};

use super::Kind;
use crate::catalogue::Folder;
use crate::diagnostic::Source;
use crate::input;
use crate::inventory;
use crate::profile;
use crate::yaml::{self, Node};

/// What there is to look at.
pub(super) enum Subject {
    /// To be opened as an image.
    Image,
    /// The folder of a fix.
    Fix(Utf8PathBuf),
    /// The folders of several.
    Fixes(Vec<Utf8PathBuf>),
    /// A profile of this program.
    BuiltIn,
    /// A text.
    Text(Kind, Arc<Source>),
}

/// Tells what a subject is; `asked` is what its user says that it is.
pub(super) fn recognise(subject: &str, asked: Option<Kind>) -> Result<Subject> {
    let path = Utf8Path::new(subject);
    if subject == "-" {
        return standard_input(asked);
    }
    let built_in = || profile::builtin().contains(&subject);
    let metadata = match fs::metadata(path) {
        Err(_) if built_in() && asked.is_none_or(|kind| kind == Kind::Profile) => {
            return Ok(Subject::BuiltIn);
        }
        Err(error) => {
            let error = input::with_way_out(error);
            let word = !subject.contains(['/', '.']);
            let hint = match profile::nearest_builtin(subject).filter(|_| word) {
                Some(near) => format!("; did you mean the profile {near}?"),
                None => String::new(),
            };
            bail!("reading {subject}: {error}{hint}");
        }
        Ok(metadata) => metadata,
    };
    if metadata.is_dir() {
        return directory(path, asked);
    }
    if asked == Some(Kind::Image) || !(metadata.is_file() && input::is_text(path)?) {
        if let Some(kind) = asked.filter(|kind| *kind != Kind::Image) {
            bail!("reading {subject}: it is not text, and so not {}", kind.title());
        }
        return Ok(Subject::Image);
    }
    let bytes = input::bytes_within("what to validate,", path, inventory::LARGEST)?;
    let source = Source::new(subject, input::utf8("what to validate,", path, bytes)?);
    let Some(kind) = asked.or_else(|| of_content(path, &source)) else { return Ok(Subject::Image) };
    if kind == Kind::Fix {
        let folder = path.parent().filter(|parent| !parent.as_str().is_empty());
        if path.file_name() != Some("fix.yaml") {
            bail!(
                "reading {subject}: a fix is a folder with a fix.yaml in it; name the folder, or that file"
            );
        }
        return Ok(Subject::Fix(folder.unwrap_or(Utf8Path::new(".")).to_owned()));
    }
    Ok(Subject::Text(kind, source))
}

/// What somebody pipes in, such as what `vastimg render` prints. Images have to be searched, and profiles lie beside others.
fn standard_input(asked: Option<Kind>) -> Result<Subject> {
    let Ok(text) = String::from_utf8(input::standard_input()?) else { return Ok(Subject::Image) };
    let source = Source::new("-", text);
    match asked.or_else(|| of_content(Utf8Path::new(""), &source)) {
        Some(kind @ (Kind::Profile | Kind::Fix)) => {
            bail!("reading -: {} is named by its path, beside which others may lie", kind.title())
        }
        Some(kind) if kind != Kind::Image => Ok(Subject::Text(kind, source)),
        _ => Ok(Subject::Image),
    }
}

fn directory(path: &Utf8Path, asked: Option<Kind>) -> Result<Subject> {
    if asked.is_none_or(|kind| kind == Kind::Fix) {
        if path.join("fix.yaml").is_file() {
            return Ok(Subject::Fix(path.to_owned()));
        }
        let folders = Folder::subdirectories(path)?;
        if !folders.is_empty() {
            return Ok(Subject::Fixes(folders.iter().map(|name| path.join(name)).collect()));
        }
    }
    match asked {
        None | Some(Kind::Image) => Ok(Subject::Image),
        Some(Kind::Fix) => bail!("reading {path}: there is no fix.yaml in it, nor in a folder of it"),
        Some(kind) => bail!("reading {path}: it is a directory, and {} is a file", kind.title()),
    }
}

/// Keys that only a cloud-config has at its root.
const OF_CLOUD_CONFIG: [&str; 6] =
    ["write_files", "runcmd", "bootcmd", "users", "ssh_authorized_keys", "chpasswd"];

/// In bytes; longer texts than this are written by programs.
const LONG: usize = 1 << 20;

/// None where no kind of text has such words.
fn of_content(path: &Utf8Path, source: &Source) -> Option<Kind> {
    let text = &source.text;
    let name = path.file_name().unwrap_or_default();
    let first = text.lines().next().unwrap_or_default().trim_end();
    let section =
        |line: &str| ["%packages", "%post", "%pre", "%end"].iter().any(|word| line.starts_with(word));
    if name == "fix.yaml" {
        return Some(Kind::Fix);
    }
    if name.ends_with(".ks") || name == "ks.cfg" || text.lines().any(section) {
        return Some(Kind::Kickstart);
    }
    let heads = ["#cloud-", "#!", "#include", "Content-Type: multipart", "## template:"];
    if heads.iter().any(|head| first.starts_with(head)) || name == "user-data" {
        return Some(Kind::UserData);
    }
    if name == "network-config" {
        return Some(Kind::NetworkConfig);
    }
    if inventory::is_not_yaml(source) {
        return Some(Kind::Inventory);
    }
    // To parse what is that long takes seconds, and would be done twice.
    let begins = |line: &str| ["hosts:", "all:"].iter().any(|key| line.starts_with(key));
    if text.len() > LONG && text.lines().any(begins) {
        return Some(Kind::Inventory);
    }
    // What cannot be parsed is told as a profile's fault, which names the place.
    let yaml = matches!(path.extension(), Some("yaml" | "yml")).then_some(Kind::Profile);
    match yaml::parse_long(&Source::new("", text.as_str())) {
        Ok(root) => of_keys(&root).or(yaml),
        Err(_) if text.lines().any(begins) => Some(Kind::Inventory),
        Err(_) => yaml,
    }
}

fn of_keys(root: &Node) -> Option<Kind> {
    let has = |name: &&str| root.entry(name).is_some();
    let kinds: [(Kind, &[&str]); 5] = [
        (Kind::Inventory, &["hosts", "defaults"]),
        (Kind::NetworkConfig, &["version", "network"]),
        (Kind::UserData, &OF_CLOUD_CONFIG),
        (Kind::Fix, &["undo"]),
        (Kind::Profile, &["extends", "fixes", "kickstart"]),
    ];
    let of_names = kinds.into_iter().find(|(_, names)| names.iter().any(has)).map(|(kind, _)| kind);
    of_names.or_else(|| inventory::is_ansible(root).then_some(Kind::Inventory))
}
