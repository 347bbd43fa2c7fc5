//! `vastimg list`: the profiles and fixes that there are.

use std::fmt::Write as _;

use anyhow::Result;
use serde::Serialize;

use crate::catalogue::Catalogue;
use crate::cli::{ListArgs, MessageFormat, What};
use crate::manifest::Label;
use crate::profile::{self, Overrides};
use crate::talk::{print, print_json};

/// Name and version of the JSON form.
const SCHEMA: &str = "vastimg/list/1";

#[derive(Serialize)]
struct Listing {
    schema: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    profiles: Option<Vec<Profile>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fixes: Option<Vec<Fix>>,
}

#[derive(Serialize)]
struct Profile {
    name: String,
    description: Option<String>,
    fixes: Vec<String>,
}

#[derive(Serialize)]
struct Fix {
    id: String,
    label: Label,
    document: Option<String>,
    title: String,
    values: Vec<String>,
    profiles: Vec<String>,
}

/// Lists both, or one of them.
///
/// # Errors
/// When the user's own catalogue cannot be read.
pub fn run(args: &ListArgs) -> Result<()> {
    let catalogue = Catalogue::load(args.catalogue.as_deref())?;
    let mut profiles = Vec::new();
    for name in profile::builtin() {
        let selection = profile::select(&catalogue, name, &Overrides::default())?;
        profiles.push(Profile {
            name: name.to_owned(),
            description: profile::description(name)?,
            fixes: selection.fixes.iter().map(|selected| selected.fix.id.clone()).collect(),
        });
    }
    let mut fixes: Vec<_> = catalogue.fixes.values().collect();
    fixes.sort_by_key(|fix| (fix.spec.order, &fix.id));
    let fixes = fixes.into_iter().map(|fix| Fix {
        id: fix.id.clone(),
        label: fix.spec.label,
        document: fix.spec.document.clone(),
        title: fix.spec.title.clone(),
        values: fix.spec.values.keys().cloned().collect(),
        profiles: profiles.iter().filter(|p| p.fixes.contains(&fix.id)).map(|p| p.name.clone()).collect(),
    });
    let fixes: Vec<Fix> = fixes.collect();
    let wanted = |what| args.what.is_none_or(|asked| asked == what);
    let listing = Listing {
        schema: SCHEMA,
        fixes: wanted(What::Fixes).then_some(fixes),
        profiles: wanted(What::Profiles).then_some(profiles),
    };
    match args.message_format {
        MessageFormat::Json => print_json(&listing),
        MessageFormat::Text => print(text(&listing).as_bytes()),
    }
}

fn text(listing: &Listing) -> String {
    let mut out = String::new();
    // Headings only where there are two lists to tell apart.
    let both = listing.profiles.is_some() && listing.fixes.is_some();
    if let Some(profiles) = &listing.profiles {
        if both {
            out.push_str("profiles\n");
        }
        let width = profiles.iter().map(|profile| profile.name.len()).max().unwrap_or_default();
        let digits = profiles.iter().map(|profile| profile.fixes.len().to_string().len()).max();
        let digits = digits.unwrap_or_default();
        for Profile { name, description, fixes } in profiles {
            let description = description.as_deref().unwrap_or_default();
            let _ = writeln!(out, "{name:<width$}  {:>digits$} fixes  {description}", fixes.len());
        }
    }
    if let Some(fixes) = &listing.fixes {
        if both {
            out.push_str("\nfixes\n");
        }
        let width = fixes.iter().map(|fix| fix.id.len()).max().unwrap_or_default();
        for Fix { id, label, title, .. } in fixes {
            let _ = writeln!(out, "{id:<width$}  {:<10}  {title}", label.as_str());
        }
    }
    out
}
