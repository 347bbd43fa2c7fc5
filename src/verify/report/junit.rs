//! JUnit XML, in the dialect that Ant and Surefire write and that Jenkins and GitLab read: one suite, a test case for each
//! check, `classname` the fix and `name` the id.
//!
//! A warning is a passed case with its findings in `system-out`; so is an OPTIONAL check that could not be read. Hence
//! failures and errors together are the report's `fail`. Times of single checks are not measured and are 0.

use anyhow::Result;

use super::format::{Format, findings, plain, word};
use super::{CheckResult, Report};
use crate::verify::checks::Verdict;

/// `--format junit`.
#[derive(Debug)]
pub struct Junit;

impl Format for Junit {
    fn name(&self) -> &'static str {
        "junit"
    }

    fn render(&self, report: &Report, _colour: bool) -> Result<String> {
        let count =
            |verdict| report.results.iter().filter(|result| report.counted(result) == verdict).count();
        let mut xml = Xml(String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"));
        let numbers = [
            ("tests", report.results.len()),
            ("failures", count(Verdict::Fail)),
            ("errors", count(Verdict::Error)),
            ("skipped", count(Verdict::Skip)),
        ]
        .map(|(name, number)| (name, number.to_string()));
        let mut attributes = vec![("name", "vastimg-verify"), ("time", "0")];
        attributes.extend(numbers.iter().map(|(name, number)| (*name, number.as_str())));
        xml.open("testsuites", &attributes);
        // The schema that Ant's reports are held to has UTC without saying so.
        let time = report.time.trim_end_matches('Z');
        attributes.extend([("timestamp", time), ("hostname", &report.host)]);
        xml.open("testsuite", &attributes);
        xml.open("properties", &[]);
        for (name, value) in [
            ("profile", report.profile.as_str()),
            ("manifest", &report.manifest),
            ("host", &report.host),
            ("verifier", &report.verifier),
            ("verdict", report.verdict),
        ] {
            xml.empty("property", &[("name", name), ("value", value)]);
        }
        xml.close("properties");
        for result in &report.results {
            case(&mut xml, result, report.counted(result));
        }
        xml.close("testsuite");
        xml.close("testsuites");
        Ok(xml.0)
    }
}

fn case(xml: &mut Xml, result: &CheckResult, counted: Verdict) {
    let attributes = [("classname", result.fix.as_str()), ("name", &result.id), ("time", "0")];
    let element = match counted {
        Verdict::Pass => return xml.empty("testcase", &attributes),
        Verdict::Skip => {
            xml.open("testcase", &attributes);
            xml.empty("skipped", &[("message", result.source.as_deref().unwrap_or_default())]);
            return xml.close("testcase");
        }
        Verdict::Warn => "system-out",
        Verdict::Fail => "failure",
        Verdict::Error => "error",
    };
    let message = match (&result.live, &result.persisted, &result.source) {
        _ if result.result == Verdict::Error => result.source.clone().unwrap_or_default(),
        (Some(found), ..) | (None, Some(found), _) | (None, None, Some(found)) => {
            format!("wanted {}, found {found}", result.wanted)
        }
        _ => format!("wanted {}", result.wanted),
    };
    xml.open("testcase", &attributes);
    let described = [("message", message.as_str()), ("type", result.label.as_str())];
    xml.start(element, if counted == Verdict::Warn { &[] } else { &described });
    xml.0.push('>');
    let head =
        [("result", word(result.result)), ("label", result.label.as_str()), ("wanted", &result.wanted)];
    for (name, value) in head.into_iter().chain(findings(result)) {
        xml.0.extend([name, ": "]);
        xml.text(value);
        xml.0.push('\n');
    }
    xml.close(element);
    xml.close("testcase");
}

struct Xml(String);

impl Xml {
    fn start(&mut self, element: &str, attributes: &[(&str, &str)]) {
        self.0.extend(["<", element]);
        for (name, value) in attributes {
            self.0.extend([" ", name, "=\""]);
            self.text(value);
            self.0.push('"');
        }
    }

    fn open(&mut self, element: &str, attributes: &[(&str, &str)]) {
        self.start(element, attributes);
        self.0.push_str(">\n");
    }

    fn empty(&mut self, element: &str, attributes: &[(&str, &str)]) {
        self.start(element, attributes);
        self.0.push_str("/>\n");
    }

    fn close(&mut self, element: &str) {
        self.0.extend(["</", element, ">\n"]);
    }

    /// Good inside of elements and of quoted attributes alike; `>` too, since `]]>` may stand in neither.
    fn text(&mut self, text: &str) {
        for c in plain(text) {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                c => self.0.push(c),
            }
        }
    }
}
