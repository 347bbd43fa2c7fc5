//! From the checked values of `kickstart:` to what they mean; whatever has no meaning is told at its place.

use std::collections::BTreeMap;

use anyhow::{Context, Result};

use super::words::{SECRET, check_url, partition, repository};
use super::{Kickstart, Repository, Source};
use crate::catalogue::{Catalogue, Setting};
use crate::diagnostic::{Diagnostic, Place};
use crate::profile::filter::Placed;

/// From checked values to their meaning; what has none is added to `found`.
pub(in crate::profile) fn resolve(
    catalogue: &Catalogue,
    mut placed: BTreeMap<String, Placed>,
    found: &mut Vec<Diagnostic>,
) -> Result<Kickstart> {
    for (name, spec) in &catalogue.kickstart {
        if !placed.contains_key(name) {
            placed.insert(name.clone(), (spec.default_setting()?, None));
        }
    }
    let mut values = Values { placed, found };
    let source = match values.text("source")?.as_str() {
        "cdrom" => Source::Cdrom,
        url => Source::Url(values.checked("source", check_url(url).map(|()| url.to_owned()))),
    };
    let mut repositories = values.each("repositories", repository)?;
    values.unique("repositories", repositories.iter().map(|repository| &repository.name));
    if let Source::Url(url) = &source
        && let Some(mirror) = url.trim_end_matches('/').strip_suffix("BaseOS/x86_64/os")
        && !repositories.iter().any(|repository| repository.name == APPSTREAM)
    {
        let url = format!("{mirror}{APPSTREAM}/x86_64/os/");
        repositories.insert(0, Repository { name: APPSTREAM.to_owned(), url });
    }
    let partitions = values.each("partitions", partition)?;
    values.unique("partitions", partitions.iter().map(|partition| &partition.mount));
    if !partitions.is_empty() && !partitions.iter().any(|partition| partition.mount == "/") {
        values.refuse("partitions", "`partitions` must have one for /, such as /=20G+");
    }
    let lang = values.shaped("lang", "en_US.UTF-8", |text| {
        let language = text.split(['_', '.', '@']).next().unwrap_or_default();
        (2..=3).contains(&language.len()) && language.bytes().all(|b| b.is_ascii_lowercase())
    })?;
    let plain = |extra: &'static str| {
        move |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || extra.contains(c))
    };
    let keyboard = values.shaped("keyboard", "us or de", plain("_-"))?;
    let timezone = values.shaped("timezone", "UTC or Europe/Berlin", |text| {
        let zone = text.split_once('/');
        let named = zone.is_some_and(|(area, place)| AREAS.contains(&area) && !place.is_empty());
        (text == "UTC" || named) && plain("_+-/")(text) && !text.ends_with('/') && !text.contains("//")
    })?;
    let ntp = values.each("ntp", |server| {
        if server.chars().all(|c| c.is_ascii_alphanumeric() || ".:-".contains(c)) {
            Ok(server.to_owned())
        } else {
            Err(format!("{server:?} is neither a host name nor an address"))
        }
    })?;
    let kernel = values.shaped("kernel", "console=ttyS0,115200n8 quiet", plain(" ._:/@=,+-"))?;
    Ok(Kickstart {
        source,
        repositories,
        lang,
        keyboard,
        timezone,
        ntp,
        firewall: values.text("firewall")?,
        selinux: values.text("selinux")?,
        partitions,
        packages: values.words("packages")?,
        kernel,
    })
}

const APPSTREAM: &str = "AppStream";

/// Areas of the time zone database. Whether the place is one, %pre asks the installer's copy.
const AREAS: [&str; 11] = [
    "Africa",
    "America",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Etc",
    "Europe",
    "Indian",
    "Pacific",
];

/// Values by name, with what is wrong about them.
struct Values<'a> {
    placed: BTreeMap<String, Placed>,
    found: &'a mut Vec<Diagnostic>,
}

impl Values<'_> {
    fn text(&self, name: &str) -> Result<String> {
        match self.placed.get(name) {
            Some((Setting::Text(text), _)) => Some(text.clone()),
            _ => None,
        }
        .with_context(|| format!("reading kickstart.{name}: ks.cfg.yaml must have it, as text"))
    }

    fn words(&self, name: &str) -> Result<Vec<String>> {
        match self.placed.get(name) {
            Some((Setting::Words(words), _)) => Some(words.clone()),
            _ => None,
        }
        .with_context(|| format!("reading kickstart.{name}: ks.cfg.yaml must have it, as words"))
    }

    fn refuse(&mut self, name: &str, message: impl Into<String>) {
        let place: Option<Place> = self.placed.get(name).and_then(|(_, place)| place.clone());
        self.found.push(Diagnostic { place, ..Diagnostic::new(message) });
    }

    /// The value, or an empty one that is never used, since something was found.
    fn checked<T: Default>(&mut self, name: &str, result: Result<T, String>) -> T {
        result.unwrap_or_else(|message| {
            let secret = message.contains(SECRET);
            self.refuse(name, format!("`{name}`: {message}"));
            // The line has it.
            if let (true, Some(found)) = (secret, self.found.last_mut()) {
                found.place = None;
            }
            T::default()
        })
    }

    fn each<T>(&mut self, name: &str, parse: impl Fn(&str) -> Result<T, String>) -> Result<Vec<T>> {
        let mut all = Vec::new();
        for word in self.words(name)? {
            let one = parse(&word).map(Some);
            all.extend(self.checked(name, one));
        }
        Ok(all)
    }

    fn shaped(&mut self, name: &str, example: &str, fits: impl Fn(&str) -> bool) -> Result<String> {
        let text = self.text(name)?;
        if !fits(&text) {
            self.refuse(name, format!("`{name}` must be one such as {example}, not {text:?}"));
        }
        Ok(text)
    }

    fn unique<'n>(&mut self, name: &str, names: impl Iterator<Item = &'n String>) {
        let mut seen = Vec::new();
        for one in names {
            if seen.contains(&one) {
                self.refuse(name, format!("`{name}` has {one} twice"));
            }
            seen.push(one);
        }
    }
}
