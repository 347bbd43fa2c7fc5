//! Writes a planned image from front to back.

use std::io::{self, BufWriter, Write};

use anyhow::{Context, Result, ensure};

use super::SECTOR;
use super::layout::{DESCRIPTORS, Namespace, Plan};
use super::path_table::{self, Order};
use super::records::{self, Extent, Target};
use super::volume::{self, Descriptor, Kind};

/// Writes the image of `plan` to `out`.
pub(super) fn write(plan: &Plan, out: &mut dyn Write) -> Result<()> {
    let mut image = Image { out: BufWriter::with_capacity(64 * 1024, out), at: 0 };
    let structures = || "writing the volume structures of the ISO image";
    image.fill_to(DESCRIPTORS).with_context(structures)?;
    for (kind, namespace) in [(Kind::Primary, &plan.primary), (Kind::Joliet, &plan.joliet)] {
        let descriptor = Descriptor {
            kind,
            label: &plan.label,
            date: plan.date,
            sectors: plan.sectors,
            tables: namespace.tables,
            root: namespace.extents[0],
        };
        image.put(&descriptor.encode()).with_context(structures)?;
    }
    image.put(&volume::terminator()).with_context(structures)?;
    for namespace in [&plan.primary, &plan.joliet] {
        let sector = |index: usize| namespace.extents[index].sector;
        for order in [Order::Little, Order::Big] {
            image.put(&path_table::encode(&namespace.rows, sector, order)).with_context(structures)?;
        }
    }
    files(&mut image, plan, true)?;
    directories(&mut image, plan, &plan.primary).with_context(structures)?;
    directories(&mut image, plan, &plan.joliet).with_context(structures)?;
    files(&mut image, plan, false)?;
    image.fill_to(plan.sectors).and_then(|()| image.out.flush()).context("writing the end of the ISO image")
}

/// Either the files that other images carry as well, or those that are this one's own.
fn files(image: &mut Image, plan: &Plan, common: bool) -> Result<()> {
    let files = plan.files.iter().zip(&plan.file_extents);
    for (file, extent) in files.filter(|(file, _)| file.payload.is_common() == common) {
        let start = image.at;
        let what = || format!("writing {:?} into the ISO image", file.path);
        file.payload.copy_to(image).with_context(what)?;
        ensure!(
            image.at - start == u64::from(extent.bytes),
            "writing {:?} into the ISO image: its size changed while it was read; try again",
            file.path
        );
        image.pad().with_context(what)?;
    }
    Ok(())
}

fn directories(image: &mut Image, plan: &Plan, namespace: &Namespace) -> io::Result<()> {
    let mut bytes = Vec::new();
    for row in &namespace.rows {
        bytes.clear();
        let directory = &namespace.directories[row.directory];
        let continuation = namespace.continuation_sector(row.directory);
        for record in &directory.records {
            let (extent, is_directory) = match record.target {
                Target::Directory(index) => (namespace.extents[index], true),
                Target::File(index) => (plan.file_extents[index], false),
                Target::Nothing => (Extent::default(), false),
            };
            let system_use = record.system_use.encode(continuation);
            bytes.resize(records::place(bytes.len() as u64, record.len()) as usize, 0);
            bytes.extend(records::encode(&record.id, extent, is_directory, plan.date, &system_use));
        }
        image.put(&bytes)?;
        image.put(&directory.continuation.bytes)?;
    }
    Ok(())
}

/// The output, which knows how far it has come.
struct Image<'a> {
    out: BufWriter<&'a mut dyn Write>,
    /// Bytes written.
    at: u64,
}

impl Image<'_> {
    /// Writes `bytes` and fills their last sector.
    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes)?;
        self.pad()
    }

    /// Fills the sector that was begun.
    fn pad(&mut self) -> io::Result<()> {
        let begun = (self.at % SECTOR as u64) as usize;
        if begun == 0 { Ok(()) } else { self.write_all(&[0; SECTOR][begun..]) }
    }

    fn fill_to(&mut self, sector: u32) -> io::Result<()> {
        while self.at < u64::from(sector) * SECTOR as u64 {
            self.write_all(&[0; SECTOR])?;
        }
        Ok(())
    }
}

impl Write for Image<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.at += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
