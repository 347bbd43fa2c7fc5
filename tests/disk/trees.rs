//! Random trees that FAT carries.

use std::collections::HashSet;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use vastimg::media::tree::{Entry, Tree};

/// One step in the growth of a random tree: the directory it goes to, its name, and what it is.
pub(crate) type Item = (Index, String, What);

#[derive(Clone, Debug)]
pub(crate) enum What {
    Directory,
    File {
        size: usize,
    },
    /// A directory with so many files that it spans clusters.
    Crowd {
        count: usize,
    },
}

pub(crate) fn items() -> impl Strategy<Value = Vec<Item>> {
    proptest::collection::vec((any::<Index>(), name(), what()), 0..40)
}

/// A longer one, with that of the partition's file before it, is none that a file system here can hold.
const PATH_LIMIT: usize = 2000;

/// Plants `items`, without those that FAT refuses.
pub(crate) fn grow(items: &[Item]) -> Tree {
    let mut tree = Tree::default();
    let mut directories = vec![String::new()];
    let mut folded = HashSet::new();
    for (parent, name, what) in items {
        let path = format!("{}{name}", directories[parent.index(directories.len())]);
        let kept = !name.ends_with(['.', ' ']) && path.len() < PATH_LIMIT;
        if !kept || !folded.insert(path.to_uppercase().to_lowercase()) {
            continue;
        }
        match what {
            What::Directory => {
                tree.insert(&path, Entry::Directory { mode: 0o755 }).unwrap();
                directories.push(format!("{path}/"));
            }
            What::File { size } => {
                let bytes: Vec<u8> = path.bytes().cycle().take(*size).collect();
                tree.file(&path, 0o644, bytes).unwrap();
            }
            What::Crowd { count } => {
                for number in 0..*count {
                    tree.file(&format!("{path}/{number} in a crowd"), 0o644, number.to_string()).unwrap();
                }
            }
        }
    }
    tree
}

fn what() -> impl Strategy<Value = What> {
    let size = prop_oneof![select(vec![0, 1, 4095, 4096, 4097, 8192, 8193]), 0..20_000_usize];
    let file = size.prop_map(|size| What::File { size });
    let crowd = (30..150_usize).prop_map(|count| What::Crowd { count });
    prop_oneof![4 => Just(What::Directory), 8 => file, 1 => crowd]
}

fn name() -> impl Strategy<Value = String> {
    let rich = select(vec![
        "é", "É", "ß", "日", "本", "Ω", "ſ", " ", ".", "..", "+", "~", "~1", "'", "x", "Y", "1", "-", "_",
        "%", "$", "#", ";", "=", ",", "[", "]",
    ]);
    prop_oneof![
        3 => "[a-zA-Z0-9_.-]{1,12}",
        // Many of these are short names but for case, or collide with them.
        3 => "[aAbB]{1,3}[ab]{3}(~[1-3])?(\\.[a-c]{1,3})?",
        2 => "[a-z][a-z ]{0,20}[a-z]\\.[a-z]{1,5}",
        1 => "\\.[a-z.]{1,10}",
        3 => proptest::collection::vec(rich, 1..50).prop_map(|parts| parts.concat()),
        2 => "[a-z.]{90,255}",
        1 => ("é{60,124}", "\\.[a-z]{3}").prop_map(|(stem, extension)| stem + &extension),
    ]
}
