//! What a network-config says, free of how it is written: links in the order of the file.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};

/// One link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// How other links of the file call it: version 2's key, version 1's name.
    pub name: String,
    /// Which device it is.
    pub device: Device,
    /// What it is made of.
    pub kind: Kind,
    /// IPv4.
    pub ipv4: Ipv4,
    /// IPv6.
    pub ipv6: Ipv6,
    /// Name servers, of both families, in order.
    pub nameservers: Vec<IpAddr>,
    /// In bytes, 68 to 65535.
    pub mtu: Option<u32>,
}

impl Link {
    /// Whether it has, or asks for, no address at all.
    pub fn is_bare(&self) -> bool {
        self.ipv4 == Ipv4::None && self.ipv6 == Ipv6::None
    }

    /// Whether the file gives it a gateway of its own; what DHCP brings is not known here.
    pub fn has_gateway(&self) -> bool {
        matches!(self.ipv4, Ipv4::Static { gateway: Some(_), .. })
            || matches!(self.ipv6, Ipv6::Static { gateway: Some(_), .. })
    }

    /// Whether it has, or asks for, an address of this one's family, without which a name server cannot be set.
    pub fn has_family_of(&self, address: IpAddr) -> bool {
        match address {
            IpAddr::V4(_) => self.ipv4 != Ipv4::None,
            IpAddr::V6(_) => self.ipv6 != Ipv6::None,
        }
    }
}

/// How a device is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Device {
    /// By its name, which Linux takes: 1 to 15 characters.
    Name(String),
    /// By its MAC address, as `52:54:00:aa:bb:cc`, in small letters; whatever its name is.
    Mac(String),
}

/// Kinds of links.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A NIC.
    Ethernet,
    /// Several NICs as one. Source of the options' names: the Linux bonding documentation.
    Bond {
        /// Names of links.
        members: Vec<String>,
        /// As the bonding driver calls them (`mode`, `miimon`), in the order of the file.
        options: Vec<(String, String)>,
    },
    /// IEEE 802.1Q.
    Vlan {
        /// 1 to 4094.
        id: u16,
        /// Name of the link below.
        parent: String,
    },
    /// A switch.
    Bridge {
        /// Names of links.
        members: Vec<String>,
        /// As NetworkManager calls them (`stp`, `forward-delay`), in the order of the file; `stp` is `yes` or `no`.
        options: Vec<(String, String)>,
    },
}

impl Kind {
    /// The members of a bond or bridge.
    pub fn members(&self) -> &[String] {
        match self {
            Kind::Bond { members, .. } | Kind::Bridge { members, .. } => members,
            Kind::Ethernet | Kind::Vlan { .. } => &[],
        }
    }
}

/// Where IPv4 comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ipv4 {
    /// Nowhere.
    None,
    /// From a DHCP server.
    Dhcp,
    /// From the file.
    Static {
        /// Address and prefix.
        address: Ipv4Net,
        /// Default gateway.
        gateway: Option<Ipv4Addr>,
    },
}

/// Where IPv6 comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ipv6 {
    /// Nowhere.
    None,
    /// From router advertisements.
    Auto,
    /// From a DHCP server.
    Dhcp,
    /// From the file.
    Static {
        /// Address and prefix.
        address: Ipv6Net,
        /// Default gateway.
        gateway: Option<Ipv6Addr>,
    },
}
