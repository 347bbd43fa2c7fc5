//! Users and groups. Sources: passwd(5), group(5).

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
