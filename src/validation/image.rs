//! A finished image: what [`crate::inspection`] finds of it.

use anyhow::Result;
use camino::Utf8Path;

use super::{Kind, Validation};
use crate::diagnostic::Diagnostic;
use crate::image;
use crate::inspection::{self, What};

/// Examines an image, archive or directory.
///
/// # Errors
/// When it cannot be read.
pub(super) fn examine(path: &Utf8Path) -> Result<Validation> {
    let mut image = image::open(path)?;
    let found = inspection::examine(path.as_str(), &mut image);
    let findings =
        found.findings.iter().map(|finding| Diagnostic::new(format!("{path}: {finding}"))).collect();
    let mut validation = Validation::new(path.as_str(), Kind::Image, findings);
    validation.title = found.title;
    match found.what {
        What::VastimgSeed => {}
        What::NoImage => {
            validation.findings = vec![
                Diagnostic::new(format!("{path}: neither an image nor a text that vastimg knows"))
                    .help("--as KIND says what it is"),
            ];
        }
        _ => validation.as_far_as = Some(" as far as its documents go: it has no manifest"),
    }
    validation.wipes = (found.what != What::NoImage).then_some(found.wipes.sentence);
    Ok(validation)
}
