//! The columns that an inventory in CSV may have: one table, from which errors, help and the documentation are made.

use crate::catalogue::Catalogue;
use crate::diagnostic::nearest;

/// What the cells of a column become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Name,
    Fqdn,
    Mac,
    Interface,
    Address,
    Gateway,
    Dns,
    Network,
    SshKeys,
    InstallDisk,
    User,
}

/// A column.
#[derive(Debug)]
pub struct Column {
    /// As the header has it.
    pub name: &'static str,
    /// What stands in its cells.
    pub about: &'static str,
    /// A cell.
    pub example: &'static str,
    /// What others call it, for "did you mean".
    also: &'static [&'static str],
    pub(super) field: Field,
}

const fn column(
    field: Field,
    name: &'static str,
    about: &'static str,
    example: &'static str,
    also: &'static [&'static str],
) -> Column {
    Column { name, about, example, also, field }
}

/// All of them, but for those of the fixes' values, `FIX.VALUE`.
pub const COLUMNS: [Column; 11] = [
    column(
        Field::Name,
        "name",
        "what the host and its image are called; the one column that must be there",
        "vast-01",
        &["host", "hostname", "host_name", "vm", "vm_name", "server", "node"],
    ),
    column(
        Field::Fqdn,
        "fqdn",
        "its host name, where that is more than its name",
        "vast-01.example.com",
        &["domain_name", "dns_name"],
    ),
    column(
        Field::Mac,
        "mac",
        "the NIC, by its MAC address",
        "52:54:00:ab:cd:01",
        &["mac_address", "macaddress", "hwaddr", "hardware_address"],
    ),
    column(
        Field::Interface,
        "interface",
        "what the NIC is called; eth0 where it is empty",
        "eth0",
        &["nic", "device", "iface", "if", "link"],
    ),
    column(
        Field::Address,
        "address",
        "addresses with their prefixes; DHCP where it is empty, or says `dhcp`",
        "192.0.2.11/24",
        &["ip", "ip_address", "ipv4", "ipv6", "addresses", "ip_addr", "cidr", "ansible_host"],
    ),
    column(
        Field::Gateway,
        "gateway",
        "the default gateway, one for each address family",
        "192.0.2.1",
        &["gw", "gateway4", "gateway6", "default_gateway", "router"],
    ),
    column(
        Field::Dns,
        "dns",
        "name servers",
        "192.0.2.53 192.0.2.54",
        &["nameserver", "nameservers", "dns_servers", "dns_server", "resolver"],
    ),
    column(
        Field::Network,
        "network",
        "a file with a network-config, in place of the columns from `mac` to `dns`",
        "net/vast-01.yaml",
        &["network_config", "netplan"],
    ),
    column(
        Field::SshKeys,
        "ssh_keys",
        "files with public keys that may log in",
        "operator.pub",
        &["ssh_key", "keys", "key", "public_key", "authorized_keys"],
    ),
    column(
        Field::InstallDisk,
        "install_disk",
        "the disk that Rocky's installer wipes",
        "vda",
        &["disk", "target_disk"],
    ),
    column(
        Field::User,
        "user",
        "the user that VAST's monitor logs in as",
        "centos",
        &["username", "login", "vast_user"],
    ),
];

/// What a header's cell names.
#[derive(Clone, Debug)]
pub(super) enum Meaning {
    Of(Field),
    /// A value of a fix.
    Value(String, String),
}

/// What the cell of a header means; otherwise what is wrong with it, and the way out.
pub(super) fn meaning(cell: &str, catalogue: &Catalogue) -> Result<Meaning, (String, String)> {
    let word = cell.to_lowercase().replace([' ', '-'], "_");
    if let Some(column) = COLUMNS.iter().find(|column| column.name == word) {
        return Ok(Meaning::Of(column.field));
    }
    if let Some((fix, value)) = cell.split_once('.') {
        return of_value(fix, value, catalogue);
    }
    if matches!(word.as_str(), "groups" | "group") {
        let help =
            "give the values themselves as columns, such as fd-limits.nofile; or write the inventory as YAML";
        return Err(("a table has no groups that a host could be in".to_owned(), help.to_owned()));
    }
    if matches!(word.as_str(), "profile" | "netmask" | "prefix") {
        let help = match word.as_str() {
            "profile" => "one profile holds for all hosts, and is named on the command line",
            _ => "the prefix belongs to the address: 192.0.2.11/24",
        };
        return Err((format!("no column is named {cell:?}"), help.to_owned()));
    }
    let also = COLUMNS.iter().find(|column| column.also.contains(&word.as_str())).map(|column| column.name);
    let near = also.or_else(|| nearest(&word, COLUMNS.iter().map(|column| column.name)));
    let help = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            let names: Vec<&str> = COLUMNS.iter().map(|column| column.name).collect();
            format!("columns are {}, and FIX.VALUE such as fd-limits.nofile", names.join(", "))
        }
    };
    Err((format!("no column is named {cell:?}"), help))
}

fn of_value(fix: &str, value: &str, catalogue: &Catalogue) -> Result<Meaning, (String, String)> {
    let Some(known) = catalogue.fixes.get(fix) else {
        let help = match nearest(fix, catalogue.fixes.keys().map(String::as_str)) {
            Some(near) => format!("did you mean {near}.{value}?"),
            None => format!("fixes are {}", catalogue.fixes.keys().cloned().collect::<Vec<_>>().join(", ")),
        };
        return Err((format!("no fix is named `{fix}`"), help));
    };
    let values = &known.spec.values;
    if !values.contains_key(value) {
        let help = match nearest(value, values.keys().map(String::as_str)) {
            Some(near) => format!("did you mean {fix}.{near}?"),
            None if values.is_empty() => format!("{fix} has no values"),
            None => format!("{fix} has {}", values.keys().cloned().collect::<Vec<_>>().join(", ")),
        };
        return Err((format!("fix `{fix}` has no value `{value}`"), help));
    }
    Ok(Meaning::Value(fix.to_owned(), value.to_owned()))
}
