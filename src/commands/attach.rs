//! `vastimg attach`: the commands that attach a finished image to a VM, as a script.

use anyhow::{Context, Result};

use crate::attach::{Attachment, Wishes};
use crate::cli::AttachArgs;
use crate::image;
use crate::inspection;
use crate::talk::{Talk, print};

/// Prints the commands for one image; a wiped disk is told of on standard error too.
///
/// # Errors
/// When the image cannot be read, is none that a VM finds, or does not suit the hypervisor.
pub fn run(args: &AttachArgs, talk: &Talk) -> Result<()> {
    let mut image = image::open(&args.image)?;
    let inspection = inspection::examine(args.image.as_str(), &mut image);
    let wishes = Wishes {
        vm: args.vm.as_deref(),
        base: args.base.as_deref(),
        dvd: args.dvd.as_deref(),
        url: args.url.as_deref(),
    };
    let script = Attachment::new(args.hypervisor, &image, &inspection, &wishes)
        .and_then(|attachment| attachment.script())
        .with_context(|| format!("attaching {}", args.image))?;
    if inspection.wipes.wipes {
        talk.insist(&inspection.wipes.sentence);
    }
    print(script.as_bytes())
}
