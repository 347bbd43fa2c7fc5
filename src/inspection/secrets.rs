//! Secrets in documents: found by the words before them and by the forms of hashes and keys, told by line, never shown.
//!
//! Found rather once too often: it costs an option to see such a file. Limits: what is compressed or in base64 is not looked
//! into; whether there is a secret in it "cannot be told". Sources: crypt(5); cloud-init 23.4, users_groups and set_passwords;
//! the kickstart reference of RHEL 8.

use serde::Serialize;

use super::documents;
use crate::diagnostic::Source;
use crate::image::Image;
use crate::yaml::{self, Node, Value};

/// Where a volume has its documents.
const DOCUMENTS: [&str; 5] =
    ["user-data", "meta-data", "vendor-data", "network-config", crate::documents::KICKSTART];

/// Words before a secret, in lower case.
const KEYS: [&str; 14] = [
    "hashed_passwd",
    "hashed-passwd",
    "passwd",
    "plain_text_passwd",
    "plain-text-passwd",
    "password",
    "passphrase",
    "psk",
    "wpa-psk",
    "secret",
    "token",
    "auth-key",
    "auth_key",
    "private_key",
];

/// Schemes of crypt(5), as they stand between the first two dollar signs.
const SCHEMES: [&str; 10] = ["1", "2a", "2b", "2x", "2y", "5", "6", "7", "y", "gy"];

/// Characters of salt and hash that make one; a line is looked through once, however many dollar signs it has.
const HASH: usize = 20;

/// Places that are told for one file; there may be more where there are so many.
pub const MOST: usize = 100;

/// A place that holds a secret.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Secret {
    /// The file.
    pub path: String,
    /// From 1.
    pub line: usize,
    /// What it is, such as `a password hash`.
    pub what: &'static str,
}

/// Whether a file holds secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// At these places; none where the list is empty.
    At(Vec<Secret>),
    /// It is not text, or wrapped.
    CannotBeTold,
}

/// Looks through one file.
pub fn look(path: &str, bytes: &[u8]) -> Answer {
    let Ok(text) = std::str::from_utf8(bytes) else { return Answer::CannotBeTold };
    let mut found: Vec<(usize, &'static str)> = Vec::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.is_empty()) {
        found.extend(in_line(line).map(|what| (number + 1, what)));
    }
    if let Ok(root) = yaml::parse(&Source::new(path, text)) {
        in_yaml(&root, &mut found);
    }
    found.sort_unstable();
    found.dedup_by_key(|(line, _)| *line);
    found.truncate(MOST);
    if found.is_empty() && is_wrapped(text) {
        return Answer::CannotBeTold;
    }
    let secret = |(line, what)| Secret { path: path.to_owned(), line, what };
    Answer::At(found.into_iter().map(secret).collect())
}

/// Those of all documents at the roots of volumes; and whether user-data at the root of `home` holds a password or its
/// hash, none where that cannot be told.
pub(super) fn of_documents(image: &mut Image, home: usize) -> (Vec<Secret>, Option<bool>) {
    let mut all = Vec::new();
    let mut password = Some(false);
    for volume in 0..image.volumes.len() {
        for path in DOCUMENTS {
            let answer = of_document(image, volume, path);
            if volume == home && path == "user-data" {
                password = match &answer {
                    Some(Answer::At(found)) => Some(!found.is_empty()),
                    Some(Answer::CannotBeTold) => None,
                    None => Some(false),
                };
            }
            if let Some(Answer::At(found)) = answer {
                all.extend(found);
            }
        }
    }
    all.sort();
    all.dedup();
    (all, password)
}

/// Whether a path is that of a document, which holds secrets unless it is known not to.
pub fn is_document(path: &str) -> bool {
    DOCUMENTS.iter().any(|document| path.eq_ignore_ascii_case(document))
}

fn of_document(image: &mut Image, volume: usize, path: &str) -> Option<Answer> {
    let (own, _) = image.volumes.get(volume)?.file(path)?;
    let own = own.to_owned();
    Some(
        image.read(volume, &own, documents::LARGEST).map_or(Answer::CannotBeTold, |bytes| look(path, &bytes)),
    )
}

/// MIME parts and write_files may be in base64.
fn is_wrapped(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    lower.contains("content-transfer-encoding: base64")
        || lower.contains("!!binary")
        || ["b64", "base64", "gz"].iter().any(|name| {
            lower.lines().any(|line| {
                let line = line.trim_start_matches([' ', '-']);
                line.strip_prefix("encoding:").is_some_and(|value| value.contains(name))
            })
        })
}

/// What a line of any text holds.
pub(crate) fn in_line(line: &str) -> Option<&'static str> {
    if line.contains("PRIVATE KEY-----") {
        return Some("a private key");
    }
    if has_hash(line) {
        return Some("a password hash");
    }
    let lower = line.to_ascii_lowercase();
    let first = lower.split_whitespace().next().unwrap_or_default();
    let kickstart = first == "rootpw" && lower.split_whitespace().skip(1).any(|word| !word.starts_with("--"));
    let option = |option: &str| {
        lower.match_indices(option).any(|(at, _)| lower[at + option.len()..].starts_with(['=', ' ']))
    };
    if kickstart || option("--password") || option("--passphrase") || lower.contains("| chpasswd") {
        return Some("a password");
    }
    KEYS.iter().any(|key| follows(&lower, key)).then_some("a password or key")
}

/// Whether `key: value` or `key = value` is in a line.
fn follows(line: &str, key: &str) -> bool {
    line.match_indices(key).any(|(at, _)| {
        let part_of_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '$' | '/' | '.');
        if line[..at].ends_with(part_of_word) {
            return false;
        }
        let rest = line[at + key.len()..].trim_start_matches(['"', '\'']).trim_start();
        let Some(value) = rest.strip_prefix([':', '=']) else { return false };
        // Its end is not looked for: that would be the whole line for each time that the key is in it.
        let value = value.trim_start_matches([' ', '\t', '"', '\'']);
        let none = ["#", "~", ",", "}", "null"];
        !value.is_empty() && !none.iter().any(|word| value.starts_with(word))
    })
}

/// `$6$salt$hash` and its like.
fn has_hash(line: &str) -> bool {
    let letter = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '.' | '/' | '$' | '=' | ',' | '-');
    line.match_indices('$').any(|(at, _)| {
        let rest = &line[at + 1..];
        SCHEMES.iter().any(|scheme| {
            let after = rest.strip_prefix(scheme).and_then(|rest| rest.strip_prefix('$'));
            after.is_some_and(|after| after.chars().take(HASH).all(|c| letter(&c)) && after.len() >= HASH)
        })
    })
}

/// What a key of YAML and all that stands below it are.
pub(crate) fn below(key: &str, value: &Node) -> Option<&'static str> {
    let name = key.to_ascii_lowercase();
    let given = match &value.value {
        Value::Text(text) => !text.is_empty(),
        Value::Integer(_) | Value::Float(_) => true,
        _ => false,
    };
    let listed = name == "chpasswd"
        && matches!(&value.value, Value::Map(entries) if entries.iter().any(|(key, _)| key.name == "list" || key.name == "users"));
    (listed || (given && KEYS.contains(&name.as_str()))).then_some("a password or key")
}

fn in_yaml(node: &Node, found: &mut Vec<(usize, &'static str)>) {
    match &node.value {
        Value::Map(entries) => {
            for (key, value) in entries {
                found.extend(below(&key.name, value).map(|what| (key.place.line, what)));
                in_yaml(value, found);
            }
        }
        Value::List(items) => items.iter().for_each(|item| in_yaml(item, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_found_in_every_form() {
        let hash = format!("$6$salt${}", "h".repeat(86));
        for text in [
            &format!("users:\n  - name: a\n    hashed_passwd: '{hash}'\n"),
            &format!("#!/bin/sh\nusermod -p '{hash}' root\n"),
            "password: hunter2\n",
            "#cloud-config\n{\"password\": \"x\"}\n",
            "a:\n  passwd:\n    hunter2\n",
            "chpasswd:\n  list: |\n    root:hunter2\n",
            "echo root:hunter2 | chpasswd\n",
            "wifis: {w: {access-points: {n: {password: x}}}}\n",
            "rootpw hunter2\n",
            "user --name=a --password=x --plaintext\n",
            "part / --encrypted --passphrase hunter2 --ondisk=vda\n",
            "-----BEGIN OPENSSH PRIVATE KEY-----\n",
            "token=abcdef\n",
        ] {
            assert!(matches!(look("f", text.as_bytes()), Answer::At(found) if !found.is_empty()), "{text}");
        }
    }

    /// What would be quadratic takes minutes.
    #[test]
    fn long_lines_are_looked_through_once() {
        for piece in ["$1$1", "password=#", "passwd :  ", "a: &a [*a, ", "- [{"] {
            let text = piece.repeat((1 << 20) / piece.len()) + &" ".repeat(1 << 20);
            let started = std::time::Instant::now();
            look("f", text.as_bytes());
            assert!(started.elapsed().as_secs() < 10, "{piece}: {:?}", started.elapsed());
        }
    }

    #[test]
    fn what_is_none_is_not_taken_for_one() {
        for text in [
            "lock_passwd: true\n",
            "getent passwd root\n",
            "ssh_pwauth: false\nhashed_passwd: ''\npassword: null\n",
            "rootpw --lock\n",
            "a=$1$b\n",
            "sed s/$5$x/\n",
            "ssh_authorized_keys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDl0 a]\n",
        ] {
            assert_eq!(look("f", text.as_bytes()), Answer::At(Vec::new()), "{text}");
        }
        for text in [&b"\x1f\x8b\xff"[..], b"write_files:\n- encoding: b64\n  content: eA==\n"] {
            assert_eq!(look("f", text), Answer::CannotBeTold);
        }
    }
}
