//! Who may call sudo without a password: our evaluator and sudo itself, before the same sudoers files.
//!
//! sudo reads them in a mount namespace of its own, where they cover the machine's, and so do a passwd, a group and a
//! shadow file. It runs in a session of its own, since requiretty would find the terminal of whoever runs the tests.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::Path;

use proptest::prelude::*;
use proptest::sample::select;
use vastimg::verify::facts::Root;
use vastimg::verify::facts::accounts;
use vastimg::verify::facts::sudoers::{self, Answer};

use crate::host::Host;
use crate::persisted::{cases, in_namespaces, scratch};
use crate::tools;

const PASSWD: &str =
    "root:x:0:0::/root:/bin/sh\ncentos:x:1000:1000::/:/bin/sh\nrocky:x:1001:1001::/:/bin/sh\n";
const GROUP: &str = "root:x:0:\ncentos:x:1000:\nwheel:x:10:centos\nrocky:x:1001:\n";
const SHADOW: &str = "root:*:19000:0:99999:7:::\ncentos:*:19000:0:99999:7:::\nrocky:*:19000:0:99999:7:::\n";

/// Prints the exit code of each case, and whether a terminal was asked for.
const SCRIPT: &str = r#"
cd "$1"
mkdir live live/d
touch live/sudoers
for name in passwd group shadow; do mount --bind "$name" "/etc/$name"; done
mount --bind live/sudoers /etc/sudoers
mount --bind live/d /etc/sudoers.d
chmod 755 live/d
chmod 440 live/sudoers
chown 0:0 live/d live/sudoers
number=0
while [ -e "$number" ]; do
    cat "$number/etc/sudoers" > live/sudoers
    rm -f live/d/*
    cp "$number"/etc/sudoers.d/* live/d
    chmod 440 live/d/*
    [ ! -e "$number/spoil" ] || . "./$number/spoil"
    code=0
    setsid --wait setpriv --reuid=1000 --regid=1000 --init-groups sudo -n /usr/bin/true 2> err || code=$?
    tty=no
    ! grep -q 'must have a tty' err || tty=yes
    echo "$code $tty"
    chown 0:0 live/sudoers live/d
    chmod 440 live/sudoers
    chmod 755 live/d
    number=$((number + 1))
done
"#;

/// /etc/sudoers and a file of /etc/sudoers.d.
type Files = (String, String);

/// What sudo does in each case: whether it runs the command, and whether it asks for a terminal.
fn sudo(directory: &Path, all: &[Files], spoilt: &[&str]) -> Option<Vec<(bool, bool)>> {
    for tool in ["sudo", "setpriv", "setsid"] {
        tools::find(tool)?;
    }
    for (name, text) in [("passwd", PASSWD), ("group", GROUP), ("shadow", SHADOW)] {
        fs::write(directory.join(name), text).unwrap();
    }
    let host = fs::read("/proc/sys/kernel/hostname").unwrap();
    for (number, (main, included)) in all.iter().enumerate() {
        let etc = directory.join(number.to_string()).join("etc");
        fs::create_dir_all(etc.join("sudoers.d")).unwrap();
        fs::write(etc.join("sudoers"), main).unwrap();
        fs::write(etc.join("sudoers.d/90-x"), included).unwrap();
        fs::write(etc.join("passwd"), PASSWD).unwrap();
        fs::write(etc.join("group"), GROUP).unwrap();
        fs::write(etc.join("hostname"), &host).unwrap();
        if let Some(spoil) = spoilt.get(number) {
            fs::write(directory.join(number.to_string()).join("spoil"), spoil).unwrap();
        }
    }
    let ran = in_namespaces(directory, SCRIPT, &[])?;
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let answers: Vec<_> =
        ran.stdout.lines().map(|line| (line.starts_with("0 "), line.ends_with(" yes"))).collect();
    assert_eq!(answers.len(), all.len(), "{}", ran.stderr);
    Some(answers)
}

fn ours(tree: &Path) -> Answer {
    let root = Root::new(tree);
    let account = accounts::account(&root, "centos").unwrap().unwrap();
    sudoers::passwordless(&root, &account).unwrap()
}

/// A differing answer; none where it is the same, or there is none of ours.
fn difference(answer: &Answer, (runs, terminal): (bool, bool)) -> bool {
    match answer {
        Answer::Yes(_) => !runs,
        Answer::Terminal(_) => !terminal,
        Answer::Password(_) => runs || terminal,
        // sudo asks for a terminal before it looks for rules.
        Answer::Refused(_) | Answer::No { .. } => runs,
        Answer::Unknown(_) => false,
    }
}

fn compare(name: &str, all: &[Files], judged: impl Fn(&Files) -> bool) {
    let directory = scratch(name);
    let Some(answers) = sudo(&directory, all, &[]) else { return };
    let mut wrong = Vec::new();
    for (number, (files, theirs)) in all.iter().zip(&answers).enumerate() {
        let answer = ours(&directory.join(number.to_string()));
        if difference(&answer, *theirs) || (judged(files) && matches!(answer, Answer::Unknown(_))) {
            wrong.push(format!("{}--\n{}=> {answer:?}, sudo {theirs:?}", files.0, files.1));
        }
    }
    let yes = answers.iter().filter(|(runs, _)| *runs).count();
    assert!(yes > all.len() / 20 && yes < all.len(), "{yes} of {}", all.len());
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), all.len(), wrong.join("\n\n"));
}

/// Lines that sudo and we see alike, and which have to be judged.
const PLAIN: &[&str] = &[
    "centos ALL=(ALL) NOPASSWD: ALL # comment",
    "centos ALL=(ALL) NOPASSWD: SETENV: ALL",
    "centos ALL=(ALL) NOPASSWD: ALL, !/usr/bin/su",
    "centos ALL=NOPASSWD: ALL",
    "centos ALL=(ALL) NOPASSWD: ALL\nALL ALL=(ALL) NOPASSWD: /usr/bin/foo",
    "centos ALL=(ALL) NOPASSWD: ALL\n%wheel ALL=(ALL) /usr/bin/systemctl restart *",
    "centos,rocky ALL=(ALL) PASSWD: ALL",
    "centos ALL=PASSWD: ALL",
    "%wheel ALL=(root) ALL",
    "User_Alias OPS = centos\nOPS ALL=(ALL) ALL",
    "OPS ALL=(ALL) NOPASSWD: ANY\nUser_Alias OPS = rocky, centos : X = a\nCmnd_Alias ANY = /bin/a b, ALL",
    "User_Alias OPS = %wheel, !centos\nALL,!OPS ALL=(ALL) NOPASSWD: ALL",
    "centos ALL=(ALL) NOPASSWD: ALL\nDefaults requiretty",
    "centos ALL=(ALL) NOPASSWD: ALL\nDefaults:centos env_reset, requiretty",
    "centos ALL=(ALL) NOPASSWD: ALL\nDefaults:centos !requiretty\nDefaults requiretty",
    "centos ALL=(ALL) NOPASSWD: ALL\nDefaults requiretty\nDefaults:rocky, %wheel !requiretty",
    "centos ALL=(ALL) NOPASSWD: ALL\nDefaults!ALL !requiretty\nDefaults requiretty",
    "centos ALL=(ALL) NOPASSWD: ALL\nDefaults>root requiretty\nDefaults !requiretty",
    "centos ALL=(ALL) NOPASSWD: ALL\nDefaults secure_path=\"/bin, requiretty\"",
    "centos ALL=(ALL) NOPASSWD: ALL\nDefaults requiretty=foo",
    "centos ALL=(ALL) ALL\nDefaults !authenticate",
    "centos ALL=(ALL) PASSWD: ALL\nDefaults:centos !authenticate",
    "centos ALL=(ALL) \\\n   NOPASSWD: ALL",
    "centos ALL=(ALL) \\  \n   NOPASSWD: ALL",
    "# nothing \\\ncentos ALL=(ALL) NOPASSWD: ALL",
    "centos ALL=(root) NOPASSWD: ALL : ALL = PASSWD: ALL",
    "centos ALL=(root) PASSWD: ALL : ALL = NOPASSWD: ALL",
    "centos elsewhere=(root) PASSWD: ALL : ALL,!elsewhere = NOPASSWD: ALL",
    "centos ALL=(rocky) NOPASSWD: ALL, (root) ALL",
    "centos ALL=(:root) NOPASSWD: ALL",
    "Runas_Alias R = rocky, #0\ncentos ALL=(R:ALL) NOPASSWD: ALL",
    "Host_Alias H = ALL, !elsewhere\ncentos H=(ALL) NOPASSWD: ALL",
    "%#10 ALL=(ALL) NOPASSWD: ALL",
    "#1000, #1001 ALL=(ALL) NOPASSWD: ALL",
    "# 1000 ALL=(ALL) NOPASSWD: ALL",
    "OPS ALL=(ALL) NOPASSWD: ALL",
    "CENTOS ALL=(ROOT) NOPASSWD: ALL",
    "!rocky ALL=(ALL) NOPASSWD: ALL",
    "%wheel, ! centos ALL=(ALL) NOPASSWD: ALL",
    "rocky ALL=(ALL\ncentos ALL=(ALL) NOPASSWD: ALL",
    "centos ALL=(ALL\ncentos ALL=(ALL) NOPASSWD: ALL",
    "centos ALL=(ALL) NOPASSWD: ALL, !ALL",
    "centos ALL=(ALL) TYPE=x_t ROLE=x_r NOPASSWD : LOG_OUTPUT: ALL",
    "centos ALL=(ALL) NOPASSWD: ALL\n#include /etc/nowhere",
];

/// Lines that sudo judges and we do not, all with some answer of sudo's: what we say must then not be the other.
const ODD: &[&str] = &[
    "+net ALL=(ALL) NOPASSWD: ALL",
    "%:foo ALL=(ALL) NOPASSWD: ALL",
    "\"centos\" ALL=(ALL) NOPASSWD: ALL",
    "centos ALL=(ALL) NOTBEFORE=20500101000000Z NOPASSWD: ALL",
    "centos ALL=(ALL) NOPASSWD: /usr/bin/t*",
    "centos ALL=(ALL) NOPASSWD: /usr/bin/",
    "centos ALL=(ALL) NOPASSWD: ALL #1000",
    "centos ALL=(ALL) NOPASSWD: /bin/a #1000, ALL",
    "centos ALL=(ALL) NOPASSWD: (ALL) ALL",
    "centos ALL=(ALL) NOPASSWD:, ALL",
    "centos ALL=(%root) NOPASSWD: ALL",
    "centos ALL=() NOPASSWD: ALL",
    "centos 127.0.0.1=(ALL) NOPASSWD: ALL",
    "centos ALL=(ALL) sha224:abc NOPASSWD: ALL",
    "centos ALL=(ALL) NOPASSWD: ALL\nUser_Alias OPS = centos\nUser_Alias OPS = rocky\nOPS ALL=ALL",
    "centos ALL=(ALL) NOPASSWD: ALL\nDefaults requiretty, env_keep = A B",
    "centos ALL=(ALL) ALL\nDefaults exempt_group=wheel",
    "centos ALL=(ALL) NOPASSWD: ALL\nDefaults runas_default=rocky",
    "centos ALL=(ALL) NOPASSWD: ALL\nDefaults : centos requiretty",
];

#[test]
fn sudo_sees_what_is_written_by_hand_as_we_do() {
    let both = |line: &&str| {
        let file = |text: &str| format!("{text}\n");
        [
            (file(line), String::new()),
            (file("#includedir /etc/sudoers.d"), file(line)),
            (file(&format!("%wheel ALL=(ALL) ALL\n{line}\n@includedir \"sudoers.d\" # both")), String::new()),
            // Not included.
            (file(" #includedir /etc/sudoers.d\n# includedir /etc/sudoers.d"), file(line)),
        ]
    };
    let plain: Vec<Files> = PLAIN.iter().flat_map(both).collect();
    compare("sudo-plain", &plain, |_| true);
    let odd: Vec<Files> = ODD.iter().flat_map(both).collect();
    compare("sudo-odd", &odd, |_| false);
}

fn rule() -> impl Strategy<Value = String> {
    let users = [
        "centos",
        "rocky",
        "ALL",
        "%wheel",
        "%#10",
        "%rocky",
        "#1000",
        "#1001",
        "OPS",
        "NOT",
        "ALL,!centos",
        "!rocky, centos",
        "rocky,centos",
    ];
    let hosts = ["ALL", "ALL", "ALL", "elsewhere", "ALL, !elsewhere", "!ALL"];
    let runas = [
        "",
        "(ALL)",
        "(ALL:ALL)",
        "(root)",
        "(rocky)",
        "(rocky, #0)",
        "(ALL,!root)",
        "(:rocky)",
        "( AS : ALL )",
    ];
    let tags =
        ["", "", "NOPASSWD:", "NOPASSWD: ", "PASSWD: ", "NOPASSWD: SETENV: ", "NOEXEC:NOPASSWD :", "SETENV:"];
    let commands = [
        "ALL",
        "ALL",
        "ALL",
        "!ALL",
        "/usr/bin/foo a\\,b c=d",
        "!/usr/bin/su",
        "ANY",
        "!ANY",
        "SOME",
        "/bin/x \"\"",
    ];
    let specs = (select(runas.to_vec()), select(tags.to_vec()), select(commands.to_vec()));
    let specs = || prop::collection::vec(specs.clone(), 1..3);
    let specs = (select(hosts.to_vec()), specs()).prop_map(|(host, specs)| {
        let specs: Vec<_> =
            specs.iter().map(|(runas, tags, command)| format!("{runas} {tags}{command}")).collect();
        format!("{host} = {}", specs.join(", "))
    });
    let ends = select(vec!["", "", " # a comment", " \\\n", "\t"]);
    (select(users.to_vec()), prop::collection::vec(specs, 1..3), ends)
        .prop_map(|(user, specs, end)| format!("{user} {}{end}", specs.join(" : ")))
}

fn lines() -> impl Strategy<Value = String> {
    let settings = select(vec![
        "Defaults requiretty",
        "Defaults !requiretty",
        "Defaults:centos requiretty",
        "Defaults:OPS !requiretty",
        "Defaults:rocky requiretty",
        "Defaults>root !requiretty",
        "Defaults!ANY !requiretty",
        "Defaults !authenticate",
        "Defaults:%wheel authenticate",
        "Defaults env_keep += \"A B\", !requiretty",
        "Defaults !visiblepw",
    ]);
    let line = prop_oneof![5 => rule(), 1 => settings.prop_map(str::to_owned)];
    prop::collection::vec(line, 0..4).prop_map(|lines| lines.join("\n") + "\n")
}

#[test]
fn sudo_sees_what_is_generated_as_we_do() {
    let aliases = "User_Alias OPS = rocky, %wheel : NOT = ALL, !centos\nRunas_Alias AS = rocky, root\nCmnd_Alias ANY = ALL, /bin/x y\nCmnd_Alias SOME = /bin/x, /bin/y z\n";
    let include = select(vec!["", "#includedir /etc/sudoers.d\n", "@includedir sudoers.d\n"]);
    let files = (lines(), include, lines(), lines())
        .prop_map(|(before, include, after, own)| (format!("{before}{include}{aliases}{after}"), own));
    // Everything that is generated is understood.
    compare("sudo-generated", &cases(&files, 500), |_| true);
}

/// Owner and mode are looked at on a running system only.
#[test]
fn sudo_refuses_the_files_that_we_say_it_does() {
    let Some(host) = Host::new() else { return };
    let own = "centos ALL=(ALL) NOPASSWD: ALL\n";
    let kept = ("#includedir /etc/sudoers.d\n".to_owned(), own.to_owned());
    let spoilt: [(&str, &str, u32, u32); 9] = [
        ("live/d/90-x", "etc/sudoers.d/90-x", 0o440, 0),
        ("live/d/90-x", "etc/sudoers.d/90-x", 0o640, 0),
        ("live/d/90-x", "etc/sudoers.d/90-x", 0o642, 0),
        ("live/d/90-x", "etc/sudoers.d/90-x", 0o440, 1000),
        ("live/d/90-x", "etc/sudoers.d/90-x", 0o460, 0),
        ("live/sudoers", "etc/sudoers", 0o642, 0),
        ("live/sudoers", "etc/sudoers", 0o440, 1000),
        ("live/d", "etc/sudoers.d", 0o757, 0),
        ("live/d", "etc/sudoers.d", 0o755, 1000),
    ];
    let scripts: Vec<_> = spoilt
        .iter()
        .map(|(path, _, mode, owner)| format!("chown {owner} {path}; chmod {mode:o} {path}\n"))
        .collect();
    let scripts: Vec<&str> = scripts.iter().map(String::as_str).collect();
    let Some(answers) = sudo(&scratch("sudo-spoilt"), &vec![kept.clone(); spoilt.len()], &scripts) else {
        return;
    };
    let _ = fs::remove_dir_all(host.root().join("etc/sudoers.d"));
    host.write("etc/sudoers", &kept.0);
    host.write("etc/sudoers.d/90-x", &kept.1);
    for ((_, path, mode, owner), (runs, _)) in spoilt.iter().zip(answers) {
        for (path, mode) in [("etc/sudoers", 0o440), ("etc/sudoers.d", 0o755), ("etc/sudoers.d/90-x", 0o440)]
        {
            chown(host.root().join(path), Some(0), Some(0)).unwrap();
            fs::set_permissions(host.root().join(path), Permissions::from_mode(mode)).unwrap();
        }
        chown(host.root().join(path), Some(*owner), None).unwrap();
        fs::set_permissions(host.root().join(path), Permissions::from_mode(*mode)).unwrap();
        let found = host.check("base.user");
        assert_eq!(found.result == "pass", runs, "{path} {mode:o} {owner}: {found:?}");
        assert!(runs || found.source == format!("/{path}"), "{found:?}");
    }
}
