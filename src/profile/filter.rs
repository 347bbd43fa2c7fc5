//! `--only` and `--skip`: which of a profile's fixes stay.

use std::collections::BTreeMap;

use anyhow::{Result, bail, ensure};

use super::Overrides;
use crate::catalogue::{Catalogue, Setting};
use crate::diagnostic::{Place, nearest};
use crate::manifest::Label;

/// A value and where it was set; defaults have no place.
pub(super) type Placed = (Setting, Option<Place>);
/// Values by name, by fix.
pub(super) type Chosen = BTreeMap<String, BTreeMap<String, Placed>>;

/// Refuses words that are neither a fix nor a label.
///
/// # Errors
/// With the first of them.
pub fn check_words(catalogue: &Catalogue, overrides: &Overrides) -> Result<()> {
    for (option, words) in [("--only", &overrides.only), ("--skip", &overrides.skip)] {
        for word in words {
            let is_label =
                [Label::Required, Label::Workaround, Label::Optional].iter().any(|l| is_label(*l, word));
            if !is_label && !catalogue.fixes.contains_key(word) {
                let names =
                    catalogue.fixes.keys().map(String::as_str).chain(["REQUIRED", "WORKAROUND", "OPTIONAL"]);
                let hint = nearest(word, names).map_or_else(
                    || format!("fixes are {}; --catalogue DIR adds fixes of your own", ids(catalogue)),
                    |name| format!("did you mean {name}?"),
                );
                bail!("{option} {word}: neither a fix nor a label; {hint}");
            }
        }
    }
    Ok(())
}

/// `--only` and `--skip`, each by fix id or label.
pub(super) fn filter(
    catalogue: &Catalogue,
    chosen: &mut Chosen,
    overrides: &Overrides,
    profile: &str,
) -> Result<()> {
    check_words(catalogue, overrides)?;
    let Overrides { only, skip, .. } = overrides;
    let names = |words: &[String], id: &str| {
        words.iter().any(|word| word == id || is_label(catalogue.fixes[id].spec.label, word))
    };
    for word in only {
        ensure!(
            chosen.keys().any(|id| names(std::slice::from_ref(word), id)),
            "--only {word}: profile {profile} has nothing of that; it has {}",
            chosen.keys().cloned().collect::<Vec<_>>().join(", ")
        );
    }
    chosen.retain(|id, _| (only.is_empty() || names(only, id)) && !names(skip, id));
    ensure!(
        !chosen.is_empty(),
        "no fix is left of profile {profile}; give it some under `fixes:`, or skip fewer"
    );
    Ok(())
}

fn is_label(label: Label, word: &str) -> bool {
    label.as_str().eq_ignore_ascii_case(word)
}

/// The fixes there are, for help lines.
pub(super) fn ids(catalogue: &Catalogue) -> String {
    catalogue.fixes.keys().cloned().collect::<Vec<_>>().join(", ")
}
