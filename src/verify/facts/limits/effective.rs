//! What one login gets: the lines in their order, the more specific domain first.
//!
//! As process_limit of pam_limits 1.3.1: a line does not count after one of a more specific domain (user, or a range of
//! user ids; then group; then `*`); among equals the last one wins. A `-` line that comes too late for the soft limit
//! leaves the hard one alone too.

use super::lines::{Domain, Rule};
use super::{Configured, UNLIMITED};
use crate::verify::facts::accounts::Account;

/// A limit and the file that set it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// [`UNLIMITED`] for `nofile` stands for fs.nr_open.
    pub value: u64,
    /// Its file.
    pub path: String,
}

/// What a login gets; none where it keeps what it inherits from whatever opened the session, as sshd.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effective {
    /// The soft limit.
    pub soft: Option<Limit>,
    /// The hard limit.
    pub hard: Option<Limit>,
    /// The file whose line `DOMAIN -` excludes this login from all limits.
    pub exempt: Option<String>,
}

impl Effective {
    /// Soft and hard limit as setrlimit(2) is called with them, for one who inherits `inherited`; none where it is not
    /// called. `unlimited` is what [`UNLIMITED`] stands for: fs.nr_open, where this is the number of files.
    pub fn applied(&self, inherited: (u64, u64), unlimited: u64) -> Option<(u64, u64)> {
        if self.soft.is_none() && self.hard.is_none() {
            return None;
        }
        let of = |limit: &Option<Limit>, inherited: u64| match limit.as_ref().map(|limit| limit.value) {
            Some(UNLIMITED) => unlimited,
            Some(value) => value,
            None => inherited,
        };
        let hard = of(&self.hard, inherited.1);
        Some((of(&self.soft, inherited.0).min(hard), hard))
    }
}

/// Applies the lines to `account` for `item`.
pub fn effective(configured: &Configured, account: &Account, item: &str) -> Effective {
    let mut found = Effective::default();
    let (mut soft_from, mut hard_from) = (u8::MAX, u8::MAX);
    for line in &configured.lines {
        let path = || configured.files.get(line.file).cloned().unwrap_or_default();
        let Some(distance) = distance(&line.domain, account, line.rule == Rule::Exempt) else { continue };
        match &line.rule {
            Rule::Exempt => return Effective { exempt: Some(path()), ..Effective::default() },
            Rule::Limit { soft, hard, item: of, value } if of == item => {
                let limit = Limit { value: *value, path: path() };
                if *soft {
                    if soft_from < distance {
                        continue;
                    }
                    (found.soft, soft_from) = (Some(limit.clone()), distance);
                }
                if *hard && hard_from >= distance {
                    (found.hard, hard_from) = (Some(limit), distance);
                }
            }
            Rule::Limit { .. } => {}
        }
    }
    found
}

/// How far from the user a domain is that reaches the account.
fn distance(domain: &Domain, account: &Account, exempt: bool) -> Option<u8> {
    const USER: u8 = 0;
    const GROUP: u8 = 1;
    const DEFAULT: u8 = 4;
    let (reached, distance) = match domain {
        Domain::Name(name) if *name == account.user.name => (true, USER),
        // A line "* -" is one for a user of that name.
        Domain::Name(name) => (name == "*" && !exempt, DEFAULT),
        Domain::Group(group) => (account.is_in(group), GROUP),
        Domain::GroupId(gid) => (account.is_in_id(*gid), GROUP),
        Domain::GroupIds(first, last) => ((*first..=*last).contains(&account.user.gid), GROUP),
        Domain::UserIds(first, last) => ((*first..=*last).contains(&account.user.uid), USER),
        Domain::Logins(Some((first, last))) => (exempt && (*first..=*last).contains(&account.user.uid), USER),
        Domain::Logins(None) => (false, DEFAULT),
    };
    reached.then_some(distance)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::parse;
    use super::*;
    use crate::verify::facts::accounts::User;

    fn account(name: &str, uid: u32, groups: &[(&str, u32)]) -> Account {
        Account {
            user: User { name: name.to_owned(), uid, gid: uid },
            groups: groups.iter().map(|(name, gid)| ((*name).to_owned(), *gid)).collect(),
        }
    }

    fn of(text: &str, account: &Account) -> (Option<u64>, Option<u64>) {
        let found = effective(&parse(text), account, "nofile");
        (found.soft.map(|limit| limit.value), found.hard.map(|limit| limit.value))
    }

    #[test]
    fn the_more_specific_line_wins_and_then_the_later_one() {
        let text = "* soft nofile 1\n@vast hard nofile 2 # comment\ncentos - nofile 3\n* - nofile 4\ncentos soft nofile 5\n";
        assert_eq!(of(text, &account("centos", 1000, &[("vast", 7)])), (Some(5), Some(3)));
        assert_eq!(of(text, &account("other", 1001, &[("vast", 7)])), (Some(4), Some(2)));
        assert_eq!(of(text, &account("root", 0, &[])), (Some(4), Some(4)));
        assert_eq!(of("@:7 - nofile 9\n", &account("other", 1, &[("vast", 7)])), (Some(9), Some(9)));
        assert_eq!(of("@1:6 - nofile 9\n", &account("other", 3, &[])), (Some(9), Some(9)));
        assert_eq!(of("10: - nofile 9\n* - nofile 1\n", &account("other", 30, &[])), (Some(9), Some(9)));
    }

    #[test]
    fn a_line_for_both_that_is_too_late_for_one_sets_neither() {
        let centos = account("centos", 1000, &[]);
        assert_eq!(of("centos soft nofile 5\n* - nofile 4\n", &centos), (Some(5), None));
        assert_eq!(of("centos hard nofile 5\n* - nofile 4\n", &centos), (Some(4), Some(5)));
    }

    #[test]
    fn a_line_without_a_limit_takes_all_of_them_away() {
        let centos = account("centos", 1000, &[("vast", 7)]);
        for exempt in ["centos -", "@vast -", ":1000 -", "@1000: -", "%:1000 -"] {
            let text = format!("centos - nofile 5\n{exempt}\n");
            let found = effective(&parse(&text), &centos, "nofile");
            assert_eq!(found, Effective { exempt: Some(String::new()), ..Effective::default() }, "{text}");
        }
        assert_eq!(of("centos - nofile 5\n* -\n@other -\n%vast -\n%:1001 -\n", &centos), (Some(5), Some(5)));
    }

    #[test]
    fn a_soft_limit_is_cut_to_the_hard_one() {
        let limit = |value| Some(Limit { value, path: String::new() });
        let of = |soft, hard| Effective { soft, hard, exempt: None }.applied((1024, 4096), 1_048_576);
        assert_eq!(of(None, None), None);
        assert_eq!(of(limit(9000), None), Some((4096, 4096)));
        assert_eq!(of(None, limit(500)), Some((500, 500)));
        assert_eq!(of(limit(UNLIMITED), limit(UNLIMITED)), Some((1_048_576, 1_048_576)));
    }

    proptest! {
        #[test]
        fn any_bytes_give_an_answer(bytes in proptest::collection::vec(any::<u8>(), 0..3000)) {
            let mut all = Configured::default();
            all.add("limits.conf".to_owned(), &bytes);
            let _ = effective(&all, &account("vast", 1000, &[("wheel", 10)]), "nofile");
        }

        /// Whatever else the files say, a user's own last line decides.
        #[test]
        fn a_users_own_last_line_decides(
            before in "((\\*|@wheel|vast|1:|%wheel|@:10) (soft|hard|-|SOFT) (nofile|nproc) (-1|[0-9]{1,4}|x)\n){0,20}",
            value in 1_u64..5000,
            after in "((\\*|@wheel|@:10|%wheel) (soft|hard|-) nofile [0-9]{1,4}\n){0,5}",
        ) {
            let text = format!("{before}vast - nofile {value}\n{after}");
            prop_assert_eq!(of(&text, &account("vast", 1000, &[("wheel", 10)])), (Some(value), Some(value)));
        }
    }
}
