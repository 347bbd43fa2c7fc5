//! A finished image: what [`crate::inspection`] finds of it, and of the documents in it what is found of such texts.

use anyhow::Result;
use camino::Utf8Path;

use super::{Kind, Options, Validation, examine_text, in_order, kickstart, network, without_secrets};
use crate::diagnostic::{Diagnostic, Source};
use crate::documents::KICKSTART;
use crate::image::{self, Damaged, Image};
use crate::inspection::{self, What};

/// Examines an image, archive or directory.
///
/// # Errors
/// When it cannot be read.
pub(super) fn examine(path: &Utf8Path, options: &Options) -> Result<Validation> {
    let mut image = match image::open(path) {
        Ok(image) => image,
        Err(error) if error.downcast_ref::<Damaged>().is_some() => return Ok(damaged(path, &error)),
        Err(error) => return Err(error),
    };
    let found = inspection::examine(path.as_str(), &mut image);
    let mut validation = Validation::new(path.as_str(), Kind::Image, Vec::new());
    validation.title = found.title;
    if found.what == What::NoImage {
        validation.findings = vec![
            Diagnostic::new(format!("{path}: neither an image nor a text that vastimg knows"))
                .help("--as KIND says what it is"),
        ];
        return Ok(validation);
    }
    let told = of_documents(path, &mut image, options);
    for finding in found.findings.iter().filter(|finding| !(finding.of_text && told.has(&finding.path))) {
        validation.findings.push(Diagnostic::new(format!("{path}: {finding}")));
    }
    validation.findings.extend(told.findings);
    if found.what != What::VastimgSeed {
        validation.as_far_as = Some(" as far as its documents go: it has no manifest");
    }
    validation.wipes = Some(found.wipes.sentence);
    Ok(validation)
}

/// What is an image by its beginning, and not to its end.
fn damaged(path: &Utf8Path, error: &anyhow::Error) -> Validation {
    let mut validation =
        Validation::new(path.as_str(), Kind::Image, vec![Diagnostic::new(format!("{error:#}"))]);
    validation.title = "a damaged image".to_owned();
    validation
}

/// What was found in documents, and which of them could be read.
struct Told {
    findings: Vec<Diagnostic>,
    documents: Vec<&'static str>,
}

impl Told {
    fn has(&self, path: &Option<String>) -> bool {
        path.as_deref().is_some_and(|path| self.documents.contains(&path))
    }
}

fn of_documents(path: &Utf8Path, image: &mut Image, options: &Options) -> Told {
    let mut told = Told { findings: Vec::new(), documents: Vec::new() };
    let written = inspection::written(image);
    let judged = written.iter().any(|(name, _)| *name == "user-data");
    if options.memory.is_some() && !judged {
        told.findings
            .push(Diagnostic::note(None, format!("{path}: --memory changes nothing: it has no user-data")));
    }
    // A volume with a kickstart is for the installer alone, whose NICs have other names than those of cloud images.
    let cloud_image = image.volumes.len() > 1 || !written.iter().any(|(name, _)| *name == KICKSTART);
    for (name, text) in written {
        let of = match image.kind {
            image::Kind::Dir => format!("{}/{name}", path.as_str().trim_end_matches('/')),
            _ => format!("{path}:/{name}"),
        };
        let Ok(text) = text else {
            // cloud-init unpacks it.
            let message = format!("{of} is no UTF-8 text, or too large, and what is in it is not judged");
            told.findings.push(Diagnostic::note(None, message));
            continue;
        };
        told.documents.push(name);
        let source = Source::new(of, text);
        let kind = match name {
            "user-data" => Kind::UserData,
            KICKSTART => Kind::Kickstart,
            _ => Kind::NetworkConfig,
        };
        // Whether an installer reads the network is known here, and of memory ks.cfg was told above.
        let findings = match kind {
            Kind::NetworkConfig => without_secrets(&source, network::for_cloud_init(&source, cloud_image).0),
            Kind::Kickstart => without_secrets(&source, kickstart::examine(&source)),
            _ => examine_text(kind, &source, options),
        };
        told.findings.extend(in_order(findings, Kind::Image));
    }
    told
}
