//! A line of a table, as what it would be in YAML.

use super::cells::Cell;
use super::columns::{Field, Meaning};
use crate::catalogue::Catalogue;
use crate::diagnostic::{Diagnostic, Place};
use crate::yaml::{Key, Node, Value};

/// What the NIC is called where nobody says; Rocky's cloud images call it that.
const NIC: &str = "eth0";

pub(super) struct Row<'a> {
    pub columns: &'a [Meaning],
    pub header: &'a [Cell],
    pub cells: &'a [Cell],
}

impl<'a> Row<'a> {
    /// The cell of a column, where it is there and not empty.
    pub fn cell(&self, field: Field) -> Option<&'a Cell> {
        let index =
            self.columns.iter().position(|column| matches!(column, Meaning::Of(own) if *own == field))?;
        self.cells.get(index).filter(|cell| !cell.text.is_empty())
    }

    pub fn text(&self, field: Field) -> Option<Node> {
        self.cell(field).map(|cell| text(&cell.text, &cell.place))
    }

    /// What stands in a cell between spaces, semicolons and commas.
    pub fn list(&self, field: Field) -> Option<Node> {
        let cell = self.cell(field)?;
        let between = |c: char| c.is_whitespace() || matches!(c, ';' | ',');
        let words = cell.text.split(between).filter(|word| !word.is_empty());
        Some(Node {
            value: Value::List(words.map(|word| text(word, &cell.place)).collect()),
            place: cell.place.clone(),
        })
    }

    /// What tells its layer from those of other lines.
    pub fn of_layer(&self) -> Vec<(usize, String)> {
        let of_layer = |meaning: &Meaning| matches!(meaning, Meaning::Value(..) | Meaning::Of(Field::User));
        let cells = self.columns.iter().zip(self.cells).enumerate();
        cells
            .filter(|(_, (meaning, cell))| of_layer(meaning) && !cell.text.is_empty())
            .map(|(index, (_, cell))| (index, cell.text.clone()))
            .collect()
    }

    /// The values of fixes.
    pub fn fixes(&self, catalogue: &Catalogue) -> Option<Node> {
        let mut fixes: Vec<(Key, Node)> = Vec::new();
        for (index, meaning) in self.columns.iter().enumerate() {
            let (Meaning::Value(fix, name), Some(cell)) = (meaning, self.cells.get(index)) else { continue };
            let spec = catalogue.fixes.get(fix).and_then(|fix| fix.spec.values.get(name));
            let Some(spec) = spec.filter(|_| !cell.text.is_empty()) else { continue };
            let value =
                Node { value: spec.from_argument(&cell.text, &cell.place), place: cell.place.clone() };
            let value = (key(name, &cell.place), value);
            match fixes.iter_mut().find(|(key, _)| key.name == *fix) {
                Some((_, Node { value: Value::Map(values), .. })) => values.push(value),
                _ => fixes.push((key(fix, &self.header[index].place), map(vec![value], &cell.place))),
            }
        }
        let place = fixes.first()?.1.place.clone();
        Some(map(fixes, &place))
    }

    /// Its network-config, where one of its columns says something.
    pub fn network(&self) -> Result<Option<Node>, Box<Diagnostic>> {
        let of_nic = [Field::Mac, Field::Interface, Field::Address, Field::Gateway, Field::Dns];
        let first = of_nic.into_iter().find_map(|field| self.cell(field));
        if let Some(file) = self.text(Field::Network) {
            return match first {
                Some(other) => {
                    let message = "the host's network is in a file, and in the table as well";
                    Err(Box::new(Diagnostic::at(&other.place, message).help("leave one of the two empty")))
                }
                None => Ok(Some(file)),
            };
        }
        let Some(first) = first else { return Ok(None) };
        let addresses = self.list(Field::Address);
        let is_dhcp = |node: &Node| {
            node.items().iter().any(|item| item.text().is_some_and(|text| text.eq_ignore_ascii_case("dhcp")))
        };
        let addresses = addresses.filter(|node| node.items().len() > 1 || !is_dhcp(node));
        let mut device = Vec::new();
        let name = self.cell(Field::Interface);
        let called = name.map_or(NIC, |cell| cell.text.as_str());
        let place = name.map_or(&first.place, |cell| &cell.place);
        if let Some(mac) = self.text(Field::Mac) {
            let at = mac.place.clone();
            device.push((key("match", &at), map(vec![(key("macaddress", &at), mac)], &at)));
            device.push((key("set-name", &at), text(called, place)));
        }
        let gateways = self.list(Field::Gateway);
        match (addresses, &gateways) {
            (Some(addresses), _) => device.push((key("addresses", &addresses.place.clone()), addresses)),
            (None, Some(gateway)) => {
                let message = "a gateway, and no address";
                let help =
                    "give the address with its prefix; or leave the gateway to DHCP, which brings its own";
                return Err(Box::new(Diagnostic::at(&gateway.place, message).help(help)));
            }
            (None, None) => {
                let place = first.place.clone();
                device.push((key("dhcp4", &place), Node { value: Value::Boolean(true), place }));
            }
        }
        for gateway in gateways.iter().flat_map(Node::items) {
            let family =
                if gateway.text().is_some_and(|text| text.contains(':')) { "gateway6" } else { "gateway4" };
            if device.iter().any(|(key, _)| key.name == family) {
                let message = "two gateways of one address family";
                return Err(Box::new(Diagnostic::at(&gateway.place, message).help("leave one")));
            }
            device.push((key(family, &gateway.place), gateway.clone()));
        }
        if let Some(servers) = self.list(Field::Dns) {
            let at = servers.place.clone();
            device.push((key("nameservers", &at), map(vec![(key("addresses", &at), servers)], &at)));
        }
        let device = map(vec![(key(called, place), map(device, place))], place);
        let version = Node { value: Value::Integer(2), place: place.clone() };
        Ok(Some(map(vec![(key("version", place), version), (key("ethernets", place), device)], place)))
    }
}

fn key(name: &str, place: &Place) -> Key {
    Key { name: name.to_owned(), place: place.clone() }
}

fn text(text: &str, place: &Place) -> Node {
    Node { value: Value::Text(text.to_owned()), place: place.clone() }
}

fn map(entries: Vec<(Key, Node)>, place: &Place) -> Node {
    Node { value: Value::Map(entries), place: place.clone() }
}
