//! How Rocky 8's systemd 239 reads what Debian 12's 252 reads otherwise. Source: load-fragment.c and conf-parser.c of both.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::units::WANTS;

/// What 239 has read of a file when a line without `=` ends it; none where it reads the whole.
fn ended(path: &Path, text: &str) -> Option<usize> {
    let of_manager = path.to_str().unwrap().contains("system.conf");
    let known: &[&str] = if of_manager { &["[Manager]"] } else { &["[Unit]", "[Service]", "[Install]"] };
    let (mut section, mut read) = (None, 0);
    for line in text.split_inclusive('\n') {
        if line.trim().starts_with('[') {
            section = Some(line.trim());
        }
        if line.starts_with("a line without") && section.is_some_and(|name| known.contains(&name)) {
            return Some(read);
        }
        read += line.len();
    }
    None
}

/// Makes of a tree one that 252 reads as 239 reads the original.
/// - To 239, a line without `=` in a section that it knows ends the file, and one of system.conf all files that follow.
/// - 239 looks for a unit in the next directory where a link leads nowhere, and 252 does not.
///
/// And user.conf of system.conf, which `systemd --test` reads by the same code.
pub(crate) fn as_252_has_it(from: &Path, to: &Path) {
    copy(from, to);
    let mut files = BTreeMap::from([(String::new(), "etc/systemd/system.conf".to_owned())]);
    for base in ["etc", "usr/local/lib", "usr/lib"] {
        let directory = format!("{base}/systemd/system.conf.d");
        for entry in fs::read_dir(from.join(&directory)).into_iter().flatten() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if name.ends_with(".conf") {
                files.entry(name.clone()).or_insert(format!("{directory}/{name}"));
            }
        }
    }
    let mut over = false;
    for (name, path) in files {
        let path = from.join(path);
        for base in ["etc", "usr/local/lib", "usr/lib"].into_iter().filter(|_| over) {
            let _ = fs::remove_file(to.join(base).join("systemd/user.conf.d").join(&name));
        }
        over |= fs::read_to_string(&path).is_ok_and(|text| ended(&path, &text).is_some());
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let target = to.join(name.replace("system.conf", "user.conf"));
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            copy(&entry.path(), &target);
        } else if kind.is_symlink() {
            let leads_to = fs::read_link(entry.path()).unwrap();
            if !leads_to.starts_with("/nonexistent") || WANTS.iter().any(|wants| from.ends_with(wants)) {
                symlink(leads_to, target).unwrap();
            }
        } else {
            let text = fs::read_to_string(entry.path()).unwrap();
            let read = ended(&entry.path(), &text).unwrap_or(text.len());
            fs::write(target, &text[..read]).unwrap();
        }
    }
}
