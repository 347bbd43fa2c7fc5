//! Files: those that are to be as built, and those that should not be there.

use std::fs;
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::SystemTime;

use super::{Context, Outcome, PREPARE};
use crate::manifest::{Assertion, File};
use crate::verify::facts::root::{is_missing, open};
use crate::verify::facts::{accounts, glob, named};

/// No file of a seed comes near it.
const LARGEST: u64 = 1 << 26;
/// Nor do its patterns for directories reach as many.
const MOST_DIRECTORIES: usize = 4096;

/// Whether every file of a fix has the content, mode and owner that it was built with.
pub(super) fn as_built(context: &Context<'_>, fix: &str) -> Outcome {
    let files: Vec<_> = context.manifest.files.iter().filter(|file| file.fix == fix).collect();
    let outcome = Outcome::new(format!("{} as built", files.len()));
    let mut different = Vec::new();
    for file in &files {
        match difference(context, file) {
            Ok(None) => {}
            Ok(Some(how)) => different.push((file.path.as_str(), how)),
            Err(error) => return outcome.error(&named(&file.path)(error)),
        }
    }
    let shown = match different.as_slice() {
        [] => "all".to_owned(),
        [(_, how)] => how.clone(),
        several => {
            let each: Vec<String> = several.iter().map(|(path, how)| format!("{path}: {how}")).collect();
            format!("{} differ: {}", several.len(), each.join(", "))
        }
    };
    let outcome = if context.root.is_live() { outcome.live(&shown) } else { outcome };
    let outcome = outcome.persisted(shown);
    match different.first() {
        Some((path, _)) => outcome.source(*path).fail(PREPARE),
        None => outcome,
    }
}

/// The digest of a file that may be the seed's.
pub(super) fn digest(real: &Path) -> io::Result<String> {
    let file = open(real)?;
    if file.metadata()?.len() > LARGEST {
        return Err(io::Error::other("larger than 64 MiB"));
    }
    crate::digest::sha256_of(&mut file.take(LARGEST))
}

/// How a file differs from the one that was built.
fn difference(context: &Context<'_>, file: &File) -> io::Result<Option<String>> {
    let real = context.root.locate(&file.path)?;
    let metadata = match fs::symlink_metadata(&real) {
        Ok(metadata) => metadata,
        Err(error) if is_missing(&error) => return Ok(Some("missing".to_owned())),
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
    Ok((digest(&real)? != file.sha256).then(|| "content differs".to_owned()))
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
    let mut found = 0_usize;
    let mut first = None;
    let mut look = || -> io::Result<()> {
        let mut uids = Vec::new();
        for name in owners {
            match name.as_str() {
                "root" => uids.push(0),
                name => uids.extend(accounts::user(context.root, name)?.map(|user| user.uid)),
            }
        }
        let mut all = Vec::new();
        for pattern in directories {
            all.extend(expand(context, pattern)?);
        }
        for directory in all {
            let real_directory = context.root.locate(&directory).map_err(named(&directory))?;
            for name in context.root.names(&directory).map_err(named(&directory))? {
                if !names.iter().any(|pattern| glob::matches(pattern, &name)) {
                    continue;
                }
                let path = format!("{directory}/{name}");
                // A link is nobody's leftover, and what has gone meanwhile neither.
                let metadata = match fs::symlink_metadata(real_directory.join(&name)) {
                    Ok(metadata) => metadata,
                    Err(error) if is_missing(&error) => continue,
                    Err(error) => return Err(named(&path)(error)),
                };
                let age =
                    metadata.modified().ok().and_then(|time| SystemTime::now().duration_since(time).ok());
                let old = age.is_some_and(|age| age.as_secs() / 60 >= *older_than_minutes);
                let owned = owners.is_empty() || uids.contains(&metadata.uid());
                let real = || -> io::Result<bool> {
                    let entries = context.root.names(&path).map_err(named(&path))?;
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
                    found += 1;
                    first.get_or_insert(path);
                }
            }
        }
        Ok(())
    };
    if let Err(error) = look() {
        return outcome.error(&error);
    }
    match first {
        None => outcome.live("none"),
        Some(first) => outcome.live(format!("{found} found")).source(first).fail(clean),
    }
}

/// The directories that a path with globs in it stands for.
fn expand(context: &Context<'_>, pattern: &str) -> io::Result<Vec<String>> {
    let mut paths = vec![String::new()];
    for component in pattern.split('/').skip(1) {
        let mut longer = Vec::new();
        for path in paths {
            if component.contains(['*', '?', '[']) {
                let names = context.root.names(&path).map_err(named(&path))?;
                let names = names.into_iter().filter(|name| glob::matches(component, name));
                longer.extend(names.map(|name| format!("{path}/{name}")));
            } else {
                longer.push(format!("{path}/{component}"));
            }
            if longer.len() > MOST_DIRECTORIES {
                return Err(io::Error::other(format!(
                    "{pattern} are more than {MOST_DIRECTORIES} directories"
                )));
            }
        }
        paths = longer;
    }
    Ok(paths)
}
