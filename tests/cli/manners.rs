//! How the program behaves on a terminal, in a pipe and when it is interrupted.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::harness::{Run, Scratch, skipped};

/// Every command of the help, and the program itself.
fn commands(scratch: &Scratch) -> Vec<String> {
    let help = String::from_utf8(scratch.done(&["--help"]).stdout).unwrap();
    let (_, list) = help.split_once("Commands:\n").unwrap();
    let names = list.lines().take_while(|line| line.starts_with("  "));
    let names: Vec<String> = names.map(|line| line.split_whitespace().next().unwrap().to_owned()).collect();
    assert!(names.len() > 8, "{names:?}");
    names.into_iter().filter(|name| name != "help").collect()
}

#[test]
fn help_fits_80_columns_and_tells_of_every_option() {
    let scratch = Scratch::new();
    for name in commands(&scratch).into_iter().chain([String::new()]) {
        for help in ["--help", "-h"] {
            let args = [name.as_str(), help];
            let args = if name.is_empty() { &args[1..] } else { &args[..] };
            let output = scratch.command(args).env("COLUMNS", "200").output().unwrap();
            let text = String::from_utf8(output.stdout).unwrap();
            let long: Vec<_> = text.lines().filter(|line| line.chars().count() > 80).collect();
            assert!(output.status.success() && long.is_empty(), "{name} {help}: {long:#?}");
            let last = text.trim_end().rsplit("\n\n").next().unwrap();
            assert!(last.starts_with("Exit codes: 0 ") && last.ends_with('.'), "{name}: {last}");
            // Filled lines, but for the last: no break that the terminal's width did not ask for.
            let next = last.lines().skip(1).map(|line| line.split(' ').next().unwrap());
            let filled = last.lines().zip(next).all(|(line, word)| line.len() + 1 + word.len() > 80);
            assert!(filled, "{name}: {last}");
            assert!(text.contains("--quiet") && text.contains("Usage: vastimg "), "{name}: {text}");
        }
    }
}

#[test]
fn mistyped_names_get_the_right_ones() {
    let scratch = Scratch::new();
    for (args, right) in [
        (&["biuld"][..], "build"),
        (&["build", "--profil", "minimal"], "--profile"),
        (&["build", "--format", "isso"], "iso"),
        (&["schema", "profil"], "profile"),
        (&["man", "biuld"], "build"),
    ] {
        let error = scratch.refused(args);
        assert!(error.contains(right), "{args:?}: {error}");
    }
}

#[test]
fn quiet_keeps_what_nobody_may_miss() {
    let scratch = Scratch::new();
    let key = crate::harness::key_file();
    let run = scratch.done(&["build", "-q", "--ssh-key", &key, "-o", "a.iso"]);
    assert_eq!(run.stderr, "");
    let run = scratch.done(&["-q", "build", "-o", "b.img", "--ssh-key", &key, "--install-disk", "vda"]);
    assert_eq!(
        run.stderr,
        "WARNING: a machine that boots Rocky's installer with this attached is wiped without a question: disk vda.\n"
    );
    let run = scratch.done(&["build", "-v", "--profile", "minimal", "--ssh-key", &key, "-o", "c.iso"]);
    assert!(run.stderr.contains("  REQUIRED   fd-limits: Open files and processes"), "{}", run.stderr);
    assert!(scratch.refused(&["build", "-q", "-v"]).contains("cannot be used with"));
    assert!(scratch.refused(&["build", "-q", "-p", "none"]).starts_with("error: no profile is named"));
}

#[test]
fn colours_are_for_terminals_that_want_them() {
    let scratch = Scratch::new();
    let line = "$VASTIMG build -p none";
    let coloured = |environment: &str, options: &str| {
        scratch
            .on_a_terminal(&format!("env -u NO_COLOR TERM=xterm {environment} {line} {options}"))
            .contains("\x1b[1;31merror:\x1b[0m")
    };
    assert!(coloured("", ""));
    assert!(!coloured("NO_COLOR=1", "") && coloured("NO_COLOR=", ""));
    assert!(!coloured("TERM=dumb", "") && !coloured("", "--color never"));
    assert!(coloured("NO_COLOR=1", "--color always"));
    assert!(!scratch.refused(&["build", "-p", "none"]).contains('\x1b'));
    assert!(
        scratch
            .refused(&["build", "-p", "none", "--color=always"])
            .starts_with("\x1b[1;31merror:\x1b[0m no profile")
    );
}

#[test]
fn that_nobody_listens_is_no_error() {
    let scratch = Scratch::new();
    for args in [
        &["list"][..],
        &["explain", "fd-limits"],
        &["render", "user-data"],
        &["schema", "profile"],
        &["completions", "bash"],
        &["man"],
        &["build", "--dry-run"],
        &["validate", "loopback"],
    ] {
        let mut child = scratch.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        drop(child.stderr.take());
        let run = Run::from(child.wait_with_output().unwrap());
        assert_eq!(run.code, 0, "{args:?}");
    }
}

/// An image whose reader takes no more of it is nobody's error either.
#[test]
fn that_an_image_is_not_read_to_its_end_is_no_error() {
    let scratch = Scratch::new();
    let key = crate::harness::key_file();
    for format in ["iso", "tar", "zip"] {
        let line = format!(
            "set -o pipefail; '{}' build --ssh-key '{key}' --format {format} -o - | head -c 1 | wc -c",
            env!("CARGO_BIN_EXE_vastimg")
        );
        let output =
            Command::new("bash").args(["-c", &line]).current_dir(scratch.path(".")).output().unwrap();
        let run = Run::from(output);
        assert_eq!((run.code, run.stdout.as_slice(), run.stderr.as_str()), (0, &b"1\n"[..], ""), "{format}");
    }
}

#[test]
fn quiet_keeps_notes_to_itself() {
    let scratch = Scratch::new();
    let args = ["validate", "--memory", "120G", "loopback"];
    assert!(scratch.done(&args).stdout.starts_with(b"note: "));
    let run = scratch.done(&[&["-q"][..], &args].concat());
    assert!(run.stdout.is_empty() && run.stderr.is_empty(), "{}", run.stderr);
}

/// A build of 300 MiB of noise is interrupted while it writes: the signal ends it, and nothing is left of it.
#[test]
fn an_interrupt_leaves_nothing_behind() {
    let Ok(mut random) = fs::File::open("/dev/urandom") else { return skipped("there is no /dev/urandom") };
    let scratch = Scratch::new();
    scratch.file("cat/large/fix.yaml", "label: OPTIONAL\ntitle: Large\nproblem: p\nundo: u\n");
    scratch.file("large.yaml", "fixes:\n  large:\n");
    fs::create_dir_all(scratch.path("cat/large/rootfs/srv")).unwrap();
    for number in 0..20 {
        let mut noise = vec![0; 15 << 20];
        std::io::Read::read_exact(&mut random, &mut noise).unwrap();
        fs::write(scratch.path(&format!("cat/large/rootfs/srv/{number}")), noise).unwrap();
    }
    fs::create_dir(scratch.path("out")).unwrap();
    let entries = || {
        fs::read_dir(scratch.path("out")).unwrap().map(|entry| entry.unwrap().file_name()).collect::<Vec<_>>()
    };
    for (signal, number, output) in
        [("INT", 2, "out/x.tar.gz"), ("TERM", 15, "out/x"), ("HUP", 1, "out/x.img")]
    {
        let disk: &[&str] = if output.ends_with(".img") { &["--install-disk", "vda"] } else { &[] };
        let args = ["build", "--catalogue", "cat", "--profile", "./large.yaml", "-o", output];
        let mut command = scratch.command(&[&args[..], disk].concat());
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let start = Instant::now();
        while entries().is_empty() {
            assert!(
                start.elapsed() < Duration::from_secs(60) && child.try_wait().unwrap().is_none(),
                "{output}: it wrote nothing"
            );
            std::thread::sleep(Duration::from_millis(2));
        }
        let sent =
            Command::new("kill").args([format!("-{signal}"), child.id().to_string()]).status().unwrap();
        assert!(sent.success());
        assert_eq!(child.wait().unwrap().signal(), Some(number), "{output}");
        assert_eq!(entries(), Vec::<std::ffi::OsString>::new(), "{output}");
    }
}
