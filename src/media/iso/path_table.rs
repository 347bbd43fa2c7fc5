//! Path tables (ECMA-119 9.4): every directory of a tree with its place and the number of its parent.
//!
//! Each tree has its table twice, with little-endian (type L) and with big-endian (type M) numbers.

use super::records::{self, Directory, Target};

/// The byte order of a table.
#[derive(Clone, Copy, Debug)]
pub(super) enum Order {
    /// Type L.
    Little,
    /// Type M.
    Big,
}

/// One directory in a table.
#[derive(Debug)]
pub(super) struct Row {
    /// Index of the directory.
    pub(super) directory: usize,
    /// Position of its parent in the table, counted from one.
    parent: u16,
    id: Vec<u8>,
}

/// The rows in order (6.9.1): by level, then by parent, then by identifier. There are at most 65,535 `directories`.
pub(super) fn rows(directories: &[Directory]) -> Vec<Row> {
    let mut rows = vec![Row { directory: 0, parent: 1, id: records::SELF.to_vec() }];
    // Walking level by level, with the records of each directory in order, is that very order.
    let mut at = 0;
    while at < rows.len() {
        let directory = rows[at].directory;
        at += 1;
        // The first two records are the directory itself and its parent.
        for record in directories[directory].records.iter().skip(2) {
            if let Target::Directory(inside) = record.target {
                rows.push(Row { directory: inside, parent: at as u16, id: record.id.clone() });
            }
        }
    }
    rows
}

/// Bytes of a table with these rows.
pub(super) fn bytes(rows: &[Row]) -> u64 {
    rows.iter().map(|row| (8 + row.id.len()).next_multiple_of(2) as u64).sum()
}

/// The bytes of a table, given the sector of each directory by its index.
pub(super) fn encode(rows: &[Row], sector: impl Fn(usize) -> u32, order: Order) -> Vec<u8> {
    let mut table = Vec::new();
    for row in rows {
        let sector = sector(row.directory);
        table.extend([row.id.len() as u8, 0]);
        match order {
            Order::Little => {
                table.extend(sector.to_le_bytes());
                table.extend(row.parent.to_le_bytes());
            }
            Order::Big => {
                table.extend(sector.to_be_bytes());
                table.extend(row.parent.to_be_bytes());
            }
        }
        table.extend(&row.id);
        table.resize(table.len().next_multiple_of(2), 0);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::iso::records::Record;

    fn directory(inside: &[(&[u8], usize)]) -> Directory {
        let record = |id: &[u8], target| Record { id: id.to_vec(), target, system_use: Default::default() };
        let mut records = vec![
            record(&[0], Target::Directory(0)),
            record(&[1], Target::Directory(0)),
            record(b"F", Target::Nothing),
        ];
        records.extend(inside.iter().map(|(id, index)| record(id, Target::Directory(*index))));
        Directory { records, continuation: Default::default() }
    }

    #[test]
    fn rows_go_by_level_then_parent_then_identifier() {
        // 0/(A = 1 / Z = 2), 0/(B = 3 / C = 4)
        let tree = [
            directory(&[(b"A", 1), (b"B", 3)]),
            directory(&[(b"Z", 2)]),
            directory(&[]),
            directory(&[(b"C", 4)]),
            directory(&[]),
        ];
        let rows = rows(&tree);
        let seen: Vec<_> = rows.iter().map(|row| (row.directory, row.parent)).collect();
        assert_eq!(seen, [(0, 1), (1, 1), (3, 1), (2, 2), (4, 3)]);
    }

    #[test]
    fn both_types_have_the_bytes_of_the_standard() {
        let tree = [directory(&[(b"AB", 1)]), directory(&[])];
        let rows = rows(&tree);
        let sector = |index| 20 + index as u32;
        let little = encode(&rows, sector, Order::Little);
        assert_eq!(little, *b"\x01\0\x14\0\0\0\x01\0\0\0\x02\0\x15\0\0\0\x01\0AB");
        let big = encode(&rows, sector, Order::Big);
        assert_eq!(big, *b"\x01\0\0\0\0\x14\0\x01\0\0\x02\0\0\0\0\x15\0\x01AB");
        assert_eq!(bytes(&rows), 20);
    }
}
