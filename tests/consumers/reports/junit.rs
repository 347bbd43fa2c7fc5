//! JUnit XML before xmllint and python3-junitparser.

use serde_json::{Value, json};

use super::{Case, cases, python, shown, written};
use crate::tools;

/// What junitparser makes of some files: name, numbers, properties and cases of each one's only suite.
fn parsed(texts: &[&str]) -> Option<Vec<Value>> {
    let program = "import json, os, sys, tempfile, junitparser
def outcome(case):
    kinds = {junitparser.Failure: 'fail', junitparser.Error: 'error', junitparser.Skipped: 'skip'}
    if not case.result:
        return {'result': 'pass' if case.system_out is None else 'warn', 'text': case.system_out}
    one, = case.result
    return {'result': kinds[type(one)], 'message': one.message, 'type': one.type, 'text': one.text}
def suite(text):
    with tempfile.NamedTemporaryFile() as file:
        file.write(text.encode('utf-8', 'surrogatepass'))
        file.flush()
        try:
            suites = junitparser.JUnitXml.fromfile(file.name)
        except Exception as error:
            return {'error': type(error).__name__ + ': ' + str(error)}
    one, = suites
    numbers = lambda: [one.tests, one.failures, one.errors, one.skipped]
    told = numbers()
    one.update_statistics()
    return {'told': told, 'counted': numbers(), 'all': [suites.tests, suites.failures, suites.errors, suites.skipped],
            'timestamp': one.timestamp, 'hostname': one.hostname,
            'properties': {p.name: p.value for p in one.properties()},
            'cases': [dict(outcome(case), name=case.name, classname=case.classname) for case in one]}
print(json.dumps([suite(text) for text in json.load(open(sys.argv[1]))]))";
    let text = python("junitparser", program, &[], &json!(texts).to_string())?;
    Some(serde_json::from_str(&text).unwrap())
}

#[test]
fn it_says_what_the_json_report_says() {
    let texts: Vec<&str> = cases().iter().map(|case| case.text("junit")).collect();
    let Some(suites) = parsed(&texts) else { return };
    for (case, suite) in cases().iter().zip(suites) {
        compare(case, &suite);
    }
}

fn compare(case: &Case, suite: &Value) {
    let name = &case.name;
    let results = case.results();
    let of = |counted: &str| results.iter().filter(|result| result.counted == counted).count();
    let numbers = json!([results.len(), of("fail"), of("error"), of("skip")]);
    for which in ["told", "counted", "all"] {
        assert_eq!(suite[which], numbers, "{name}: {which}: {suite:.300}");
    }
    assert_eq!(case.count("fail"), of("fail") + of("error"), "{name}");
    let text = |field: &str| json!(shown(case.report[field].as_str().unwrap()));
    for field in ["profile", "manifest", "host", "verifier", "verdict"] {
        assert_eq!(suite["properties"][field], text(field), "{name}");
    }
    assert_eq!(suite["hostname"], text("host"), "{name}");
    let timestamp = suite["timestamp"].as_str().unwrap();
    assert_eq!((timestamp.len(), timestamp.as_bytes()[10]), (19, b'T'), "{name}: {timestamp}");
    for (result, found) in results.iter().zip(suite["cases"].as_array().unwrap()) {
        assert_eq!(found["name"], shown(&result.id), "{name}");
        assert_eq!(found["classname"], shown(&result.fix), "{name}");
        assert_eq!(found["result"], result.counted, "{name}: {}", result.id);
        if result.counted == "pass" {
            continue;
        }
        if result.counted == "skip" {
            let why = result.fields.get("source").cloned().unwrap_or_default();
            assert_eq!(found["message"], shown(&why), "{name}");
            continue;
        }
        let text = found["text"].as_str().unwrap();
        let mut wanted = format!("result: {}\nlabel: {}\n", result.word, result.label);
        for field in ["wanted", "live", "persisted", "source", "remedy"] {
            if let Some(value) = result.fields.get(field) {
                wanted += &format!("{field}: {}\n", shown(value));
            }
        }
        assert_eq!(text.trim(), wanted.trim(), "{name}: {}", result.id);
        if result.counted != "warn" {
            assert_eq!(found["type"], result.label, "{name}");
        }
    }
}

#[test]
fn it_is_well_formed() {
    let lint = |text: &str| -> Option<i32> {
        let file = written(text);
        Some(tools::run(tools::find("xmllint")?.args(["--noout", "--nonet", "--huge"]).arg(file.path())).code)
    };
    for case in cases() {
        let Some(code) = lint(case.text("junit")) else { return };
        assert_eq!(code, 0, "{}", case.name);
    }
}

/// Neither parser takes what an escape too few would have made.
#[test]
fn what_is_not_escaped_is_refused() {
    let good = cases()[0].text("junit");
    let bad = ["]]>", "<", "&", "\u{1}", "\u{b}", "\u{ffff}", "</failure>"].map(|raw| {
        let bad = good.replacen("wanted: ", &format!("wanted: {raw}"), 1);
        assert_ne!(bad, good);
        bad
    });
    let Some(suites) = parsed(&bad.iter().map(String::as_str).collect::<Vec<_>>()) else { return };
    for (bad, suite) in bad.iter().zip(suites) {
        assert!(suite["error"].as_str().is_some_and(|error| error.contains("ParseError")), "{suite:.300}");
        let Some(mut xmllint) = tools::find("xmllint") else { return };
        assert_ne!(tools::run(xmllint.args(["--noout", "--nonet"]).arg(written(bad).path())).code, 0);
    }
}
