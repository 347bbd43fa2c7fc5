//! Names for the two trees: ISO 9660 identifiers for the primary one, UCS-2 identifiers for the Joliet one.
//!
//! Primary identifiers are of interchange level 2 (ECMA-119 7.5, 7.6): capitals, digits and `_`, 30 characters in name
//! and extension; Rock Ridge carries the real names. Joliet names keep what UCS-2 can say, up to 103 characters instead
//! of the 64 of the specification, which readers take. A name that had to change is numbered when it collides, and gives
//! way to the names that did not change.

use std::collections::{HashMap, HashSet};

/// The version that a file identifier of the primary tree ends with. Directories have none, and neither has Joliet's tree:
/// readers that show its names as they are, isoinfo among them, would show the version too.
const VERSION: &str = ";1";
const PRIMARY_LIMIT: usize = 30;
/// Records have room for a few more, but libarchive cuts identifiers after 103 units.
const JOLIET_LIMIT: usize = 103;
/// A longer tail after the last dot is no file type that anybody would miss.
const EXTENSION_LIMIT: usize = 8;

/// An identifier with the text by which records of one directory are ordered (9.3), that is, without its version.
#[derive(Debug)]
pub(super) struct Name {
    pub(super) order: String,
    pub(super) id: Vec<u8>,
}

/// Identifiers for the primary tree. `names` are those of one directory, each with whether it is a directory.
pub(super) fn primary<'a>(names: impl Iterator<Item = (&'a str, bool)> + Clone) -> Vec<Name> {
    let forms = names.clone().map(|(name, directory)| Form::primary(name, directory)).collect();
    let unique = unique(forms, PRIMARY_LIMIT, '_');
    let finish = |(mut order, (_, directory)): (String, (&str, bool))| {
        if directory {
            return Name { id: order.clone().into_bytes(), order };
        }
        if !order.contains('.') {
            order.push('.');
        }
        Name { id: [&order, VERSION].concat().into_bytes(), order }
    };
    unique.into_iter().zip(names).map(finish).collect()
}

/// Identifiers for the Joliet tree, from the same input.
pub(super) fn joliet<'a>(names: impl Iterator<Item = (&'a str, bool)> + Clone) -> Vec<Name> {
    let forms = names.map(|(name, _)| Form::joliet(name)).collect();
    let finish =
        |order: String| Name { id: order.encode_utf16().flat_map(u16::to_be_bytes).collect(), order };
    unique(forms, JOLIET_LIMIT, '~').into_iter().map(finish).collect()
}

/// A name as a tree can spell it. All its characters are one unit long there.
struct Form {
    stem: String,
    /// With its dot, or empty.
    extension: String,
    /// Whether this is the name itself.
    exact: bool,
}

impl Form {
    fn primary(name: &str, directory: bool) -> Form {
        let spell = |text: &str| -> String {
            let spell = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
            text.chars().map(spell).collect()
        };
        let (stem, extension) = if directory { (name, "") } else { split_extension(name) };
        let mut form = Form { stem: spell(stem), extension: spell(extension), exact: false };
        if !extension.is_empty() {
            form.extension.replace_range(..1, ".");
        }
        form.fit(name, PRIMARY_LIMIT)
    }

    fn joliet(name: &str) -> Form {
        let spell = |c: char| match c {
            '*' | '/' | ':' | ';' | '?' | '\\' | '\0'..='\x1f' | '\u{10000}'.. => '_',
            c => c,
        };
        let mut spelt: String = name.chars().map(spell).collect();
        // Linux drops dots at the end of a Joliet name.
        if spelt.ends_with('.') {
            spelt.pop();
            spelt.push('_');
        }
        let (stem, extension) = split_extension(&spelt);
        Form { stem: stem.into(), extension: extension.into(), exact: false }.fit(name, JOLIET_LIMIT)
    }

    fn fit(mut self, name: &str, limit: usize) -> Form {
        self.stem = cut(&self.stem, limit - self.extension.chars().count());
        self.exact = self.whole() == name;
        self
    }

    fn whole(&self) -> String {
        [self.stem.as_str(), &self.extension].concat()
    }

    fn numbered(&self, number: usize, limit: usize, mark: char) -> String {
        let number = format!("{mark}{number}");
        let room = limit - number.len() - self.extension.chars().count();
        [&cut(&self.stem, room), number.as_str(), &self.extension].concat()
    }
}

/// At most `limit` characters from the start of `stem`, not ending with a dot that was inside before.
fn cut(stem: &str, limit: usize) -> String {
    let mut short: String = stem.chars().take(limit).collect();
    if short.len() < stem.len() && short.ends_with('.') {
        short.pop();
        short.push('_');
    }
    short
}

/// The parts before and from the last dot, when what follows it is short and what precedes it is not empty.
fn split_extension(name: &str) -> (&str, &str) {
    match name.rfind('.') {
        Some(dot) if dot > 0 && (2..=EXTENSION_LIMIT + 1).contains(&name[dot..].chars().count()) => {
            name.split_at(dot)
        }
        _ => (name, ""),
    }
}

/// One text for each form, no two of them equal but for case.
fn unique(forms: Vec<Form>, limit: usize, mark: char) -> Vec<String> {
    let mut taken: HashSet<String> =
        forms.iter().filter(|form| form.exact).map(|form| form.whole().to_lowercase()).collect();
    let mut numbers: HashMap<String, usize> = HashMap::new();
    let choose = |form: &Form| {
        let whole = form.whole();
        if form.exact || taken.insert(whole.to_lowercase()) {
            return whole;
        }
        let number = numbers.entry(whole.to_lowercase()).or_default();
        loop {
            *number += 1;
            let candidate = form.numbered(*number, limit, mark);
            if taken.insert(candidate.to_lowercase()) {
                return candidate;
            }
        }
    };
    forms.iter().map(choose).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    fn primary_ids(names: &[(&str, bool)]) -> Vec<String> {
        primary(names.iter().copied()).into_iter().map(|name| String::from_utf8(name.id).unwrap()).collect()
    }

    fn joliet_names(names: &[&str]) -> Vec<String> {
        joliet(names.iter().map(|name| (*name, false))).into_iter().map(|name| name.order).collect()
    }

    #[test]
    fn primary_identifiers_have_a_separator_and_a_version() {
        let names = [("user-data", false), ("ks.cfg", false), (".profile", false), ("a.b.tar.gz", false)];
        assert_eq!(primary_ids(&names), ["USER_DATA.;1", "KS.CFG;1", "_PROFILE.;1", "A_B_TAR.GZ;1"]);
        assert_eq!(primary_ids(&[("etc.d", true), ("Ä b", true)]), ["ETC_D", "__B"]);
    }

    #[test]
    fn primary_identifiers_are_unique_and_short() {
        let long = "x".repeat(200);
        let (a, b) = (format!("{long}a.json"), format!("{long}b.json"));
        let ids = primary_ids(&[(&a, false), (&b, false), ("a b", true), ("a-b", false), ("A_B", true)]);
        let x = |count| "X".repeat(count);
        assert_eq!(ids[0], format!("{}.JSON;1", x(25)));
        assert_eq!(ids[1], format!("{}_1.JSON;1", x(23)));
        assert_eq!(ids[2..], ["A_B_1", "A_B_2.;1", "A_B"]);
        assert_eq!(primary_ids(&[("a", true), ("a.", false)]), ["A", "A_.;1"]);
    }

    #[test]
    fn joliet_keeps_what_ucs2_can_say() {
        let names = ["user-data", ".x", "Grüße 日本.txt", "what?.txt", "a\u{1F600}", "dot.", "what_.txt"];
        let spelt = ["user-data", ".x", "Grüße 日本.txt", "what_~1.txt", "a_", "dot_", "what_.txt"];
        assert_eq!(joliet_names(&names), spelt);
    }

    #[test]
    fn joliet_cuts_at_103_units_and_keeps_the_extension() {
        let stem = "é".repeat(99);
        let fits = format!("{stem}.txt");
        assert_eq!(joliet_names(&[&fits]), [fits]);
        let (one, two) = (format!("{stem}1.txt"), format!("{stem}2.txt"));
        assert_eq!(joliet_names(&[&one, &two]), [format!("{stem}.txt"), format!("{}~1.txt", "é".repeat(97))]);
        let dotted = format!("{}.{}", "y".repeat(102), "z".repeat(40));
        assert_eq!(joliet_names(&[&dotted]), [format!("{}_", "y".repeat(102))]);
    }

    #[test]
    fn joliet_has_no_versions() {
        for directory in [false, true] {
            assert_eq!(joliet([("a", directory)].into_iter())[0].id, [0, b'a']);
        }
    }
}
