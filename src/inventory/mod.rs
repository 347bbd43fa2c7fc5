//! An inventory: hosts, and what differs between them.
//!
//! | form | what it is |
//! |---|---|
//! | `own` | this program's YAML: a profile, defaults, groups, hosts |
//! | `csv` | a table with a line for each host, as a spreadsheet writes it |
//! | `ansible` | an Ansible inventory in YAML, of which the variables `vastimg` and `vastimg_*` count |
//!
//! ```yaml
//! profile: loopback
//! defaults: {ssh_keys: [operator.pub]}
//! groups:
//!   large: {fixes: {fd-limits: {nofile: 2097152}}}
//! hosts:
//!   vast-01: {groups: [large], network: net/vast-01.yaml}
//!   vast-02: {fqdn: vast-02.example.com, network: {version: 2, ethernets: {eth0: {dhcp4: true}}}}
//! ```
//!
//! Settings are layers: the defaults, then each group of the host in the order in which it names them (a group's own groups
//! before it), then the host's own. A later layer's values replace those of an earlier one; keys add up. Paths are
//! relative to the inventory. Limits: one file; [`MOST`] hosts.

mod ansible;
mod check;
mod csv;
mod entry;
mod hints;
mod names;
mod own;
mod settings;

use std::sync::Arc;

use anyhow::Result;
use camino::Utf8Path;

use crate::catalogue::Catalogue;
use crate::diagnostic::{Diagnostic, Place, Source};
use crate::input;
use crate::network::Network;
use crate::plan::Disk;
use crate::profile::Layer;
use crate::yaml::{self, Node};

pub use csv::columns::{COLUMNS, Column};

/// Hosts; more would be a slip in a range.
pub const MOST: usize = 250_000;
/// In bytes; as many hosts as that with a network each.
pub const LARGEST: u64 = 128 << 20;

/// Everything that an inventory says.
#[derive(Debug)]
pub struct Inventory {
    /// The profile, by name, or by path from where the program runs; none where the command line names it.
    pub profile: Option<String>,
    /// In the order of the text.
    pub hosts: Vec<Entry>,
}

/// One host.
#[derive(Debug)]
pub struct Entry {
    /// What the inventory calls it; a file name, too.
    pub name: String,
    /// Where it is named.
    pub place: Place,
    /// Its host name: `fqdn`, or its name.
    pub hostname: String,
    /// Lines of authorized_keys, each once.
    pub ssh_keys: Vec<String>,
    /// Its network; none asks DHCP.
    pub network: Option<Network>,
    /// What Rocky's installer wipes.
    pub install_disk: Option<Disk>,
    /// What it sets of profile, the first layer first.
    pub layers: Vec<Arc<Layer>>,
}

/// A file's text, for [`read`].
///
/// # Errors
/// When it cannot be read, or is not UTF-8.
pub fn load(path: &Utf8Path) -> Result<Arc<Source>> {
    let bytes = input::bytes_within("the inventory", path, LARGEST)?;
    Ok(Source::new(path.as_str(), input::utf8("the inventory", path, bytes)?))
}

/// Reads an inventory, and holds its hosts against each other. What is wrong is told beside what could be read.
pub fn read(source: &Arc<Source>, catalogue: &Catalogue) -> (Inventory, Vec<Diagnostic>) {
    let mut found = Vec::new();
    // What a spreadsheet puts before the text would count as a character of the first line.
    let bare = source.text.strip_prefix('\u{feff}').map(|text| Source::new(source.name.as_str(), text));
    let source = bare.as_ref().unwrap_or(source);
    let inventory = if csv::is(source) {
        csv::read(source, catalogue, &mut found)
    } else {
        match yaml::parse_long(source) {
            Ok(root) if ansible::is(&root) => ansible::read(&root, catalogue, &mut found),
            Ok(root) => own::read(&root, catalogue, &mut found),
            Err(error) => {
                found.push(error);
                Inventory { profile: None, hosts: Vec::new() }
            }
        }
    };
    check::check(&inventory, &mut found);
    (inventory, found)
}

/// Whether a text is an inventory in a form that is not YAML.
pub fn is_table(source: &Source) -> bool {
    csv::is(source)
}

/// Whether a YAML text is an inventory in Ansible's form.
pub fn is_ansible(root: &Node) -> bool {
    ansible::is(root)
}
