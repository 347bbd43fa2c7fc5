//! tuned's word on kernel parameters: its profile's own, and then sysctl.d once more.
//!
//! With `reapply_sysctl`, which is the default, a profile with this plug-in is followed by the files of /run and
//! /etc (the former hiding the latter) sorted by name, and by /etc/sysctl.conf: so /etc/sysctl.d wins over the profile, and
//! /usr/lib/sysctl.d loses. A key with a leading hyphen is none that it knows. Source: tuned 2.22.1's plugin_sysctl.py.

use std::io;

use super::{ALLOWANCE, Assigned, last, lines};
use crate::verify::facts::{
    Root,
    root::{Allowance, text_of},
    tuned::Profile,
};

const DIRECTORIES: [&str; 2] = ["/run/sysctl.d", "/etc/sysctl.d"];

/// What tuned assigns.
#[derive(Debug)]
pub struct Tuned {
    profile: Vec<(String, Assigned)>,
    reapplied: Vec<(String, Assigned)>,
}

impl Tuned {
    /// Reads it; none where tuned applies no parameters.
    ///
    /// # Errors
    /// When a file that is there cannot be read.
    pub fn read(root: &Root, profile: Option<&Profile>) -> io::Result<Option<Self>> {
        let Some(active) = profile.filter(|profile| profile.runs("sysctl")) else { return Ok(None) };
        let assigned =
            |value: &str, path: &str| Assigned { value: lines::words(value), path: path.to_owned() };
        let profile = active
            .of("sysctl")
            .map(|setting| (separated(&setting.option), assigned(&setting.value, &setting.path)))
            .collect();
        let mut reapplied = Vec::new();
        let mut allowance = Allowance::new(ALLOWANCE);
        if active.reapply_sysctl {
            for path in root
                .layered(&DIRECTORIES, |name| name.ends_with(".conf"))?
                .into_iter()
                .chain(["/etc/sysctl.conf".to_owned()])
            {
                for (key, value) in lines::of(&text_of(root, &path, &mut allowance)?) {
                    if let Some(value) = value {
                        reapplied.push((separated(key), assigned(value, &path)));
                    }
                }
            }
        }
        Ok(Some(Tuned { profile, reapplied }))
    }

    /// What a key has after tuned, where `boot` is what it had before.
    pub(super) fn assigned(&self, key: &str, boot: Option<&Assigned>) -> Option<Assigned> {
        let key = separated(key);
        if let Some(again) = last(&self.reapplied, &key) {
            return Some(again.clone());
        }
        // One section after the other, each on what the one before has left.
        let own = self.profile.iter().filter(|(own, _)| *own == key);
        own.fold(boot.cloned(), |before, (_, own)| Some(applied(own, before)))
    }

    /// The profile's own value of a key, without its modifier.
    pub(super) fn profile_says(&self, key: &str) -> Option<Assigned> {
        let own = last(&self.profile, &separated(key))?;
        let value = own.value.trim_start_matches(['<', '>']).trim_start().to_owned();
        Some(Assigned { value, path: own.path.clone() })
    }
}

/// A value of a profile, where `>` and `<` keep what is there if it is large or small enough.
fn applied(own: &Assigned, before: Option<Assigned>) -> Assigned {
    let number = |value: &str| value.parse::<i128>().ok();
    for (modifier, keeps) in [('>', i128::ge as fn(&i128, &i128) -> bool), ('<', i128::le)] {
        let bound = own.value.strip_prefix(modifier).map(str::trim_start).filter(|bound| !bound.is_empty());
        let Some(bound) = bound else { continue };
        return match before {
            Some(before) if number(&before.value).zip(number(bound)).is_some_and(|(a, b)| keeps(&a, &b)) => {
                before
            }
            _ => Assigned { value: bound.to_owned(), path: own.path.clone() },
        };
    }
    own.clone()
}

/// tuned knows one spelling only: every dot separates.
fn separated(key: &str) -> String {
    key.replace('/', ".")
}
