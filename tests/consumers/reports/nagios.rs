//! The monitoring plugin before Monitoring::Plugin, which plugins in Perl are made of, and under `negate`, which runs
//! it as a scheduler does.

use std::path::Path;

use serde_json::{Value, json};

use super::{cases, perl, shown};
use crate::tools::{self, Ran};
use crate::verifier::Tree;

const STATES: [&str; 4] = ["OK", "WARNING", "CRITICAL", "UNKNOWN"];

/// Performance data as the library reads it, with the state that each value has against its own thresholds.
fn performance(texts: &[&str]) -> Option<Vec<Vec<Value>>> {
    let program = r#"
open my $in, '<:raw', $ARGV[0] or die; my $json = do { local $/; <$in> };
my @found;
for my $line (@{ decode_json($json) }) {
    push @found, [map { my $value = $_; +{
        (map { my $text = $value->$_; ($_ => defined $text ? "$text" : undef) } qw(label value uom min max)),
        state => $value->threshold->get_status($value->value) } }
        Monitoring::Plugin::Performance->parse_perfstring($line)];
}
print JSON::PP->new->utf8->canonical->encode(\@found);
"#;
    let text = perl("Monitoring::Plugin::Performance", program, &json!(texts).to_string())?;
    Some(serde_json::from_str(&text).unwrap())
}

#[test]
fn it_says_what_the_json_report_says() {
    let mut data = Vec::new();
    for case in cases() {
        let name = &case.name;
        let text = case.text("nagios");
        let results = case.results();
        let state = match (results.len(), case.count("fail"), case.count("warn")) {
            (0, ..) => 3,
            (_, 0, 0) => 0,
            (_, 0, _) => 1,
            _ => 2,
        };
        assert_eq!(case.code("nagios"), state, "{name}");
        let (head, long) = text.split_once('\n').unwrap();
        assert!(head.starts_with(&format!("VASTIMG {} - ", STATES[usize::from(state)])), "{name}: {head}");
        // One bar: Nagios takes everything behind a second one, further down, for performance data too.
        assert_eq!(text.matches('|').count(), 1, "{name}: {text}");
        data.push(head.split_once('|').unwrap().1);
        let deviating: Vec<_> =
            results.iter().filter(|result| !["pass", "skip"].contains(&result.word.as_str())).collect();
        assert_eq!(long.lines().count(), deviating.len(), "{name}: {long}");
        for (result, line) in deviating.iter().zip(long.lines()) {
            let safe = |text: &str| shown(text).replace('|', "?");
            let mut wanted =
                format!("{} {}: wanted {}", result.word, safe(&result.id), safe(&result.fields["wanted"]));
            for field in ["live", "persisted", "source", "remedy"] {
                if let Some(value) = result.fields.get(field) {
                    wanted += &format!(", {field} {}", safe(value));
                }
            }
            assert_eq!(line, wanted, "{name}");
        }
    }
    let Some(performance) = performance(&data) else { return };
    for (case, values) in cases().iter().zip(performance) {
        let kinds = ["fail", "warn", "pass", "skip"];
        assert_eq!(values.len(), kinds.len(), "{}", case.name);
        let mut worst = 0;
        for (kind, value) in kinds.iter().zip(&values) {
            assert_eq!(value["label"], *kind, "{}", case.name);
            let text = |number: usize| json!(number.to_string());
            assert_eq!(value["value"], text(case.count(kind)), "{}", case.name);
            assert_eq!(
                (&value["min"], &value["max"]),
                (&text(0), &text(case.results().len())),
                "{}",
                case.name
            );
            worst = worst.max(value["state"].as_u64().unwrap());
        }
        if !case.results().is_empty() {
            assert_eq!(worst, u64::from(case.code("nagios")), "{}: {values:?}", case.name);
        }
    }
}

#[test]
fn other_performance_data_is_refused() {
    let bad = ["fail=x;;0;0;1", "fail", "fail 1", ""];
    let Some(performance) = performance(&bad) else { return };
    for (bad, values) in bad.iter().zip(performance) {
        assert!(values.is_empty(), "{bad}: {values:?}");
    }
}

/// Each state, as a scheduler gets it: `negate` turns it into another one, in the exit code and in the text.
#[test]
fn it_runs_as_a_plugin() {
    let tree = Tree::new("loopback");
    let program = tree.root().join("usr/bin/vastimg-verify");
    let root = tree.root();
    let (program, root) = (program.to_str().unwrap(), root.to_str().unwrap());
    let negated = |arguments: &[&str]| -> Option<Ran> {
        let plugin = Path::new("/usr/lib/nagios/plugins/negate");
        if !plugin.is_file() {
            tools::skipped("negate of monitoring-plugins-basic is missing");
            return None;
        }
        let mut command = tools::bounded(plugin);
        command.args([
            "--substitute",
            "-o",
            "UNKNOWN",
            "-w",
            "CRITICAL",
            "-c",
            "WARNING",
            "-u",
            "OK",
            program,
        ]);
        Some(tools::run(command.args(["--format", "nagios", "--root", root]).args(arguments)))
    };
    for (state, other, arguments) in [
        (0, 3, &["--only", "fd-limits.files"][..]),
        (1, 2, &["--only", "thp-off.enabled"]),
        (2, 1, &["--only", "thp-off.enabled", "--strict"]),
        (2, 1, &[]),
        (3, 0, &["--only", "nonsense"]),
        (3, 0, &["--manifest", "/nonexistent|x"]),
        (3, 0, &["--nonsense"]),
        (3, 0, &["--skip"]),
    ] {
        let own = tree.verify(&[&["--format=nagios"], arguments].concat());
        assert_eq!((own.code, own.stderr.as_str()), (state, ""), "{arguments:?}: {}", own.stdout);
        let word = STATES[usize::try_from(state).unwrap()];
        assert!(own.stdout.starts_with(&format!("VASTIMG {word} - ")), "{arguments:?}: {}", own.stdout);
        assert!(state < 3 || own.stdout.lines().count() == 1 && !own.stdout.contains('|'), "{}", own.stdout);
        let Some(ran) = negated(arguments) else { return };
        assert_eq!(ran.code, other, "{arguments:?}: {}{}", ran.stdout, ran.stderr);
        let word = STATES[usize::try_from(other).unwrap()];
        assert!(ran.stdout.starts_with(&format!("VASTIMG {word} - ")), "{arguments:?}: {}", ran.stdout);
    }
    // A file that cannot be written is no reason to tell the plugin's reader less of the host.
    let own = tree.verify(&["--format=nagios", "--output", "/nonexistent/x"]);
    assert_eq!((own.code, own.stdout.starts_with("VASTIMG CRITICAL - ")), (2, true), "{}", own.stdout);
    assert!(own.stderr.starts_with("vastimg-verify: writing /nonexistent/x: "), "{}", own.stderr);
}

/// Other formats leave no verdict where no verdict was, whatever else is in the arguments.
#[test]
fn without_it_a_refusal_is_none_of_a_plugin() {
    let tree = Tree::new("minimal");
    for arguments in [
        &["--format", "json", "--nonsense"][..],
        &["--format", "nagios", "--format", "tap", "--nonsense"],
        &["--format", "xml"],
        &["--nonsense", "nagios"],
    ] {
        let ran = tree.verify(arguments);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{arguments:?}: {}", ran.stderr);
        assert!(ran.stderr.starts_with("vastimg-verify: "), "{arguments:?}: {}", ran.stderr);
    }
}
