//! A seed of a few hundred bytes, as vastimg's own media write it, and what is asked of it.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};
use vastimg::digest::sha256;
use vastimg::manifest::{File, Fix, Label, Manifest, SCHEMA};
use vastimg::media::tree::{Entry, Tree};
use vastimg::media::{FileMedium, Options, iso, tar, zip};

use crate::harness::{Run, Scratch};
use crate::tools;

pub const PAYLOAD: &str = "vm.swappiness = 10 # spoil me\n";
pub const PAYLOAD_PATH: &str = "vastimg/rootfs/etc/sysctl.d/99-vast-perf.conf";
/// Of which nothing is to be said.
pub const KICKSTART: &str = "lang en_US.UTF-8\nkeyboard us\ntimezone UTC --utc\nrootpw --lock\nuser --name=centos\n\
     sshkey --username=centos \"ssh-ed25519 AAAA a\"\nignoredisk --only-use=vda\nclearpart --all --initlabel\nautopart\ncdrom\n\
     %packages\n@core\n%end\n";
const PREPARE: &str = "#!/bin/bash\nexit 0\n";
const USER_DATA: &str = "#cloud-config\nusers:\n  - name: centos\n    ssh_authorized_keys: [a]\n";

/// The documents and one file of payload.
pub fn tree(generator: &str) -> Tree {
    let file = |path: &str, content: &str| File {
        path: path.to_owned(),
        mode: "0644".to_owned(),
        sha256: sha256(content.as_bytes()),
        fix: "kernel-perf".to_owned(),
    };
    let manifest = Manifest {
        schema: SCHEMA.to_owned(),
        generator: generator.to_owned(),
        profile: "small".to_owned(),
        user: "centos".to_owned(),
        fixes: vec![Fix {
            id: "kernel-perf".to_owned(),
            label: Label::Optional,
            title: "Swaps less".to_owned(),
            values: values(),
        }],
        files: vec![
            file("/etc/sysctl.d/99-vast-perf.conf", PAYLOAD),
            file("/usr/libexec/vastimg/prepare", PREPARE),
        ],
        checks: Vec::new(),
    };
    let id = vastimg::documents::instance_id("vast-small", &sha256(USER_DATA.as_bytes()), "");
    let mut tree = Tree::default();
    tree.file("user-data", 0o600, USER_DATA.to_owned()).unwrap();
    tree.file("meta-data", 0o644, format!("instance-id: {id}\nlocal-hostname: vast-small\n")).unwrap();
    tree.file("vastimg/manifest.json", 0o644, serde_json::to_string(&manifest).unwrap()).unwrap();
    tree.file("vastimg/prepare.sh", 0o755, PREPARE.to_owned()).unwrap();
    tree.file(PAYLOAD_PATH, 0o644, PAYLOAD.to_owned()).unwrap();
    let target = "manifest.json".to_owned();
    tree.insert("vastimg/link", Entry::Symlink { target }).unwrap();
    tree
}

fn values() -> BTreeMap<String, Value> {
    let values = [("swappiness", json!(10)), ("words", json!(["a", "b"])), ("text", json!("two words"))];
    values.map(|(name, value)| (name.to_owned(), value)).into()
}

/// As this version of vastimg writes it.
pub fn seed() -> Tree {
    seed_with(&[])
}

/// With further files at the root.
pub fn seed_with(files: &[(&str, &[u8])]) -> Tree {
    let mut tree = tree(concat!("vastimg ", env!("CARGO_PKG_VERSION")));
    for (path, content) in files {
        tree.file(path, 0o644, content.to_vec()).unwrap();
    }
    let mut sums = String::new();
    for (path, entry) in tree.iter() {
        if let Entry::File { payload, .. } = entry {
            let mut bytes = Vec::new();
            payload.copy_to(&mut bytes).unwrap();
            sums += &format!("{}  {path}\n", sha256(&bytes));
        }
    }
    tree.file("vastimg/SHA256SUMS", 0o644, sums).unwrap();
    tree
}

pub fn iso(tree: &Tree, label: &str) -> Vec<u8> {
    let volume = iso::Volume { label: label.to_owned(), modified: 1_767_225_600 };
    let mut bytes = Vec::new();
    iso::write(tree, &volume, &mut bytes).unwrap();
    bytes
}

const OPTIONS: Options = Options { modified: 1_767_225_600, private: false };

pub fn tar_gz(tree: &Tree) -> Vec<u8> {
    let mut bytes = Vec::new();
    tar::TarGz.write(tree, &OPTIONS, &mut bytes).unwrap();
    bytes
}

pub fn zip(tree: &Tree) -> Vec<u8> {
    let mut bytes = Vec::new();
    zip::Zip.write(tree, &OPTIONS, &mut bytes).unwrap();
    bytes
}

/// A FAT volume with a tree's files, by mkfs.vfat and mcopy; none where they are missing.
pub fn fat(scratch: &Scratch, tree: &Tree, label: &str, bits: &str, bytes: u64) -> Option<Vec<u8>> {
    let (mut mkfs, mut mcopy) = (tools::find("mkfs.vfat")?, tools::find("mcopy")?);
    let image = scratch.path(&format!("{label}-{bits}.img"));
    let files = scratch.path(&format!("{label}-{bits}"));
    for (path, entry) in tree.iter() {
        if let Entry::File { payload, .. } = entry {
            let path = files.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            payload.copy_to(&mut fs::File::create(path).unwrap()).unwrap();
        }
    }
    fs::File::create(&image).unwrap().set_len(bytes).unwrap();
    tools::output(mkfs.args(["-s", "1", "-F", bits, "-n", label, "-i", "12345678"]).arg(&image));
    let mut all: Vec<PathBuf> = fs::read_dir(&files).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.sort();
    tools::output(mcopy.args(["-s", "-i"]).arg(&image).args(all).arg("::"));
    Some(fs::read(image).unwrap())
}

/// A disk with an MBR, its volumes one after the other from sector 2048.
pub fn disk(volumes: &[Vec<u8>]) -> Vec<u8> {
    let mut disk = vec![0; 2048 * 512];
    for (number, volume) in volumes.iter().enumerate() {
        let entry = 446 + 16 * number;
        disk[entry + 4] = 0x0C;
        let (first, count) = ((disk.len() / 512) as u32, (volume.len() / 512) as u32);
        disk[entry + 8..entry + 12].copy_from_slice(&first.to_le_bytes());
        disk[entry + 12..entry + 16].copy_from_slice(&count.to_le_bytes());
        disk.extend(volume);
    }
    disk[510..512].copy_from_slice(&[0x55, 0xAA]);
    disk
}

/// What the program says as JSON.
pub fn json(scratch: &Scratch, image: &str) -> Value {
    serde_json::from_slice(&scratch.done(&["inspect", "--message-format", "json", image]).stdout).unwrap()
}

/// Writes an image and validates it.
pub fn validate(scratch: &Scratch, bytes: &[u8]) -> Run {
    scratch.file("image", bytes);
    scratch.run(&["validate", "image"])
}

/// Validates what must be valid.
pub fn valid(scratch: &Scratch, bytes: &[u8]) {
    let run = validate(scratch, bytes);
    assert_eq!(run.code, 0, "{}{}", String::from_utf8_lossy(&run.stdout), run.stderr);
    assert!(run.stdout.is_empty());
}

/// The findings of what must not be valid.
pub fn findings(scratch: &Scratch, bytes: &[u8]) -> String {
    let run = validate(scratch, bytes);
    assert_eq!(run.code, 1, "{}{}", String::from_utf8_lossy(&run.stdout), run.stderr);
    String::from_utf8(run.stdout).unwrap()
}

/// The error of what must not be readable, by either command: not valid to one, nothing to show to the other.
pub fn unreadable(scratch: &Scratch, bytes: &[u8]) -> String {
    let error = findings(scratch, bytes);
    let seen = scratch.run(&["inspect", "image"]);
    assert_eq!((seen.code, seen.stderr.as_str(), seen.stdout.as_slice()), (2, error.as_str(), &b""[..]));
    error
}

/// Where `needle` is for the first time, which it must be.
pub fn find(bytes: &[u8], needle: &[u8]) -> usize {
    bytes.windows(needle.len()).position(|window| window == needle).expect("it is in the image")
}
