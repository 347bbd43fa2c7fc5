//! FAT volumes that are damaged, or made to harm.

use crate::harness::Scratch;
use crate::small::{self, PAYLOAD, find};

/// A volume of FAT16, and where its table and its clusters begin.
struct Volume {
    scratch: Scratch,
    bytes: Vec<u8>,
    table: usize,
    root: usize,
}

fn volume() -> Option<Volume> {
    let scratch = Scratch::new();
    let bytes = small::fat(&scratch, &small::seed(), "CIDATA", "16", 8 << 20)?;
    let number = |at: usize| usize::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]));
    let table = number(14) * number(11);
    let root = table + usize::from(bytes[16]) * number(22) * number(11);
    Some(Volume { scratch, bytes, table, root })
}

impl Volume {
    /// The short record of a file or directory in the root directory.
    fn record(&self, name: &[u8; 11]) -> usize {
        self.root + find(&self.bytes[self.root..], name)
    }

    fn cluster(&self, record: usize) -> usize {
        usize::from(u16::from_le_bytes([self.bytes[record + 26], self.bytes[record + 27]]))
    }

    fn chain(&mut self, cluster: usize, next: u16) {
        self.bytes[self.table + 2 * cluster..][..2].copy_from_slice(&next.to_le_bytes());
    }

    fn unreadable(&self) -> String {
        small::unreadable(&self.scratch, &self.bytes)
    }
}

#[test]
fn one_bit_of_the_payload() {
    let Some(mut volume) = volume() else { return };
    let at = find(&volume.bytes, PAYLOAD.as_bytes());
    volume.bytes[at] ^= 0x20;
    let findings = small::findings(&volume.scratch, &volume.bytes);
    assert!(findings.contains("99-vast-perf.conf: its sha256 is "), "{findings}");
}

#[test]
fn chains_that_lead_back() {
    let Some(mut volume) = volume() else { return };
    // A directory without end.
    let directory = volume.cluster(volume.record(b"VASTIMG    "));
    volume.chain(directory, directory as u16);
    let error = volume.unreadable();
    assert!(error.contains(&format!("cluster {directory} belongs to something else already")), "{error}");
    // A file that says it is larger than its one cluster, which follows itself.
    volume.chain(directory, 0xFFFF);
    let record = volume.record(b"USER-D~1   ");
    let file = volume.cluster(record);
    volume.chain(file, file as u16);
    volume.bytes[record + 28..][..4].copy_from_slice(&u32::MAX.to_le_bytes());
    let error = volume.unreadable();
    assert!(error.contains(&format!("/user-data at byte {record}: cluster {file} belongs")), "{error}");
}

#[test]
fn chains_that_end_or_leave() {
    for (next, wanted) in [
        (0xFFFF, "its cluster chain ends "),
        (0, "leads to cluster 0, as free ones do"),
        (0xFFF0, "cluster 65520, where the volume has 2 to "),
    ] {
        let Some(mut volume) = volume() else { return };
        let record = volume.record(b"USER-D~1   ");
        volume.bytes[record + 28..][..4].copy_from_slice(&100_000_u32.to_le_bytes());
        volume.chain(volume.cluster(record), next);
        let error = volume.unreadable();
        assert!(error.contains(wanted), "{error}");
    }
}

#[test]
fn two_files_of_one_cluster() {
    let Some(mut volume) = volume() else { return };
    let (user, meta) = (volume.record(b"USER-D~1   "), volume.record(b"META-D~1   "));
    let cluster = volume.cluster(user) as u16;
    volume.bytes[meta + 26..][..2].copy_from_slice(&cluster.to_le_bytes());
    let error = volume.unreadable();
    assert!(error.contains(&format!("cluster {cluster} belongs to something else already")), "{error}");
}

#[test]
fn boot_sectors_that_cannot_be() {
    for (at, bytes, wanted) in [
        (32, &u32::MAX.to_le_bytes()[..], "it is cut off"),
        (22, &u16::MAX.to_le_bytes(), "no room for files"),
        (14, &u16::MAX.to_le_bytes(), "no room for files"),
    ] {
        let Some(mut volume) = volume() else { return };
        if at == 32 {
            volume.bytes[19..21].copy_from_slice(&[0, 0]);
        }
        volume.bytes[at..][..bytes.len()].copy_from_slice(bytes);
        let error = volume.unreadable();
        assert!(error.contains("boot sector at byte 0: ") && error.contains(wanted), "{error}");
    }
}

#[test]
fn labels_that_differ() {
    let Some(mut volume) = volume() else { return };
    volume.bytes[43..54].copy_from_slice(b"OEMDRV     ");
    let findings = small::findings(&volume.scratch, &volume.bytes);
    let wanted = "two labels: CIDATA in the root directory, OEMDRV in the boot sector";
    assert!(findings.contains(wanted), "{findings}");
}

#[test]
fn a_name_that_leaves() {
    let Some(mut volume) = volume() else { return };
    let record = volume.record(b"USER-D~1   ");
    // Without its long name, whose checksum is that of another short name then.
    volume.bytes[record..][..11].copy_from_slice(b"../../X    ");
    let error = volume.unreadable();
    assert!(error.contains(&format!("entry at byte {record}: ")) && error.contains("slash"), "{error}");
}
