//! TAP before Perl's TAP::Parser, which `prove` is made of, and its YAML blocks before PyYAML.

use serde_json::{Value, json};

use super::{cases, perl, python, shown, written};
use crate::tools;

/// What TAP::Parser makes of some outputs.
fn parsed(texts: &[&str]) -> Option<Vec<Value>> {
    let program = r#"
use Encode;
sub text { my $bytes = shift; defined $bytes ? decode('utf8', $bytes, Encode::FB_CROAK) : undef }
open my $in, '<:raw', $ARGV[0] or die; my $json = do { local $/; <$in> };
my @found;
for my $tap (@{ decode_json($json) }) {
    my $parser = TAP::Parser->new({ tap => encode('utf8', $tap) });
    my (@tests, @other);
    while (my $result = $parser->next) {
        if ($result->is_test) {
            push @tests, { ok => $result->is_actual_ok ? 1 : 0, number => $result->number,
                description => text($result->description), directive => $result->directive,
                reason => text($result->explanation), yaml => undef };
        } elsif ($result->is_yaml && @tests) {
            my $data = $result->data;
            $tests[-1]{yaml} = { map { $_ => text($data->{$_}) } keys %$data };
        } else {
            push @other, $result->type;
        }
    }
    push @found, { tests => \@tests, other => \@other, version => $parser->version, plan => $parser->plan,
        skip_all => text($parser->skip_all), failed => scalar($parser->failed), skipped => scalar($parser->skipped),
        todo => scalar($parser->todo), errors => [map { text($_) } $parser->parse_errors] };
}
print JSON::PP->new->utf8->canonical->encode(\@found);
"#;
    let text = perl("TAP::Parser", program, &json!(texts).to_string())?;
    Some(serde_json::from_str(&text).unwrap())
}

#[test]
fn it_says_what_the_json_report_says() {
    let texts: Vec<&str> = cases().iter().map(|case| case.text("tap")).collect();
    let Some(runs) = parsed(&texts) else { return };
    for (case, run) in cases().iter().zip(runs) {
        let name = &case.name;
        let results = case.results();
        assert_eq!(run["errors"], json!([]), "{name}");
        assert_eq!(run["version"], 13, "{name}");
        assert_eq!(run["plan"], format!("1..{}", results.len()), "{name}");
        assert_eq!(run["skip_all"].is_string(), results.is_empty(), "{name}");
        assert_eq!(run["failed"], case.count("fail"), "{name}");
        assert_eq!(run["skipped"], case.count("skip"), "{name}");
        assert_eq!(run["todo"], 0, "{name}");
        assert_eq!(run["other"], json!(["version", "plan", "comment"]), "{name}");
        for (at, (result, test)) in results.iter().zip(run["tests"].as_array().unwrap()).enumerate() {
            let bad = ["fail", "error"].contains(&result.counted.as_str());
            assert_eq!(test["ok"], i32::from(!bad), "{name}: {}", result.id);
            assert_eq!(test["number"], at + 1, "{name}");
            let id = unescaped(test["description"].as_str().unwrap());
            assert_eq!(
                id.trim_start_matches("- ").trim(),
                shown(&result.id).trim_start_matches("- ").trim(),
                "{name}"
            );
            let skipped = result.counted == "skip";
            assert_eq!(test["directive"], if skipped { "SKIP" } else { "" }, "{name}: {}", result.id);
            if skipped {
                let why = result.fields.get("source").map_or("it does not apply here", String::as_str);
                assert_eq!(unescaped(test["reason"].as_str().unwrap()).trim(), shown(why).trim(), "{name}");
            }
            if !bad && result.counted != "warn" {
                assert_eq!(test["yaml"], Value::Null, "{name}: {}", result.id);
                continue;
            }
            assert_eq!(test["yaml"], yaml_of(result), "{name}: {}", result.id);
        }
    }
}

/// What a result's block has to say.
fn yaml_of(result: &super::Found) -> Value {
    let mut wanted = json!({"severity": result.word, "fix": shown(&result.fix), "label": result.label});
    for (field, value) in &result.fields {
        wanted[*field] = json!(shown(value));
    }
    wanted
}

fn unescaped(text: &str) -> String {
    let mut characters = text.chars();
    let mut out = String::new();
    while let Some(c) = characters.next() {
        out.extend(if c == '\\' { characters.next() } else { Some(c) });
    }
    out
}

/// The blocks are what all YAML readers take for the same, and not only Perl's.
#[test]
fn its_blocks_are_yaml() {
    let program = "import json, sys, yaml
blocks, block = [], None
for line in open(sys.argv[1], encoding='utf-8', newline='\\n'):
    if line == '  ---\\n':
        block = ''
    elif line == '  ...\\n':
        blocks.append(yaml.safe_load(block))
        block = None
    elif block is not None:
        block += line
print(json.dumps(blocks))";
    for case in cases() {
        let Some(text) = python("yaml", program, &[], case.text("tap")) else { return };
        let blocks: Vec<Value> = serde_json::from_str(&text).unwrap();
        let wanted: Vec<Value> = case
            .results()
            .iter()
            .filter(|result| !["pass", "skip"].contains(&result.counted.as_str()))
            .map(yaml_of)
            .collect();
        assert_eq!(blocks, wanted, "{}", case.name);
    }
}

/// `prove` says of a run what the program's own exit code says.
#[test]
fn prove_agrees() {
    for case in cases() {
        let Some(mut prove) = tools::find("prove") else { return };
        let file = written(case.text("tap"));
        let ran = tools::run(prove.args(["--exec", "cat"]).arg(file.path()));
        assert_eq!(ran.code != 0, case.code("tap") != 0, "{}: {}", case.name, ran.stdout);
        let word = match (case.results().is_empty(), case.code("tap")) {
            (true, _) => "NOTESTS",
            (false, 0) => "PASS",
            (false, _) => "FAIL",
        };
        assert!(ran.stdout.contains(&format!("Result: {word}")), "{}: {}", case.name, ran.stdout);
    }
}

/// A plan that is not kept, a line that a name smuggled in, and a block that does not end are seen.
#[test]
fn what_is_not_as_planned_is_refused() {
    let good = cases()[0].text("tap");
    let first = good.lines().nth(2).unwrap();
    let bad = [
        good.replacen(first, "", 1),
        good.replacen(first, &format!("{first}\nnot ok 99 - smuggled"), 1),
        good.replacen("  ...\n", "", 1),
        good.replacen("\n1..", "\n1..1", 1),
        good.replacen("  wanted: '", "  wanted: ''", 1),
    ];
    let Some(runs) = parsed(&bad.iter().map(String::as_str).collect::<Vec<_>>()) else { return };
    let Some(whole) = parsed(&[good]) else { return };
    for (bad, run) in bad.iter().zip(runs) {
        assert_ne!(bad, good);
        let same = run["tests"] == whole[0]["tests"];
        assert!(!same || run["errors"] != json!([]), "{run:.300}");
    }
}
