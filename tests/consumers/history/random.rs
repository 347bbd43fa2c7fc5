//! Random sequences of reports: neither answer panics, and drift is what a comparison without cleverness says.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::Value;

use super::host::{Host, report};

/// A run: which checks it has, and what each found.
type Run = BTreeMap<usize, usize>;

const FOUND: [[&str; 5]; 6] = [
    ["REQUIRED", "pass", "1", "1", "a"],
    ["REQUIRED", "pass", "1", "2", "a"],
    ["REQUIRED", "skip", "", "", "b"],
    ["REQUIRED", "fail", "2", "1", "b"],
    ["REQUIRED", "fail", "2", "2", "b"],
    ["REQUIRED", "error", "", "", "c"],
];

fn rows(run: &Run) -> Vec<[&'static str; 6]> {
    const IDS: [&str; 5] = ["a.x", "b.x", "c.x", "d.x", "e.x"];
    run.iter()
        .map(|(id, found)| {
            let [label, result, persisted, live, source] = FOUND[*found];
            [IDS[*id], label, result, persisted, live, source]
        })
        .collect()
}

fn runs() -> impl Strategy<Value = Vec<Run>> {
    let run = proptest::collection::btree_map(0..5_usize, 0..FOUND.len(), 0..=5);
    // Calm stretches, as on a host that is left alone.
    proptest::collection::vec((run, 1..3_usize), 1..8)
        .prop_map(|runs| runs.into_iter().flat_map(|(run, times)| vec![run; times]).collect())
}

/// What differs of one check: kind, and the runs at which it left and at which it became as it is, and how often.
fn expected(runs: &[Run], id: usize) -> Option<(&'static str, usize, usize, usize)> {
    let of = |run: usize| runs[run].get(&id);
    let last = runs.len() - 1;
    let kind = match (of(0), of(last)) {
        (then, now) if then == now => return None,
        (Some(_), Some(_)) => "changed",
        (None, _) => "new",
        _ => "gone",
    };
    let left = (1..=last).rev().find(|run| of(run - 1) == of(0)).unwrap();
    let since = (1..=last).rev().find(|run| of(run - 1) != of(last)).unwrap();
    Some((kind, left, since, (1..=last).filter(|run| of(run - 1) != of(*run)).count()))
}

fn check(runs: &[Run]) {
    let host = Host::new(1);
    let time = |number: usize| format!("2026-01-{:02}T00:00:00Z", number + 1);
    for (number, run) in runs.iter().enumerate() {
        host.write(number, &time(number), &report(&time(number), "aa", &rows(run)));
    }
    let drift = host.asked("drift");
    let changes: BTreeMap<&str, &Value> = drift["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| (change["id"].as_str().unwrap(), change))
        .collect();
    for (id, name) in ["a.x", "b.x", "c.x", "d.x", "e.x"].into_iter().enumerate() {
        let found = changes.get(name).map(|change| {
            let at = |what: &str| (0..runs.len()).find(|run| change[what][1] == time(*run)).unwrap();
            assert_eq!(change["left"][0], time(at("left") - 1));
            assert_eq!(change["since"][0], time(at("since") - 1));
            let times = usize::try_from(change["times"].as_u64().unwrap()).unwrap();
            (change["what"].as_str().unwrap(), at("left"), at("since"), times)
        });
        assert_eq!(found, expected(runs, id), "{name} in {runs:?}");
        let flapped = runs.iter().any(|run| run.get(&id) != runs[0].get(&id)) && found.is_none();
        let returned = drift["returned"].as_array().unwrap().iter().any(|returned| returned == name);
        assert_eq!(returned, flapped, "{name} in {runs:?}");
    }
    let text = host.ask("drift", &[]);
    // What held and holds in another way is told, and is no drift.
    let fine = |found: &Value| ["pass", "skip"].iter().any(|word| found["result"] == *word);
    let drifted = changes.values().any(|change| !(fine(&change["then"]) && fine(&change["now"])));
    assert_eq!(text.code, i32::from(drifted), "{}", text.stdout);
    assert_eq!(
        text.stdout.contains("no drift") && runs.len() > 1,
        !drifted && runs.len() > 1,
        "{}",
        text.stdout
    );
    assert_eq!(host.ask("drift", &[]).stdout, text.stdout, "the order is stable");
    let history = host.asked("history");
    let told = history["runs"].as_array().unwrap().iter().map(|run| run["time"].as_str().unwrap().to_owned());
    assert_eq!(told.collect::<Vec<_>>(), (0..runs.len()).map(time).collect::<Vec<_>>());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn drift_is_the_difference_of_the_first_and_the_last(runs in runs()) {
        check(&runs);
        // With the first one again at the end there is none.
        let mut round = runs;
        round.push(round[0].clone());
        check(&round);
    }

    /// Any bytes, among good reports, are named or passed over; answers come all the same.
    #[test]
    fn reports_of_random_bytes(
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
        cut in 0..400_usize,
        at in 0..400_usize,
    ) {
        let host = Host::new(1);
        let good = report("2026-01-01T00:00:00Z", "aa", &[["a.x", "REQUIRED", "pass", "", "", ""]]);
        let mut spoilt = good.clone().into_bytes();
        spoilt.truncate(cut);
        let at = at.min(spoilt.len());
        spoilt.splice(at..at, bytes.iter().copied());
        host.write(1, "2026-01-01T00:00:00Z", &good);
        host.write(2, "2026-01-02T00:00:00Z", "");
        host.write(3, "2026-01-03T00:00:00Z", &good);
        let name = host.path(super::host::REPORTS).join("2026-01-02T000000Z-2.json");
        std::fs::write(name, &spoilt).unwrap();
        for what in ["history", "drift"] {
            let ran = host.ask(what, &[]);
            prop_assert!(ran.code == 0 || what == "drift", "{}", ran.stderr);
            prop_assert!(ran.stdout.contains("2026-01-01T00:00:00Z"), "{}", ran.stdout);
            prop_assert!(ran.stdout.lines().all(|line| line.chars().count() <= 80), "{}", ran.stdout);
        }
    }
}
