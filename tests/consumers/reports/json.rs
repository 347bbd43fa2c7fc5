//! The JSON report before its own schema, by python3-jsonschema; and the schema before the types that it comes from.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{cases, python};

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/report.json")
}

/// What is wrong with each of some reports; nothing for a good one.
fn errors(reports: &[Value]) -> Option<Vec<Vec<String>>> {
    let program = "import json, sys, jsonschema
schema = json.load(open(sys.argv[1]))
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
reports = json.load(open(sys.argv[2]))
print(json.dumps([[error.json_path + ': ' + error.message for error in validator.iter_errors(report)]
                  for report in reports]))";
    let text = python("jsonschema", program, &[path().to_str().unwrap()], &json!(reports).to_string())?;
    Some(serde_json::from_str(&text).unwrap())
}

#[test]
fn the_schema_is_that_of_the_types() {
    let schema = serde_json::to_string_pretty(&vastimg::verify::report::schema()).unwrap() + "\n";
    if std::env::var_os("VASTIMG_UPDATE").is_some() {
        fs::write(path(), schema).unwrap();
    } else {
        let found = fs::read_to_string(path()).unwrap_or_default();
        assert_eq!(found, schema, "run VASTIMG_UPDATE=1 cargo test --test consumers the_schema");
    }
}

#[test]
fn every_report_is_as_the_schema_says() {
    let reports: Vec<Value> = cases().iter().map(|case| case.report.clone()).collect();
    let Some(errors) = errors(&reports) else { return };
    for (case, errors) in cases().iter().zip(errors) {
        assert!(errors.is_empty(), "{}: {errors:?}", case.name);
    }
}

/// Each is a good report but for one thing.
#[test]
fn other_reports_are_refused() {
    let good = &cases()[0].report;
    assert!(good["results"].as_array().unwrap().len() > 30);
    let with = |pointer: &str, value: Value| {
        let mut report = good.clone();
        *report.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}")) = value;
        report
    };
    let without = |pointer: &str, key: &str| {
        let mut report = good.clone();
        assert!(report.pointer_mut(pointer).unwrap().as_object_mut().unwrap().remove(key).is_some(), "{key}");
        report
    };
    let more = |pointer: &str| {
        let mut report = good.clone();
        report.pointer_mut(pointer).unwrap().as_object_mut().unwrap().insert("more".into(), json!("x"));
        report
    };
    let bad = [
        with("/schema", json!("vastimg/report/2")),
        with("/verifier", json!("somebody 0.1.0")),
        with("/time", json!("2026-01-01 00:00:00")),
        with("/host", json!(null)),
        with("/manifest", json!("sha256:abc")),
        with("/verdict", json!("pass")),
        with("/counts/pass", json!(-1)),
        with("/counts/fail", json!("1")),
        with("/results", json!({})),
        with("/results/0/result", json!("FAIL")),
        with("/results/0/label", json!("required")),
        with("/results/0/wanted", json!(1)),
        with("/results/0/live", json!(["x"])),
        without("", "host"),
        without("/counts", "skip"),
        without("/results/0", "remedy"),
        more(""),
        more("/counts"),
        more("/results/0"),
    ];
    let Some(errors) = errors(&bad) else { return };
    for (report, errors) in bad.iter().zip(errors) {
        assert_eq!(errors.len(), 1, "{errors:?}: {report:.300}");
    }
}
