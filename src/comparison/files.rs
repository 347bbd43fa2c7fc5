//! Files that differ, and their contents: shown, summed up, or left to what they follow from.

use anyhow::Result;

use super::derived::Documents;
use super::pairs::{LARGEST, Pair};
use super::told::{Reduced, Told};
use super::unified::{Bounds, LINES};
use super::{Aspect, FileChange, Options, Side};
use crate::image::EntryKind;
use crate::inspection::secrets::{self, Answer};

/// Files whose contents are shown.
const SHOWN: usize = 100;

/// Changes as they are collected.
pub(super) struct Changes<'a> {
    a: &'a mut Side,
    b: &'a mut Side,
    options: Options,
    bounds: Bounds,
    shown: usize,
    pub(super) files: Vec<FileChange>,
    pub(super) follows: Vec<String>,
}

impl<'a> Changes<'a> {
    pub(super) fn of(a: &'a mut Side, b: &'a mut Side, options: Options) -> Self {
        let bounds = Bounds::new(options.show_sensitive);
        Changes { a, b, options, bounds, shown: 0, files: Vec::new(), follows: Vec::new() }
    }

    /// Adds a path; what follows from what is `told` is only named.
    pub(super) fn add(&mut self, pair: &Pair, documents: &Documents, told: Option<&Told>) -> Result<()> {
        let state = |side: &Side| side.files.get(&pair.path).map(|file| file.state.clone());
        let mut change = FileChange {
            path: pair.path.clone(),
            changed: pair.changed.clone(),
            a: state(self.a),
            b: state(self.b),
            diff: None,
            undiffed: None,
        };
        let file = |side: &Side| side.files.get(&pair.path).is_some_and(|f| f.state.kind == EntryKind::File);
        if pair.changed.contains(&Aspect::Content) && file(self.a) && file(self.b) {
            let follows = self.content(&mut change, documents, told)?;
            if follows {
                self.follows.push(pair.path.clone());
                change.changed.retain(|aspect| *aspect != Aspect::Content);
            }
        }
        if !change.changed.is_empty() {
            self.files.push(change);
        }
        Ok(())
    }

    /// Fills in the differences of two contents; whether they follow from what is told.
    fn content(
        &mut self,
        change: &mut FileChange,
        documents: &Documents,
        told: Option<&Told>,
    ) -> Result<bool> {
        let path = change.path.clone();
        if self.shown >= SHOWN || self.bounds.used_up() {
            change.undiffed = Some("too much differs to show all of it");
            return Ok(false);
        }
        let large =
            [&change.a, &change.b].iter().any(|state| state.as_ref().is_none_or(|s| s.size > LARGEST));
        let (a, b) = (self.a.text(&path, LARGEST)?, self.b.text(&path, LARGEST)?);
        let (Some(a), Some(b)) = (a, b) else {
            change.undiffed = Some(if large { "too large to be compared line by line" } else { "not text" });
            return Ok(false);
        };
        let reduced = told.and_then(|told| documents.reduced(&path, &a, &b, told));
        if reduced.as_ref().is_some_and(|reduced| reduced.a.lines == reduced.b.lines) {
            return Ok(true);
        }
        if self.options.brief {
            return Ok(false);
        }
        // A second volume's has its label behind the path.
        let document = secrets::is_document(path.split(" on ").next().unwrap_or(&path));
        let unknown = |text: &str| secrets::look(&path, text.as_bytes()) == Answer::CannotBeTold;
        if !self.options.show_sensitive && document && (unknown(&a) || unknown(&b)) {
            change.undiffed = Some("it is wrapped, and whether it holds a secret cannot be told");
            return Ok(false);
        }
        let reduced = reduced.unwrap_or_else(|| Reduced::whole(&a, &b));
        let (a, b) = reduced.sources.unwrap_or((a, b));
        let (a, b) = (reduced.a.with_secrets(&path, &a), reduced.b.with_secrets(&path, &b));
        if a.lines.len() > LINES || b.lines.len() > LINES {
            change.undiffed = Some("it has too many lines to be compared line by line");
            return Ok(false);
        }
        self.shown += 1;
        change.diff = Some(self.bounds.diff(&a, &b, reduced.without));
        Ok(false)
    }
}
