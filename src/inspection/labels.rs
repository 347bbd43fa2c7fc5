//! Labels: whether machines find the volumes, and find in them what they look for.
//!
//! Sources: cloud-init 23.4 (ds-identify, DataSourceNoCloud); Anaconda 33.16 (dracut/kickstart-genrules.sh); libblkid.

use super::{CIDATA, Findings, OEMDRV};
use crate::documents::KICKSTART;
use crate::image::{Image, Volume};

/// The volume with the documents: the one labelled CIDATA, else the first that has any.
pub(super) fn home(image: &Image) -> usize {
    let find = |wanted: &dyn Fn(&Volume) -> bool| image.volumes.iter().position(wanted);
    find(&|volume| volume.label().is_some_and(|label| CIDATA.contains(&label)))
        .or_else(|| find(&|volume| volume.file("user-data").is_some() || volume.has_below("vastimg")))
        .unwrap_or(0)
}

/// A file that a volume of this label should have, and that none has.
pub(super) fn expected(image: &Image) -> Option<&'static str> {
    let has = |path| image.volumes.iter().any(|volume| volume.file(path).is_some());
    let labelled =
        |wanted: &[&str]| image.volumes.iter().filter_map(Volume::label).any(|label| wanted.contains(&label));
    let missing = [(CIDATA.as_slice(), "user-data"), (&[OEMDRV], KICKSTART)];
    missing.into_iter().find(|(labels, path)| labelled(labels) && !has(path)).map(|(_, path)| path)
}

pub(super) fn check(image: &Image, findings: &mut Findings) {
    for volume in &image.volumes {
        if let Some(length) = volume.cut_off {
            findings.whole(format!(
                "the volume has {length} bytes, and the image only {}; it is cut off",
                image.size.unwrap_or_default()
            ));
        }
    }
    if !image.kind.labelled() {
        for path in ["user-data", "meta-data"] {
            needs(image.volumes.first(), path, "a seed has both user-data and meta-data", findings);
        }
        return;
    }
    let mut found = false;
    for (index, volume) in image.volumes.iter().enumerate() {
        let labels = &volume.labels;
        if let [first, rest @ ..] = labels.as_slice()
            && let Some(other) = rest.iter().find(|other| other.text != first.text)
        {
            findings.whole(format!(
                "two labels: {} in the {}, {} in the {}; machines go by one or the other",
                first.text, first.place, other.text, other.place
            ));
        }
        let Some(label) = volume.label() else { continue };
        if image.volumes[..index].iter().any(|other| other.label() == Some(label)) {
            findings.whole(format!("two volumes are labelled {label}; machines take either"));
        }
        if CIDATA.contains(&label) {
            found = true;
            for path in ["user-data", "meta-data"] {
                needs(Some(volume), path, "cloud-init takes no seed without it", findings);
            }
        } else if label == OEMDRV {
            found = true;
            needs(
                Some(volume),
                KICKSTART,
                "Rocky's installer looks for it on the volume labelled OEMDRV",
                findings,
            );
        }
    }
    if !found {
        let labels: Vec<_> = image.volumes.iter().map(|volume| volume.label().unwrap_or("none")).collect();
        findings.whole(format!(
            "no volume is labelled CIDATA or OEMDRV, by which machines find a seed; the label is {}",
            labels.join(", ")
        ));
    }
}

fn needs(volume: Option<&Volume>, path: &str, why: &str, findings: &mut Findings) {
    if volume.is_none_or(|volume| volume.file(path).is_none()) {
        // What ISO 9660 makes of the names where nothing else is there.
        let cut = volume.is_some_and(|volume| volume.file("user_dat").is_some());
        let hint = if cut {
            "; the names were cut, write it with Rock Ridge or Joliet (genisoimage -R -J)"
        } else {
            ""
        };
        findings.of(path, format!("missing at the root; {why}{hint}"));
    }
}
