//! What `history` and `drift` tell of kept reports.

use std::fs;

use serde_json::json;

use super::host::{Host, REPORTS, report};
use crate::tools::Ran;

const FILE_MAX: &str = "fd-limits.file-max";
const THP: &str = "thp-off.enabled";
const OURS: &str = "/etc/sysctl.d/99-vast-fd.conf";
const THEIRS: &str = "/etc/sysctl.d/99-vast-tuning.conf";

fn time(day: usize) -> String {
    format!("2026-11-{day:02}T00:10:00Z")
}

/// The runs of some days, each with a manifest and its rows.
fn host(days: &[(usize, &str, &[[&str; 6]])]) -> Host {
    let host = Host::new(1);
    for (day, manifest, rows) in days {
        host.write(*day, &time(*day), &report(&time(*day), manifest, rows));
    }
    host
}

fn is(ran: &Ran, code: i32, text: &str) {
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), (text, ""));
    assert_eq!(ran.code, code);
    assert!(ran.stdout.lines().all(|line| line.chars().count() <= 80), "{}", ran.stdout);
}

const GOOD: [&str; 6] = [FILE_MAX, "REQUIRED", "pass", "8388608", "8388608", OURS];
const THREATENED: [&str; 6] = [FILE_MAX, "REQUIRED", "fail", "2097152", "8388608", THEIRS];
const LOWERED: [&str; 6] = [FILE_MAX, "REQUIRED", "fail", "2097152", "2097152", THEIRS];
const OFF: [&str; 6] = [THP, "OPTIONAL", "pass", "", "never", ""];
const ON: [&str; 6] = [THP, "OPTIONAL", "warn", "", "always", ""];
/// What a run with --strict makes of it.
const ON_STRICT: [&str; 6] = [THP, "OPTIONAL", "fail", "", "always", ""];

#[test]
fn what_has_changed_and_when() {
    let host = host(&[
        (1, "aa", &[GOOD, OFF]),
        (2, "aa", &[GOOD, OFF]),
        (3, "aa", &[THREATENED, OFF]),
        (4, "aa", &[LOWERED, OFF]),
        (5, "aa", &[LOWERED, OFF]),
    ]);
    let text = "\
TIME                  VERDICT  PASS  FAIL  WARN  SKIP  MANIFEST
2026-11-01T00:10:00Z  PASS        2     0     0     0  aa0000000000
2026-11-02T00:10:00Z  PASS        2     0     0     0  aa0000000000
2026-11-03T00:10:00Z  FAIL        1     1     0     0  aa0000000000
    fd-limits.file-max  pass -> fail
2026-11-04T00:10:00Z  FAIL        1     1     0     0  aa0000000000
2026-11-05T00:10:00Z  FAIL        1     1     0     0  aa0000000000
";
    is(&host.ask("history", &[]), 0, text);
    let head = text.lines().next().unwrap();
    let newest: Vec<&str> = text.lines().skip(3).collect();
    is(&host.ask("history", &["-n", "3"]), 0, &format!("{head}\n{}\n", newest.join("\n")));
    is(&host.ask("history", &["-n99"]), 0, text);
    let changed = "\
fd-limits.file-max  pass -> fail
  persisted    8388608
            -> 2097152
  live         8388608
            -> 2097152
  source       /etc/sysctl.d/99-vast-fd.conf
            -> /etc/sysctl.d/99-vast-tuning.conf
  first        2026-11-02T00:10:00Z .. 2026-11-03T00:10:00Z
  last         2026-11-03T00:10:00Z .. 2026-11-04T00:10:00Z; 2 changes

1 check drifted
";
    let first = "5 runs, from 2026-11-01T00:10:00Z to 2026-11-05T00:10:00Z\n\n";
    is(&host.ask("drift", &[]), 1, &format!("{first}{changed}"));

    let since = "\
3 runs, from 2026-11-03T00:10:00Z to 2026-11-05T00:10:00Z

fd-limits.file-max  fail, as it was
  live         8388608
            -> 2097152
  when         2026-11-03T00:10:00Z .. 2026-11-04T00:10:00Z

1 check drifted
";
    is(&host.ask("drift", &["--since", "2026-11-02T12"]), 1, since);
    is(&host.ask("drift", &["--since", "2026-11-03T00:10:00Z"]), 1, since);
    let since = "2 runs, from 2026-11-04T00:10:00Z to 2026-11-05T00:10:00Z\n\nno drift\n";
    is(&host.ask("drift", &["--since", "2026-11-04"]), 0, since);
    let since = "the run of 2026-11-05T00:10:00Z is the only one: nothing to compare it with yet\n";
    is(&host.ask("drift", &["--since", "2026-11-05"]), 0, since);
    let later = host.ask("drift", &["--since", "2026-11-06"]);
    assert_eq!((later.code, later.stdout.as_str()), (2, ""));
    let told =
        "vastimg-verify: ERROR no run is from 2026-11-06 or later; the newest is from 2026-11-05T00:10:00Z\n";
    assert_eq!(later.stderr, told);
}

/// What comes and goes is shown as that; one that came back is no drift, and is not hidden.
#[test]
fn flapping() {
    let other = ["c.files", "REQUIRED", "pass", "all", "all", ""];
    let gone = ["c.files", "REQUIRED", "fail", "missing", "missing", "/srv/c"];
    let host = host(&[
        (1, "aa", &[OFF, other]),
        (2, "aa", &[ON, other]),
        (3, "aa", &[OFF, gone]),
        (4, "aa", &[OFF, other]),
        (5, "aa", &[ON, other]),
        (6, "aa", &[ON, other]),
    ]);
    let text = "\
6 runs, from 2026-11-01T00:10:00Z to 2026-11-06T00:10:00Z

thp-off.enabled  pass -> warn
  live         never
            -> always
  when         2026-11-04T00:10:00Z .. 2026-11-05T00:10:00Z; 3 changes

Differed in between, and is as it was:
    c.files

1 check drifted
";
    is(&host.ask("drift", &[]), 1, text);
    let drift = host.asked("drift");
    assert_eq!(drift["returned"], json!(["c.files"]));
    let change = json!({"id": THP, "what": "changed", "times": 3,
        "then": {"result": "pass", "persisted": null, "live": "never", "source": null},
        "now": {"result": "warn", "persisted": null, "live": "always", "source": null},
        "left": [time(4), time(5)], "since": [time(4), time(5)]});
    assert_eq!(drift["changes"], json!([change]));
    assert_eq!(drift["schema"], "vastimg/drift/1");
    assert_eq!(
        drift["first"],
        json!({"file": "2026-11-01T001000Z-1.json", "time": time(1), "manifest": "aa0000000000"})
    );
}

/// --strict judges otherwise; the host is the same.
#[test]
fn a_strict_run_is_no_drift() {
    let host = host(&[(1, "aa", &[ON]), (2, "aa", &[ON_STRICT])]);
    assert_eq!(host.ask("drift", &[]).code, 0);
    let history = host.ask("history", &[]).stdout;
    assert_eq!(history.lines().count(), 3, "{history}");
    assert!(history.contains("2026-11-02T00:10:00Z  FAIL        0     1     0     0"), "{history}");
}

#[test]
fn another_manifest_brings_checks_and_takes_some_away() {
    let new = ["z.files", "REQUIRED", "fail", "", "", ""];
    let days: &[(usize, &str, &[[&str; 6]])] = &[(1, "aa", &[GOOD, OFF]), (2, "bb", &[GOOD, new])];
    let text = "\
2 runs, from 2026-11-01T00:10:00Z to 2026-11-02T00:10:00Z
the manifest changed: aa0000000000 -> bb0000000000

thp-off.enabled  gone with another manifest
  when         2026-11-01T00:10:00Z .. 2026-11-02T00:10:00Z

z.files  new with another manifest: fail
  when         2026-11-01T00:10:00Z .. 2026-11-02T00:10:00Z

no drift
";
    is(&host(days).ask("drift", &[]), 0, text);
    let history = host(days).ask("history", &[]).stdout;
    assert!(
        history.ends_with("\n    z.files  none -> fail\n    thp-off.enabled  pass -> none\n"),
        "{history}"
    );
    // Of the same manifest, that is nothing that anybody decided.
    let ran = host(&[(1, "aa", &[GOOD, OFF]), (2, "aa", &[GOOD, new])]).ask("drift", &[]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.stdout.contains("\nthp-off.enabled  gone though the manifest is the same\n"),
        "{}",
        ran.stdout
    );
    assert!(ran.stdout.contains("\nz.files  new though the manifest is the same: fail\n"), "{}", ran.stdout);
    assert!(ran.stdout.ends_with("\n2 checks drifted\n"), "{}", ran.stdout);
}

#[test]
fn nothing_was_kept_yet() {
    let host = Host::new(1);
    let words = "no run is kept in /var/lib/vastimg/reports; each sudo vastimg-verify keeps one\n";
    is(&host.ask("history", &[]), 0, words);
    assert_eq!(host.asked("history"), json!({"schema": "vastimg/history/1", "runs": []}));
    let drift = host.ask("drift", &[]);
    assert_eq!((drift.code, drift.stdout.as_str()), (2, ""));
    assert_eq!(drift.stderr, format!("vastimg-verify: ERROR {words}"));
}

/// What cannot be read is named in either form, and what can be read is told nevertheless.
#[test]
fn unreadable_reports_are_named() {
    let host = host(&[(2, "aa", &[GOOD]), (4, "aa", &[LOWERED])]);
    let half = report(&time(1), "aa", &[GOOD]);
    host.write(1, &time(1), &half[..half.len() / 2]);
    host.write(3, &time(3), &half.replacen("report/1", "report/9", 1));
    let drift = host.ask("drift", &[]);
    assert_eq!(drift.code, 1);
    let head: Vec<&str> = drift.stdout.lines().take(6).collect();
    assert_eq!(head[0], "2 runs, from 2026-11-02T00:10:00Z to 2026-11-04T00:10:00Z");
    assert_eq!(head[1], "not among them, since unreadable: 2026-11-01T001000Z-1.json");
    assert!(head[2].starts_with("    EOF while parsing"), "{}", head[2]);
    assert_eq!(head[3], "not among them, since unreadable: 2026-11-03T001000Z-3.json");
    let version = "it is \"vastimg/report/9\", and this verifier knows vastimg/report/1";
    assert_eq!(head[4..], [&format!("    {version}"), ""]);
    let history = host.asked("history");
    let runs = history["runs"].as_array().unwrap();
    assert_eq!(runs[2], json!({"file": "2026-11-03T001000Z-3.json", "unreadable": version}));
    assert_eq!(runs[3]["changed"], json!([{"id": FILE_MAX, "then": "pass", "now": "fail"}]));
    assert_eq!(runs.len(), 4);
    for number in [2, 4] {
        fs::write(host.path(REPORTS).join(format!("2026-11-{number:02}T001000Z-{number}.json")), "").unwrap();
    }
    let none = host.ask("drift", &[]);
    assert_eq!((none.code, none.stdout.as_str()), (2, ""));
    assert!(
        none.stderr.contains("ERROR none of the 4 kept runs can be read: 2026-11-01T001000Z-1.json: EOF"),
        "{}",
        none.stderr
    );
}

/// Names and values are the system's and may hold anything; a terminal gets 80 columns without control characters.
#[test]
fn hostile_values_stay_within_80_columns() {
    let long = "é\u{1b}]0;x\u{7}".repeat(500);
    let host = host(&[
        (1, "aa", &[[&long, "REQUIRED", &long, &long, "", "a"], ["", "", "", "", "", ""]]),
        (
            2,
            &"\u{7}".repeat(64),
            &[[&long, "REQUIRED", "fail", "b", &long, ""], [&long, "", &long, &long, &long, &long]],
        ),
        (3, "cc", &[[&long, "REQUIRED", &long, "c", &long, &long]]),
    ]);
    for what in ["history", "drift"] {
        let ran = host.ask(what, &[]);
        assert_eq!((ran.code, ran.stderr.as_str()), (i32::from(what == "drift"), ""));
        for line in ran.stdout.lines() {
            assert!(line.chars().count() <= 80 && !line.chars().any(char::is_control), "{line:?}");
        }
        assert!(ran.stdout.lines().count() > 4, "{}", ran.stdout);
    }
    assert_eq!(host.asked("drift")["changes"][0]["now"]["live"], long, "the JSON form has all of it");
}
