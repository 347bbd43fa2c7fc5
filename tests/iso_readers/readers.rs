//! The readers: each turns an image into a listing of what it finds.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use hadris_fs::sync::FileSystem;
use hadris_fs::{DirCursor, FileType, MountOptions, NodeId, OpenMode};
use hadris_iso::sync::IsoFs;
use hadris_storage::{BlockSize, MemDevice};
use tempfile::TempDir;

use crate::tools;

/// What is at a path.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Seen {
    Directory { mode: u32 },
    File { mode: u32, bytes: Vec<u8> },
    Symlink { target: String },
}

impl std::fmt::Debug for Seen {
    fn fmt(&self, out: &mut std::fmt::Formatter) -> std::fmt::Result {
        match self {
            Seen::Directory { mode } => write!(out, "directory {mode:o}"),
            Seen::File { mode, bytes } => write!(out, "file {mode:o} of {} bytes", bytes.len()),
            Seen::Symlink { target } => write!(out, "link to {target:?}"),
        }
    }
}

/// By path, the root not included.
pub(crate) type Listing = BTreeMap<String, Seen>;

/// Which of an image's trees is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Namespace {
    RockRidge,
    Joliet,
}

/// An image in a file of its own.
pub(crate) struct Image {
    directory: TempDir,
    path: String,
    bytes: Vec<u8>,
}

impl Image {
    pub(crate) fn new(bytes: Vec<u8>) -> Image {
        let directory = TempDir::new().unwrap();
        let path = directory.path().join("image").into_os_string().into_string().unwrap();
        fs::write(&path, &bytes).unwrap();
        Image { directory, path, bytes }
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// Sizes that readers rely on, and isovfy's opinion.
    pub(crate) fn check_structure(&self) {
        let sectors = u32::from_le_bytes(self.bytes[16 * 2048 + 80..][..4].try_into().unwrap());
        assert_eq!(
            self.bytes.len() as u64,
            u64::from(sectors) * 2048,
            "the volume is not as long as the file"
        );
        assert_eq!(self.bytes.len() % 65_536, 0);
        if let Some(verdict) = tools::run("isovfy", &[&self.path]) {
            assert!(verdict.contains("No errors found"), "{verdict}");
        }
        for options in [&["-l", "-i"][..], &["-J", "-l", "-i"]] {
            let listing = tools::run("isoinfo", &[options, &[&self.path]].concat()).unwrap_or_default();
            for line in listing.lines().filter(|line| line.starts_with('d')) {
                let size: u64 = line.split_whitespace().nth(4).unwrap().parse().unwrap();
                assert!(size > 0 && size.is_multiple_of(2048), "a directory of {size} bytes: {line}");
            }
        }
    }

    /// Paths as isoinfo shows them: with no option those of ISO 9660 alone.
    pub(crate) fn isoinfo_names(&self, option: Option<&str>) -> Option<Vec<String>> {
        let arguments: Vec<&str> = option.into_iter().chain(["-f", "-i", &self.path]).collect();
        let output = tools::run("isoinfo", &arguments)?;
        let names: Vec<String> = output.lines().map(str::to_owned).collect();
        if option.is_none() {
            for name in names.iter().flat_map(|path| path.trim_start_matches('/').split('/')) {
                let plain = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || "_.;".contains(c);
                assert!(name.len() <= 33 && name.chars().all(plain), "not an ISO 9660 identifier: {name:?}");
            }
        }
        Some(names)
    }

    /// What is to compare of `listing`: without root, bsdtar sets some set-id bits and leaves others.
    pub(crate) fn comparable(&self, reader: &str, listing: &Listing) -> Listing {
        let mut listing = listing.clone();
        if reader == "bsdtar" && fs::metadata(&self.path).unwrap().uid() != 0 {
            for seen in listing.values_mut() {
                if let Seen::Directory { mode } | Seen::File { mode, .. } = seen {
                    *mode &= 0o1777;
                }
            }
        }
        listing
    }

    /// What each reader that is installed finds.
    pub(crate) fn listings(&self, namespace: Namespace) -> Vec<(&'static str, Listing)> {
        let xorriso = ["-abort_on", "WARNING", "-osirrox", "on", "-read_fs"];
        let read_fs = if namespace == Namespace::Joliet { "norock" } else { "any" };
        let bsdtar = if namespace == Namespace::Joliet { "!rockridge,joliet" } else { "rockridge" };
        let [xorriso_out, bsdtar_out] = ["xorriso", "bsdtar"].map(|reader| {
            let path = self.directory.path().join(format!("{reader}-{namespace:?}"));
            fs::create_dir(&path).unwrap();
            path.into_os_string().into_string().unwrap()
        });
        let mut listings = vec![("hadris-iso", self.hadris(namespace))];
        let arguments =
            [&xorriso, &[read_fs, "-indev", &self.path, "-extract", "/", &xorriso_out][..]].concat();
        if tools::run("xorriso", &arguments).is_some() {
            listings.push(("xorriso", extracted(&xorriso_out)));
        }
        // Without -P it takes "a:" at the start of a name for a drive and drops it.
        let arguments = ["--options", bsdtar, "-xpPf", &self.path, "-C", &bsdtar_out];
        if tools::run("bsdtar", &arguments).is_some() {
            listings.push(("bsdtar", extracted(&bsdtar_out)));
        }
        if namespace == Namespace::Joliet {
            // Joliet has no modes; each reader makes up its own.
            listings.iter_mut().flat_map(|(_, listing)| listing.values_mut()).for_each(forget_mode);
        }
        listings
    }

    fn hadris(&self, namespace: Namespace) -> Listing {
        let namespace = match namespace {
            Namespace::RockRidge => hadris_iso::Namespace::RockRidge,
            Namespace::Joliet => hadris_iso::Namespace::Joliet,
        };
        let device = MemDevice::new(self.bytes.clone(), BlockSize::new(2048).unwrap());
        let mut fs = IsoFs::mount_namespace(device, MountOptions::new(), namespace).unwrap();
        let mut listing = Listing::new();
        let root = fs.root();
        walk_hadris(&mut fs, root, "", &mut listing);
        listing
    }
}

fn walk_hadris<F: FileSystem>(fs: &mut F, directory: NodeId, above: &str, listing: &mut Listing) {
    let mut cursor = DirCursor::START;
    while let Some(entry) = fs.readdir(directory, cursor).unwrap() {
        cursor = entry.next_cursor();
        let path = format!("{above}{}", std::str::from_utf8(entry.name().as_bytes()).unwrap());
        let node = entry.node();
        let metadata = fs.stat(node).unwrap();
        let mode = metadata.permissions().bits();
        let seen = match metadata.file_type() {
            FileType::Dir => {
                walk_hadris(fs, node, &format!("{path}/"), listing);
                Seen::Directory { mode }
            }
            FileType::Symlink => {
                let mut buffer = [0; 4096];
                let target = fs.readlink(node, &mut buffer).unwrap().to_vec();
                Seen::Symlink { target: String::from_utf8(target).unwrap() }
            }
            FileType::File => {
                let mut bytes = vec![0; metadata.len() as usize];
                fs.open(node, OpenMode::Read).unwrap();
                let mut at = 0;
                while at < bytes.len() {
                    at += fs.read(node, at as u64, &mut bytes[at..]).unwrap();
                }
                fs.close(node).unwrap();
                Seen::File { mode, bytes }
            }
            other => panic!("{path:?} is a {other:?}"),
        };
        assert!(listing.insert(path.clone(), seen).is_none(), "{path:?} is there twice");
    }
}

fn extracted(directory: &str) -> Listing {
    let mut listing = Listing::new();
    walk_extracted(Path::new(directory), "", &mut listing);
    listing
}

fn walk_extracted(directory: &Path, above: &str, listing: &mut Listing) {
    for entry in fs::read_dir(directory).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{above}{}", entry.file_name().into_string().unwrap());
        let metadata = entry.metadata().unwrap();
        let mode = metadata.mode() & 0o7777;
        let seen = if metadata.is_dir() {
            walk_extracted(&entry.path(), &format!("{path}/"), listing);
            Seen::Directory { mode }
        } else if metadata.is_symlink() {
            Seen::Symlink {
                target: fs::read_link(entry.path()).unwrap().into_os_string().into_string().unwrap(),
            }
        } else {
            Seen::File { mode, bytes: fs::read(entry.path()).unwrap() }
        };
        listing.insert(path, seen);
    }
}

fn forget_mode(seen: &mut Seen) {
    if let Seen::Directory { mode } | Seen::File { mode, .. } = seen {
        *mode = 0;
    }
}

/// Compares listings, and shows only where they differ.
#[track_caller]
pub(crate) fn assert_same(reader: &str, expected: &Listing, found: &Listing) {
    let differences: Vec<_> = expected
        .keys()
        .chain(found.keys())
        .filter(|path| expected.get(*path) != found.get(*path))
        .map(|path| (path, expected.get(path), found.get(path)))
        .collect();
    assert!(differences.is_empty(), "{reader}: path, expected, found: {differences:#?}");
}

/// Joliet holds all but the links, under names that are the same wherever Joliet can spell them.
#[track_caller]
pub(crate) fn assert_joliet(reader: &str, expected: &Listing, found: &Listing) {
    let mut expected = expected.clone();
    expected.retain(|_, seen| !matches!(seen, Seen::Symlink { .. }));
    expected.values_mut().for_each(forget_mode);
    let spelt = |name: &str| {
        let plain = |c: char| !r"*/:;?\".contains(c) && c < '\u{10000}';
        name.chars().count() <= 103 && !name.ends_with('.') && name.chars().all(plain)
    };
    for (path, seen) in expected.iter().filter(|(path, _)| path.split('/').all(spelt)) {
        assert_eq!(found.get(path), Some(seen), "{reader} on {path:?} in {:#?}", found.keys());
    }
    let all = |listing: &Listing| {
        let mut all: Vec<Seen> = listing.values().cloned().collect();
        all.sort();
        all
    };
    assert_eq!(all(&expected), all(found), "{reader}");
}
