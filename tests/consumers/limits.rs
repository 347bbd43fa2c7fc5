//! limits.d before the real pam_limits: every case is a generated /etc/security, and for each of several users a session
//! that runuser(1) opens with nothing but pam_limits in it. What that session has is what the verifier says.
//!
//! It needs root, for a mount namespace in which /etc/security, the users and the PAM service are private.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use vastimg::verify::facts::limits::{self, lines::Domain, lines::Rule};
use vastimg::verify::facts::{Root, accounts};

use crate::chance::Chance;
use crate::privilege::{is_root, may_raise_limits};
use crate::tools;

const USERS: [&str; 5] = ["root", "vast", "guest", "member", "lone"];
const PASSWD: &str = "root:x:0:0::/:/bin/bash\nvast:x:1000:1000::/:/bin/bash\nguest:x:1001:100::/:/bin/bash\n\
                      member:x:1002:1002::/:/bin/bash\nlone:x:5000:4999::/:/bin/bash\n";
const GROUP: &str = "root:x:0:\nusers:x:100:\nwheel:x:10:vast,member\nvast:x:1000:\nmember:x:1002:\ntwin:x:1000:\n\
                     staff:x:50:member,nobody\nroots:x:60:root\n";

/// What the sessions inherit, and what PID 1 seems to have.
const INHERITED: (u64, u64) = (1024, 9000);

/// Whose pam_limits answers: Rocky's, built from 1.3.1 with Rocky's patch, at the path in VASTIMG_PAM_LIMITS; or Debian's.
#[derive(Clone, Copy, PartialEq)]
enum Whose {
    Rocky,
    Debian,
}

/// Debian's pam_limits differs in two of its patches, and in nothing else that is a limit of files: 1.5.2 brought what
/// Rocky's patch has too.
/// - 027_pam_limits_better_init_allow_explicit_root: `*` and groups set nothing for root, to whom a range of groups is
///   one of users; and what no line sets is PID 1's, and not inherited (here the same: /proc/1/limits is a private one).
/// - 032_pam_limits_EPERM_NOT_FATAL: a limit that cannot be set refuses no session.
fn as_debian_has_it(configured: &mut limits::Configured, user: &str) {
    if user != "root" {
        return;
    }
    for line in configured.lines.iter_mut().filter(|line| line.rule != Rule::Exempt) {
        line.domain = match &line.domain {
            Domain::GroupIds(first, last) => Domain::UserIds(*first, *last),
            Domain::GroupId(id) => Domain::UserIds(*id, *id),
            Domain::Logins(Some((first, last))) => Domain::UserIds(*first, *last),
            Domain::Name(name) if name == "root" => continue,
            Domain::UserIds(..) => continue,
            _ => Domain::Logins(None),
        };
    }
}

fn line(chance: &mut Chance) -> String {
    let domain = chance.one(&[
        "*",
        "*",
        "*",
        "root",
        "root",
        "vast",
        "guest",
        "member",
        "lone",
        "nobody",
        "@users",
        "@wheel",
        "@wheel",
        "@twin",
        "@staff",
        "@roots",
        "@nogroup",
        "%users",
        "%wheel",
        "%",
        ":1000",
        ":5000",
        "1000:1002",
        "1001:",
        "0:",
        "5000:5001",
        "@:10",
        "@:100",
        "@:77",
        "@1000:1002",
        "@100:",
        "@0:0",
        "%:1000",
        "%1:9",
        "%0:0",
        "%1000:2000",
        "1:2:3",
        "a:b",
        ":",
        "@:",
        "VAST",
    ]);
    let kind = chance.one(&["soft", "soft", "hard", "hard", "-", "-", "Soft", "HARD", "both"]);
    let item = chance.one(&[
        "nofile",
        "nofile",
        "nofile",
        "nofile",
        "NoFile",
        "nproc",
        "stack",
        "maxlogins",
        "files",
    ]);
    let value = match chance.below(12) {
        0 => chance.one(&["-1", "-", "unlimited", "Infinity"]).to_owned(),
        1 => chance.one(&["abc", "infinite", "--5", "", "0500", "99999999999999999999", "-2"]).to_owned(),
        2 => format!("+{}", 300 + chance.below(8000)),
        3 => format!("{}k", 300 + chance.below(8000)),
        _ => (300 + chance.below(8000)).to_string(),
    };
    // Only files are unlimited, or as few as three, without harm to the session that is to tell of them.
    let value =
        if item.eq_ignore_ascii_case("nofile") || item == "files" { value } else { "6000".to_owned() };
    let value = if matches!(item, "stack" | "maxlogins") { "100000".to_owned() } else { value };
    match chance.below(40) {
        0 => format!("{domain} -"),
        1 => format!("{domain} {kind}"),
        2 => format!("# {domain} {kind} {item} {value}"),
        3 => format!("  {domain}\t{kind}  {item} {value} further words"),
        4 => format!("{domain} {kind} {item} {value} # {domain}"),
        5 => format!(
            "{domain} {kind} {item} {value}{}{domain} {kind} {item} 777",
            " ".repeat(chance.below(1100))
        ),
        6 => String::new(),
        _ => format!("{domain} {kind} {item} {value}"),
    }
}

/// A private /etc/security.
fn write(directory: &Path, chance: &mut Chance) {
    let files = [
        "limits.conf",
        "limits.d/10-a.conf",
        "limits.d/90-b.conf",
        "limits.d/9-c.conf",
        "limits.d/B.conf",
        "limits.d/.hidden.conf",
        "limits.d/a.conf",
        "limits.d/a.conf.rpmnew",
    ];
    fs::create_dir_all(directory.join("limits.d")).unwrap();
    fs::write(directory.join("limits.conf"), "").unwrap();
    for _ in 0..1 + chance.below(3) {
        let lines: Vec<String> = (0..chance.below(7)).map(|_| line(chance)).collect();
        fs::write(directory.join(chance.one(&files)), lines.join("\n") + "\n").unwrap();
    }
    if chance.once_in(10) {
        fs::create_dir_all(directory.join("limits.d/directory.conf")).unwrap();
    }
}

/// What a session shows, as the verifier has it: "SOFT HARD", or that it is refused.
fn evaluated(root: &Root, user: &str, whose: Whose, highest: u64) -> String {
    let account = accounts::account(root, user).unwrap().unwrap();
    let mut configured = limits::configured(root).unwrap();
    if whose == Whose::Debian {
        as_debian_has_it(&mut configured, user);
    }
    let files = limits::effective(&configured, &account, "nofile");
    let nr_open = fs::read_to_string("/proc/sys/fs/nr_open").unwrap().trim().parse().unwrap();
    match files.applied(INHERITED, nr_open) {
        Some((_, hard)) if hard > highest && whose == Whose::Rocky => "refused".to_owned(),
        Some((_, hard)) if hard > highest => format!("{} {}", INHERITED.0, INHERITED.1),
        None => format!("{} {}", INHERITED.0, INHERITED.1),
        Some((soft, hard)) => format!("{soft} {hard}"),
    }
}

#[test]
fn sessions_have_the_limits_that_the_verifier_says() {
    if !is_root() {
        return tools::skipped("a private /etc/security needs root");
    }
    for tool in ["unshare", "runuser"] {
        if tools::find(tool).is_none() {
            return;
        }
    }
    let module = std::env::var("VASTIMG_PAM_LIMITS").ok();
    let whose = if module.is_some() { Whose::Rocky } else { Whose::Debian };
    let service = format!(
        "auth sufficient pam_permit.so\nsession required {}\n",
        module.as_deref().unwrap_or("pam_limits.so"),
    );
    let limits = fs::read_to_string("/proc/1/limits").unwrap();
    let mut of_pid_1: Vec<String> = limits.lines().map(str::to_owned).collect();
    for line in of_pid_1.iter_mut().filter(|line| line.starts_with("Max open files")) {
        *line = format!("{:26}{:<21}{:<21}{:<10}", "Max open files", INHERITED.0, INHERITED.1, "files");
    }
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    for (name, text) in [
        ("passwd", PASSWD),
        ("group", GROUP),
        ("nsswitch.conf", "passwd: files\ngroup: files\n"),
        ("limits", of_pid_1.join("\n").as_str()),
        ("pam.d/runuser", &service),
        ("pam.d/other", "auth required pam_deny.so\n"),
    ] {
        fs::create_dir_all(at(name).parent().unwrap()).unwrap();
        fs::write(at(name), text).unwrap();
    }
    let mut chance = Chance(1);
    let cases = 300;
    for case in 0..cases {
        write(&at(&format!("cases/{case}")), &mut chance);
    }
    // Bash has no limits of its own to add, and asks getrlimit.
    let script = format!(
        "set -eu; cd '{dir}'; ulimit -Sn {soft}; ulimit -Hn {hard}\n\
         for file in passwd group nsswitch.conf pam.d; do mount --bind $file /etc/$file; done\n\
         mount --bind limits /proc/1/limits\n\
         n=0; while [ $n -lt {cases} ]; do mount --bind cases/$n /etc/security\n\
         for user in {users}; do\n\
         got=$(runuser -u $user -- /bin/bash -c 'echo $(ulimit -Sn) $(ulimit -Hn)' 2>/dev/null) || got=refused\n\
         echo $n $user $got; done; umount /etc/security; n=$((n + 1)); done\n",
        dir = directory.path().display(),
        soft = INHERITED.0,
        hard = INHERITED.1,
        users = USERS.join(" "),
    );
    let mut unshare = tools::find("unshare").unwrap();
    let told = tools::output(unshare.args(["--mount", "/bin/bash", "-c", &script]));

    let nr_open = fs::read_to_string("/proc/sys/fs/nr_open").unwrap().trim().parse().unwrap();
    let highest = if may_raise_limits() { nr_open } else { INHERITED.1 };
    let (mut wrong, mut limited, mut refused) = (String::new(), 0, 0);
    for case in 0..cases {
        // The verifier reads a tree as root does.
        let tree = at("tree");
        let _ = fs::remove_dir_all(&tree);
        fs::create_dir_all(tree.join("etc")).unwrap();
        fs::write(tree.join("etc/passwd"), PASSWD).unwrap();
        fs::write(tree.join("etc/group"), GROUP).unwrap();
        fs::rename(at(&format!("cases/{case}")), tree.join("etc/security")).unwrap();
        let root = Root::new(&tree);
        for user in USERS {
            let ours = evaluated(&root, user, whose, highest);
            let prefix = format!("{case} {user} ");
            let real = told.lines().find_map(|line| line.strip_prefix(&prefix)).unwrap();
            limited += usize::from(real != "1024 9000");
            refused += usize::from(real == "refused");
            if ours != real {
                let _ = writeln!(wrong, "case {case} {user}: pam_limits {real}, verifier {ours}");
            }
        }
        fs::rename(tree.join("etc/security"), at(&format!("cases/{case}"))).unwrap();
    }
    if !wrong.is_empty() {
        let kept = directory.keep();
        panic!(
            "{} of {}:\n{wrong}the cases are in {}",
            wrong.lines().count(),
            cases * USERS.len(),
            kept.display()
        );
    }
    // Neither mostly nothing nor mostly refused, or nothing would have been compared.
    assert!(
        limited > cases && (whose == Whose::Debian) == (refused == 0),
        "{limited} limited, {refused} refused"
    );
}
