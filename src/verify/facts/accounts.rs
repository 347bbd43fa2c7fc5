//! Users, groups and who may call sudo without a password. Sources: passwd(5), group(5), sudoers(5).

use std::io;

use super::{Root, named};

/// A line of passwd.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Name.
    pub name: String,
    /// User id.
    pub uid: u32,
    /// Primary group's id.
    pub gid: u32,
}

/// A user by name, from /etc/passwd.
///
/// # Errors
/// When it cannot be read.
pub fn user(root: &Root, name: &str) -> io::Result<Option<User>> {
    let text = root.read("/etc/passwd").map_err(named("/etc/passwd"))?;
    Ok(text.lines().find_map(|line| {
        let mut fields = line.split(':');
        let found = fields.next().filter(|found| *found == name)?;
        let uid = fields.nth(1)?.parse().ok()?;
        let gid = fields.next()?.parse().ok()?;
        Some(User { name: found.to_owned(), uid, gid })
    }))
}

/// Names of the user's groups: the primary one, and those that list the user as a member.
///
/// # Errors
/// When /etc/passwd or /etc/group cannot be read.
pub fn groups(root: &Root, name: &str) -> io::Result<Vec<String>> {
    let primary = user(root, name)?.map(|user| user.gid.to_string());
    let text = root.read_if_there("/etc/group")?.unwrap_or_default();
    let own = |line: &str| {
        let fields: Vec<&str> = line.split(':').collect();
        let [group, _, gid, members] = fields[..] else { return None };
        let member = members.split(',').any(|member| member == name) || primary.as_deref() == Some(gid);
        member.then(|| group.to_owned())
    };
    Ok(text.lines().filter_map(own).collect())
}

/// Whether the user may call everything through sudo without a password, and the file whose line says so: the last one
/// that speaks of the user, of a group of the user's, or of ALL. None where no line does.
///
/// # Errors
/// When a file of sudoers.d cannot be read.
pub fn passwordless_sudo(root: &Root, name: &str) -> io::Result<Option<(bool, String)>> {
    let mut subjects: Vec<String> = groups(root, name)?.iter().map(|group| format!("%{group}")).collect();
    subjects.extend([name.to_owned(), "ALL".to_owned()]);
    let mut last = None;
    let included = root.names("/etc/sudoers.d")?;
    // sudo passes over names with a dot or a tilde at their end.
    let included = included.iter().filter(|name| !name.contains('.') && !name.ends_with('~'));
    for path in
        ["/etc/sudoers".to_owned()].into_iter().chain(included.map(|name| format!("/etc/sudoers.d/{name}")))
    {
        let text = root.read_if_there(&path).map_err(named(&path))?;
        for line in text.unwrap_or_default().lines() {
            let mut fields = line.split_whitespace();
            if fields.next().is_some_and(|subject| subjects.iter().any(|own| own == subject)) {
                let rest: String = fields.collect::<Vec<_>>().concat();
                let commands =
                    ["ALL=(ALL)", "ALL=(ALL:ALL)"].iter().find_map(|hosts| rest.strip_prefix(hosts));
                if let Some(commands) = commands {
                    last = Some((commands == "NOPASSWD:ALL", path.clone()));
                }
            }
        }
    }
    Ok(last)
}
