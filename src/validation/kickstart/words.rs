//! The words of a kickstart of RHEL 8: commands, their options, sections. A test holds them against pykickstart.
//!
//! Source: pykickstart's RHEL8 handler.

/// Commands of RHEL 8.
pub const COMMANDS: [&str; 64] = [
    "auth",
    "authconfig",
    "authselect",
    "autopart",
    "bootloader",
    "cdrom",
    "clearpart",
    "cmdline",
    "driverdisk",
    "eula",
    "fcoe",
    "firewall",
    "firstboot",
    "graphical",
    "group",
    "halt",
    "harddrive",
    "hmc",
    "ignoredisk",
    "iscsi",
    "iscsiname",
    "keyboard",
    "lang",
    "liveimg",
    "logging",
    "logvol",
    "mediacheck",
    "method",
    "module",
    "mount",
    "network",
    "nfs",
    "nvdimm",
    "ostreesetup",
    "part",
    "partition",
    "poweroff",
    "raid",
    "realm",
    "reboot",
    "repo",
    "reqpart",
    "rescue",
    "rhsm",
    "rootpw",
    "selinux",
    "services",
    "shutdown",
    "skipx",
    "snapshot",
    "sshkey",
    "sshpw",
    "syspurpose",
    "text",
    "timezone",
    "updates",
    "url",
    "user",
    "vnc",
    "volgroup",
    "xconfig",
    "zerombr",
    "zfcp",
    "zipl",
];

/// Commands of other releases, and what says the same on RHEL 8.
pub const ELSEWHERE: [(&str, &str); 8] = [
    ("timesource", "give timezone --ntpservers"),
    ("install", "leave it out; it is the only thing that the installer does"),
    ("upgrade", "leave it out; RHEL 8 installs only"),
    ("btrfs", "RHEL 8 has no Btrfs; use xfs"),
    ("autostep", "leave it out"),
    ("deviceprobe", "leave it out"),
    ("dmraid", "leave it out"),
    ("multipath", "leave it out"),
];

/// Sections, each ended by `%end`.
pub const SECTIONS: [&str; 8] =
    ["%addon", "%anaconda", "%onerror", "%packages", "%post", "%pre", "%pre-install", "%traceback"];

/// The options of commands that have a parser for them, without their hyphens.
pub const OPTIONS: [(&str, &str); 58] = [
    (
        "autopart",
        "backuppassphrase cipher encrypted escrowcert fstype luks-version noboot nohome nolvm noswap passphrase \
         pbkdf pbkdf-iterations pbkdf-memory pbkdf-time type",
    ),
    (
        "bootloader",
        "append boot-drive default disabled driveorder extlinux iscrypted leavebootorder location md5pass nombr \
         password timeout upgrade",
    ),
    ("clearpart", "all cdl disklabel drives initlabel linux list none"),
    ("cmdline", "non-interactive"),
    ("driverdisk", "biospart source"),
    ("eula", "accept accepted agree agreed"),
    ("fcoe", "autovlan dcb nic"),
    (
        "firewall",
        "disable disabled enable enabled ftp http port remove-service service smtp ssh trust use-system-defaults",
    ),
    ("firstboot", "disable disabled enable enabled reconfig"),
    ("graphical", "non-interactive"),
    ("group", "gid name"),
    ("halt", "eject kexec"),
    ("harddrive", "biospart dir partition"),
    ("ignoredisk", "drives interactive only-use"),
    ("iscsi", "iface ipaddr password port reverse-password reverse-user target user"),
    ("iscsiname", ""),
    ("keyboard", "switch vckeymap xlayouts"),
    ("lang", "addsupport"),
    ("liveimg", "checksum noverifyssl proxy url"),
    ("logging", "host level port"),
    (
        "logvol",
        "backuppassphrase cachemode cachepvs cachesize chunksize cipher encrypted escrowcert fsoptions fsprofile \
         fstype grow hibernation label luks-version maxsize metadatasize mkfsoptions name noformat passphrase \
         pbkdf pbkdf-iterations pbkdf-memory pbkdf-time percent poolname profile recommended resize size thin \
         thinpool useexisting vgname",
    ),
    ("mediacheck", ""),
    ("method", "metalink mirrorlist noverifyssl proxy sslcacert sslclientcert sslclientkey url"),
    ("module", "disable name stream"),
    ("mount", "mkfsoptions mountoptions reformat"),
    (
        "network",
        "activate bindto bondopts bondslaves bootproto bridgeopts bridgeslaves device dhcpclass essid ethtool \
         gateway hostname interfacename ip ipv6 ipv6gateway mtu nameserver netmask no-activate nodefroute nodns \
         noipv4 noipv6 notksdevice onboot teamconfig teamslaves vlanid wepkey wpakey",
    ),
    ("nfs", "dir opts server"),
    ("nvdimm", "blockdevs mode namespace sectorsize"),
    ("ostreesetup", "nogpg osname ref remote url"),
    (
        "part",
        "active asprimary backuppassphrase cipher encrypted escrowcert fsoptions fsprofile fstype grow \
         hibernation label luks-version maxsize mkfsoptions noformat onbiosdisk ondisk ondrive onpart passphrase \
         pbkdf pbkdf-iterations pbkdf-memory pbkdf-time recommended resize size type usepart",
    ),
    (
        "partition",
        "active asprimary backuppassphrase cipher encrypted escrowcert fsoptions fsprofile fstype grow \
         hibernation label luks-version maxsize mkfsoptions noformat onbiosdisk ondisk ondrive onpart passphrase \
         pbkdf pbkdf-iterations pbkdf-memory pbkdf-time recommended resize size type usepart",
    ),
    ("poweroff", "eject kexec"),
    (
        "raid",
        "backuppassphrase chunksize cipher device encrypted escrowcert fsoptions fsprofile fstype label level \
         luks-version mkfsoptions noformat passphrase pbkdf pbkdf-iterations pbkdf-memory pbkdf-time spares \
         useexisting",
    ),
    ("reboot", "eject kexec"),
    (
        "repo",
        "baseurl cost excludepkgs ignoregroups includepkgs install metalink mirrorlist name noverifyssl proxy \
         sslcacert sslclientcert sslclientkey",
    ),
    ("reqpart", "add-boot"),
    ("rescue", "nomount romount"),
    ("rhsm", "activation-key connect-to-insights organization proxy rhsm-baseurl server-hostname"),
    ("rootpw", "iscrypted lock plaintext"),
    ("selinux", "disabled enforcing permissive"),
    ("services", "disabled enabled"),
    ("shutdown", "eject kexec"),
    ("skipx", ""),
    ("snapshot", "name when"),
    ("sshkey", "username"),
    ("sshpw", "iscrypted lock plaintext sshkey username"),
    ("syspurpose", "addon role sla usage"),
    ("text", "non-interactive"),
    ("timezone", "isUtc nontp ntpservers utc"),
    ("updates", ""),
    ("url", "metalink mirrorlist noverifyssl proxy sslcacert sslclientcert sslclientkey url"),
    ("user", "gecos gid groups homedir iscrypted lock name password plaintext shell uid"),
    ("vnc", "host password port"),
    ("volgroup", "noformat pesize reserved-percent reserved-space useexisting"),
    ("xconfig", "defaultdesktop startxonboot"),
    ("zerombr", ""),
    ("zfcp", "devnum fcplun wwpn"),
    ("zipl", "force-secure-boot no-secure-boot secure-boot"),
];

/// The options of a command; none where it reads its arguments in a way of its own.
pub fn options_of(command: &str) -> Option<impl Iterator<Item = &'static str> + Clone> {
    let (_, options) = OPTIONS.iter().find(|(name, _)| *name == command)?;
    Some(options.split_whitespace())
}
