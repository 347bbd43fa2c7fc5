//! What the fuzz targets share: a small tree in memory whose files are the fuzzer's bytes, and checks over it.
//!
//! An input is the content of one file or of several, with a NUL between them; a file whose turn does not come is absent.
//! Most targets ask through the verifier's checks and not its parsers: what is reached is then what a run would reach.

use std::fs;
use std::path::PathBuf;

use vastimg::manifest::Manifest;
use vastimg::verify::checks::{self, Context, Outcome, Verdict};
use vastimg::verify::facts::Root;

/// A tree of files, one for each process that fuzzes.
pub struct Host {
    /// Its root.
    pub directory: PathBuf,
}

impl Host {
    /// An empty tree, in memory where that is possible, with the files that no input changes.
    pub fn new(fixed: &[(&str, &str)]) -> Host {
        let memory = PathBuf::from("/dev/shm");
        let base = if memory.is_dir() { memory } else { std::env::temp_dir() };
        let directory = base.join(format!("vastimg-fuzz.{}", std::process::id()));
        fs::create_dir_all(&directory).expect("a directory for the tree");
        let host = Host { directory };
        for (path, text) in fixed {
            host.write(path, text.as_bytes());
        }
        host
    }

    /// Enables tuned, by the link that `systemctl enable` makes.
    pub fn with_tuned(self) -> Host {
        let unit = "/usr/lib/systemd/system/tuned.service";
        self.write(unit, b"[Install]\nWantedBy=multi-user.target\n");
        let wants = self.directory.join("etc/systemd/system/multi-user.target.wants");
        fs::create_dir_all(&wants).expect("a directory");
        let _ = std::os::unix::fs::symlink(unit, wants.join("tuned.service"));
        self
    }

    /// Writes one file.
    pub fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.directory.join(path.trim_start_matches('/'));
        if fs::write(&path, bytes).is_err() {
            fs::create_dir_all(path.parent().expect("a file has a directory")).expect("a directory");
            fs::write(&path, bytes).expect("a file");
        }
    }

    /// Removes one file.
    pub fn remove(&self, path: &str) {
        let _ = fs::remove_file(self.directory.join(path.trim_start_matches('/')));
    }

    /// The parts of an input as the files of these paths.
    pub fn place(&self, paths: &[&str], data: &[u8]) {
        let mut parts = data.split(|byte| *byte == 0);
        for path in paths {
            match parts.next() {
                Some(part) => self.write(path, part),
                None => self.remove(path),
            }
        }
    }

    /// What the verifier reads it through.
    pub fn root(&self) -> Root {
        Root::new(&self.directory)
    }

    /// Runs every check of a manifest.
    pub fn look(&self, manifest: &Manifest) {
        let root = self.root();
        let context = Context::new(&root, manifest, "0");
        for check in &manifest.checks {
            hold(&checks::run(check, &context));
        }
    }
}

/// Examines an image as `vastimg inspect` does.
pub fn examine(bytes: &[u8]) {
    let reader = Box::new(std::io::Cursor::new(bytes.to_vec()));
    let Ok(mut image) = vastimg::image::from_reader(reader) else { return };
    let found = vastimg::inspection::examine("image", &mut image);
    let text = found.to_string();
    assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{text:?}");
    serde_json::to_string(&found).expect("JSON");
}

/// What is true of every outcome.
fn hold(outcome: &Outcome) {
    let given = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
    match outcome.verdict {
        Verdict::Error | Verdict::Warn => {
            assert!(given(&outcome.source) && given(&outcome.remedy), "{outcome:?}")
        }
        Verdict::Fail => assert!(given(&outcome.remedy), "{outcome:?}"),
        Verdict::Skip => assert!(given(&outcome.source), "{outcome:?}"),
        Verdict::Pass => {}
    }
}

/// A manifest of checks, each the assertion's JSON, and without files.
pub fn manifest(assertions: &[&str]) -> Manifest {
    let checks = assertions.iter().enumerate().map(|(number, assertion)| {
        let mut check: serde_json::Value = serde_json::from_str(assertion).expect("an assertion");
        let id = format!("a.{number}");
        for (key, value) in [("id", id.as_str()), ("fix", "a"), ("label", "REQUIRED")] {
            check[key] = value.into();
        }
        serde_json::from_value(check).expect("a check")
    });
    Manifest {
        schema: vastimg::manifest::SCHEMA.to_owned(),
        generator: String::new(),
        profile: String::new(),
        user: "centos".to_owned(),
        fixes: Vec::new(),
        files: Vec::new(),
        checks: checks.collect(),
    }
}

/// A target: checks over a tree whose files are the input.
#[macro_export]
macro_rules! checks {
    (files: $paths:expr, fixed: $fixed:expr, checks: $checks:expr $(,)?) => {
        static TARGET: std::sync::LazyLock<($crate::Host, vastimg::manifest::Manifest)> =
            std::sync::LazyLock::new(|| ($crate::Host::new(&$fixed), $crate::manifest(&$checks)));
        libfuzzer_sys::fuzz_target!(|data: &[u8]| {
            let (host, manifest) = &*TARGET;
            host.place(&$paths, data);
            host.look(manifest);
        });
    };
}
