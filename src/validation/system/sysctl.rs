//! Files of sysctl.d: lines that systemd-sysctl passes over, keys that are slips, and which file has the last word.
//!
//! Source: sysctl.d(5) of systemd 239, for the lines and the order.

use std::collections::BTreeMap;

use super::File;
use crate::diagnostic::{Diagnostic, Place};
use crate::validation::sysctl_keys::slip_of;
use crate::verify::facts::sysctl::lines as syntax;

/// The value of each key that a boot sets, and the file that has it.
pub(super) type Winners<'a> = BTreeMap<String, (String, &'a File)>;

/// Applies sysctl.d files in their order, and tells of a value that does not last.
pub(super) fn last_words<'a>(files: &'a [File], found: &mut Vec<Diagnostic>) -> Winners<'a> {
    let mut ordered: Vec<&File> = files.iter().filter(|file| file.is_sysctl()).collect();
    ordered.sort_by_key(|file| order(file));
    let mut winners = Winners::new();
    for file in ordered {
        for (key, value) in syntax::assignments(&file.text) {
            if let Some((earlier, other)) = winners.get(&key)
                && *earlier != value
                && other.path != file.path
            {
                let message = format!(
                    "{key} is {earlier} in {}, and {} sorts after it: {value} is what every boot sets",
                    other.path, file.path
                );
                let help = format!(
                    "take {key} out of one of them; names sort by their bytes, wherever the files are"
                );
                found.push(Diagnostic::warning(file.place_of(&key, &value).as_ref(), message).help(help));
            }
            winners.insert(key, (value, file));
        }
    }
    winners
}

/// By what systemd-sysctl sorts it. /etc/sysctl.conf is read by way of 99-sysctl.conf.
fn order(file: &File) -> &str {
    match file.path.as_str() {
        "/etc/sysctl.conf" => "99-sysctl.conf",
        path => path.rsplit('/').next().unwrap_or(path),
    }
}

/// Tells of lines that set nothing, and of keys that look like others.
pub(super) fn lines(files: &[File], found: &mut Vec<Diagnostic>) {
    for file in files.iter().filter(|file| file.is_sysctl()) {
        for (line, value) in syntax::of(&file.text) {
            let key = line.strip_prefix('-').unwrap_or(line).trim();
            let Some(value) = value else {
                let mut words = key.split_whitespace();
                let key = words.next().unwrap_or(key);
                let message =
                    format!("{}: no `=` after `{key}`, and systemd-sysctl passes over the line", file.path);
                let place = file.place_of_line(|text| text == line);
                let one = Diagnostic { place: place.clone(), ..Diagnostic::new(message) };
                let value = words.collect::<Vec<_>>().join(" ");
                let meant = slip_of(key).unwrap_or(key);
                found.push(if key.contains(['.', '/']) && !value.is_empty() {
                    one.help(format!("write {meant} = {value}"))
                } else {
                    // It may be anything, such as a password that went to the wrong file.
                    let place = place.map(|place| Place { width: 0, ..place });
                    Diagnostic { place, ..one }.help("each line is KEY = VALUE")
                });
                continue;
            };
            let key = syntax::dotted(key);
            if let Some(near) = slip_of(&key) {
                let message = format!("{} sets {key}, which no kernel is known to have", file.path);
                let place = file.place_of(line, value);
                found
                    .push(Diagnostic::warning(place.as_ref(), message).help(format!("did you mean {near}?")));
            }
        }
    }
}
