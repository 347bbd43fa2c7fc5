//! `--output`: whoever reads it finds a whole report, the one before or this one, and nothing else beside it.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::tools;
use crate::verifier::Tree;

fn names(directory: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Through a shell, for what has to be prepared in the same process.
fn shell(tree: &Tree, directory: &Path, before: &str, arguments: &str) -> tools::Ran {
    let program = tree.root().join("usr/bin/vastimg-verify");
    let line = format!(
        "{before}; exec {} --root {} --output out.prom {arguments}",
        program.display(),
        tree.root().display()
    );
    tools::run(tools::bounded("bash").args(["-c", &line]).current_dir(directory))
}

#[test]
fn readers_find_a_whole_report() {
    let tree = Tree::new("loopback");
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("out.prom");
    let write = |directory: &Path| {
        let ran = shell(&tree, directory, ":", "--format prometheus");
        assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (1, "", ""));
    };
    write(directory.path());
    let lines = fs::read_to_string(&path).unwrap().lines().count();
    assert!(lines > 100);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let first = fs::File::open(&path).unwrap();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut reads = 0;
            while !done.load(Ordering::Relaxed) {
                let text = fs::read_to_string(&path).unwrap();
                assert_eq!((text.lines().count(), text.ends_with('\n')), (lines, true));
                // What node_exporter would take for a file of metrics too.
                assert_eq!(names(directory.path()).iter().filter(|name| name.ends_with(".prom")).count(), 1);
                reads += 1;
            }
            reads
        });
        for _ in 0..20 {
            write(directory.path());
        }
        done.store(true, Ordering::Relaxed);
        assert!(reader.join().unwrap() > 20);
    });
    assert_eq!(first.metadata().unwrap().nlink(), 0, "it was written over, and not replaced");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o640);
    assert_eq!(names(directory.path()), ["out.prom"]);
}

#[test]
fn what_cannot_be_written_leaves_the_old_one() {
    let tree = Tree::new("minimal");
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("out.prom");
    fs::write(&path, "old\n").unwrap();
    // No file may have more than a block, which is as a full disk is.
    let full = "trap '' XFSZ; ulimit -f 1";
    let ran = shell(&tree, directory.path(), full, "--format prometheus");
    // The host's verdict is told all the same, and by the same exit code.
    assert_eq!((ran.code, ran.stdout.lines().count() > 30), (1, true), "{}", ran.stderr);
    assert!(ran.stdout.contains("\nvastimg_verify_"), "{}", ran.stdout);
    assert!(ran.stderr.contains("writing out.prom: File too large"), "{}", ran.stderr);
    assert_eq!(fs::read_to_string(&path).unwrap(), "old\n");
    assert_eq!(names(directory.path()), ["out.prom"]);
    let ran = shell(&tree, directory.path(), full, "--format nagios");
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(ran.stdout.starts_with("VASTIMG CRITICAL - "), "{}", ran.stdout);
    assert!(ran.stderr.contains("writing out.prom: File too large"), "{}", ran.stderr);
    assert_eq!(fs::read_to_string(&path).unwrap(), "old\n");
}

/// Renaming would put a file in the place of a device, and writing would go to wherever a link leads.
#[test]
fn what_is_no_plain_file_stays() {
    let tree = Tree::new("minimal");
    for (what, make) in [
        ("a link", "echo old > other; ln -s other out.prom"),
        ("a link to nowhere", "ln -s nowhere out.prom"),
        ("a directory", "mkdir out.prom"),
        ("a FIFO", "mkfifo out.prom"),
    ] {
        let directory = tempfile::tempdir().unwrap();
        tools::output(tools::bounded("bash").args(["-c", make]).current_dir(directory.path()));
        let before = names(directory.path());
        let kind = || fs::symlink_metadata(directory.path().join("out.prom")).unwrap().file_type();
        let old = kind();
        let ran = shell(&tree, directory.path(), ":", "");
        assert_eq!(ran.code, 1, "{what}");
        assert!(ran.stdout.contains("\nvastimg-verify: FAIL "), "{what}: {}", ran.stdout);
        assert!(
            ran.stderr.contains("writing out.prom: something is there that is not a plain file"),
            "{what}"
        );
        assert_eq!((names(directory.path()), kind()), (before, old), "{what}");
        if what == "a link" {
            assert_eq!(fs::read_to_string(directory.path().join("other")).unwrap(), "old\n");
        }
    }
}

/// In a directory that others may write to, somebody may have guessed the name that is renamed.
#[test]
fn a_planted_link_is_not_followed() {
    let tree = Tree::new("minimal");
    let directory = tempfile::tempdir().unwrap();
    let victim = directory.path().join("victim");
    fs::write(&victim, "mine\n").unwrap();
    let ran = shell(&tree, directory.path(), "ln -s victim .vastimg-verify.$$.0.new", "--format json");
    assert_eq!((ran.code, ran.stderr.as_str()), (1, ""));
    assert_eq!(fs::read_to_string(&victim).unwrap(), "mine\n");
    assert!(fs::read_to_string(directory.path().join("out.prom")).unwrap().starts_with('{'));
    let names = names(directory.path());
    assert!(names.len() == 3 && names[0].ends_with(".0.new"), "{names:?}");
}
