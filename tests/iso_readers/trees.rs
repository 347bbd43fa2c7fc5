//! Random trees, and what a reader has to find of a tree.

use std::collections::HashSet;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use vastimg::media::tree::{Entry, Tree};

use crate::readers::{Listing, Seen};

/// What every reader has to find.
pub(crate) fn expected(tree: &Tree) -> Listing {
    let seen = |entry: &Entry| match entry {
        Entry::Directory { mode } => Seen::Directory { mode: *mode },
        Entry::File { mode, payload } => {
            let mut bytes = Vec::new();
            payload.copy_to(&mut bytes).unwrap();
            Seen::File { mode: *mode, bytes }
        }
        Entry::Symlink { target } => Seen::Symlink { target: target.clone() },
    };
    tree.iter().map(|(path, entry)| (path.to_owned(), seen(entry))).collect()
}

/// One step in the growth of a random tree.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    /// Chooses among the directories so far.
    parent: Index,
    name: String,
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    Directory {
        mode: u32,
    },
    File {
        mode: u32,
        size: usize,
    },
    Symlink {
        target: String,
    },
    /// A directory with so many files that it spans sectors.
    Crowd {
        count: usize,
    },
}

pub(crate) fn items() -> impl Strategy<Value = Vec<Item>> {
    let item = (any::<Index>(), name(), what()).prop_map(|(parent, name, what)| Item { parent, name, what });
    proptest::collection::vec(item, 0..40)
}

/// libarchive gathers the path of a Joliet entry in 1024 bytes, and gives up on an image with a longer one.
const BSDTAR_PATH_UNITS: usize = 511;

/// The UTF-16 units that Joliet spells a path in, at the most; a crowd's files have a name of the same length below it.
fn joliet_units(path: &str, crowd: bool) -> usize {
    let unit = |name: &str| name.encode_utf16().count().min(103) + 1;
    path.split('/').map(unit).sum::<usize>() + if crowd { 104 } else { 0 }
}

/// Plants `items`, without those that no medium, no ISO image or not all readers take.
pub(crate) fn grow(items: &[Item]) -> Tree {
    let mut tree = Tree::default();
    let mut directories = vec![String::new()];
    let mut folded = HashSet::new();
    for Item { parent, name, what } in items {
        let path = format!("{}{name}", directories[parent.index(directories.len())]);
        if matches!(name.as_str(), "." | "..") || !folded.insert(path.to_lowercase()) {
            continue;
        }
        if joliet_units(&path, matches!(what, What::Crowd { .. })) > BSDTAR_PATH_UNITS {
            continue;
        }
        match what {
            What::Directory { mode } => {
                tree.insert(&path, Entry::Directory { mode: *mode }).unwrap();
                directories.push(format!("{path}/"));
            }
            What::File { mode, size } => {
                let bytes: Vec<u8> = path.bytes().cycle().take(*size).collect();
                tree.file(&path, *mode, bytes).unwrap();
            }
            What::Symlink { target } => {
                tree.insert(&path, Entry::Symlink { target: target.clone() }).unwrap();
            }
            What::Crowd { count } => {
                for number in 0..*count {
                    tree.file(&format!("{path}/{name} {number}"), 0o644, number.to_string()).unwrap();
                }
            }
        }
    }
    tree
}

fn what() -> impl Strategy<Value = What> {
    // Readable by an ordinary user, who may run this test.
    let directory = any::<u32>().prop_map(|mode| What::Directory { mode: mode & 0o7777 | 0o700 });
    let size = prop_oneof![select(vec![0, 1, 2047, 2048, 2049, 4096, 6143, 6144, 6145]), 0..9000_usize];
    let file = (any::<u32>(), size).prop_map(|(mode, size)| What::File { mode: mode & 0o7777 | 0o400, size });
    let symlink = target().prop_map(|target| What::Symlink { target });
    let crowd = (10..60_usize).prop_map(|count| What::Crowd { count });
    prop_oneof![4 => directory, 8 => file, 3 => symlink, 1 => crowd]
}

fn name() -> impl Strategy<Value = String> {
    let rich = select(vec![
        "é",
        "ß",
        "日",
        "本",
        "Ω",
        "\u{1F600}",
        " ",
        ".",
        "..",
        "+",
        "~",
        "*",
        ":",
        ";",
        "?",
        "\\",
        "'",
        "\"",
        "x",
        "Y",
        "1",
        "-",
        "_",
        "%",
        "$",
        "#",
    ]);
    prop_oneof![
        3 => "[a-zA-Z0-9_.-]{1,12}",
        2 => "[a-z][a-z ]{0,20}[a-z]\\.[a-z]{1,5}",
        1 => "\\.[a-z.]{1,10}",
        3 => proptest::collection::vec(rich, 1..50).prop_map(|parts| parts.concat()),
        2 => "[a-z.]{90,200}",
        1 => ("é{60,98}", "\\.[a-z]{3}").prop_map(|(stem, extension)| stem + &extension),
    ]
}

fn target() -> impl Strategy<Value = String> {
    let component = prop_oneof![
        3 => "[a-z][a-z0-9_.-]{0,30}",
        1 => Just("..".to_owned()),
        1 => Just(".".to_owned()),
        1 => "[é日 x]{1,20}",
    ];
    let relative = proptest::collection::vec(component, 1..20).prop_map(|mut components| {
        while components.join("/").len() > 199 {
            components.pop();
        }
        components.join("/")
    });
    prop_oneof![
        3 => relative.clone(),
        1 => relative.prop_map(|target| format!("/{target}")),
        1 => "[a-z]{150,200}",
        1 => Just("/".to_owned()),
    ]
}
