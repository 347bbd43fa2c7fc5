//! Metrics before promtool, which lints them and reads as node_exporter does, and before python3-prometheus-client.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;

use serde_json::json;

use super::{cases, python, written};
use crate::cloud_init::unpacked;
use crate::tools::{self, Ran};

fn promtool(text: &str) -> Option<Ran> {
    let program = unpacked().join("usr/bin/promtool");
    if !program.is_file() {
        tools::skipped(&format!("promtool is not in {}", unpacked().display()));
        return None;
    }
    let file = written(text);
    let mut command = tools::bounded(program);
    Some(tools::run(command.args(["check", "metrics"]).stdin(File::open(file.path()).unwrap())))
}

#[test]
fn promtool_finds_nothing() {
    for case in cases() {
        let Some(ran) = promtool(case.text("prometheus")) else { return };
        assert_eq!((ran.code, ran.stderr.as_str(), ran.stdout.as_str()), (0, "", ""), "{}", case.name);
    }
}

#[test]
fn what_promtool_would_find() {
    let good = cases()[0].text("prometheus");
    for (what, bad) in [
        ("no help", good.replacen("# HELP vastimg_verify_passed", "# x", 1)),
        ("a type that its name denies", good.replace("last_run_timestamp_seconds", "last_run_total")),
        ("another unit", good.replace("timestamp_seconds", "timestamp_minutes")),
        ("a value that is none", good.replacen("\nvastimg_verify_passed 0", "\nvastimg_verify_passed no", 1)),
        ("an open quote", good.replacen("profile=\"", "profile=\"\"", 1)),
        ("an escape that is none", good.replacen("profile=\"", "profile=\"\\x", 1)),
        ("no end of the last line", good.trim_end().to_owned()),
    ] {
        assert_ne!(bad, good, "{what}");
        let Some(ran) = promtool(&bad) else { return };
        assert_ne!(ran.code, 0, "{what}");
    }
}

pub(super) type Labels = BTreeMap<String, String>;
pub(super) type Series = (String, Labels);

/// Samples by name and labels; one that comes twice is an error, which node_exporter logs at each scrape.
pub(super) fn samples(texts: &[&str]) -> Option<Vec<BTreeMap<Series, f64>>> {
    let program = "import json, sys
from prometheus_client.parser import text_string_to_metric_families as families
print(json.dumps([[[s.name, s.labels, s.value] for family in families(text) for s in family.samples]
                  for text in json.load(open(sys.argv[1]))]))";
    let text = python("prometheus_client", program, &[], &json!(texts).to_string())?;
    let all: Vec<Vec<(String, Labels, f64)>> = serde_json::from_str(&text).unwrap();
    let unique = |samples: Vec<(String, Labels, f64)>| {
        let mut unique = BTreeMap::new();
        for (name, labels, value) in samples {
            let before = unique.insert((name, labels), value);
            assert_eq!(before, None, "a series comes twice");
        }
        unique
    };
    Some(all.into_iter().map(unique).collect())
}

fn labels(pairs: &[(&str, &str)]) -> Labels {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn it_says_what_the_json_report_says() {
    let texts: Vec<&str> = cases().iter().map(|case| case.text("prometheus")).collect();
    let Some(all) = samples(&texts) else { return };
    for (case, found) in cases().iter().zip(all) {
        let name = &case.name;
        let text = |field: &str| case.report[field].as_str().unwrap();
        let mut wanted = BTreeMap::new();
        let mut put = |metric: &str, pairs: &[(&str, &str)], value: bool| {
            wanted.insert((format!("vastimg_verify_{metric}"), labels(pairs)), f64::from(u8::from(value)));
        };
        let info = [
            ("profile", text("profile")),
            ("manifest", text("manifest")),
            ("host", text("host")),
            ("version", env!("CARGO_PKG_VERSION")),
        ];
        put("info", &info, true);
        put("passed", &[], text("verdict") == "PASS");
        for result in case.results() {
            for word in ["pass", "warn", "fail", "skip", "error"] {
                let pairs = [
                    ("id", result.id.as_str()),
                    ("fix", &result.fix),
                    ("label", &result.label),
                    ("result", word),
                ];
                put("check_result", &pairs, word == result.word);
            }
        }
        for kind in ["pass", "warn", "fail", "skip"] {
            let series = ("vastimg_verify_checks".to_owned(), labels(&[("result", kind)]));
            wanted.insert(series, f64::from(u32::try_from(case.count(kind)).unwrap()));
        }
        let time = ("vastimg_verify_last_run_timestamp_seconds".to_owned(), BTreeMap::new());
        wanted.insert(time.clone(), found[&time]);
        assert_eq!(found, wanted, "{name}");
        // Of the other format's run, which was not in the same second.
        let date = tools::output(tools::bounded("date").args(["-d", text("time"), "+%s"]));
        let difference = found[&time] - date.trim().parse::<f64>().unwrap();
        assert!(difference.abs() < 60.0, "{name}: {difference}");
    }
}

/// Two checks of one name make one series, which has both results.
#[test]
fn no_series_comes_twice() {
    let twice = super::hostile::of_one_name();
    let Some(found) = samples(&[&twice]) else { return };
    let states: BTreeSet<_> = found[0]
        .iter()
        .filter(|((name, _), value)| name == "vastimg_verify_check_result" && **value > 0.0)
        .map(|((_, labels), _)| labels["result"].as_str())
        .collect();
    assert_eq!(states, BTreeSet::from(["fail", "pass"]));
    let Some(ran) = promtool(&twice) else { return };
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
}

/// That a sample which comes twice would have been noticed.
#[test]
#[should_panic(expected = "a series comes twice")]
fn a_series_that_comes_twice_is_noticed() {
    let text = cases()[0].text("prometheus").to_owned() + "vastimg_verify_passed 1\n";
    assert!(samples(&[&text]).is_some(), "it is not known whether a series comes twice");
}
