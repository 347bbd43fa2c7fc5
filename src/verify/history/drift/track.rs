//! Each check over the runs: what it was first and is now, and when it went from one to the other.

use serde::Serialize;

use crate::verify::history::past::{Past, Row};

/// Two runs, by their times, between which something happened.
pub type Between = [String; 2];

/// How a check differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Both runs have it, and not the same.
    Changed,
    /// Only the newest run has it.
    New,
    /// Only the first run has it.
    Gone,
}

/// One check's difference.
#[derive(Clone, Debug, Serialize)]
pub struct Change {
    /// The check's id.
    pub id: String,
    /// How it differs.
    #[serde(rename = "what")]
    pub kind: Kind,
    /// In the first run.
    pub then: Option<Found>,
    /// In the newest run.
    pub now: Option<Found>,
    /// Where it was last seen to be as in the first run, and the run after.
    pub left: Between,
    /// Where it was first seen to be as it is, without a break since, and the run before.
    pub since: Between,
    /// How often it changed in all.
    pub times: usize,
}

/// What a run found.
#[derive(Clone, Debug, Serialize)]
pub struct Found {
    /// The result word.
    pub result: String,
    /// What the next boot gave.
    pub persisted: Option<String>,
    /// What held.
    pub live: Option<String>,
    /// What made it so.
    pub source: Option<String>,
}

/// All checks of all runs that were added.
#[derive(Debug, Default)]
pub struct Tracks {
    tracks: Vec<Track>,
    runs: usize,
    time: String,
}

#[derive(Debug)]
struct Track {
    id: String,
    then: Option<Row>,
    now: Option<Row>,
    /// Whether now is as then.
    home: bool,
    left: Between,
    since: Between,
    times: usize,
    /// The last run that has it, counted from 1.
    seen: usize,
}

impl Tracks {
    /// The next run.
    pub fn add(&mut self, run: Past) {
        self.runs += 1;
        let (number, between) = (self.runs, [std::mem::take(&mut self.time), run.time.clone()]);
        for (index, row) in run.results.into_iter().enumerate() {
            match self.position(&row.id, index) {
                // An id that a report has twice is told by the first.
                Some(at) if self.tracks[at].seen == number => {}
                Some(at) => {
                    self.tracks[at].seen = number;
                    self.tracks[at].now(Some(row), &between);
                }
                None => {
                    let first = number == 1;
                    let mut track = Track {
                        id: row.id.clone(),
                        then: first.then(|| row.clone()),
                        now: None,
                        home: true,
                        left: Between::default(),
                        since: Between::default(),
                        times: 0,
                        seen: number,
                    };
                    if first {
                        track.now = Some(row);
                    } else {
                        track.now(Some(row), &between);
                    }
                    self.tracks.push(track);
                }
            }
        }
        for track in self.tracks.iter_mut().filter(|track| track.seen != number) {
            track.now(None, &between);
        }
        self.time = run.time;
    }

    /// Runs mostly have the same checks in the same order.
    fn position(&self, id: &str, guess: usize) -> Option<usize> {
        let is = |track: &Track| track.id == id;
        if self.tracks.get(guess).is_some_and(is) { Some(guess) } else { self.tracks.iter().position(is) }
    }

    /// What differs between the first and the last, in the first's order and then as it came; and which checks differed
    /// in between only.
    pub fn end(self) -> (Vec<Change>, Vec<String>) {
        let (mut changes, mut returned) = (Vec::new(), Vec::new());
        for track in self.tracks {
            if track.home {
                if track.times > 0 {
                    returned.push(track.id);
                }
                continue;
            }
            let kind = match (&track.then, &track.now) {
                (Some(_), Some(_)) => Kind::Changed,
                (None, _) => Kind::New,
                (Some(_), None) => Kind::Gone,
            };
            changes.push(Change {
                id: track.id,
                kind,
                then: track.then.map(Found::of),
                now: track.now.map(Found::of),
                left: track.left,
                since: track.since,
                times: track.times,
            });
        }
        (changes, returned)
    }
}

impl Track {
    fn now(&mut self, now: Option<Row>, between: &Between) {
        if same(self.now.as_ref(), now.as_ref()) {
            return;
        }
        self.times += 1;
        self.since.clone_from(between);
        if self.home {
            self.left.clone_from(between);
        }
        self.home = same(self.then.as_ref(), now.as_ref());
        self.now = now;
    }
}

fn same(a: Option<&Row>, b: Option<&Row>) -> bool {
    match (a, b) {
        (None, None) => true,
        (Some(a), Some(b)) => a.same(b),
        _ => false,
    }
}

impl Found {
    fn of(row: Row) -> Self {
        Found { result: row.result, persisted: row.persisted, live: row.live, source: row.source }
    }
}
