//! Names: which ones FAT can carry, and the short name (8.3) that each needs besides its own.
//!
//! The long name is always recorded, also where the short one would do, so that every reader shows the case as it was.
//! Short names are for readers without VFAT and are numbered where they collide; a name that is its own short name but
//! for case keeps it. So no short name is the long name of another entry.

use std::collections::{HashMap, HashSet};

use anyhow::{Result, bail, ensure};

/// In bytes of UTF-8, so also in UTF-16 units, of which FAT counts as many. mtools crashes on a longer name.
const LIMIT: usize = 255;

/// A short name as recorded: eight and three bytes, each filled with spaces.
pub(super) type Short = [u8; 11];

/// Refuses what a long name cannot be, or what readers would show otherwise.
pub(super) fn check(path: &str, name: &str) -> Result<()> {
    let forbidden = |c: &char| c.is_control() || r#""*/:<>?\|"#.contains(*c);
    if let Some(character) = name.chars().find(forbidden) {
        bail!(
            "{path:?}: FAT has no {character:?} in names, nor control characters and \" * / : < > ? \\ |; \
             rename it, or use --format iso"
        );
    }
    ensure!(
        !name.is_empty() && !name.ends_with(['.', ' ']),
        "{path:?}: readers of FAT drop dots and spaces at the end of a name; rename it, or use --format iso"
    );
    ensure!(
        name.chars().all(|c| c <= '\u{ffff}'),
        "{path:?}: a character of its name is beyond U+FFFF, and mtools shows `__` for it; rename it, or use \
         --format iso"
    );
    ensure!(
        name.len() <= LIMIT,
        "{path:?}: its name has {} bytes, and Linux ends at {LIMIT} wherever it would be copied to; shorten it",
        name.len()
    );
    Ok(())
}

/// A form that is equal for names which differ only in case.
pub(super) fn folded(name: &str) -> String {
    // Both ways, as some characters have one upper-case form but not one lower-case form, and readers do either.
    name.to_uppercase().to_lowercase()
}

/// A short name for each of `names`, which are those of one directory and distinct also without their case.
pub(super) fn shorts(names: &[&str]) -> Vec<Short> {
    let own: Vec<Option<Short>> = names.iter().map(|name| exact(name)).collect();
    let mut taken: HashSet<Short> = own.iter().flatten().copied().collect();
    let mut numbers: HashMap<Short, usize> = HashMap::new();
    let choose = |(name, own): (&&str, Option<Short>)| {
        own.unwrap_or_else(|| {
            let basis = basis(name);
            // Those that share what a number leaves of them are counted together.
            let number = numbers.entry(numbered(basis, 1)).or_default();
            loop {
                *number += 1;
                let candidate = numbered(basis, *number);
                if taken.insert(candidate) {
                    return candidate;
                }
            }
        })
    };
    names.iter().zip(own).map(choose).collect()
}

/// The name in capitals, where that is a short name.
fn exact(name: &str) -> Option<Short> {
    let (stem, extension) = name.split_once('.').unwrap_or((name, ""));
    let dotted = name.len() > stem.len();
    let fits = (1..=8).contains(&stem.len()) && extension.len() <= 3 && dotted != extension.is_empty();
    let plain = |c: char| allowed(c) == Some(c.to_ascii_uppercase());
    (fits && stem.chars().chain(extension.chars()).all(plain)).then(|| short(stem, extension))
}

/// What is left of any name in a short one: its beginning, and three characters after the last dot.
fn basis(name: &str) -> Short {
    let name = name.trim_start_matches(['.', ' ']);
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    let spell = |text: &str, limit: usize| -> String {
        text.chars()
            .filter(|c| !matches!(c, '.' | ' '))
            .map(|c| allowed(c).unwrap_or('_'))
            .take(limit)
            .collect()
    };
    let stem = match spell(stem, 8) {
        empty if empty.is_empty() => "_".to_owned(),
        stem => stem,
    };
    short(&stem, &spell(extension, 3))
}

/// `basis` with `~` and a number, for which its stem is cut.
fn numbered(basis: Short, number: usize) -> Short {
    let number = format!("~{number}");
    let stem = basis[..8].iter().take_while(|byte| **byte != b' ').count();
    let at = stem.min(8_usize.saturating_sub(number.len()));
    let mut short = basis;
    short[at..8].fill(b' ');
    for (place, digit) in short[at..8].iter_mut().zip(number.bytes()) {
        *place = digit;
    }
    short
}

/// The character of a short name for `c`, if there is one.
fn allowed(c: char) -> Option<char> {
    (c.is_ascii_alphanumeric() || "$%'-_@~`!(){}^#&".contains(c)).then(|| c.to_ascii_uppercase())
}

fn short(stem: &str, extension: &str) -> Short {
    let mut short = [b' '; 11];
    for (place, byte) in short[..8].iter_mut().zip(stem.bytes()) {
        *place = byte.to_ascii_uppercase();
    }
    for (place, byte) in short[8..].iter_mut().zip(extension.bytes()) {
        *place = byte.to_ascii_uppercase();
    }
    short
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn spelt(names: &[&str]) -> Vec<String> {
        shorts(names).into_iter().map(|short| String::from_utf8(short.to_vec()).unwrap()).collect()
    }

    #[test]
    fn a_short_name_is_kept() {
        let names = ["ks.cfg", "README", "a", "Ab.c", "12345678.123", "x~1", "a_b-c.d"];
        let shorts = [
            "KS      CFG",
            "README     ",
            "A          ",
            "AB      C  ",
            "12345678123",
            "X~1        ",
            "A_B-C   D  ",
        ];
        assert_eq!(spelt(&names), shorts);
    }

    #[test]
    fn others_are_cut_and_numbered() {
        let names = [
            "user-data",
            "user-database",
            ".x",
            "a.b.c",
            "..",
            "ä+b.é",
            "a b",
            " a",
            "123456789.json",
            "\u{1F600}",
        ];
        let shorts = [
            "USER-D~1   ",
            "USER-D~2   ",
            "X~1        ",
            "AB~1    C  ",
            "_~1        ",
            "__B~1   _  ",
            "AB~1       ",
            "A~1        ",
            "123456~1JSO",
            "_~2        ",
        ];
        assert_eq!(spelt(&names), shorts);
    }

    #[test]
    fn numbers_give_way_to_names_and_grow() {
        assert_eq!(
            spelt(&["abc def", "ABCDEF~1", "abcdef~2"]),
            ["ABCDEF~3   ", "ABCDEF~1   ", "ABCDEF~2   "]
        );
        let many: Vec<String> = (0..30_000).map(|number| format!("a long name {number}.conf")).collect();
        let names: Vec<&str> = many.iter().map(String::as_str).collect();
        let found = spelt(&names);
        assert_eq!((&*found[9], &*found[29_999]), ("ALONG~10CON", "AL~30000CON"));
        assert_eq!(found.iter().collect::<HashSet<_>>().len(), 30_000);
    }

    #[test]
    fn case_is_folded_both_ways() {
        for (one, other) in [("Read", "rEAD"), ("É", "é"), ("ſ", "s"), ("σ", "ς"), ("ß", "SS")] {
            assert_eq!(folded(one), folded(other), "{one} {other}");
        }
        assert_ne!(folded("a"), folded("ä"));
    }
}
