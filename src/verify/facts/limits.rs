//! pam_limits: what a login will get from limits.conf and limits.d.
//!
//! A line is `DOMAIN TYPE ITEM VALUE`. A user's own line beats a group's, that one `*`; among equals the last one wins.
//! `*` and groups do not reach root. Source: limits.conf(5) and pam_limits.c of Linux-PAM 1.3.1.
//! Limits: no `%group` (maxlogins only), and no ranges of user ids.

use std::io;

use super::{Root, named};

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    domain: String,
    soft: bool,
    hard: bool,
    item: String,
    value: String,
    path: String,
}

/// What a login gets; none where no line says anything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effective {
    /// The soft limit.
    pub soft: Option<String>,
    /// The hard limit.
    pub hard: Option<String>,
    /// The file of the line that won last.
    pub path: Option<String>,
}

/// The lines of one file. What pam_limits does not understand is passed over, as it does.
pub fn parse(text: &str) -> Vec<Line> {
    parse_file(text, "")
}

fn parse_file(text: &str, path: &str) -> Vec<Line> {
    text.lines()
        .filter_map(|line| {
            let line = line.split('#').next().unwrap_or_default();
            let fields: Vec<&str> = line.split_whitespace().collect();
            let [domain, kind, item, value] = fields[..] else { return None };
            let (soft, hard) = match kind {
                "soft" => (true, false),
                "hard" => (false, true),
                "-" => (true, true),
                _ => return None,
            };
            let value = if matches!(value, "-1" | "infinity" | "unlimited") { "unlimited" } else { value };
            let own = str::to_owned;
            Some(Line {
                domain: own(domain),
                soft,
                hard,
                item: own(item),
                value: own(value),
                path: own(path),
            })
        })
        .collect()
}

/// All lines of the system, in the order in which they are read.
///
/// # Errors
/// When a file cannot be read.
pub fn configured(root: &Root) -> io::Result<Vec<Line>> {
    let mut paths = vec!["/etc/security/limits.conf".to_owned()];
    let names = root.names("/etc/security/limits.d")?;
    paths.extend(
        names
            .iter()
            .filter(|name| name.ends_with(".conf"))
            .map(|name| format!("/etc/security/limits.d/{name}")),
    );
    let mut lines = Vec::new();
    for path in paths {
        let text = root.read_if_there(&path).map_err(named(&path))?;
        lines.extend(parse_file(&text.unwrap_or_default(), &path));
    }
    Ok(lines)
}

/// What `who`, a member of `groups`, gets for `item`.
pub fn effective(lines: &[Line], who: &str, groups: &[String], item: &str) -> Effective {
    let rank = |line: &Line| match line.domain.strip_prefix('@') {
        _ if line.domain == who => Some(3),
        Some(group) if who != "root" && groups.iter().any(|own| own == group) => Some(2),
        None if line.domain == "*" && who != "root" => Some(1),
        _ => None,
    };
    let winner = |wanted: fn(&Line) -> bool| {
        lines
            .iter()
            .filter(|line| line.item == item && wanted(line))
            .filter_map(|line| rank(line).map(|rank| (rank, line)))
            // The last of equal ranks is the one that max_by_key gives.
            .max_by_key(|(rank, _)| *rank)
            .map(|(_, line)| line)
    };
    let soft = winner(|line| line.soft);
    let hard = winner(|line| line.hard);
    Effective {
        soft: soft.map(|line| line.value.clone()),
        hard: hard.map(|line| line.value.clone()),
        path: soft.or(hard).map(|line| line.path.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_more_specific_line_wins_and_then_the_later_one() {
        let lines = parse(
            "* soft nofile 1\n@vast hard nofile 2 # comment\ncentos - nofile 3\n* - nofile 4\ncentos soft nofile 5\n",
        );
        let centos = effective(&lines, "centos", &["vast".to_owned()], "nofile");
        assert_eq!((centos.soft.as_deref(), centos.hard.as_deref()), (Some("5"), Some("3")));
        let member = effective(&lines, "other", &["vast".to_owned()], "nofile");
        assert_eq!((member.soft.as_deref(), member.hard.as_deref()), (Some("4"), Some("2")));
        assert_eq!(effective(&lines, "root", &["vast".to_owned()], "nofile"), Effective::default());
    }

    #[test]
    fn lines_that_pam_would_not_take_are_passed_over() {
        assert!(parse("* soft nofile\n* weird nofile 1\n# * soft nofile 1\n\n").is_empty());
        assert_eq!(parse("* - nproc -1\n")[0].value, "unlimited");
    }
}
