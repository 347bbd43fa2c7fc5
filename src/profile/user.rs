//! The VAST user's name: one that useradd takes, and that is nobody else's. Sources: useradd(8), Rocky 8's packages.

use anyhow::{Result, ensure};

use super::DEFAULT_USER;

/// What Rocky 8's packages `setup`, `systemd`, `dbus`, `openssh` and `chrony` create.
const SYSTEM_ACCOUNTS: [&str; 20] = [
    "bin",
    "daemon",
    "adm",
    "lp",
    "sync",
    "shutdown",
    "halt",
    "mail",
    "operator",
    "games",
    "ftp",
    "nobody",
    "dbus",
    "sshd",
    "chrony",
    "polkitd",
    "tss",
    "rpc",
    "systemd-resolve",
    "systemd-coredump",
];

/// useradd's own rule, and not root, whose logins differ in every way that matters here.
pub(super) fn check_user(name: &str) -> Result<()> {
    let mut chars = name.chars();
    let first = chars.next().is_some_and(|c| c.is_ascii_lowercase() || c == '_');
    ensure!(
        first
            && name.len() <= 32
            && chars.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-".contains(c)),
        "is no user name: 1 to 32 of a-z, 0-9, _ and -, the first a letter or _"
    );
    ensure!(name != "root", "cannot be root: VAST's monitor logs in as an ordinary user that may call sudo");
    ensure!(
        !SYSTEM_ACCOUNTS.contains(&name),
        "is an account of Rocky's own, which has no shell to log in to; the document's user is {DEFAULT_USER}"
    );
    Ok(())
}
