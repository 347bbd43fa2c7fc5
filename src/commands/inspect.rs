//! `vastimg inspect`: what is in a finished image, or one file of it.

use anyhow::{Context, Result, bail};

use crate::cli::{InspectArgs, MessageFormat};
use crate::image::{self, Image};
use crate::input;
use crate::inspection::secrets::{self, Answer};
use crate::inspection::{self, What};
use crate::talk::{print, print_file, print_json};

/// Bytes of a file that is extracted.
const LARGEST: u64 = 1 << 30;

/// Inspects one image.
///
/// # Errors
/// When it cannot be read; when a file to be extracted is not there, or is not for whoever would see it.
pub fn run(args: &InspectArgs) -> Result<()> {
    let mut image = image::open(&args.image)?;
    if let Some(path) = &args.extract {
        return extract(&mut image, path, args.show_sensitive)
            .with_context(|| format!("extracting {path} of {}", args.image));
    }
    let inspection = inspection::examine(args.image.as_str(), &mut image);
    if inspection.what == What::NoImage {
        let title = &inspection.title;
        if input::is_text(&args.image)? {
            bail!("inspecting {0}: {title}, but text, which vastimg validate {0} looks at", args.image);
        }
        bail!("inspecting {}: {title}; it reads ISO, disk, tar.gz and zip, and directories", args.image);
    }
    match args.message_format {
        MessageFormat::Text => print(inspection.to_string().as_bytes()),
        MessageFormat::Json => print_json(&inspection),
    }
}

/// Prints one file of the first volume that has it.
fn extract(image: &mut Image, path: &str, show_sensitive: bool) -> Result<()> {
    let asked = path.trim_start_matches('/');
    let found = image.volumes.iter().enumerate().find_map(|(index, volume)| {
        let (own, _) = volume.file(asked)?;
        Some((index, own.to_owned()))
    });
    let Some((volume, own)) = found else {
        if let Some(entry) = image.volumes.iter().find_map(|volume| volume.entries.get(asked)) {
            bail!("it is {}, and only files are printed", entry.kind.title());
        }
        let names = image.volumes.iter().flat_map(|volume| volume.entries.keys()).map(String::as_str);
        match crate::diagnostic::nearest(asked, names) {
            Some(near) => bail!("there is no such file in it; did you mean {near}?"),
            None => bail!("there is no such file in it; vastimg inspect without --extract lists them"),
        }
    };
    let bytes = image.read(volume, &own, LARGEST)?;
    if !show_sensitive {
        let way_out = "add --show-sensitive to print it all the same";
        match secrets::look(&own, &bytes) {
            Answer::At(found) => {
                if let Some(secret) = found.first() {
                    bail!("line {} holds {}; {way_out}", secret.line, secret.what);
                }
            }
            Answer::CannotBeTold if secrets::is_document(&own) => {
                bail!("it is wrapped or not text, and whether it holds a secret cannot be told; {way_out}")
            }
            Answer::CannotBeTold => {}
        }
    }
    print_file(&bytes)
}
