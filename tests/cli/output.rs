//! Where the result goes: nothing is clobbered, nothing is left half-written, equal inputs give equal bytes.

use std::fs;
use std::process::{Command, Stdio};

use insta::assert_snapshot;

use crate::harness::{Run, Scratch, is_root, skipped};

#[test]
fn what_exists_is_kept_unless_forced() {
    let scratch = Scratch::new();
    scratch.file("x.iso", "precious");
    assert_snapshot!(scratch.refused(&["build", "-o", "x.iso"]));
    assert_eq!(fs::read(scratch.path("x.iso")).unwrap(), b"precious");
    scratch.done(&["build", "--force", "-o", "x.iso"]);
    assert!(fs::metadata(scratch.path("x.iso")).unwrap().len() > 1_000_000);

    fs::create_dir(scratch.path("notes")).unwrap();
    scratch.file("notes/a", "precious");
    assert_snapshot!(scratch.refused(&["build", "--force", "--format", "dir", "-o", "notes"]));
    scratch.done(&["build", "--format", "dir", "-o", "seed"]);
    scratch.file("seed/vastimg/stray", "of the old seed");
    scratch.done(&["build", "--force", "--format", "dir", "-o", "seed"]);
    assert!(!scratch.path("seed/vastimg/stray").exists(), "a replaced seed is a whole new one");
    scratch.file("seed/notes", "precious");
    assert_snapshot!(
        "notes_in_a_seed",
        scratch.refused(&["build", "--force", "--format", "dir", "-o", "seed"])
    );
    fs::create_dir(scratch.path("d.iso")).unwrap();
    assert_snapshot!(scratch.refused(&["build", "--force", "-o", "d.iso"]));
}

#[test]
fn names_that_are_no_place() {
    let scratch = Scratch::new();
    assert_snapshot!("missing_directory", scratch.refused(&["build", "-o", "none/x.iso"]));
    scratch.file("file", "");
    assert_snapshot!("below_a_file", scratch.refused(&["build", "-o", "file/x.iso"]));
    assert_snapshot!("dots", scratch.refused(&["build", "-o", ".."]));
    assert_snapshot!("a_trailing_slash", scratch.refused(&["build", "-o", "new/"]));
    assert_snapshot!("a_line_break", scratch.refused(&["build", "-o", "a\nb.iso"]));
    assert_snapshot!("unknown_extension", scratch.refused(&["build", "-o", "x.qcow2"]));
    scratch.done(&["build", "--format", "iso", "-o", "x.qcow2"]);
    scratch.done(&["build", "-o", "x.tgz"]);
    assert_eq!(fs::read(scratch.path("x.tgz")).unwrap()[..2], [0x1f, 0x8b]);
    assert_snapshot!("contradiction", scratch.refused(&["build", "--format", "iso", "-o", "x.zip"]));
    assert_snapshot!("directory_to_stdout", scratch.refused(&["build", "--format", "dir", "-o", "-"]));
}

/// Mounts a tmpfs for the time of a test. Needs root, as CI has.
struct Tmpfs(std::path::PathBuf);

impl Tmpfs {
    fn mount(at: std::path::PathBuf, options: &str) -> Option<Self> {
        if !is_root() {
            skipped("mounting a tmpfs needs root");
            return None;
        }
        fs::create_dir(&at).unwrap();
        let status =
            Command::new("mount").args(["-t", "tmpfs", "-o", options, "none"]).arg(&at).status().unwrap();
        assert!(status.success(), "mounting a tmpfs failed");
        Some(Tmpfs(at))
    }
}

impl Drop for Tmpfs {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn a_full_disk_leaves_nothing_behind() {
    let scratch = Scratch::new();
    let Some(disk) = Tmpfs::mount(scratch.path("disk"), "size=512k") else { return };
    for (name, args) in [
        ("full_iso", ["build", "-o", "disk/x.iso"].as_slice()),
        ("full_tar", &["build", "-o", "disk/x.tar.gz"]),
        ("full_zip", &["build", "-o", "disk/x.zip"]),
        ("full_dir", &["build", "--format", "dir", "-o", "disk/x"]),
    ] {
        let run = scratch.run(args);
        assert_eq!(run.code, 2, "{name}");
        assert!(run.stderr.contains("No space left on device"), "{}", run.stderr);
        assert_eq!(fs::read_dir(&disk.0).unwrap().count(), 0, "{name} left something behind");
    }
    fs::write(scratch.path("disk/x.iso"), "precious").unwrap();
    assert_eq!(scratch.run(&["build", "--force", "-o", "disk/x.iso"]).code, 2);
    assert_eq!(
        fs::read(scratch.path("disk/x.iso")).unwrap(),
        b"precious",
        "a failed replacement replaces nothing"
    );
}

#[test]
fn a_read_only_directory() {
    let scratch = Scratch::new();
    let Some(_disk) = Tmpfs::mount(scratch.path("disk"), "ro") else { return };
    assert_snapshot!(scratch.refused(&["build", "-o", "disk/x.iso"]).lines().last().unwrap());
}

#[test]
fn an_image_is_not_for_a_terminal() {
    let scratch = Scratch::new();
    let text = scratch.on_a_terminal("$VASTIMG build -o -; echo exit=$?");
    assert_snapshot!(text);
}

#[test]
fn standard_output_has_the_image_and_nothing_else() {
    let scratch = Scratch::new();
    let piped = scratch.done(&["build", "-o", "-"]);
    scratch.done(&["build", "-o", "x.iso"]);
    assert_eq!(piped.stdout, fs::read(scratch.path("x.iso")).unwrap());
    let tar = scratch.done(&["build", "--format", "tar", "-o", "-"]);
    assert_eq!(tar.stdout[..2], [0x1f, 0x8b]);
    // Nobody reads: that is theirs to do, as with any other command.
    let mut child =
        scratch.command(&["build", "-o", "-"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let run = Run::from(child.wait_with_output().unwrap());
    assert_eq!(run.code, 0);
    assert!(!run.stderr.contains("error: ") && !run.stderr.contains("wrote "), "{}", run.stderr);
}

#[test]
fn equal_inputs_give_equal_bytes_and_the_date_is_settable() {
    let scratch = Scratch::new();
    for extension in ["iso", "tar.gz", "zip"] {
        let name = |n: u8| format!("{n}.{extension}");
        for n in [1, 2] {
            scratch.done(&["build", "-o", &name(n)]);
        }
        let status = scratch
            .command(&["build", "-o", &name(3)])
            .env("SOURCE_DATE_EPOCH", "1700000000")
            .output()
            .unwrap();
        assert!(status.status.success());
        let read = |n| fs::read(scratch.path(&name(n))).unwrap();
        assert!(read(1) == read(2), "two builds of {extension} differ");
        assert!(read(1) != read(3), "SOURCE_DATE_EPOCH changes nothing in {extension}");
    }
    for wrong in ["yesterday", "-1", "99999999999"] {
        let mut command = scratch.command(&["build", "-o", "4.iso"]);
        let run = Run::from(command.env("SOURCE_DATE_EPOCH", wrong).output().unwrap());
        assert_eq!(run.code, 2);
        assert!(run.stderr.contains("SOURCE_DATE_EPOCH"), "{}", run.stderr);
        assert!(!scratch.path("4.iso").exists());
    }
}

#[test]
fn sums_are_kept_beside_the_image() {
    let scratch = Scratch::new();
    scratch.done(&["build", "-o", "b.iso"]);
    scratch.done(&["build", "-o", "a.tar.gz"]);
    scratch.done(&["build", "--force", "--hostname", "other", "-o", "b.iso"]);
    let check = Command::new("sha256sum")
        .args(["--strict", "-c", "SHA256SUMS"])
        .current_dir(scratch.path("."))
        .output();
    assert_eq!(String::from_utf8(check.unwrap().stdout).unwrap(), "a.tar.gz: OK\nb.iso: OK\n");

    // Builds into one directory at once: every one leaves its line.
    let children: Vec<_> = (0..8)
        .map(|n| {
            scratch
                .command(&["build", "-p", "minimal", "-o", &format!("n{n}.iso")])
                .stderr(Stdio::null())
                .spawn()
        })
        .collect();
    assert!(children.into_iter().all(|child| child.unwrap().wait().unwrap().success()));
    assert_eq!(fs::read_to_string(scratch.path("SHA256SUMS")).unwrap().lines().count(), 10);

    scratch.file("SHA256SUMS", "my own notes\n");
    assert_snapshot!(scratch.refused(&["build", "-o", "c.iso"]));
    assert_eq!(fs::read(scratch.path("SHA256SUMS")).unwrap(), b"my own notes\n");
}

#[test]
fn a_dry_run_says_what_would_be_and_writes_nothing() {
    let scratch = Scratch::new();
    let run = scratch.done(&["build", "-p", "minimal", "--dry-run", "-o", "none/x.iso"]);
    assert!(
        run.stderr.contains("would write none/x.iso: profile minimal, host vast-minimal"),
        "{}",
        run.stderr
    );
    let listing = String::from_utf8(run.stdout).unwrap();
    assert!(listing.contains("0755 ") && listing.contains("  vastimg/prepare.sh\n"), "{listing}");
    assert!(scratch.listing().is_empty());
}

#[test]
fn the_default_name_is_the_profiles() {
    let scratch = Scratch::new();
    scratch.done(&["build", "--profile", "loopback"]);
    scratch.done(&["build", "--profile", "minimal", "--format", "tar"]);
    assert!(scratch.path("vast-loopback.iso").exists() && scratch.path("vast-minimal.tar.gz").exists());
}

#[test]
fn the_umask_counts() {
    let scratch = Scratch::new();
    let line = format!("umask 027 && exec {} build -p minimal -o x.iso", env!("CARGO_BIN_EXE_vastimg"));
    assert!(
        Command::new("sh")
            .args(["-c", &line])
            .current_dir(scratch.path("."))
            .output()
            .unwrap()
            .status
            .success()
    );
    assert_eq!(
        std::os::unix::fs::MetadataExt::mode(&fs::metadata(scratch.path("x.iso")).unwrap()) & 0o777,
        0o640
    );
}

#[test]
fn what_may_have_been_meant_otherwise_is_said() {
    let scratch = Scratch::new();
    let warnings = |args: &[&str]| {
        let run = scratch.done(&[&["build", "--force"], args].concat());
        run.stderr.lines().filter(|line| line.starts_with("warning: ")).collect::<Vec<_>>().join("\n")
    };
    assert_snapshot!("for_cloud_init_only", warnings(&["--hostname", "vast-02", "-o", "x.tar.gz"]));
    assert_snapshot!("left_out_but_needed", warnings(&["--skip", "packages", "-o", "x.zip"]));
    scratch.file("cat/mine/fix.yaml", "label: OPTIONAL\ntitle: Mine\nproblem: p\nundo: u\n");
    assert_snapshot!("unused_of_the_catalogue", warnings(&["--catalogue", "cat", "-o", "x.zip"]));
}

#[test]
fn usage_errors_are_exit_code_2() {
    let scratch = Scratch::new();
    for args in [["build", "--bogus"].as_slice(), &["bild"], &[], &["build", "--format", "floppy"]] {
        assert_eq!(scratch.run(args).code, 2, "{args:?}");
    }
    assert_eq!(scratch.run(&["--help"]).code, 0);
    assert_eq!(
        scratch.run(&["--version"]).stdout,
        format!("vastimg {}\n", env!("CARGO_PKG_VERSION")).as_bytes()
    );
}

#[test]
fn help_fits_80_columns() {
    let scratch = Scratch::new();
    for args in [["--help"].as_slice(), &["build", "--help"]] {
        let text =
            String::from_utf8(scratch.command(args).env("COLUMNS", "80").output().unwrap().stdout).unwrap();
        let long: Vec<_> = text.lines().filter(|line| line.chars().count() > 80).collect();
        assert!(long.is_empty(), "{long:#?}");
    }
}
