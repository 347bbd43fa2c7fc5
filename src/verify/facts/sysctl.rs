//! Kernel parameters: what /proc/sys has now, and which file will win at the next boot.
//!
//! Order as systemd-sysctl(8) and sysctl.d(5) have it: files of all directories sorted by name, a file in /etc hiding
//! one of that name in /run or /usr/lib, an empty or /dev/null one masking it, the last assignment winning. Then
//! /etc/sysctl.conf, which procps' `sysctl --system` and tuned read after everything else.

use std::collections::BTreeMap;
use std::io;

use super::Root;

/// In the order in which one hides another.
const DIRECTORIES: [&str; 5] =
    ["/etc/sysctl.d", "/run/sysctl.d", "/usr/local/lib/sysctl.d", "/usr/lib/sysctl.d", "/lib/sysctl.d"];

/// An assignment and the file that it stands in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assigned {
    /// The value, with runs of white space as one space.
    pub value: String,
    /// Its file.
    pub path: String,
}

/// Keys and values of a sysctl.d file, in its order. Comments, and lines without `=`, are passed over.
pub fn assignments(text: &str) -> Vec<(String, String)> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with(['#', ';']))
        .filter_map(|line| line.split_once('='))
        .map(|(key, value)| (dotted(key.trim().trim_start_matches('-')), words(value)))
        .collect()
}

/// The dotted spelling of a key. With a slash before the first dot, slashes separate and dots are part of names.
pub fn dotted(key: &str) -> String {
    match key.find(['.', '/']) {
        Some(at) if key.as_bytes()[at] == b'/' => key
            .chars()
            .map(|c| {
                if c == '/' {
                    '.'
                } else if c == '.' {
                    '/'
                } else {
                    c
                }
            })
            .collect(),
        _ => key.to_owned(),
    }
}

/// What is live; none where this kernel has no such parameter.
///
/// # Errors
/// Those of reading.
pub fn live(root: &Root, key: &str) -> io::Result<Option<String>> {
    let path: String = key
        .chars()
        .map(|c| {
            if c == '.' {
                '/'
            } else if c == '/' {
                '.'
            } else {
                c
            }
        })
        .collect();
    Ok(root.read_if_there(&format!("/proc/sys/{path}"))?.map(|text| words(&text)))
}

/// What the next boot will set, by key, and the files that could not be read.
pub fn persisted(root: &Root) -> (BTreeMap<String, Assigned>, Vec<String>) {
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    let mut unreadable = Vec::new();
    for directory in DIRECTORIES {
        match root.names(directory) {
            Ok(names) => {
                for name in names.into_iter().filter(|name| name.ends_with(".conf")) {
                    files.entry(name.clone()).or_insert_with(|| format!("{directory}/{name}"));
                }
            }
            Err(error) => unreadable.push(format!("{directory}: {error}")),
        }
    }
    let mut winners = BTreeMap::new();
    for path in files.into_values().chain(["/etc/sysctl.conf".to_owned()]) {
        match root.read_if_there(&path) {
            Ok(text) => {
                for (key, value) in assignments(&text.unwrap_or_default()) {
                    winners.insert(key, Assigned { value, path: path.clone() });
                }
            }
            // A mask is a link to /dev/null; it and whatever else is no file has nothing to set.
            Err(_) if root.locate(&path).is_ok_and(|real| real.exists() && !real.is_file()) => {}
            Err(error) => unreadable.push(format!("{path}: {error}")),
        }
    }
    (winners, unreadable)
}

fn words(value: &str) -> String {
    value.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_of_a_key_are_one() {
        assert_eq!(dotted("net/ipv4/conf/eth0.100/rp_filter"), "net.ipv4.conf.eth0/100.rp_filter");
        assert_eq!(dotted("net.ipv4.conf.eth0/100.rp_filter"), "net.ipv4.conf.eth0/100.rp_filter");
        assert_eq!(dotted("swappiness"), "swappiness");
    }

    #[test]
    fn comments_prefixes_and_white_space() {
        let text = "# a = 1\n; b = 2\n-c.d =  3\t4 \nnonsense\n e/f=5\n";
        let wanted = [("c.d", "3 4"), ("e.f", "5")].map(|(k, v)| (k.to_owned(), v.to_owned()));
        assert_eq!(assignments(text), wanted);
    }
}
