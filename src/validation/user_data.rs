//! A user-data, as it was built or with what somebody added: what cloud-init takes for something else without a word, and
//! what it would place that is a trap.
//!
//! Limits: `#cloud-config` is read; scripts, MIME parts and jinja templates are cloud-init's own to judge, and said to be.
//! Sources: cloud-init 23.4 (cc_write_files, cc_runcmd, cc_users_groups, ds-identify).

use std::collections::BTreeMap;
use std::sync::Arc;

use super::cloud_config::{DATASOURCES, KEYS, OF_FILE, OF_USER};
use super::{Options, system};
use crate::diagnostic::{Diagnostic, Place, Source, nearest};
use crate::manifest::Manifest;
use crate::plan::{FLOORS, MANIFEST};
use crate::yaml::{self, Node, Value};

/// The first line, without which cloud-init takes the whole for something else.
const HEADER: &str = "#cloud-config";

/// Everything that is to be told of a user-data.
pub(super) fn examine(source: &Arc<Source>, options: &Options) -> Vec<Diagnostic> {
    let first = source.text.lines().next().unwrap_or_default();
    let head = |width: usize| Place { source: Arc::clone(source), line: 1, column: 1, width };
    let other = [
        "#!",
        "#include",
        "#cloud-boothook",
        "#cloud-config-archive",
        "## template:",
        "Content-Type:",
        "MIME-Version",
    ];
    if other.iter().any(|start| first.starts_with(start)) {
        let message = "it is not #cloud-config: cloud-init takes it, and what is in it is not judged";
        return vec![Diagnostic::note(Some(&head(first.chars().count())), message)];
    }
    let mut found = Vec::new();
    if first.trim_end() != HEADER {
        let message = format!(
            "the first line is not {HEADER}; cloud-init ignores the whole, and says so in its log only"
        );
        let help = if first.trim().eq_ignore_ascii_case(HEADER) || first.trim() == "# cloud-config" {
            format!("write it exactly so: {HEADER}")
        } else {
            format!("begin with the line {HEADER}")
        };
        found.push(Diagnostic::at(&head(first.chars().count()), message).help(help));
    }
    let root = match yaml::parse(source) {
        Ok(root) => root,
        Err(error) => {
            found.push(error);
            return found;
        }
    };
    if !matches!(root.value, Value::Map(_)) {
        let message = format!("a cloud-config must be a mapping, not {}", root.value.kind());
        found.push(Diagnostic::at(&root.place, message));
        return found;
    }
    for (key, node) in root.entries() {
        match key.name.as_str() {
            "datasource_list" | "datasource" => {
                let message = format!(
                    "`{}` has no effect here: when user-data is read, its source was found",
                    key.name
                );
                let help = "it belongs into a file below /etc/cloud/cloud.cfg.d of the image";
                found.push(Diagnostic::warning(Some(&key.place), message).help(help));
                if key.name == "datasource_list" {
                    datasources(node, &mut found);
                }
            }
            name => unknown(name, &key.place, &KEYS, "a cloud-config", &mut found),
        }
        match key.name.as_str() {
            "runcmd" | "bootcmd" => commands(&key.name, node, &mut found),
            "users" => users(node, &mut found),
            _ => {}
        }
    }
    let files = root.get("write_files").map(Node::items).unwrap_or_default();
    written(files, options, &mut found);
    of_vastimg(&root, files, &mut found);
    nobody_can_log_in(&root, &mut found);
    found
}

/// cloud-init drops what it does not know, so an unknown key is a mistake that nobody hears of.
fn unknown(name: &str, place: &Place, known: &[&str], of: &str, found: &mut Vec<Diagnostic>) {
    if known.contains(&name) {
        return;
    }
    let message = format!("cloud-init knows no `{name}` in {of}, and ignores it");
    let diagnostic = match nearest(name, known.iter().copied()) {
        Some(near) => {
            // What stands behind a misspelt key is as secret as behind the right one.
            let secret = near.contains("passw") || near == "ssh_keys";
            let place = Place { width: if secret { 0 } else { place.width }, ..place.clone() };
            Diagnostic::at(&place, message).help(format!("did you mean `{near}`?"))
        }
        // A site's own modules may have keys of their own.
        None => Diagnostic::warning(Some(place), message).help("Rocky 8.10 has cloud-init 23.4"),
    };
    found.push(diagnostic);
}

fn commands(name: &str, node: &Node, found: &mut Vec<Diagnostic>) {
    for item in node.items() {
        match &item.value {
            Value::Boolean(_) => {
                let message =
                    format!("an item of `{name}` is true or false, which runs the command True or False");
                found.push(Diagnostic::at(&item.place, message).help("put it in quotes"));
            }
            Value::Map(_) => {
                let message = format!("an item of `{name}` is a mapping; cloud-init then runs none of them");
                let help = "a colon and a space make a mapping; put the whole command in quotes";
                found.push(Diagnostic::at(&item.place, message).help(help));
            }
            _ => {}
        }
    }
}

fn users(node: &Node, found: &mut Vec<Diagnostic>) {
    for user in node.items() {
        for (key, node) in user.entries() {
            unknown(&key.name, &key.place, &OF_USER, "a user", found);
            let hash = matches!(key.name.as_str(), "passwd" | "hashed_passwd");
            if hash && node.text().is_some_and(|text| !text.is_empty() && !text.starts_with(['$', '*', '!']))
            {
                let message =
                    format!("`{}` takes a hash, and this is none; nobody logs in with it", key.name);
                let place = Place { width: 0, ..node.place.clone() };
                found.push(Diagnostic::at(&place, message).help("make one with: openssl passwd -6"));
            }
        }
    }
}

fn written(files: &[Node], options: &Options, found: &mut Vec<Diagnostic>) {
    let mut paths: BTreeMap<&str, &Node> = BTreeMap::new();
    let mut placed = Vec::new();
    for file in files {
        for (key, node) in file.entries() {
            unknown(&key.name, &key.place, &OF_FILE, "an item of `write_files`", found);
            if key.name == "permissions" && !matches!(node.value, Value::Text(_)) {
                let message = "`permissions` is not text, and cloud-init takes the number for another one";
                found.push(Diagnostic::at(&node.place, message).help("put it in quotes: '0644'"));
            }
        }
        let Some(path) = file.get("path").and_then(Node::text) else {
            found.push(Diagnostic::at(&file.place, "an item of `write_files` has no `path`"));
            continue;
        };
        let at = file.get("path").map_or(&file.place, |node| &node.place);
        if !path.starts_with('/') {
            found.push(Diagnostic::at(at, format!("`path` {path:?} is not absolute")));
        }
        let appends = matches!(file.get("append").map(|node| &node.value), Some(Value::Boolean(true)));
        if let (Some(_), false) = (paths.insert(path, file), appends) {
            let message = format!("{path} is written twice; the last one stays");
            found.push(Diagnostic::warning(Some(at), message));
        }
        let plain = file.get("encoding").is_none();
        let Some(content) = file.get("content").filter(|_| plain) else { continue };
        if path.starts_with("/etc/cloud/cloud.cfg.d/") {
            in_cloud_cfg(content, found);
        }
        placed.push(system::File {
            path: path.strip_prefix(FLOORS).unwrap_or(path).to_owned(),
            text: content.text().unwrap_or_default().to_owned(),
            floors: if path.starts_with(FLOORS) {
                vec!["fs.file-max".to_owned(), "nproc".to_owned()]
            } else {
                Vec::new()
            },
            place: Some(content.place.clone()),
            set: Vec::new(),
        });
    }
    found.extend(system::judge(&placed, options.memory));
}

/// A file for cloud-init itself may choose where it looks for seeds.
fn in_cloud_cfg(content: &Node, found: &mut Vec<Diagnostic>) {
    let text = content.text().unwrap_or_default();
    let Ok(root) = yaml::parse(&Source::new("", text)) else { return };
    if let Some(list) = root.get("datasource_list") {
        let mut own = Vec::new();
        datasources(list, &mut own);
        found.extend(own.into_iter().map(|one| Diagnostic { place: Some(content.place.clone()), ..one }));
    }
}

fn datasources(list: &Node, found: &mut Vec<Diagnostic>) {
    let names: Vec<&str> = list.items().iter().filter_map(Node::text).collect();
    for item in list.items() {
        let Some(name) = item.text() else { continue };
        if !DATASOURCES.contains(&name) {
            let help = nearest(name, DATASOURCES).map_or_else(
                || "names are those of cloud-init's documentation, such as NoCloud".to_owned(),
                |near| format!("did you mean {near}?"),
            );
            found.push(Diagnostic::at(&item.place, format!("no data source is named {name:?}")).help(help));
        }
    }
    if names.iter().any(|name| !DATASOURCES.contains(name)) {
        return;
    }
    if !names.is_empty() && !names.contains(&"NoCloud") {
        let message = "without NoCloud in it, `datasource_list` makes cloud-init pass over every seed";
        found.push(Diagnostic::warning(Some(&list.place), message).help("add NoCloud"));
    } else if !names.is_empty() {
        let message = "with a `datasource_list` cloud-init runs without the seed too, and takes the VM for a new instance";
        found.push(
            Diagnostic::warning(Some(&list.place), message)
                .help("leave it out; Rocky's cloud-init finds the seed by itself"),
        );
    }
}

/// What was built is still what its manifest says, and is still started.
fn of_vastimg(root: &Node, files: &[Node], found: &mut Vec<Diagnostic>) {
    let content = |path: &str| {
        let file = files.iter().find(|file| file.get("path").and_then(Node::text) == Some(path))?;
        file.get("content")
    };
    let Some(manifest) = content(MANIFEST) else { return };
    let Ok(parsed) = serde_json::from_str::<Manifest>(manifest.text().unwrap_or_default()) else {
        let message = format!("{MANIFEST} is no manifest any more; vastimg-verify will refuse it");
        found.push(Diagnostic::at(&manifest.place, message).help("build the seed again"));
        return;
    };
    for file in &parsed.files {
        // What is not text comes from the medium.
        let Some(node) = content(&file.path) else { continue };
        if crate::digest::sha256(node.text().unwrap_or_default().as_bytes()) != file.sha256 {
            let message = format!(
                "{} is not as it was built; prepare refuses the seed, or the verifier fails it",
                file.path
            );
            let help = "change the profile, or a fix of your own, and build again; files of other names may be added";
            found.push(Diagnostic::at(&node.place, message).help(help));
        }
    }
    let starts = |node: &Node| match &node.value {
        Value::Text(text) => text.contains("vastimg-prepare.service"),
        Value::List(words) => {
            words.iter().any(|word| word.text().is_some_and(|text| text.contains("vastimg-prepare.service")))
        }
        _ => false,
    };
    let commands = root.get("runcmd").map(Node::items).unwrap_or_default();
    if !commands.iter().any(starts) {
        let message =
            "`runcmd` does not start vastimg-prepare.service; nothing is prepared before the next boot";
        found.push(
            Diagnostic::at(root.place_of(&["runcmd"]), message)
                .help("keep the line that the seed was built with"),
        );
    }
}

fn nobody_can_log_in(root: &Node, found: &mut Vec<Diagnostic>) {
    let given = |node: &Node| match &node.value {
        Value::List(items) => !items.is_empty(),
        Value::Text(text) => !text.is_empty(),
        _ => false,
    };
    let has = |node: &Node, names: &[&str]| names.iter().any(|name| node.get(name).is_some_and(given));
    let keys = ["ssh_authorized_keys", "ssh_import_id"];
    let passwords = ["passwd", "hashed_passwd", "plain_text_passwd"];
    let users = root.get("users").map(Node::items).unwrap_or_default();
    let somebody = has(root, &keys)
        || has(root, &["password"])
        || root.get("chpasswd").is_some()
        || users.iter().any(|user| has(user, &keys) || has(user, &passwords));
    if !somebody {
        let message = "nobody can log in: no user has a key or a password";
        let help = "give one under ssh_authorized_keys, or build with --ssh-key";
        found.push(Diagnostic::warning(Some(root.place_of(&["users"])), message).help(help));
    }
}
