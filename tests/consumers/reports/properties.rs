//! Whatever the results say, each format stays what it is: rules that hold without anybody's parser.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use vastimg::manifest::Label;
use vastimg::verify::checks::Verdict;
use vastimg::verify::report::{CheckResult, Report, format};

use super::{hostile, shown, text};

/// Any characters, words and paths of all lengths, and what is known to be of interest.
fn texts() -> impl Strategy<Value = String> {
    let letters = || vec(any::<char>(), 0..100).prop_map(String::from_iter);
    let word = vec(prop::sample::select("abc-._/~#'\"|\\<&>".chars().collect::<Vec<_>>()), 1..90);
    let sentence =
        vec(word.prop_map(String::from_iter), 0..12).prop_map(|words: Vec<String>| words.join(" "));
    prop_oneof![letters(), sentence, prop::sample::select(hostile::texts())]
}

fn result() -> impl Strategy<Value = CheckResult> {
    let words = [Verdict::Pass, Verdict::Warn, Verdict::Fail, Verdict::Skip, Verdict::Error];
    let labels = [Label::Required, Label::Workaround, Label::Optional];
    let kind = (prop::sample::select(words.to_vec()), prop::sample::select(labels.to_vec()));
    let maybe = || option::of(texts());
    (kind, texts(), texts(), texts(), (maybe(), maybe(), maybe(), maybe())).prop_map(
        |((result, label), id, fix, wanted, (persisted, live, source, remedy))| {
            // As CheckResult::new has it: only what is OPTIONAL warns.
            let label = if result == Verdict::Warn { Label::Optional } else { label };
            CheckResult { id, fix, label, result, wanted, persisted, live, source, remedy }
        },
    )
}

fn report() -> impl Strategy<Value = Report> {
    (texts(), any::<bool>(), vec(result(), 0..8))
        .prop_map(|(name, strict, results)| hostile::report(&name, strict, results))
}

fn render(name: &str, report: &Report) -> String {
    format(name).unwrap().render(report, false).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_table_fits(report in report()) {
        let rows: Vec<_> = report.results.iter().map(|result| {
            let word = ["pass", "warn", "FAIL", "skip", "ERROR"][result.result as usize].to_owned();
            let mut texts = vec![text::ascii(&result.id), text::ascii(&result.wanted)];
            let found = [&result.live, &result.persisted, &result.source, &result.remedy];
            let found = found.into_iter().flatten().filter(|_| result.result != Verdict::Pass);
            texts.extend(found.map(|value| text::ascii(value)));
            (word, texts)
        }).collect();
        text::hold("any", &render("text", &report), &rows);
    }

    #[test]
    fn tap_keeps_its_plan(report in report()) {
        let text = render("tap", &report);
        let mut lines = text.lines();
        prop_assert_eq!(lines.next(), Some("TAP version 13"));
        let plan = lines.next().unwrap().split(' ').next();
        let wanted = format!("1..{}", report.results.len());
        prop_assert_eq!(plan, Some(wanted.as_str()));
        let (mut number, mut failed, mut skipped, mut block) = (0, 0, 0, false);
        for line in lines {
            prop_assert_eq!(line, shown(line));
            match line {
                "  ---" => { prop_assert!(!block); block = true; }
                "  ..." => { prop_assert!(block); block = false; }
                line if block => {
                    let (key, value) = line.split_once(": ").unwrap();
                    prop_assert!(key.starts_with("  ") && key[2..].bytes().all(|b| b.is_ascii_lowercase()));
                    let inner = value.strip_prefix('\'').and_then(|value| value.strip_suffix('\'')).unwrap();
                    prop_assert!(!inner.replace("''", "").contains('\''), "{}", line);
                }
                line if line.starts_with("# ") => prop_assert_eq!(number, report.results.len()),
                line => {
                    number += 1;
                    failed += usize::from(line.starts_with("not "));
                    let rest = line.trim_start_matches("not ");
                    prop_assert!(rest.starts_with(&format!("ok {number} - ")), "{}", line);
                    // Outside of its escapes a `#` is a directive's.
                    let bare = rest.replace("\\\\", "").replace("\\#", "");
                    let directive = bare.split_once('#').map(|(_, after)| after);
                    prop_assert!(directive.is_none_or(|after| after.starts_with(" SKIP ") && !after.contains('#')));
                    skipped += usize::from(directive.is_some());
                }
            }
        }
        prop_assert!(!block);
        prop_assert_eq!((number, failed, skipped), (report.results.len(), report.counts.fail, report.counts.skip));
    }

    #[test]
    fn junit_is_balanced(report in report()) {
        let xml = render("junit", &report);
        for line in xml.lines() {
            prop_assert_eq!(line, shown(line));
        }
        let mut open = Vec::new();
        let mut cases = 0;
        for part in xml.split('<').skip(2) {
            let (tag, between) = part.split_once('>').unwrap();
            prop_assert!(!between.contains('>'), "{}", part);
            for entity in part.split('&').skip(1) {
                prop_assert!(["amp;", "lt;", "gt;", "quot;"].iter().any(|known| entity.starts_with(known)));
            }
            let name = tag.split([' ', '/']).find(|name| !name.is_empty()).unwrap();
            cases += usize::from(tag.starts_with("testcase"));
            prop_assert_eq!(tag.matches('"').count() % 2, 0, "{}", tag);
            if tag.starts_with('/') {
                prop_assert_eq!(open.pop(), Some(name.to_owned()));
            } else if !tag.ends_with('/') {
                open.push(name.to_owned());
            }
        }
        prop_assert!(open.is_empty());
        prop_assert_eq!(cases, report.results.len());
        prop_assert_eq!(xml.matches("<failure ").count() + xml.matches("<error ").count(), report.counts.fail);
    }

    #[test]
    fn prometheus_lines_are_samples(report in report()) {
        let text = render("prometheus", &report);
        prop_assert!(text.ends_with('\n'));
        let mut names = std::collections::BTreeSet::new();
        for line in text.split_terminator('\n') {
            if line.starts_with('#') {
                prop_assert!(line.starts_with("# HELP ") || line.starts_with("# TYPE "));
                continue;
            }
            let (series, value) = line.rsplit_once(' ').unwrap();
            prop_assert!(value.parse::<u64>().is_ok(), "{}", line);
            prop_assert!(series.starts_with("vastimg_verify_"));
            prop_assert!(names.insert(series), "twice: {}", line);
            // Without its escapes, a quote is one of two around a value.
            let bare = series.replace("\\\\", "").replace("\\\"", "").replace("\\n", "");
            prop_assert!(!bare.contains('\\'), "{}", line);
            prop_assert_eq!(bare.matches('"').count() % 2, 0);
        }
    }

    #[test]
    fn nagios_has_one_status_and_one_bar(report in report()) {
        let text = render("nagios", &report);
        let deviating = report.results.iter().filter(|r| !matches!(r.result, Verdict::Pass | Verdict::Skip)).count();
        prop_assert_eq!(text.lines().count(), deviating + 1);
        prop_assert_eq!(text.matches('|').count(), 1);
        prop_assert!(text.chars().all(|c| c == '\n' || !c.is_control()));
    }
}
