//! The layout: where in the image everything lies, as a pure function of tree and volume.
//!
//! In order of sectors: 16 for boot code, unused; three volume descriptors; path tables of both types, of the primary
//! tree and then of the Joliet tree; the files that other images carry as well; the primary directories, level by level,
//! each with its continuation areas; the Joliet directories; the other files; padding. So images of one run are alike up
//! to their directories, which have the sizes of what is their own. Files keep the order of the tree.

use anyhow::{Context, Result};

use super::dates::Date;
use super::names::{self, Name};
use super::nodes::{self, Directory, File, Kind, Nodes};
use super::path_table::{self, Row};
use super::records::{self, Extent, Record, Target};
use super::rockridge::{self, Region, SystemUse};
use super::volume::check_label;
use super::{SECTOR, Volume};
use crate::media::tree::Tree;

/// The sector of the first volume descriptor (ECMA-119 6.2.1).
pub(super) const DESCRIPTORS: u32 = 16;
/// Images are padded to whole 64 KiB: storage with 4 KiB blocks cuts or rejects an image that ends inside a block, and
/// a kernel with 64 KiB pages reads ahead that far. The 300 KiB that disc writers add are for the run-out of discs
/// burned track at once, which an image on a hypervisor never is.
const PADDING: u64 = 64 * 1024 / SECTOR as u64;

/// A whole image but for its payloads.
#[derive(Debug)]
pub(super) struct Plan<'t> {
    pub(super) label: String,
    pub(super) date: Date,
    pub(super) primary: Namespace,
    pub(super) joliet: Namespace,
    pub(super) files: Vec<File<'t>>,
    /// Of each file.
    pub(super) file_extents: Vec<Extent>,
    /// Sectors of the image with its padding.
    pub(super) sectors: u32,
}

/// One of the two trees.
#[derive(Debug)]
pub(super) struct Namespace {
    pub(super) directories: Vec<records::Directory>,
    /// Of each directory.
    pub(super) extents: Vec<Extent>,
    /// Rows of the path tables. Directories lie in their order.
    pub(super) rows: Vec<Row>,
    /// The path tables, types L and M.
    pub(super) tables: [Extent; 2],
}

/// Lays out an image.
pub(super) fn plan<'t>(tree: &'t Tree, volume: &Volume) -> Result<Plan<'t>> {
    check_label(&volume.label)?;
    let date = Date::from_epoch(volume.modified)?;
    let nodes = nodes::collect(tree)?;
    let mut primary = Namespace::new(primary_directories(&nodes, date));
    let mut joliet = Namespace::new(joliet_directories(&nodes));

    let mut cursor = Cursor { sector: u64::from(DESCRIPTORS) + 3 };
    primary.place_tables(&mut cursor)?;
    joliet.place_tables(&mut cursor)?;
    let mut file_extents = vec![Extent::default(); nodes.files.len()];
    place_files(&nodes.files, true, &mut file_extents, &mut cursor)?;
    primary.place_directories(&mut cursor)?;
    joliet.place_directories(&mut cursor)?;
    place_files(&nodes.files, false, &mut file_extents, &mut cursor)?;
    let sectors = cursor.end()?;
    let label = volume.label.clone();
    let files = nodes.files;
    Ok(Plan { label, date, primary, joliet, files, file_extents, sectors })
}

fn place_files(files: &[File], common: bool, extents: &mut [Extent], cursor: &mut Cursor) -> Result<()> {
    // An empty file has no sector, and any other number here would look like a share in somebody else's.
    let here = |file: &File| file.bytes > 0 && file.payload.is_common() == common;
    for (file, extent) in files.iter().zip(extents).filter(|(file, _)| here(file)) {
        *extent = cursor.take(u64::from(file.bytes))?;
    }
    Ok(())
}

impl Namespace {
    fn new(directories: Vec<records::Directory>) -> Namespace {
        let rows = path_table::rows(&directories);
        let extents = vec![Extent::default(); directories.len()];
        Namespace { directories, extents, rows, tables: Default::default() }
    }

    fn place_tables(&mut self, cursor: &mut Cursor) -> Result<()> {
        let bytes = path_table::bytes(&self.rows);
        self.tables = [cursor.take(bytes)?, cursor.take(bytes)?];
        Ok(())
    }

    fn place_directories(&mut self, cursor: &mut Cursor) -> Result<()> {
        for row in &self.rows {
            let directory = &self.directories[row.directory];
            let bytes = records::directory_bytes(directory.records.iter().map(Record::len));
            self.extents[row.directory] = cursor.take(bytes)?;
            cursor.take(directory.continuation.bytes.len() as u64)?;
        }
        Ok(())
    }

    /// Where the continuation areas of a directory begin: behind it.
    pub(super) fn continuation_sector(&self, directory: usize) -> u32 {
        let Extent { sector, bytes } = self.extents[directory];
        sector + bytes / SECTOR as u32
    }
}

/// Hands out sectors from front to back.
struct Cursor {
    sector: u64,
}

impl Cursor {
    fn take(&mut self, bytes: u64) -> Result<Extent> {
        const WHY: &str = "laying out the ISO image: it exceeds 8 TiB, or one directory 4 GiB, which is as far as its \
                           32-bit numbers count; put less into it";
        let extent = Extent {
            sector: u32::try_from(self.sector).context(WHY)?,
            bytes: u32::try_from(bytes).context(WHY)?,
        };
        self.sector += bytes.div_ceil(SECTOR as u64);
        Ok(extent)
    }

    /// The sectors of the image. At least one of them is padding, as xorriso reads a sector more than a directory has
    /// and fails when there is none.
    fn end(&mut self) -> Result<u32> {
        self.sector = (self.sector + 1).next_multiple_of(PADDING);
        self.take(0).map(|extent| extent.sector)
    }
}

/// Names with what they name, in the order in which records go.
fn sorted<'a, 't>(directory: &'a Directory<'t>, names: Vec<Name>) -> Vec<(Name, &'a str, Kind<'t>)> {
    let mut entries: Vec<_> = names
        .into_iter()
        .zip(&directory.children)
        .map(|(name, child)| (name, child.name, child.kind))
        .collect();
    entries.sort_by(|(one, ..), (other, ..)| one.order.cmp(&other.order));
    entries
}

fn target(kind: Kind) -> Target {
    match kind {
        Kind::Directory(index) => Target::Directory(index),
        Kind::File(index) => Target::File(index),
        Kind::Symlink(_) => Target::Nothing,
    }
}

fn primary_directories(nodes: &Nodes, date: Date) -> Vec<records::Directory> {
    let modified = rockridge::modified(date);
    let make = |(index, directory): (usize, &Directory)| {
        let mut continuation = Region::default();
        let mut record = |id: Vec<u8>, kind: Kind, fields: &[Vec<u8>]| {
            let system_use = SystemUse::place(fields, records::system_use_room(&id), &mut continuation);
            Record { id, target: target(kind), system_use }
        };
        let stat = |kind: Kind| rockridge::attributes(mode(nodes, kind), links(nodes, kind));
        let (itself, parent) = (Kind::Directory(index), Kind::Directory(directory.parent));
        let mut fields = vec![stat(itself), modified.clone()];
        if index == 0 {
            fields.insert(0, rockridge::indicator());
            fields.push(rockridge::extension());
        }
        let mut records = vec![
            record(records::SELF.into(), itself, &fields),
            record(records::PARENT.into(), parent, &[stat(parent), modified.clone()]),
        ];
        let names = names::primary(directory.children.iter().map(|child| (child.name, child.is_directory())));
        for (name, real, kind) in sorted(directory, names) {
            let mut fields = vec![stat(kind), modified.clone(), rockridge::name(real)];
            if let Kind::Symlink(target) = kind {
                fields.extend(rockridge::symlink(target));
            }
            records.push(record(name.id, kind, &fields));
        }
        records::Directory { records, continuation }
    };
    nodes.directories.iter().enumerate().map(make).collect()
}

/// The mode of POSIX, with the file type.
fn mode(nodes: &Nodes, kind: Kind) -> u32 {
    match kind {
        Kind::Directory(index) => 0o040_000 | nodes.directories[index].mode & 0o7777,
        Kind::File(index) => 0o100_000 | nodes.files[index].mode & 0o7777,
        Kind::Symlink(_) => 0o120_777,
    }
}

fn links(nodes: &Nodes, kind: Kind) -> u32 {
    match kind {
        Kind::Directory(index) => nodes.directories[index].links(),
        Kind::File(_) | Kind::Symlink(_) => 1,
    }
}

fn joliet_directories(nodes: &Nodes) -> Vec<records::Directory> {
    let record = |id: Vec<u8>, target| Record { id, target, system_use: SystemUse::default() };
    let make = |(index, directory): (usize, &Directory)| {
        let mut records = vec![
            record(records::SELF.into(), Target::Directory(index)),
            record(records::PARENT.into(), Target::Directory(directory.parent)),
        ];
        let names = names::joliet(directory.children.iter().map(|child| (child.name, child.is_directory())));
        for (name, _, kind) in sorted(directory, names) {
            match kind {
                Kind::Symlink(_) => {}
                Kind::Directory(_) | Kind::File(_) => records.push(record(name.id, target(kind))),
            }
        }
        records::Directory { records, continuation: Region::default() }
    };
    nodes.directories.iter().enumerate().map(make).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn everything_has_its_place() {
        let mut tree = Tree::default();
        tree.file("a", 0o644, vec![0; 2049]).unwrap();
        tree.file("b", 0o644, Vec::new()).unwrap();
        tree.file("d/c", 0o644, vec![0; 2048]).unwrap();
        let plan = plan(&tree, &Volume { label: "CIDATA".into(), modified: 0 }).unwrap();
        let sectors = |namespace: &Namespace| -> Vec<u32> {
            namespace.tables.iter().chain(&namespace.extents).map(|extent| extent.sector).collect()
        };
        // Behind the root lies the continuation area with the ER field.
        assert_eq!(sectors(&plan.primary), [19, 20, 23, 25]);
        assert_eq!(plan.primary.continuation_sector(0), 24);
        assert_eq!(sectors(&plan.joliet), [21, 22, 26, 27]);
        let files: Vec<_> = plan.file_extents.iter().map(|extent| (extent.sector, extent.bytes)).collect();
        assert_eq!(files, [(28, 2049), (0, 0), (30, 2048)]);
        assert_eq!(plan.sectors, 32);
    }

    #[test]
    fn an_image_ends_where_its_numbers_do() {
        let mut cursor = Cursor { sector: u64::from(u32::MAX) };
        assert_eq!(cursor.take(2048).unwrap().sector, u32::MAX);
        assert!(cursor.take(1).unwrap_err().to_string().contains("8 TiB"));
        let end = |sector| Cursor { sector }.end();
        assert_eq!((end(31).unwrap(), end(32).unwrap()), (32, 64));
        assert_eq!(end(u64::from(u32::MAX) - 32).unwrap(), u32::MAX - 31);
        assert!(end(u64::from(u32::MAX) - 31).is_err());
    }
}
