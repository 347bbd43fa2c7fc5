//! Names of Python's metadata directories: each line of the input is one.
#![no_main]

use std::fs;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use vastimg::manifest::Manifest;
use vastimg_fuzz::Host;

const SITE: &str = "usr/local/lib/python3.6/site-packages";
const LEFTOVERS: &str = r#"{"leftovers": {"directories": ["/usr/local/lib/python3*/site-packages"],
    "names": ["~*"], "clean": "rm"}}"#;

static TARGET: LazyLock<(Host, Manifest)> = LazyLock::new(|| {
    let host = Host::new(&[("/usr/bin/python3.6", "")]);
    let _ = std::os::unix::fs::symlink("python3.6", host.directory.join("usr/bin/python3"));
    let pip = r#"{"python-dist": {"name": "pip", "version": "21.3.1"}}"#;
    (host, vastimg_fuzz::manifest(&[pip, LEFTOVERS]))
});

fuzz_target!(|data: &[u8]| {
    use std::os::unix::ffi::OsStrExt;
    let (host, manifest) = &*TARGET;
    let site = host.directory.join(SITE);
    let _ = fs::remove_dir_all(&site);
    fs::create_dir_all(&site).expect("a directory");
    for name in data.split(|byte| *byte == b'\n').take(16) {
        if !name.is_empty() && !name.contains(&b'/') {
            let _ = fs::create_dir(site.join(std::ffi::OsStr::from_bytes(name)));
        }
    }
    host.look(manifest);
});
