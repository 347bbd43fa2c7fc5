//! `--wait` and `--quiet`, and what is wrong with arguments.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use super::host::Host;

#[test]
fn it_waits_until_the_host_is_healthy() {
    let host = Host::new(2);
    host.spoil("a");
    let started = Instant::now();
    let ran = thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(Duration::from_millis(1500));
            host.mend("a");
        });
        host.verify(&["--wait", "30"])
    });
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{}", ran.stdout);
    let verdicts = ran.stdout.lines().filter(|line| line.starts_with("vastimg-verify: ")).count();
    assert_eq!(verdicts, 1, "the final report only: {}", ran.stdout);
    assert!(ran.stdout.contains("\nvastimg-verify: PASS 2 pass,"), "{}", ran.stdout);
    let took = started.elapsed();
    assert!(took >= Duration::from_millis(1500) && took < Duration::from_secs(15), "{took:?}");
}

/// On a first boot the verifier may be asked before its manifest is placed.
#[test]
fn it_waits_for_the_manifest_too() {
    let host = Host::new(1);
    let aside = host.path("aside.json");
    fs::rename(host.manifest(), &aside).unwrap();
    let ran = thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(Duration::from_millis(500));
            fs::rename(&aside, host.manifest()).unwrap();
        });
        host.verify(&["--wait=30"])
    });
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{}", ran.stdout);
}

#[test]
fn it_waits_no_longer_than_it_may() {
    let host = Host::new(2);
    host.spoil("a");
    for (seconds, least) in [("0", 0), ("1", 1000), ("2", 2000)] {
        let started = Instant::now();
        let ran = host.verify(&["--wait", seconds]);
        let took = started.elapsed().as_millis();
        assert_eq!(ran.code, 1, "{}", ran.stderr);
        assert!((least..10_000).contains(&took), "--wait {seconds} took {took} ms");
    }
    // What is healthy, and what waiting does not bring, is said at once.
    let started = Instant::now();
    assert_eq!(host.verify(&["--wait", "30", "--only", "nothing"]).code, 2);
    host.mend("a");
    host.spoil("b");
    assert_eq!(host.verify(&["--wait", "30"]).code, 0, "b is OPTIONAL");
    assert!(started.elapsed() < Duration::from_secs(10));
}

#[test]
fn of_the_runs_of_one_wait_the_last_is_kept() {
    let host = Host::new(1);
    host.spoil("a");
    let script = "(sleep 1.5; echo good >\"$root/srv/a\") & verify -q --wait 30; echo $?; wait";
    let Some(ran) = host.live(script) else { return };
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("0\n", ""));
    assert_eq!(host.kept().len(), 2, "{:?}", host.kept());
    assert_eq!(host.asked("history")["runs"][0]["verdict"], "PASS");
}

#[test]
fn quiet_is_quiet() {
    let host = Host::new(2);
    for (option, format) in [("-q", "text"), ("--quiet", "json")] {
        host.mend("a");
        let ran = host.verify(&[option, "--format", format]);
        assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (0, "", ""));
        host.spoil("a");
        let ran = host.verify(&[option, "--format", format]);
        assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (1, "", ""));
    }
    let output = host.path("report.json");
    let ran = host.verify(&["-q", "--format", "json", "--output", output.to_str().unwrap()]);
    assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (1, "", ""));
    assert!(fs::read_to_string(output).unwrap().contains("\"FAIL\""));
    // No verdict is said why.
    fs::remove_file(host.manifest()).unwrap();
    let ran = host.verify(&["-q"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert!(ran.stderr.starts_with("vastimg-verify: ERROR reading the manifest "), "{}", ran.stderr);
}

#[test]
fn wrong_arguments_are_named() {
    let host = Host::new(1);
    for (arguments, complaint) in [
        (&["--wait", "-5"][..], "--wait -5: expected a number of seconds, 0 or more"),
        (&["--wait", "soon"], "--wait soon: expected a number of seconds, 0 or more"),
        (&["--wait", "1.5"], "--wait 1.5: expected a number of seconds, 0 or more"),
        (&["--wait", ""], "--wait : expected a number of seconds, 0 or more"),
        (
            &["--wait", "99999999999999999999"],
            "--wait 99999999999999999999: expected a number of seconds, 0 or more",
        ),
        (&["--wait"], "missing argument for option '--wait'"),
        (&["histroy"], "\"histroy\" is no command; the commands are history, drift and help"),
        (&["help", "histroy"], "\"histroy\" is no command; the commands are history, drift and help"),
        (&["-q", "drift"], "drift comes first, before its options"),
        (&["history", "-n", "0"], "-n 0: expected a number of runs, 1 or more"),
        (&["history", "-n", "-1"], "-n -1: expected a number of runs, 1 or more"),
        (&["history", "--format", "junit"], "--format junit: formats are text and json"),
        (&["history", "--since", "2026"], "invalid option '--since'"),
        (&["history", "drift"], "unexpected argument \"drift\""),
        (
            &["drift", "--since", "yesterday"],
            "--since yesterday: expected a UTC time or its beginning, such as 2026-11-22 or 2026-11-22T08:30:00Z",
        ),
        (&["drift", "-n", "3"], "invalid option '-n'"),
    ] {
        let ran = host.command(arguments);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{arguments:?}");
        let told = format!("vastimg-verify: {complaint}; vastimg-verify --help lists the options\n");
        assert_eq!(ran.stderr, told, "{arguments:?}");
    }
    // The longest wait there is, of what is healthy.
    assert_eq!(host.verify(&["--wait", "18446744073709551615"]).code, 0);
}

#[test]
fn help_has_80_columns() {
    let host = Host::new(1);
    for (asked, mentions) in [
        (&[&["help"][..], &["--help"], &["-h"], &["help", "help"], &["help", "--help"]][..], "--wait SECS"),
        (&[&["help", "history"], &["history", "--help"], &["history", "-n", "3", "-h"]], "-n N"),
        (&[&["help", "drift"], &["drift", "--help"]], "--since TIME"),
    ] {
        let texts: Vec<_> = asked.iter().map(|arguments| host.command(arguments)).collect();
        for ran in &texts {
            assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
            assert_eq!(ran.stdout, texts[0].stdout);
        }
        assert!(texts[0].stdout.contains(mentions), "{}", texts[0].stdout);
        assert!(texts[0].stdout.contains("\nExit: 0 "), "{}", texts[0].stdout);
        assert!(texts[0].stdout.lines().all(|line| line.chars().count() <= 80), "{}", texts[0].stdout);
    }
}
