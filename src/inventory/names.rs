//! What a host may be called. Its name becomes the name of a file or folder, on file systems that fold case and on hosts
//! where Windows runs.
//!
//! Sources: RFC 1123 2.1; Microsoft, "Naming Files, Paths, and Namespaces".

use crate::access;
use crate::diagnostic::{Diagnostic, Place};

/// What stands beside the images of a fleet, and would be one of them where an image is a folder.
const OWN: [&str; 2] = ["SHA256SUMS", "index.json"];

/// What is wrong with a host's name.
pub(super) fn fault(name: &str, place: &Place) -> Option<Diagnostic> {
    let told = |message: String, help: &str| Some(Diagnostic::at(place, message).help(help));
    let address = name.parse::<std::net::IpAddr>().is_ok();
    if address {
        let help =
            "name the host, and put the address into its network (in Ansible's form into ansible_host)";
        return told(format!("{name:?} is an address, and no host name"), help);
    }
    if name.contains(['/', '\\']) || name.starts_with('.') {
        let help = "the name becomes a file's: letters, digits, hyphens, and dots between them";
        return told(format!("{name:?} is a path, or a hidden file's name"), help);
    }
    if !name.is_ascii() {
        let help =
            "write it as DNS has it, beginning with xn--, which `idn2 NAME` prints; or in plain letters";
        return told(format!("{name:?} has letters in it that host names do not have"), help);
    }
    if is_device(name) {
        let help =
            "call it otherwise, such as vast-01: Windows takes that for a device, whatever follows a dot";
        return told(format!("{name:?} cannot be a file's name on Windows"), help);
    }
    if OWN.iter().any(|own| own.eq_ignore_ascii_case(name)) {
        return told(
            format!("{name:?} is the name of a file that stands beside the images"),
            "call it otherwise",
        );
    }
    access::check_hostname(name).err().map(|error| Diagnostic::at(place, error.to_string()))
}

/// A DOS device's name, with an extension or without.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let numbered = |kind| {
        stem.strip_prefix(kind).is_some_and(|n: &str| n.len() == 1 && n.as_bytes()[0].is_ascii_digit())
    };
    ["con", "prn", "aux", "nul"].contains(&stem.as_str()) || numbered("com") || numbered("lpt")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_files_everywhere() {
        let place = Place::of_argument("x", "");
        for name in ["vast-01", "vast-01.example.com", "con1", "com10", "console", "lpt", "sha256", "a.con"] {
            assert!(fault(name, &place).is_none(), "{name}");
        }
        for name in [
            "../x",
            "a/b",
            "a\\b",
            ".a",
            "-a",
            "con",
            "NUL.example.com",
            "com1",
            "Lpt9.iso",
            "sha256sums",
            "Index.json",
            "b\u{fc}ro",
            "192.0.2.1",
            "2001:db8::1",
            "a_b",
            "",
            &"a".repeat(64),
        ] {
            assert!(fault(name, &place).is_some(), "{name}");
        }
    }
}
