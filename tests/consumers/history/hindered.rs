//! Runs that cannot keep or write their report: the verdict and the exit code are those of a run that can.

use std::fs;

use super::host::{Host, REPORTS, report};
use crate::tools::Ran;

/// A host with failures, whose report is longer than a few pages.
fn host() -> Host {
    let host = Host::new(60);
    host.spoil("a");
    host
}

/// Prints what was said and the exit code of a run after `before`, which has to prevent keeping.
fn hindered(host: &Host, before: &str) -> Option<Ran> {
    let told = |script: &str| host.live(&format!("{script}; verify --format json; echo rc=$?"));
    let ran = told(before)?;
    let free = Host::new(60);
    free.spoil("a");
    let unhindered = free.live("verify --format json; echo rc=$?")?;
    assert_eq!(unhindered.stderr, "");
    assert_eq!(free.kept().len(), 2);
    let without_time = |text: &str| {
        text.lines().filter(|line| !line.contains("\"time\":")).map(str::to_owned).collect::<Vec<_>>()
    };
    assert!(unhindered.stdout.ends_with("}\nrc=1\n"), "{}", unhindered.stdout);
    assert_eq!(without_time(&ran.stdout), without_time(&unhindered.stdout), "{before}: {}", ran.stderr);
    Some(ran)
}

#[test]
fn a_full_disk() {
    let host = host();
    // Two pages are left, too few for the report; what is there of earlier runs stays.
    let before = "mkdir -p \"$reports\"; mount -t tmpfs -o size=256k none \"$reports\"; verify -q
         ls -l \"$reports\" >\"$root/before\"; cat \"$reports/latest.json\" >\"$root/latest\"
         head -c 8192 /dev/zero >\"$root/spare\"; cp \"$root/spare\" \"$reports/spare\"
         cat /dev/zero >\"$reports/full\" 2>/dev/null; rm \"$reports/spare\"
         trap 'rm \"$reports/full\"; ls -l \"$reports\" >\"$root/after\"; ls -A \"$reports\" >\"$root/names\"
               cmp \"$reports/latest.json\" \"$root/latest\" && echo same >\"$root/same\"' EXIT";
    let Some(ran) = hindered(&host, before) else { return };
    assert_eq!(
        ran.stderr,
        "vastimg-verify: keeping the report in /var/lib/vastimg/reports: No space left on device (os error 28)\n"
    );
    let read = |name: &str| fs::read_to_string(host.path(name)).unwrap();
    let entries = |text: &str| text.lines().skip(1).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(entries(&read("before")), entries(&read("after")));
    assert_eq!(read("names").lines().count(), 2, "no temporary file stays: {}", read("names"));
    assert_eq!(read("same"), "same\n");
}

#[test]
fn a_read_only_disk() {
    let host = host();
    let before =
        "mkdir -p \"$reports\"; mount -t tmpfs none \"$reports\"; mount -o remount,ro none \"$reports\"";
    let Some(ran) = hindered(&host, before) else { return };
    assert!(ran.stderr.ends_with(": Read-only file system (os error 30)\n"), "{}", ran.stderr);
    assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
    let quiet = "mkdir -p \"$reports\"; mount -t tmpfs -o ro none \"$reports\"; verify -q; echo $?";
    let ran = host.live(quiet).unwrap();
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("1\n", ""));
}

#[test]
fn a_file_or_a_dangling_link_for_a_directory() {
    for (before, why) in [
        ("mkdir -p \"${reports%/*}\"; echo mine >\"$reports\"", "File exists"),
        ("mkdir -p \"${reports%/*}\"; ln -s /gone \"$reports\"", "File exists"),
        ("mkdir -p \"${reports%/*/*}\"; echo mine >\"${reports%/*}\"", "Not a directory"),
    ] {
        let host = host();
        let Some(ran) = hindered(&host, before) else { return };
        assert!(ran.stderr.contains(why), "{before}: {}", ran.stderr);
        assert_eq!(ran.stderr.lines().count(), 1, "{before}: {}", ran.stderr);
        if before.contains("mine") {
            // Nothing kept is not the same as nothing to be read.
            let asked = host.ask("history", &[]);
            assert_eq!((asked.code, asked.stdout.as_str()), (2, ""), "{before}");
            assert!(
                asked.stderr.contains("ERROR listing /var/lib/vastimg/reports: Not a directory"),
                "{}",
                asked.stderr
            );
        }
    }
}

/// What is said after the verdict may find nobody who reads it, or a full disk too.
#[test]
fn complaints_that_cannot_be_written() {
    let host = host();
    let script = "mkdir -p \"${reports%/*}\"; echo mine >\"$reports\"; verify 2>/dev/full | tail -n 1 | cut -d' ' -f 1-2
         verify --format json --output /dev/full >/dev/full 2>/dev/full; echo $?; verify history 2>/dev/full; echo $?
         verify --nonsense 2>/dev/full; echo $?; verify --manifest /none 2>&-; echo $?; verify >&- 2>&-; echo $?";
    let Some(ran) = host.live(script) else { return };
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("vastimg-verify: FAIL\n1\n2\n2\n2\n1\n", ""));
}

/// Where only `latest.json` cannot be, each run is kept, and no more of them than elsewhere.
#[test]
fn something_else_in_the_place_of_the_latest() {
    let host = host();
    for number in 1..=401 {
        host.write(number, "2026-01-01T00:00:00Z", "{}");
    }
    fs::create_dir(host.path(REPORTS).join("latest.json")).unwrap();
    let Some(ran) = hindered(&host, "true") else { return };
    assert!(ran.stderr.ends_with("/reports: latest.json: Is a directory (os error 21)\n"), "{}", ran.stderr);
    let names = host.kept();
    assert_eq!(names.len(), 402, "{names:?}");
    assert!(names[400].ends_with("Z-402.json") && names[0].ends_with("Z-1.json"), "{names:?}");
}

/// An administrator may move the reports to another disk; what is there keeps its mode.
#[test]
fn a_link_to_a_directory_is_followed() {
    let host = host();
    let script =
        "mkdir -p \"${reports%/*}\" \"$root/disk\"; chmod 1777 \"$root/disk\"; ln -s /disk \"$reports\"
         verify -q; echo $?; stat -c %a \"$root/disk\"; ls \"$root/disk\" | wc -l; verify history | wc -l";
    let Some(ran) = host.live(script) else { return };
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("1\n1777\n2\n2\n", ""));
}

#[test]
fn an_output_that_cannot_be_written() {
    let host = host();
    let script = "verify --only a,b --output /dev/full; echo rc=$?";
    let script = &script.replace("--only a,b", "--only a --only b");
    let Some(ran) = host.live(script) else { return };
    let plain = host.live("verify --only a --only b; echo rc=$?").unwrap();
    assert_eq!(ran.stdout, plain.stdout);
    assert!(plain.stdout.contains("\nvastimg-verify: FAIL 1 pass, 1 fail,"), "{}", plain.stdout);
    assert!(plain.stdout.ends_with("rc=1\n"), "{}", plain.stdout);
    let complaint = "vastimg-verify: writing /dev/full: something is there that is not a plain file; \
                     the report is on standard output\n";
    assert_eq!(ran.stderr, complaint);
    let quiet = host.live("verify -q --output /dev/full; echo $?; verify >/dev/full; echo $?").unwrap();
    let lost = "vastimg-verify: writing to standard output: No space left on device (os error 28)\n";
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("1\n1\n", lost));
}

/// Who reads the output's file finds the old one, and the verdict is told where it can be.
#[test]
fn an_output_on_a_full_disk() {
    let host = host();
    let script = "mkdir \"$root/out\"; mount -t tmpfs -o size=20k none \"$root/out\"; cd \"$root/out\"
         echo old >report; cat /dev/zero >full 2>/dev/null
         verify --format json --output /out/report | grep verdict; echo ${PIPESTATUS[0]} $(cat report) $(ls -A | wc -l)
         verify -q --output /out/report; echo $?; verify -q --output /none/report; echo $?
         rm full; verify -q --only a --output /out/report; echo $? $(grep -c FAIL report)";
    let Some(ran) = host.live(script) else { return };
    assert_eq!(ran.stdout, "  \"verdict\": \"FAIL\",\n1 old 2\n1\n1\n1 2\n");
    let complaint = "vastimg-verify: writing /out/report: No space left on device (os error 28); \
                     the report is on standard output\n";
    assert_eq!(ran.stderr, complaint);
}

#[test]
fn kept_reports_of_any_content() {
    let host = host();
    let write = |number, content: &str| host.write(number, "2026-01-01T00:00:00Z", content);
    write(1, "");
    write(2, &format!("{{\"deep\":{}", "[".repeat(1 << 19)));
    write(3, "\u{0}\u{1b}[2J\u{fffd}");
    write(4, &"x".repeat((1 << 20) + 1));
    write(5, "{\"schema\":\"vastimg/report/2\"}");
    write(6, "{\"schema\":\"vastimg/report/1\"}");
    fs::create_dir(host.path(REPORTS).join("2026-01-01T000000Z-7.json")).unwrap();
    let counts =
        report("2026-01-01T00:00:00Z", "aa", &[]).replace("\"pass\":0", "\"pass\":18446744073709551615");
    write(10, &counts);
    let results = format!("\"results\":[{}]", ["{}"; 1001].join(","));
    write(11, &report("2026-01-01T00:00:00Z", "aa", &[]).replace("\"results\":[]", &results));
    let script = "mkfifo \"$reports/2026-01-01T000000Z-8.json\"; ln -s /dev/zero \"$reports/2026-01-01T000000Z-9.json\"
         verify -q; echo $?; verify drift; echo $?; verify -q; verify drift | tail -n 1; verify history";
    let Some(ran) = host.live(script) else { return };
    let (head, list) = ran.stdout.split_once("no drift\n").unwrap();
    assert_eq!(head, "1\n2\n");
    assert!(ran.stderr.contains("ERROR only the run of 20"), "{}", ran.stderr);
    let reasons = [
        "EOF while parsing",
        "recursion limit exceeded",
        "expected value",
        "larger than 1 MiB",
        "\"vastimg/report/2\"",
        "counts are missing",
        "not a regular file",
        "not a regular file",
        "not a regular file",
        "no count pass",
        "more than 1000 results",
    ];
    let lines: Vec<&str> = list.lines().collect();
    for (number, reason) in (1..).zip(reasons) {
        let at = lines
            .iter()
            .position(|line| line.starts_with(&format!("2026-01-01T000000Z-{number}.json  unreadable:")));
        let at = at.unwrap_or_else(|| panic!("{number}: {list}"));
        assert!(lines[at + 1].contains(reason), "{number}: {list}");
    }
    assert_eq!(lines.len(), 1 + 2 * reasons.len() + 2, "{list}");
    assert!(list.chars().all(|c| c == '\n' || !c.is_control()), "{list:?}");
}
