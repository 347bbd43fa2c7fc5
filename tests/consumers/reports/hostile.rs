//! Texts that each format would stumble over if it took them as they are, and reports made of them.

use std::collections::BTreeMap;

use serde_json::json;
use vastimg::manifest::{Label, Manifest};
use vastimg::verify::checks::Verdict;
use vastimg::verify::report::{self, CheckResult, Report};

use super::Case;

/// Texts for any field of a report.
pub(super) fn texts() -> Vec<String> {
    let controls: String = (0..0xa0_u8).map(char::from).filter(|c| c.is_control()).collect();
    let mut texts = vec![
        controls,
        "\u{fffe}\u{ffff}\u{feff}\u{2028}\u{2029}\u{85}\u{202e}txt.exe\u{2066}".to_owned(),
        "é ü 漢字 \u{1f600}\u{10ffff} a\u{301}".to_owned(),
        "/very/long/".to_owned() + &"component/".repeat(40),
        "a sentence of many words ".repeat(30),
        "x".repeat(5000),
    ];
    texts.extend(
        [
            "",
            " ",
            "  two  spaces  ",
            "\"double\" 'single' ''twice'' `back`",
            "]]> <![CDATA[ <!-- --> & &amp; &#0; <tag attribute='x'/> </failure></testcase>",
            "a | b | c=1;2;3",
            "# TODO not yet",
            "x # SKIP not here",
            "\\# SKIP \\\\# TODO \\",
            "\nnot ok 99 - smuggled\n1..1\nBail out! smuggled\n  ...\n  ---\n",
            "line\nvastimg-verify: PASS 99 pass, 0 fail, 0 warn, 0 skip  profile=x",
            "} 1\nsmuggled_metric{x=\"y\"} 1 \\n \\\" \\",
            "\u{1b}[2J\u{1b}]0;title\u{7}\r\t",
            "~",
            "{}",
            "[]",
            "key: value, other: - x",
            "%s %n $(reboot) `reboot` $HOSTNAME$",
            "1..0 # SKIP all",
        ]
        .map(ToOwned::to_owned),
    );
    texts
}

/// Names that pip-leftovers finds below site-packages, which is as much as a file system allows.
pub(super) fn file_names() -> Vec<String> {
    [
        "~]]>\"'<&>|#\\\n\u{1b}[31m\u{1}\u{7f}-x",
        "~\nnot ok 1 - smuggled\nvastimg-verify: PASS-x",
        "~-\u{1f600} 漢字 \u{85}\u{202e}\u{fffe}",
    ]
    .map(ToOwned::to_owned)
    .into_iter()
    .chain(["~-".to_owned() + &"n".repeat(250)])
    .collect()
}

/// Every text in every field, with every result.
pub(super) fn reports() -> Vec<Case> {
    let all = [Verdict::Pass, Verdict::Warn, Verdict::Fail, Verdict::Skip, Verdict::Error];
    let labels = [Label::Required, Label::Workaround, Label::Optional];
    let texts = texts();
    let mut cases = Vec::new();
    for (number, text) in texts.iter().enumerate() {
        let mut results = Vec::new();
        for (at, result) in all.iter().cycle().take(15).enumerate() {
            let label = if *result == Verdict::Warn { Label::Optional } else { labels[at % 3] };
            // The id has to tell them apart, in whatever a format makes of the text.
            let id = format!("{text}{at}");
            let other = |n: usize| Some(texts[(number + at + n) % texts.len()].clone());
            results.push(CheckResult {
                id,
                fix: text.clone(),
                label,
                result: *result,
                wanted: text.clone(),
                persisted: Some(text.clone()).filter(|_| at % 2 == 0),
                live: other(1).filter(|_| at % 3 == 0),
                source: other(2).filter(|_| at % 4 != 1),
                remedy: other(3).filter(|_| at % 5 != 2),
            });
        }
        for strict in [false, true] {
            let name = format!("hostile {number}{}", if strict { ", strict" } else { "" });
            cases.push(of_report(&name, &report(text, strict, results.iter().map(copy).collect())));
        }
    }
    cases
}

/// A report of a manifest and a host that are called so.
pub(super) fn report(name: &str, strict: bool, results: Vec<CheckResult>) -> Report {
    let manifest = json!({
        "schema": vastimg::manifest::SCHEMA, "generator": "x", "profile": name, "user": "x",
        "fixes": [], "files": [], "checks": [],
    });
    let manifest: Manifest = serde_json::from_value(manifest).unwrap();
    Report::new(
        &manifest,
        &"0123abcd".repeat(8),
        name.to_owned(),
        "2026-02-28T23:59:59Z".to_owned(),
        strict,
        results,
    )
}

/// Metrics of two checks of the same name, of which one fails.
pub(super) fn of_one_name() -> String {
    let result = |result| CheckResult {
        id: "x.y".to_owned(),
        fix: "x".to_owned(),
        label: Label::Required,
        result,
        wanted: String::new(),
        persisted: None,
        live: None,
        source: None,
        remedy: None,
    };
    let report = report("x", false, vec![result(Verdict::Pass), result(Verdict::Fail)]);
    report::format("prometheus").unwrap().render(&report, false).unwrap()
}

fn of_report(name: &str, report: &Report) -> Case {
    let formats: BTreeMap<_, _> = report::ALL
        .iter()
        .map(|format| (format.name(), (format.render(report, false).unwrap(), format.exit_code(report))))
        .collect();
    let json = serde_json::from_str(&formats["json"].0).unwrap();
    Case { name: name.to_owned(), report: json, strict: report.strict, formats }
}

fn copy(result: &CheckResult) -> CheckResult {
    CheckResult {
        id: result.id.clone(),
        fix: result.fix.clone(),
        wanted: result.wanted.clone(),
        persisted: result.persisted.clone(),
        live: result.live.clone(),
        source: result.source.clone(),
        remedy: result.remedy.clone(),
        ..*result
    }
}
