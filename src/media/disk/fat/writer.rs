//! Writes a planned volume from front to back.

use std::io::{self, Write};

use anyhow::{Context, Result};

use super::geometry::{CLUSTER, SLOT, Width};
use super::{Volume, boot, records, table};

/// Writes `volume` to `out`.
pub(in crate::media::disk) fn write(volume: &Volume, out: &mut dyn Write) -> Result<()> {
    let plan = volume.plan;
    let structures = || "writing its directories and tables";
    out.write_all(&boot::encode(volume)).with_context(structures)?;
    let table = table::encode(plan);
    for _ in 0..2 {
        out.write_all(&table).with_context(structures)?;
    }
    drop(table);
    for directory in 0..plan.nodes.directories.len() {
        let bytes = records::encode(plan, directory);
        out.write_all(&bytes).with_context(structures)?;
        let fixed = directory == 0 && plan.geometry.width != Width::Fat32;
        let rest = if fixed {
            u64::from(plan.geometry.root_slots) * SLOT - bytes.len() as u64
        } else {
            rest(bytes.len() as u64)
        };
        zeros(out, rest).with_context(structures)?;
    }
    for file in &plan.nodes.files {
        let what = || format!("writing {:?}", file.path);
        file.payload.copy_to(out).with_context(what)?;
        zeros(out, rest(u64::from(file.bytes))).with_context(what)?;
    }
    let free = plan.geometry.clusters - plan.used();
    zeros(out, u64::from(free) * CLUSTER).context("writing its end")
}

/// Writes `count` zero bytes.
pub(in crate::media::disk) fn zeros(out: &mut dyn Write, count: u64) -> io::Result<()> {
    io::copy(&mut io::Read::take(io::repeat(0), count), out).map(drop)
}

/// What fills the last cluster of `bytes`.
fn rest(bytes: u64) -> u64 {
    bytes.next_multiple_of(CLUSTER) - bytes
}
