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

use std::collections::HashSet;
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
    } else if let Some(line) = ansible::section(source) {
        found.push(ansible::in_ini(source, line));
        Inventory { profile: None, hosts: Vec::new() }
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
    // What hosts have in common is wrong once.
    let mut told = HashSet::new();
    found.retain(|one| {
        let place = one.place.as_ref().map(|place| (place.source.name.clone(), place.line, place.column));
        told.insert((place, one.message.clone()))
    });
    (inventory, found)
}

/// Whether a text is an inventory in a form that is not YAML, or would be for Ansible.
pub fn is_not_yaml(source: &Source) -> bool {
    csv::is(source) || ansible::section(source).is_some()
}

/// Whether a YAML text is an inventory in Ansible's form.
pub fn is_ansible(root: &Node) -> bool {
    ansible::is(root)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn of(text: &str) -> Inventory {
        let (inventory, found) = read(&Source::new("hosts", text), &Catalogue::load(None).unwrap());
        assert!(found.is_empty(), "{found:?}");
        inventory
    }

    #[test]
    fn ansibles_variables_have_ansibles_precedence() {
        let text = "
all:
  vars: {vastimg_install_disk: vda}
  children:
    b: {hosts: {h1: , h2: , h3: , h4: {vastimg_install_disk: vdh}}, vars: {vastimg_install_disk: vdb}}
    a: {hosts: {h1: , h4: , h7: }, vars: {vastimg_install_disk: vdc, vastimg_fqdn: a.example.com}}
    c: {hosts: {h2: }, vars: {vastimg_install_disk: vdd, ansible_group_priority: 0}}
    d: {children: {e: {hosts: {h3: }, vars: {vastimg_install_disk: vde}}}}
    f: {hosts: {h5: }}
    g: {hosts: {h6: {vastimg: {install_disk: vdg}}}, vars: {vastimg_install_disk: vdf}}
a: {vars: {vastimg_fqdn: }}
";
        let told: Vec<String> = of(text)
            .hosts
            .iter()
            .map(|host| format!("{} {} {}", host.name, host.hostname, host.install_disk.as_ref().unwrap()))
            .collect();
        let wanted =
            ["h1 h1 vdb", "h2 h2 vdb", "h3 h3 vde", "h4 h4 vdh", "h7 h7 vdc", "h5 h5 vda", "h6 h6 vdf"];
        assert_eq!(told, wanted);
    }

    #[test]
    fn a_line_of_a_table_is_a_network() {
        let text = "name,interface,mac,address,gateway,dns\n\
                    a,,52:54:00:12:34:56,192.0.2.2/24 2001:db8::2/64,192.0.2.1;2001:db8::1,192.0.2.53\n\
                    b,ens3,,,,\nc,,,,,\n";
        let inventory = of(text);
        let json = |index: usize| {
            let network = inventory.hosts[index].network.as_ref()?;
            serde_json::from_str::<serde_json::Value>(network.text()).ok()
        };
        let wanted = serde_json::json!({"version": 2, "ethernets": {"eth0": {
            "match": {"macaddress": "52:54:00:12:34:56"}, "set-name": "eth0",
            "addresses": ["192.0.2.2/24", "2001:db8::2/64"], "gateway4": "192.0.2.1", "gateway6": "2001:db8::1",
            "nameservers": {"addresses": ["192.0.2.53"]},
        }}});
        assert_eq!(json(0), Some(wanted));
        assert_eq!(json(1), Some(serde_json::json!({"version": 2, "ethernets": {"ens3": {"dhcp4": true}}})));
        assert_eq!(json(2), None);
    }

    #[test]
    fn hosts_of_the_same_values_share_them() {
        let table = of("name,fd-limits.nofile\na,2097152\nb,2097152\nc,1048576\nd,\n");
        let site = of(
            "vast:\n  vars: {vastimg: {user: centos}}\n  hosts:\n    v-[1:2]: \n    v-3: {vastimg_user: vast}\n",
        );
        let same = |inventory: &Inventory, a: usize, b: usize| {
            Arc::ptr_eq(&inventory.hosts[a].layers[0], &inventory.hosts[b].layers[0])
        };
        assert!(same(&table, 0, 1) && !same(&table, 0, 2) && table.hosts[3].layers.is_empty());
        assert!(same(&site, 0, 1) && !same(&site, 0, 2));
    }
}
