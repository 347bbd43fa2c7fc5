//! Kernel parameters: our evaluators before systemd-sysctl and procps' sysctl.

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use vastimg::verify::facts::Root;
use vastimg::verify::facts::sysctl::{boot::Boot, procps};

use super::{Entry, cases, in_namespaces, place, scratch};
use crate::tools;

const CASES: usize = 250;

/// Below /proc/sys, with the value that stands for "nobody set it".
const KEYS: [&str; 8] = [
    "vm/swappiness",
    "fs/file-max",
    "net/core/somaxconn",
    "net/ipv4/tcp_rmem",
    "net/ipv4/conf/all/rp_filter",
    "net/ipv4/conf/eth0/rp_filter",
    "net/ipv4/conf/eth0.100/rp_filter",
    "net/ipv4/conf/lo/rp_filter",
];
const UNTOUCHED: &str = "untouched";

#[derive(Clone, Copy, PartialEq)]
enum Reader {
    Systemd,
    Procps,
}

fn spelling(reader: Reader) -> impl Strategy<Value = String> {
    let plain = prop::sample::select(KEYS.to_vec()).prop_flat_map(|key| {
        let dotted: String = key
            .chars()
            .map(|c| {
                if c == '/' {
                    '.'
                } else if c == '.' {
                    '/'
                } else {
                    c
                }
            })
            .collect();
        prop::sample::select(vec![key.to_owned(), dotted])
    });
    if reader == Reader::Procps {
        return plain.boxed();
    }
    let odd = prop::sample::select(vec![
        "net.ipv4.conf.*.rp_filter",
        "net/ipv4/conf/*/rp_filter",
        "net.ipv4.conf.eth[01].rp_filter",
        "net.ipv4.conf.???.rp_filter",
        "net.*.rp_filter",
        "vm.swap*",
        "fs..file-max",
        "/vm/swappiness",
        "no.such.key",
        "[",
    ]);
    prop_oneof![6 => plain, 3 => odd.prop_map(str::to_owned)].boxed()
}

fn line(reader: Reader) -> impl Strategy<Value = String> {
    let value = prop::sample::select(vec!["0", "1", "2", "4096 87380 6291456", "4096\t1   2", "65535"]);
    // procps 4 knows the hyphen, 3.3.15 does not; and what an empty value does differs too.
    let hyphen = if reader == Reader::Systemd {
        prop::sample::select(vec!["", "", "-", "- "])
    } else {
        prop::sample::select(vec![""])
    };
    let assignment = (hyphen, spelling(reader), prop::sample::select(vec!["=", " = ", "\t=  "]), value)
        .prop_map(|(hyphen, key, equals, value)| format!("{hyphen}{key}{equals}{value}"));
    let exclusion = spelling(reader).prop_map(|key| format!("-{key}"));
    let noise = prop::sample::select(vec![
        "# vm.swappiness = 9",
        "; fs.file-max = 9",
        "",
        "   ",
        "\tvm.swappiness=7  ",
    ]);
    let bare = if reader == Reader::Systemd { exclusion.boxed() } else { Just(String::new()).boxed() };
    prop_oneof![8 => assignment, 1 => bare, 1 => noise.prop_map(str::to_owned)]
}

fn file(reader: Reader) -> impl Strategy<Value = Entry> {
    let text =
        prop::collection::vec(line(reader), 0..6).prop_map(|lines| Entry::Text(lines.join("\n") + "\n"));
    // procps complains of a directory and goes on; so does systemd.
    let other = prop::sample::select(vec![
        Entry::Link("/dev/null"),
        Entry::Link("nowhere"),
        Entry::Text(String::new()),
        Entry::Directory,
    ]);
    prop_oneof![9 => text, 2 => other]
}

/// Path in the tree and what is there.
fn tree(reader: Reader) -> impl Strategy<Value = Vec<(String, Entry)>> {
    // /run hides /etc in 3.3.15 and /etc hides /run in 4, so that procps is not given the choice.
    let directories = match reader {
        Reader::Systemd => {
            vec!["/etc/sysctl.d", "/run/sysctl.d", "/usr/local/lib/sysctl.d", "/usr/lib/sysctl.d"]
        }
        Reader::Procps => vec!["/etc/sysctl.d", "/usr/local/lib/sysctl.d", "/usr/lib/sysctl.d"],
    };
    let names = vec![
        "10-a.conf",
        "50-default.conf",
        "99-vast.conf",
        "99-vast-perf.conf",
        "Z.conf",
        "99-a.conf.bak",
        "README",
    ];
    let placed = (prop::sample::select(directories), prop::sample::select(names), file(reader))
        .prop_map(|(directory, name, entry)| (format!("{directory}/{name}"), entry));
    let conf = prop::collection::vec(line(reader), 0..3)
        .prop_map(|lines| ("/etc/sysctl.conf".to_owned(), Entry::Text(lines.join("\n") + "\n")));
    let link = Just(("/etc/sysctl.d/99-sysctl.conf".to_owned(), Entry::Link("../sysctl.conf")));
    (prop::collection::vec(placed, 1..7), conf, prop::option::of(link)).prop_map(|(mut tree, conf, link)| {
        tree.push(conf);
        tree.extend(link);
        tree
    })
}

/// Runs `command` over every tree, and gives what each key of each has then.
fn ran(directory: &Path, command: &str) -> Option<Vec<Vec<Option<String>>>> {
    let script = format!(
        "cd \"$1\"; mount --make-rprivate /; for d in /etc/sysctl.d /run/sysctl.d /usr/local/lib/sysctl.d /usr/lib/sysctl.d; do mkdir -p $d; done
         touch /etc/sysctl.conf
         for tree in tree-*; do
             for d in etc/sysctl.d run/sysctl.d usr/local/lib/sysctl.d usr/lib/sysctl.d; do mount --bind $tree/$d /$d; done
             mount --bind $tree/etc/sysctl.conf /etc/sysctl.conf; mount --bind $tree/proc/sys /proc/sys
             ({command}) >$tree/log 2>&1 || true
             umount /proc/sys /etc/sysctl.conf /etc/sysctl.d /run/sysctl.d /usr/local/lib/sysctl.d /usr/lib/sysctl.d
         done"
    );
    let ran = in_namespaces(directory, &script, &[])?;
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let read = |number: usize| {
        KEYS.iter()
            .map(|key| {
                let text =
                    fs::read_to_string(directory.join(format!("tree-{number}/proc/sys/{key}"))).unwrap();
                // A shorter value leaves the rest of a longer one in a plain file.
                let first = text.lines().next().unwrap_or_default();
                (first != UNTOUCHED).then(|| first.split_whitespace().collect::<Vec<_>>().join(" "))
            })
            .collect()
    };
    Some((0..CASES).map(read).collect())
}

fn prepare(name: &str, reader: Reader) -> (std::path::PathBuf, Vec<Vec<(String, Entry)>>) {
    let directory = scratch(name);
    let trees = cases(&tree(reader), CASES);
    for (number, tree) in trees.iter().enumerate() {
        let root = directory.join(format!("tree-{number}"));
        for directory in
            ["etc/sysctl.d", "run/sysctl.d", "usr/local/lib/sysctl.d", "usr/lib/sysctl.d", "usr/lib/systemd"]
        {
            fs::create_dir_all(root.join(directory)).unwrap();
        }
        for (path, entry) in tree {
            place(&root, path, entry);
        }
        for key in KEYS {
            place(&root, &format!("/proc/sys/{key}"), &Entry::Text(format!("{UNTOUCHED}\n")));
        }
    }
    (directory, trees)
}

fn dotted(key: &str) -> String {
    vastimg::verify::facts::sysctl::lines::dotted(key)
}

/// The version that this machine has is what the evaluator is told, by the name of the library.
#[test]
fn systemd_sysctl_sets_what_we_say_it_will() {
    let program = "/lib/systemd/systemd-sysctl";
    if !Path::new(program).exists() {
        return tools::skipped("systemd-sysctl is missing");
    }
    let version = tools::output(tools::find("systemctl").unwrap().arg("--version"));
    let version = version.split_whitespace().nth(1).unwrap().to_owned();
    let (directory, trees) = prepare("persisted-systemd-sysctl", Reader::Systemd);
    let Some(real) = ran(&directory, program) else { return };
    let mut set = 0;
    for (number, real) in real.iter().enumerate() {
        let root = directory.join(format!("tree-{number}"));
        fs::write(root.join(format!("usr/lib/systemd/libsystemd-shared-{version}.so")), "").unwrap();
        let boot = Boot::read(&Root::new(&root)).unwrap();
        for (key, real) in KEYS.iter().zip(real) {
            let ours = boot.assigned(&dotted(key)).map(|assigned| assigned.value.clone());
            set += usize::from(real.is_some());
            assert_eq!(&ours, real, "{key} in {}: {:#?}", root.display(), trees[number]);
        }
    }
    assert!(set > CASES / 2, "hardly anything was set: {set}");
}

#[test]
fn procps_sets_what_we_say_it_will() {
    let (directory, trees) = prepare("persisted-procps", Reader::Procps);
    if tools::find("sysctl").is_none() {
        return;
    }
    let Some(real) = ran(&directory, "PATH=$PATH:/sbin:/usr/sbin sysctl --system") else { return };
    let mut set = 0;
    for (number, real) in real.iter().enumerate() {
        let root = directory.join(format!("tree-{number}"));
        let all = procps::read(&Root::new(&root)).unwrap();
        for (key, real) in KEYS.iter().zip(real) {
            let ours = all
                .iter()
                .rev()
                .find(|(own, _)| *own == dotted(key))
                .map(|(_, assigned)| assigned.value.clone());
            set += usize::from(real.is_some());
            assert_eq!(&ours, real, "{key} in {}: {:#?}", root.display(), trees[number]);
        }
    }
    assert!(set > CASES / 2, "hardly anything was set: {set}");
}
