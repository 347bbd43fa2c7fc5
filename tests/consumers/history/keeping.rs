//! What is kept of runs on the running system: names, modes, numbers and bounds.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use super::host::{Host, REPORTS, report};

const TIME: &str = "2026-01-01T00:00:00Z";

fn mode(host: &Host, name: &str) -> u32 {
    fs::metadata(host.path(name)).unwrap().permissions().mode() & 0o7777
}

#[test]
fn anybody_may_read_what_is_kept_whatever_the_umask() {
    let host = Host::new(2);
    let script = "umask 077; verify -q; echo $?
         chroot --userspec=65534:65534 \"$root\" /verify history | tail -n +2 | cut -c 23-47
         chroot --userspec=65534:65534 \"$root\" /verify drift | head -n 1 | cut -d' ' -f 1-3";
    let Some(ran) = host.live(script) else { return };
    assert_eq!(ran.stdout, "0\nPASS        2     0     0\nthe run of\n", "{}", ran.stderr);
    assert_eq!(ran.stderr, "");
    assert_eq!((mode(&host, "var/lib/vastimg"), mode(&host, REPORTS)), (0o755, 0o755));
    let names = host.kept();
    assert_eq!(names.len(), 2, "{names:?}");
    assert!(names[0].ends_with("Z-1.json") && names[1] == "latest.json", "{names:?}");
    for name in &names {
        assert_eq!(mode(&host, &format!("{REPORTS}/{name}")), 0o644, "{name}");
    }
    let kept = names.iter().map(|name| fs::read(host.path(REPORTS).join(name)).unwrap());
    let kept: Vec<_> = kept.collect();
    assert_eq!(kept[0], kept[1]);
    let latest: serde_json::Value = serde_json::from_slice(&kept[1]).unwrap();
    assert_eq!(latest["verdict"], "PASS");
    assert_eq!(names[0].trim_end_matches("-1.json"), latest["time"].as_str().unwrap().replace(':', ""));
}

/// An administrator's own mode of the directory stays.
#[test]
fn a_directory_that_is_there_keeps_its_mode() {
    let host = Host::new(1);
    let script = "mkdir -p -m 0700 \"$reports\"; chmod 0700 \"$reports\"; verify -q; echo $?";
    let Some(ran) = host.live(script) else { return };
    assert_eq!((ran.stdout.as_str(), mode(&host, REPORTS)), ("0\n", 0o700), "{}", ran.stderr);
}

#[test]
fn no_run_is_lost_to_another_one_of_the_same_second() {
    let host = Host::new(1);
    let Some(ran) = host.live("for i in 1 2 3 4 5 6 7 8 9 10 11 12; do verify -q || exit; done") else {
        return;
    };
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert_eq!(host.kept().len(), 13, "{:?}", host.kept());
    // In two rounds, so that the second one finds the same numbers taken.
    let Some(ran) = host
        .live("for round in 1 2; do for i in 1 2 3 4 5 6 7 8 9 10 11 12; do verify -q & done; wait; done")
    else {
        return;
    };
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let names = host.kept();
    assert_eq!(names.len(), 37, "{names:?}");
    assert!(names.iter().all(|name| name.ends_with(".json")), "{names:?}");
    let runs = host.asked("history")["runs"].as_array().unwrap().clone();
    assert_eq!(runs.len(), 36);
    assert!(runs.iter().all(|run| run["verdict"] == "PASS"), "{runs:?}");
    let latest = fs::metadata(host.path(REPORTS).join("latest.json")).unwrap().ino();
    let same = |name: &String| fs::metadata(host.path(REPORTS).join(name)).unwrap().ino() == latest;
    assert_eq!(names.iter().filter(|name| same(name)).count(), 2, "latest.json is one of them");
}

#[test]
fn a_clock_that_went_back_does_not_reorder_runs() {
    let host = Host::new(1);
    let later = "2099-01-01T00:00:00Z";
    host.write(7, later, &report(later, "aa", &[["a.files", "REQUIRED", "pass", "all", "all", ""]]));
    host.spoil("a");
    let Some(ran) = host.live("verify -q; echo $?") else { return };
    assert_eq!(ran.stdout, "1\n", "{}", ran.stderr);
    assert!(host.kept()[0].ends_with("Z-8.json"), "{:?}", host.kept());
    let drift = host.asked("drift");
    assert_eq!(drift["first"]["time"], later);
    let text = host.ask("drift", &[]);
    assert!(
        text.stdout.contains("\n               in the order of the runs; the clock was set back\n"),
        "{}",
        text.stdout
    );
}

/// The first report stays for ever: drift's baseline.
#[test]
fn reports_are_bounded_in_number_and_the_first_one_stays() {
    let host = Host::new(1);
    for number in 1..=450 {
        host.write(number, TIME, "{}");
    }
    for other in ["README", "2026-01-01T000000Z.txt", "2026-01-01T000000Z-1.json.bak"] {
        fs::write(host.path(REPORTS).join(other), "mine").unwrap();
    }
    let Some(ran) = host.live("verify -q; echo $?") else { return };
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("0\n", ""));
    let names = host.kept();
    let stays = |number: usize| names.contains(&format!("2026-01-01T000000Z-{number}.json"));
    assert!(stays(1) && !stays(2) && !stays(51) && stays(52) && stays(450), "{names:?}");
    assert!(names.iter().any(|name| name.ends_with("Z-451.json")), "{names:?}");
    assert_eq!(names.len(), 401 + "latest.json README .txt .bak".split(' ').count());
}

/// Numbers end; then it is the time that tells names apart, and the first one stays.
#[test]
fn the_last_number_is_not_exceeded() {
    let host = Host::new(1);
    let text = report(TIME, "aa", &[["a.files", "REQUIRED", "pass", "all", "all", ""]]);
    host.write(1, TIME, &text);
    host.write(999_999_999, TIME, &text);
    let Some(ran) = host.live("verify -q; echo $?; verify history | wc -l") else { return };
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("0\n4\n", ""));
    assert!(host.kept()[2].ends_with("Z-999999999.json"), "{:?}", host.kept());
}

#[test]
fn reports_are_bounded_in_size() {
    let host = Host::new(1);
    let large = " ".repeat(1 << 20);
    for number in 1..=20 {
        host.write(number, TIME, &large);
    }
    let Some(ran) = host.live("verify -q; echo $?") else { return };
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("0\n", ""));
    let size = |name: &String| fs::metadata(host.path(REPORTS).join(name)).unwrap().len();
    let names = host.kept();
    let sum: u64 = names.iter().filter(|name| *name != "latest.json").map(size).sum();
    assert!(sum <= 16 << 20 && sum > 14 << 20, "{sum}: {names:?}");
    assert!(names.contains(&"2026-01-01T000000Z-1.json".to_owned()), "{names:?}");
    assert!(names.contains(&"2026-01-01T000000Z-20.json".to_owned()), "{names:?}");
}

#[test]
fn what_an_ended_run_left_half_written_is_removed_and_what_a_running_one_writes_is_not() {
    let host = Host::new(1);
    let script = "mkdir -p \"$reports\"; touch \"$reports/.vastimg-99999999.new\" \"$reports/.vastimg-$$.new\" \"$reports/my.new\"
         verify -q; echo $?; rm \"$reports/.vastimg-$$.new\"";
    let Some(ran) = host.live(script) else { return };
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("0\n", ""));
    let names = host.kept();
    assert_eq!((names.len(), names[2].as_str()), (3, "my.new"), "{names:?}");
}

/// Neither a part of the checks nor another tree or manifest is a report on this host.
#[test]
fn only_whole_runs_are_kept() {
    let host = Host::new(2);
    let script = "verify -q --only a; verify -q --skip a; verify -q --manifest /etc/vastimg/manifest.json
         mkdir \"$root/tree\"; verify -q --root /tree --manifest /etc/vastimg/manifest.json; verify -q --strict; echo $?";
    let Some(ran) = host.live(script) else { return };
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("0\n", ""));
    assert_eq!(host.kept().len(), 2, "{:?}", host.kept());
}
