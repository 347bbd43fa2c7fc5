//! What is told of two sides, so that nothing is told twice; and what is left of two documents without it.

use std::collections::{BTreeMap, BTreeSet};

use super::lines::Lines;
use super::pairs::{Pair, mode_mask};
use super::{Aspect, Fact, FileState, FixChange, Side, ValueChange};
use crate::documents::{MANIFEST, PAYLOAD, PREPARE};
use crate::plan;

/// What of two documents is not told elsewhere.
#[derive(Debug, Default)]
pub(super) struct Reduced {
    pub(super) a: Lines,
    pub(super) b: Lines,
    /// What was left out, for a person.
    pub(super) without: Option<&'static str>,
    /// What the numbers of the lines count in, where that is not the files.
    pub(super) sources: Option<(String, String)>,
}

impl Reduced {
    /// Two texts, whole.
    pub(super) fn whole(a: &str, b: &str) -> Self {
        Reduced { a: Lines::all(a), b: Lines::all(b), ..Reduced::default() }
    }
}

/// What is told of two sides.
#[derive(Debug)]
pub(super) struct Told {
    /// Fixes of which something is told, from which their checks follow.
    pub(super) fixes: BTreeSet<String>,
    /// Whether something is told from which the checks of any fix may follow.
    pub(super) of_all: bool,
    /// Files of which a mode is told.
    pub(super) modes: BTreeSet<String>,
    /// The bits of modes that are compared.
    pub(super) mask: u32,
    /// What each side has and says.
    pub(super) sides: [Known; 2],
}

/// What one side has and says.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) files: BTreeMap<String, FileState>,
    pub(super) says: BTreeMap<&'static str, String>,
}

impl Known {
    fn of(side: &Side) -> Self {
        let files = side.files.iter().map(|(path, file)| (path.clone(), file.state.clone()));
        let mut says = BTreeMap::new();
        if let Some(seed) = side.seed() {
            for (name, value) in [
                ("profile", &seed.profile),
                ("user", &seed.user),
                ("generator", &seed.generator),
                ("local-hostname", &seed.hostname),
                ("instance-id", &seed.instance_id),
            ] {
                says.extend(value.clone().map(|value| (name, value)));
            }
        }
        Known { files: files.collect(), says }
    }
}

impl Told {
    pub(super) fn of(
        a: &Side,
        b: &Side,
        facts: &[Fact],
        fixes: &[FixChange],
        values: &[ValueChange],
        pairs: &[Pair],
    ) -> Self {
        let mut about: BTreeSet<String> = fixes.iter().map(|change| change.id.clone()).collect();
        about.extend(values.iter().map(|change| change.fix.clone()));
        let with_mode = pairs.iter().filter(|pair| pair.changed.contains(&Aspect::Mode));
        Told {
            fixes: about,
            of_all: facts.iter().any(|fact| ["profile", "user"].contains(&fact.name)),
            modes: with_mode.map(|pair| pair.path.clone()).collect(),
            mask: mode_mask(a, b),
            sides: [Known::of(a), Known::of(b)],
        }
    }
}

/// Where the medium has what is at a path on the VM.
pub(super) fn on_medium(path: &str) -> String {
    match path {
        plan::PREPARE => PREPARE.to_owned(),
        plan::MANIFEST => MANIFEST.to_owned(),
        path => format!("{PAYLOAD}{path}"),
    }
}
