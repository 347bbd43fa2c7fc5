//! A disk image in a file, and what the tools of others read of it: mtools, 7z, fsck.vfat, libblkid and sfdisk.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use tempfile::TempDir;
use vastimg::media::tree::{Entry, Tree};

use crate::tools;

/// By path: the bytes of a file, or nothing for a directory.
pub(crate) type Listing = BTreeMap<String, Option<Vec<u8>>>;

/// One row of the partition table, as sfdisk tells it.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) start: u64,
    pub(crate) sectors: u64,
    pub(crate) kind: String,
}

pub(crate) struct Image {
    directory: TempDir,
    path: String,
    pub(crate) bytes: Vec<u8>,
}

/// A number of `size` bytes at `position`.
pub(crate) fn number(bytes: &[u8], position: usize, size: usize) -> u64 {
    bytes[position..][..size].iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

/// What every reader has to find of `tree`.
pub(crate) fn expected(tree: &Tree) -> Listing {
    let seen = |entry: &Entry| match entry {
        Entry::File { payload, .. } => {
            let mut bytes = Vec::new();
            payload.copy_to(&mut bytes).unwrap();
            Some(bytes)
        }
        _ => None,
    };
    tree.iter().map(|(path, entry)| (path.to_owned(), seen(entry))).collect()
}

/// Fails with the paths that differ; contents would be pages of bytes.
pub(crate) fn assert_same(reader: &str, expected: &Listing, found: &Listing) {
    let differs = |(path, seen): &(&String, &Option<Vec<u8>>)| found.get(*path) != Some(*seen);
    let wrong: Vec<_> = expected.iter().filter(differs).map(|(path, _)| path).take(5).collect();
    let extra: Vec<_> = found.keys().filter(|path| !expected.contains_key(*path)).take(5).collect();
    assert!(
        wrong.is_empty() && extra.is_empty(),
        "{reader}: missing or wrong {wrong:?}, unexpected {extra:?}"
    );
}

impl Image {
    pub(crate) fn new(bytes: Vec<u8>) -> Image {
        let directory = TempDir::new().unwrap();
        let path = directory.path().join("disk.img").into_os_string().into_string().unwrap();
        fs::write(&path, &bytes).unwrap();
        Image { directory, path, bytes }
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// The table as its bytes say.
    pub(crate) fn rows(&self) -> Vec<Row> {
        let row = |slot: &[u8]| Row {
            start: number(slot, 8, 4),
            sectors: number(slot, 12, 4),
            kind: format!("{:x}", slot[4]),
        };
        self.bytes[446..510].chunks(16).filter(|slot| slot[4] != 0).map(row).collect()
    }

    /// What both sfdisk and the bytes say of the table; every partition is aligned, and they follow each other.
    pub(crate) fn check_table(&self) {
        let rows = self.rows();
        let mut next = 2048;
        for row in &rows {
            assert_eq!((row.start, row.sectors % 2048), (next, 0), "{rows:?}");
            next = row.start + row.sectors;
        }
        assert_eq!(self.bytes.len() as u64, next * 512, "the image ends with its last partition");
        // The program at the beginning (the boot test runs it) is short, and behind it there is nothing.
        assert!(self.bytes[128..440].iter().all(|byte| *byte == 0) && self.bytes[510..512] == [0x55, 0xaa]);
        assert!(number(&self.bytes, 440, 4) != 0);
        if let Some(text) = tools::run("sfdisk", &["--json", &self.path]) {
            let json: serde_json::Value = serde_json::from_str(&text).unwrap();
            let table = &json["partitiontable"];
            assert_eq!((table["label"].as_str(), table["unit"].as_str()), (Some("dos"), Some("sectors")));
            let told: Vec<String> = table["partitions"]
                .as_array()
                .unwrap()
                .iter()
                .map(|row| {
                    assert!(row.get("bootable").is_none());
                    format!("{} {} {}", row["start"], row["size"], row["type"].as_str().unwrap())
                })
                .collect();
            let own: Vec<_> =
                rows.iter().map(|row| format!("{} {} {}", row.start, row.sectors, row.kind)).collect();
            assert_eq!(told, own);
        }
        if let Some(verdict) = tools::run("sfdisk", &["--verify", &self.path]) {
            assert!(verdict.contains("No errors detected."), "{verdict}");
        }
    }

    /// A partition in a file of its own.
    pub(crate) fn partition(&self, index: usize) -> String {
        let row = &self.rows()[index];
        let path = self.directory.path().join(format!("partition{index}"));
        let (start, end) = (row.start as usize * 512, (row.start + row.sectors) as usize * 512);
        fs::write(&path, &self.bytes[start..end]).unwrap();
        path.into_os_string().into_string().unwrap()
    }

    /// What libblkid knows of a partition.
    pub(crate) fn properties(&self, index: usize) -> Option<BTreeMap<String, String>> {
        let row = &self.rows()[index];
        let (offset, size) = ((row.start * 512).to_string(), (row.sectors * 512).to_string());
        let text = tools::run("blkid", &["-p", "-o", "export", "-O", &offset, "-S", &size, &self.path])?;
        Some(
            text.lines().filter_map(|line| line.split_once('=')).map(|(a, b)| (a.into(), b.into())).collect(),
        )
    }

    /// fsck.vfat finds nothing to say but its summary.
    pub(crate) fn check_volume(&self, index: usize) {
        let Some(verdict) = tools::run("fsck.vfat", &["-n", &self.partition(index)]) else { return };
        let lines: Vec<_> = verdict.lines().collect();
        assert!(
            matches!(lines[..], [name, summary] if name.starts_with("fsck") && summary.contains(" files, ")),
            "{verdict}"
        );
    }

    /// What each reader finds on a partition.
    pub(crate) fn listings(&self, index: usize) -> Vec<(&'static str, Listing)> {
        let mut found = Vec::new();
        let start = self.rows()[index].start * 512;
        let target = self.target(&format!("mtools{index}"));
        let source = format!("{}@@{start}", self.path);
        // With -n nothing is asked, -m keeps dates; "::*" would be nothing for an empty volume, and so is "::/".
        if tools::run("mcopy", &["-s", "-n", "-m", "-i", &source, "::/", &target]).is_some() {
            found.push(("mtools", read(&target)));
        }
        let target = self.target(&format!("7z{index}"));
        let (out, partition) = (format!("-o{target}"), self.partition(index));
        if tools::run("7z", &["x", "-y", "-tfat", &out, &partition]).is_some() {
            found.push(("7z", read(&target)));
        }
        found
    }

    fn target(&self, name: &str) -> String {
        let path = self.directory.path().join(name);
        fs::create_dir(&path).unwrap();
        path.into_os_string().into_string().unwrap()
    }
}

fn read(directory: &str) -> Listing {
    fn walk(root: &Path, directory: &Path, listing: &mut Listing) {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            if path.is_dir() {
                walk(root, &path, listing);
                listing.insert(name, None);
            } else {
                listing.insert(name, Some(fs::read(&path).unwrap()));
            }
        }
    }
    let mut listing = Listing::new();
    walk(Path::new(directory), Path::new(directory), &mut listing);
    listing
}
