//! tuned after the boot: our evaluator before tuned's own loader and plug-in (Debian's 2.20; Rocky 8.10 has 2.22.1, which
//! differs in neither). systemd-sysctl runs first, as it does at boot.

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use vastimg::verify::facts::Root;
use vastimg::verify::facts::sysctl::Configured;
use vastimg::verify::facts::tuned::Profile;

use super::{Entry, cases, in_namespaces, place, scratch};
use crate::cloud_init::unpacked;
use crate::tools;

const CASES: usize = 80;
const KEYS: [&str; 5] = [
    "vm/swappiness",
    "fs/file-max",
    "net/core/somaxconn",
    "net/ipv4/conf/lo/rp_filter",
    "net/ipv4/conf/eth0/rp_filter",
];
/// As long as every value, since a plain file would keep the end of a longer one.
const UNTOUCHED: &str = "-1";
const BOUND: [&str; 7] = [
    "etc/sysctl.d",
    "run/sysctl.d",
    "usr/lib/sysctl.d",
    "etc/tuned",
    "usr/lib/tuned",
    "proc/sys",
    "etc/sysctl.conf",
];

fn value() -> impl Strategy<Value = u32> {
    10..99_u32
}

fn option() -> impl Strategy<Value = String> {
    let key = prop::sample::select(KEYS.to_vec());
    let plain = (key.clone(), prop::sample::select(vec!["=", " = ", "=>", " => "]), value())
        .prop_map(|(key, equals, value)| format!("{}{equals}{value}", key.replace('/', ".")));
    // Only of this key it is sure that the boot gives it a value.
    let at_most = value().prop_map(|value| format!("vm.swappiness=<{value}"));
    let odd = prop::sample::select(vec![
        "# vm.swappiness = 11",
        "-fs.file-max=12",
        "no.such.key = 13",
        "fs.file-max = 14 # why",
        "enabled=false",
        "enabled=true",
        "replace=true",
        "drop=vm.swappiness, fs.file-max",
        "priority=5",
        "type=sysctl",
        "uname_regex=no-such-machine",
    ]);
    prop_oneof![8 => plain, 1 => at_most, 3 => odd.prop_map(str::to_owned)]
}

fn profile() -> impl Strategy<Value = Entry> {
    let include = prop::sample::select(vec![
        "",
        "include=base",
        "include=base,own",
        "include = own ; -gone",
        "include=gone",
    ]);
    let section = (
        prop::sample::select(vec!["sysctl", "sysctl", "sysctl.two", "vm"]),
        prop::collection::vec(option(), 0..4),
    )
        .prop_map(|(name, options)| format!("[{name}]\n{}\n", options.join("\n")));
    let broken = prop::sample::select(vec!["", "", "", "", "", "", "", "[sysctl]\nno option\n"]);
    (include, prop::collection::vec(section, 0..3), broken).prop_map(|(include, sections, broken)| {
        Entry::Text(format!("[main]\nsummary=x\n{include}\n{}{broken}", sections.concat()))
    })
}

fn sysctl_file() -> impl Strategy<Value = Entry> {
    let line = (
        prop::sample::select(vec!["", "", "-"]),
        prop::sample::select(KEYS.to_vec()),
        value(),
        any::<bool>(),
    )
        .prop_map(|(hyphen, key, value, dots)| {
            let key = if dots { key.replace('/', ".") } else { key.to_owned() };
            format!("{hyphen}{key} = {value}\n")
        });
    prop::collection::vec(line, 0..3).prop_map(|lines| Entry::Text(lines.concat()))
}

fn tree() -> impl Strategy<Value = Vec<(String, Entry)>> {
    let active = prop::sample::select(vec!["own", "base own", "base", "own base\n", "gone"])
        .prop_map(|names| ("/etc/tuned/active_profile".to_owned(), Entry::Text(names.to_owned())));
    let main = prop::sample::select(vec!["reapply_sysctl = 1\n", "reapply_sysctl = 0\n", "daemon = 1\n"])
        .prop_map(|text| ("/etc/tuned/tuned-main.conf".to_owned(), Entry::Text(text.to_owned())));
    let profiles = prop::collection::vec(
        (
            prop::sample::select(vec!["/etc/tuned", "/usr/lib/tuned"]),
            prop::sample::select(vec!["own", "base"]),
            profile(),
        )
            .prop_map(|(directory, name, entry)| (format!("{directory}/{name}/tuned.conf"), entry)),
        1..5,
    );
    let sysctl = prop::collection::vec(
        (
            prop::sample::select(vec![
                "/etc/sysctl.d/50-a.conf",
                "/etc/sysctl.d/99-b.conf",
                "/run/sysctl.d/50-a.conf",
                "/usr/lib/sysctl.d/70-c.conf",
                "/etc/sysctl.conf",
            ]),
            sysctl_file(),
        )
            .prop_map(|(path, entry)| (path.to_owned(), entry)),
        0..4,
    );
    (active, main, profiles, sysctl).prop_map(|(active, main, profiles, sysctl)| {
        let mut tree = vec![active, main];
        tree.extend(profiles);
        tree.extend(sysctl);
        tree
    })
}

fn prepare(directory: &Path) -> Vec<Vec<(String, Entry)>> {
    let trees = cases(&tree(), CASES);
    for (number, tree) in trees.iter().enumerate() {
        let root = directory.join(format!("tree-{number}"));
        for path in &BOUND[..6] {
            fs::create_dir_all(root.join(path)).unwrap();
        }
        for (path, entry) in tree {
            place(&root, path, entry);
        }
        place(&root, "/etc/sysctl.conf", &Entry::Text(String::new()));
        place(&root, "/usr/lib/sysctl.d/00-base.conf", &Entry::Text("vm.swappiness = 50\n".to_owned()));
        place(
            &root,
            "/etc/systemd/system/multi-user.target.wants/tuned.service",
            &Entry::Link("/usr/lib/systemd/system/tuned.service"),
        );
        place(&root, "/usr/lib/systemd/system/tuned.service", &Entry::Text("[Service]\n".to_owned()));
        for key in KEYS {
            place(&root, &format!("/proc/sys/{key}"), &Entry::Text(format!("{UNTOUCHED}\n")));
        }
    }
    trees
}

#[test]
fn tuned_leaves_what_we_say_it_will() {
    let package = unpacked().join("usr/lib/python3/dist-packages");
    let python = Path::new("/usr/bin/python3");
    if !package.join("tuned").is_dir()
        || !python.exists()
        || !Path::new("/lib/systemd/systemd-sysctl").exists()
    {
        return tools::skipped("tuned or systemd-sysctl is missing");
    }
    let directory = scratch("persisted-tuned");
    let trees = prepare(&directory);
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/consumers/persisted/tuned_apply.py");
    let bound = BOUND.join(" ");
    let all = format!(
        "cd \"$1\"; export PYTHONDONTWRITEBYTECODE=1
         for d in {bound}; do case $d in *.conf) touch /$d ;; *) mkdir -p /$d ;; esac; done
         for tree in tree-*; do
             for d in {bound}; do mount --bind $tree/$d /$d; done
             {{ /lib/systemd/systemd-sysctl; {} {} {}; }} >$tree/log 2>&1 || true
             for d in {bound}; do umount /$d; done
         done",
        python.display(),
        script.display(),
        package.display()
    );
    let Some(ran) = in_namespaces(&directory, &all, &[]) else { return };
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let mut by_profile = 0;
    for (number, tree) in trees.iter().enumerate() {
        let root = directory.join(format!("tree-{number}"));
        let tree_root = Root::new(&root);
        let profile = Profile::active(&tree_root).unwrap();
        let configured = Configured::read(&tree_root, profile.as_ref()).unwrap();
        for key in KEYS {
            let real = fs::read_to_string(root.join("proc/sys").join(key)).unwrap();
            let ours = configured.at_boot(&key.replace('/', "."));
            by_profile += usize::from(ours.as_ref().is_some_and(|ours| ours.path.ends_with("tuned.conf")));
            let ours = ours.map_or(UNTOUCHED.to_owned(), |ours| ours.value);
            assert_eq!(ours, real.trim(), "{key} in {}: {tree:#?}", root.display());
        }
    }
    assert!(by_profile > 2, "hardly any profile won: {by_profile}");
}
