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

/// A user and the groups that the user is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The line of passwd.
    pub user: User,
    /// Name and id: the primary group, and those that list the user as a member. The first group of a name or of an id
    /// is the one that the C library finds; another one of the same name is none.
    pub groups: Vec<(String, u32)>,
}

impl Account {
    /// A user that is not there yet, and will be in a group of its own.
    pub fn to_be(name: &str) -> Self {
        let id = if name == "root" { 0 } else { 1000 };
        let user = User { name: name.to_owned(), uid: id, gid: id };
        Account { user, groups: vec![(name.to_owned(), id)] }
    }

    /// Whether the user is in the group of this name.
    pub fn is_in(&self, group: &str) -> bool {
        self.groups.iter().any(|(own, _)| own == group)
    }

    /// Whether the user is in the group of this id, and there is such a group.
    pub fn is_in_id(&self, gid: u32) -> bool {
        self.groups.iter().any(|(_, own)| *own == gid)
    }
}

/// A user and its groups, from /etc/passwd and /etc/group.
///
/// # Errors
/// When one of the two cannot be read.
pub fn account(root: &Root, name: &str) -> io::Result<Option<Account>> {
    let Some(user) = user(root, name)? else { return Ok(None) };
    let text = root.read_if_there("/etc/group").map_err(named("/etc/group"))?.unwrap_or_default();
    let mut all: Vec<(&str, u32, bool)> = Vec::new();
    for line in text.lines() {
        let mut fields = line.split(':');
        let (Some(group), Some(gid)) = (fields.next(), fields.nth(1).and_then(|gid| gid.parse().ok())) else {
            continue;
        };
        let member = fields.next().unwrap_or_default().split(',').any(|member| member.trim() == name);
        all.push((group, gid, member || gid == user.gid));
    }
    // Being in a group is being in its id, which another line may share.
    let own = |gid: u32| all.iter().any(|(_, other, member)| *member && *other == gid);
    let mut groups: Vec<(String, u32)> = Vec::new();
    for (group, gid, _) in &all {
        let first = all.iter().find(|(other, ..)| other == group).map(|(_, first, _)| *first);
        if own(*gid) && first == Some(*gid) && !groups.iter().any(|(other, _)| other == group) {
            groups.push(((*group).to_owned(), *gid));
        }
    }
    Ok(Some(Account { user, groups }))
}

/// Whether the user may call everything through sudo without a password, and the file whose line says so: the last one
/// that speaks of the user, of a group of the user's, or of ALL. None where no line does.
///
/// # Errors
/// When a file of sudoers.d cannot be read.
pub fn passwordless_sudo(root: &Root, name: &str) -> io::Result<Option<(bool, String)>> {
    let account = account(root, name)?;
    let mut subjects = vec![name.to_owned(), "ALL".to_owned()];
    for (group, gid) in account.iter().flat_map(|account| &account.groups) {
        subjects.extend([format!("%{group}"), format!("%#{gid}")]);
    }
    subjects.extend(account.map(|account| format!("#{}", account.user.uid)));
    let mut last = None;
    let included = root.names("/etc/sudoers.d").map_err(named("/etc/sudoers.d"))?;
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::fs;

    use proptest::prelude::*;

    use super::*;

    fn of(passwd: &str, group: &str, name: &str) -> Option<Account> {
        let tree = tempfile::tempdir().unwrap();
        fs::create_dir(tree.path().join("etc")).unwrap();
        fs::write(tree.path().join("etc/passwd"), passwd).unwrap();
        fs::write(tree.path().join("etc/group"), group).unwrap();
        account(&Root::new(tree.path()), name).unwrap()
    }

    #[test]
    fn primary_groups_members_and_groups_of_one_id() {
        let group = "root:x:0:\nvast:x:1000:\nwheel:x:10:other, vast\ntwin:x:1000:\nwheel:x:11:vast\nfar:x:12:vastx\n";
        let vast = of("root:x:0:0::/:/bin/sh\nvast:x:1000:1000::/:/bin/sh\n", group, "vast").unwrap();
        let names: Vec<_> = vast.groups.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["vast", "wheel", "twin"]);
        assert!(vast.is_in("wheel") && vast.is_in_id(10) && !vast.is_in("far") && !vast.is_in_id(12));
        assert_eq!(of("root:x:0:0\n", group, "vast"), None);
    }

    #[test]
    fn sudo_knows_users_and_groups_by_number_too() {
        let tree = tempfile::tempdir().unwrap();
        let at = |path: &str| tree.path().join(path);
        fs::create_dir_all(at("etc/sudoers.d")).unwrap();
        fs::write(at("etc/passwd"), "vast:x:1000:1000::/:/bin/sh\n").unwrap();
        fs::write(at("etc/group"), "wheel:x:10:vast\n").unwrap();
        for (line, wanted) in [
            ("vast ALL=(ALL) NOPASSWD: ALL", Some(true)),
            ("#1000 ALL=(ALL) NOPASSWD: ALL", Some(true)),
            ("%#10 ALL=(ALL:ALL) NOPASSWD: ALL", Some(true)),
            ("%wheel ALL=(ALL) ALL", Some(false)),
            ("# 1000 ALL=(ALL) NOPASSWD: ALL", None),
            ("#1001 ALL=(ALL) NOPASSWD: ALL", None),
        ] {
            fs::write(at("etc/sudoers.d/90-vast"), line).unwrap();
            let found = passwordless_sudo(&Root::new(tree.path()), "vast").unwrap();
            assert_eq!(found.map(|(without, _)| without), wanted, "{line}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn any_text_gives_an_answer(passwd in "(a?:?[0-9:,a\n]){0,60}", group in "(a?:?[0-9:,a\n]){0,60}") {
            if let Some(account) = of(&passwd, &group, "a") {
                prop_assert_eq!(account.user.name, "a");
            }
        }
    }
}
