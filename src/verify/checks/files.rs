//! Files: those that are to be as built, and those that should not be there.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::time::SystemTime;

use super::{Context, Outcome, PREPARE};
use crate::manifest::Assertion;
use crate::verify::facts::{accounts, glob, named};

/// Whether every file of a fix has the content, mode and owner that it was built with.
pub(super) fn as_built(context: &Context<'_>, fix: &str) -> Outcome {
    let files: Vec<_> = context.manifest.files.iter().filter(|file| file.fix == fix).collect();
    let outcome = Outcome::new(format!("{} as built", files.len()));
    for file in &files {
        let look = || -> std::io::Result<Option<String>> {
            let real = context.root.locate(&file.path)?;
            let metadata = match fs::symlink_metadata(&real) {
                Ok(metadata) => metadata,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                    return Ok(Some("missing".to_owned()));
                }
                Err(error) => return Err(error),
            };
            let mode = format!("{:04o}", metadata.mode() & 0o7777);
            if !metadata.is_file() {
                return Ok(Some("not a plain file".to_owned()));
            }
            if mode != file.mode {
                return Ok(Some(format!("mode {mode} and not {}", file.mode)));
            }
            // In another tree, owners are those of whoever unpacked it.
            if context.root.is_live() && (metadata.uid(), metadata.gid()) != (0, 0) {
                return Ok(Some("not owned by root".to_owned()));
            }
            let digest = crate::digest::sha256_of(&mut fs::File::open(&real)?)?;
            Ok((digest != file.sha256).then(|| "content differs".to_owned()))
        };
        match look() {
            Ok(None) => {}
            Ok(Some(difference)) => {
                return outcome
                    .persisted(difference.clone())
                    .live(difference)
                    .source(&file.path)
                    .fail(PREPARE);
            }
            Err(error) => {
                return outcome.error(&named(&file.path)(error));
            }
        }
    }
    outcome.persisted("all").live("all")
}

/// Whether nothing in some directories looks like a leftover.
pub(super) fn leftovers(context: &Context<'_>, assertion: &Assertion) -> Outcome {
    let Assertion::Leftovers {
        directories,
        names,
        holding,
        only_directories,
        owners,
        older_than_minutes,
        clean,
    } = assertion
    else {
        return Outcome::new("").skip("not a check for leftovers");
    };
    let outcome = Outcome::new("none");
    let owners: Vec<u32> = owners
        .iter()
        .filter_map(|name| {
            if name == "root" {
                Some(0)
            } else {
                accounts::user(context.root, name).ok()?.map(|user| user.uid)
            }
        })
        .collect();
    let mut found = Vec::new();
    let mut look = || -> std::io::Result<()> {
        for directory in directories.iter().flat_map(|pattern| expand(context, pattern)) {
            let real_directory = context.root.locate(&directory)?;
            for name in context.root.names(&directory)? {
                if !names.iter().any(|pattern| glob::matches(pattern, &name)) {
                    continue;
                }
                let path = format!("{directory}/{name}");
                // A link is nobody's leftover, and what has gone meanwhile neither.
                let Ok(metadata) = fs::symlink_metadata(real_directory.join(&name)) else {
                    continue;
                };
                let age =
                    metadata.modified().ok().and_then(|time| SystemTime::now().duration_since(time).ok());
                let old = age.is_some_and(|age| age.as_secs() / 60 >= *older_than_minutes);
                let owned = owners.is_empty() || owners.contains(&metadata.uid());
                let real = || -> std::io::Result<bool> {
                    let entries = context.root.names(&path)?;
                    let held = entries
                        .iter()
                        .any(|entry| holding.iter().any(|pattern| glob::matches(pattern, entry)));
                    Ok(held || entries.is_empty() || holding.is_empty() || name.contains('-'))
                };
                if old
                    && owned
                    && !metadata.is_symlink()
                    && (metadata.is_dir() || !only_directories)
                    && real()?
                {
                    found.push(path);
                }
            }
        }
        Ok(())
    };
    if let Err(error) = look() {
        return outcome.error(&error);
    }
    match found.first() {
        None => outcome.live("none"),
        Some(first) => {
            let first = first.clone();
            outcome.live(format!("{} found", found.len())).source(first).fail(clean)
        }
    }
}

/// The directories that a path with globs in it stands for.
fn expand(context: &Context<'_>, pattern: &str) -> Vec<String> {
    let mut paths = vec![String::new()];
    for component in pattern.split('/').skip(1) {
        paths = paths
            .into_iter()
            .flat_map(|path| {
                if !component.contains(['*', '?', '[']) {
                    return vec![format!("{path}/{component}")];
                }
                let names = context.root.names(&path).unwrap_or_default();
                names
                    .into_iter()
                    .filter(|name| glob::matches(component, name))
                    .map(|name| format!("{path}/{name}"))
                    .collect()
            })
            .collect();
    }
    paths
}
