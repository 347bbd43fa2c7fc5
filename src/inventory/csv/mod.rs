//! An inventory as a table: a line for each host, as a spreadsheet writes it.
//!
//! It is turned into what the host would say in this program's own YAML, and read as that. An empty cell is not set. Several
//! of one cell (keys, addresses, name servers) stand between spaces, semicolons or commas. Limits: no groups and no
//! defaults, for which there are the profile and the command line; one NIC for each host, unless `network` names a file.

mod cells;
pub(super) mod columns;
mod row;

use std::collections::HashMap;
use std::sync::Arc;

use super::entry::Reader;
use super::settings::Settings;
use super::{Inventory, MOST};
use crate::catalogue::Catalogue;
use crate::diagnostic::{Diagnostic, Source};
use crate::profile::Layer;
use cells::{Cell, Rows};
use columns::{Field, Meaning};
use row::Row;

/// More than the columns there are, and every value of every fix.
const WIDEST: usize = 500;

/// Whether a text is a table: by its name, or by a header that has a `name`.
pub(super) fn is(source: &Source) -> bool {
    let name = source.name.to_ascii_lowercase();
    if name.ends_with(".csv") || name.ends_with(".tsv") {
        return true;
    }
    let Some((header, _)) = cells::head(&source.text) else { return false };
    let mut cells = header.split(cells::delimiter(header)).map(|cell| cell.trim().trim_matches('"'));
    !header.contains([':', '{', '[', '%'])
        && header.len() < 4096
        && cells.any(|cell| cell.eq_ignore_ascii_case("name"))
}

pub(super) fn read(source: &Arc<Source>, catalogue: &Catalogue, found: &mut Vec<Diagnostic>) -> Inventory {
    let mut inventory = Inventory { profile: None, hosts: Vec::new() };
    let mut rows = Rows::new(source);
    let header = match rows.next(WIDEST) {
        Some(Ok(header)) => header,
        Some(Err(error)) => {
            found.push(error);
            return inventory;
        }
        None => {
            found.push(
                Diagnostic::new("the table is empty").help("begin it with a line such as name,address"),
            );
            return inventory;
        }
    };
    let before = found.len();
    let columns = header_of(&header, catalogue, found);
    if found.len() > before {
        return inventory;
    }
    let mut reader = Reader::new(source, found);
    // Hosts of the same values share them.
    let mut layers: HashMap<Vec<(usize, String)>, Arc<Layer>> = HashMap::new();
    while let Some(cells) = rows.next(header.len()) {
        let cells = match cells {
            Ok(cells) => cells,
            Err(error) => {
                reader.found.push(error);
                break;
            }
        };
        if cells.iter().all(|cell| cell.text.is_empty()) {
            continue;
        }
        if inventory.hosts.len() == MOST {
            reader.found.push(
                Diagnostic::at(&cells[0].place, format!("more than {MOST} hosts")).help("split the file"),
            );
            break;
        }
        if let Some(fault) = uneven(&cells, header.len()) {
            reader.found.push(fault);
            continue;
        }
        let row = Row { columns: &columns, header: &header, cells: &cells };
        let Some(name) = row.cell(Field::Name) else {
            reader
                .found
                .push(Diagnostic::at(&cells[0].place, "a host without a name").help("fill in its `name`"));
            continue;
        };
        let key = row.of_layer();
        let layer = match layers.get(&key) {
            Some(layer) => Arc::clone(layer),
            None => {
                let fixes = row.fixes(catalogue);
                let layer = reader.layer(row.text(Field::User).as_ref(), fixes.as_ref());
                layers.insert(key, Arc::clone(&layer));
                layer
            }
        };
        let network = match row.network() {
            Ok(network) => network.and_then(|node| reader.network(&node)),
            Err(fault) => {
                reader.found.push(*fault);
                None
            }
        };
        let ssh_keys = row.list(Field::SshKeys).map(|node| reader.ssh_keys(&node)).unwrap_or_default();
        let settings = Settings { ssh_keys, network, layer };
        let (fqdn, disk) = (row.text(Field::Fqdn), row.text(Field::InstallDisk));
        let entry = reader.host(&name.text, &name.place, fqdn.as_ref(), disk.as_ref(), &[&settings]);
        inventory.hosts.push(entry);
    }
    if inventory.hosts.is_empty() && reader.found.is_empty() {
        let help = "write a line for each host below the header";
        reader.found.push(Diagnostic::at(&header[0].place, "the table has no host").help(help));
    }
    inventory
}

/// What each column means.
fn header_of(header: &[Cell], catalogue: &Catalogue, found: &mut Vec<Diagnostic>) -> Vec<Meaning> {
    let mut columns: Vec<Meaning> = Vec::new();
    if header.len() > WIDEST {
        found.push(
            Diagnostic::at(&header[0].place, format!("more than {WIDEST} columns"))
                .help("is it the right file?"),
        );
        return columns;
    }
    for (index, cell) in header.iter().enumerate() {
        if cell.text.is_empty() {
            let help =
                "name it, or take the column out; a delimiter too many at the end of the line makes one";
            found.push(Diagnostic::at(&cell.place, "a column without a name").help(help));
            continue;
        }
        let same = |other: &&Cell| other.text.eq_ignore_ascii_case(&cell.text);
        if header[..index].iter().find(same).is_some() {
            let message = format!("two columns are named {:?}", cell.text);
            found.push(Diagnostic::at(&cell.place, message).help("take one out"));
            continue;
        }
        match columns::meaning(&cell.text, catalogue) {
            Ok(meaning) => columns.push(meaning),
            Err((message, help)) => found.push(Diagnostic::at(&cell.place, message).help(help)),
        }
    }
    let named = columns.iter().any(|column| matches!(column, Meaning::Of(Field::Name)));
    if !named && !found.iter().any(|one| one.help.as_deref() == Some("did you mean `name`?")) {
        let message = "the first line has no column `name`";
        let help = "it names the columns, such as name,address,gateway; each further line is a host";
        found.push(Diagnostic::at(&header[0].place, message).help(help));
    }
    columns
}

fn uneven(cells: &[Cell], wanted: usize) -> Option<Diagnostic> {
    if let Some(more) = cells.get(wanted) {
        let message = format!("more cells than the {wanted} columns of the first line");
        let help = "put a cell with a delimiter in it in quotes, or take the delimiter out";
        return Some(Diagnostic::at(&more.place, message).help(help));
    }
    let last = cells.last().filter(|_| cells.len() < wanted)?;
    let message = format!("{} of {wanted} cells", cells.len());
    Some(Diagnostic::at(&last.place, message).help("write the delimiters of empty cells, too"))
}
