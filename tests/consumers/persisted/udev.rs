//! udev rules: our evaluator before `udevadm test`, which runs the rules over a device of this machine and says what it
//! writes where. /sys is read-only meanwhile, so that it says so only.

use std::fs;
use std::path::PathBuf;

use proptest::prelude::*;
use vastimg::verify::facts::Root;
use vastimg::verify::facts::udev::{Device, rules, written};

use super::{Entry, cases, in_namespaces, place, scratch};
use crate::cloud_init::unpacked;
use crate::tools;

const CASES: usize = 60;
const DEVICE: &str = "loop0";
const ATTRIBUTE: &str = "queue/scheduler";

fn condition() -> impl Strategy<Value = String> {
    let operator = prop::sample::select(vec!["==", "==", "==", "!="]);
    let keyed = prop::sample::select(vec![
        ("KERNEL", vec!["loop*", "sd*|vd*", "loop[0-9]", "loop?", "sd*|loop*", "l*[!0-8]"]),
        ("ACTION", vec!["add", "change", "add|change", "remove"]),
        ("SUBSYSTEM", vec!["block", "net", "*"]),
        ("ENV{DEVTYPE}", vec!["disk", "partition", "?*"]),
        ("ENV{own}", vec!["1", "two", "?*", ""]),
        ("ATTR{queue/rotational}", vec!["0", "1", "[01]"]),
        ("ATTR{no/such}", vec!["0", "*"]),
        ("TEST", vec!["queue/scheduler", "queue/nothing", "/sys/block"]),
    ]);
    let plain = (keyed, operator, any::<prop::sample::Index>())
        .prop_map(|((key, values), operator, index)| format!("{key}{operator}\"{}\"", index.get(&values)));
    let import = prop::sample::select(vec![
        "IMPORT{cmdline}=\"no_such_argument\"",
        "IMPORT{cmdline}!=\"no_such_argument\"",
    ]);
    prop_oneof![9 => plain, 1 => import.prop_map(str::to_owned)]
}

fn action() -> impl Strategy<Value = String> {
    let value = prop::sample::select(vec![
        "none",
        "bfq",
        "kyber",
        "mq-deadline",
        "$env{own}",
        "x-%k",
        "%E{DEVTYPE}",
        "100%%",
    ]);
    let write = (value, prop::sample::select(vec!["=", ":="]))
        .prop_map(|(value, equals)| format!("ATTR{{{ATTRIBUTE}}}{equals}\"{value}\""));
    let other = prop::sample::select(vec![
        "ENV{own}=\"1\"",
        "ENV{own}=\"two\"",
        "ENV{own}=\"\"",
        "GOTO=\"end\"",
        "GOTO=\"nowhere\"",
        "LABEL=\"end\"",
        "ATTR{queue/nr_requests}=\"64\"",
        "ENV{DEVTYPE}=\"other\"",
    ]);
    prop_oneof![3 => write, 2 => other.prop_map(str::to_owned)]
}

fn line() -> impl Strategy<Value = String> {
    let rule =
        (prop::collection::vec(condition(), 0..3), prop::collection::vec(action(), 1..3), any::<bool>())
            .prop_map(|(conditions, actions, joined)| {
                let all = [conditions, actions].concat();
                all.join(if joined { ", \\\n  " } else { ", " })
            });
    let noise = prop::sample::select(vec![
        "# ATTR{queue/scheduler}=\"none\"",
        "",
        "KERNEL==\"loop*",
        "LABEL=\"end\"",
    ]);
    prop_oneof![6 => rule, 1 => noise.prop_map(str::to_owned)]
}

fn tree() -> impl Strategy<Value = Vec<(String, Entry)>> {
    let text = prop::collection::vec(line(), 1..6).prop_map(|lines| Entry::Text(lines.join("\n") + "\n"));
    let entry =
        prop_oneof![8 => text, 1 => Just(Entry::Link("/dev/null")), 1 => Just(Entry::Text(String::new()))];
    let directory = prop::sample::select(vec!["etc/udev", "run/udev", "usr/lib/udev"]);
    let name = prop::sample::select(vec![
        "40-elevator.rules",
        "60-io-scheduler.rules",
        "99-z.rules",
        "60-x.rules.bak",
    ]);
    let placed = (directory, name, entry)
        .prop_map(|(directory, name, entry)| (format!("{directory}/rules.d/{name}"), entry));
    prop::collection::vec(placed, 1..6)
}

#[test]
fn udevadm_writes_what_we_say_it_will() {
    let installed = ["/usr/bin/udevadm", "/bin/udevadm"].map(PathBuf::from);
    let places = installed.into_iter().chain([unpacked().join("bin/udevadm")]);
    let Some(udevadm) = places.into_iter().find(|path| path.is_file()) else {
        return tools::skipped("udevadm is missing");
    };
    if !PathBuf::from(format!("/sys/class/block/{DEVICE}/{ATTRIBUTE}")).exists() {
        return tools::skipped("this machine has no loop0");
    }
    let directory = scratch("persisted-udev");
    let trees = cases(&tree(), CASES);
    for (number, tree) in trees.iter().enumerate() {
        let root = directory.join(format!("tree-{number}"));
        for path in ["etc/udev", "run/udev", "usr/lib/udev"] {
            fs::create_dir_all(root.join(path).join("rules.d")).unwrap();
        }
        for (path, entry) in tree {
            place(&root, path, entry);
        }
        // A property that no rule sets may come from a program, and is not known to us.
        place(&root, "usr/lib/udev/rules.d/10-own.rules", &Entry::Text("ENV{own}=\"1\"\n".to_owned()));
    }
    fs::copy(udevadm, directory.join("udevadm")).unwrap();
    let script = "cd \"$1\"; mount -o remount,ro,bind /sys; mount -t tmpfs none /run; mkdir -p /etc/udev /usr/lib/udev /run/udev
        for tree in tree-*; do
            for d in etc/udev usr/lib/udev run/udev; do mount --bind $tree/$d /$d; done
            ./udevadm test --action=add /sys/class/block/loop0 >$tree/log 2>&1 || true
            for d in etc/udev usr/lib/udev run/udev; do umount /$d; done
        done";
    let Some(ran) = in_namespaces(&directory, script, &[]) else { return };
    assert_eq!(ran.code, 0, "{}", ran.stderr);

    let arguments = fs::read_to_string("/proc/cmdline").unwrap();
    let device = Device { name: DEVICE, arguments: &arguments };
    let mut seen = 0;
    for (number, tree) in trees.iter().enumerate() {
        let root = directory.join(format!("tree-{number}"));
        let log = fs::read_to_string(root.join("log")).unwrap();
        assert!(log.contains("DEVPATH="), "{log}");
        let marker = format!("{ATTRIBUTE}' writing '");
        let last = log.lines().rfind(|line| line.contains(&marker));
        let real = last.map(|line| line.split_once(&marker).unwrap().1.trim_end_matches('\'').to_owned());
        let rules = rules(&Root::new(&root)).unwrap();
        let ours = written(&Root::new("/"), &rules, device, ATTRIBUTE);
        seen += usize::from(real.is_some());
        assert_eq!(ours.doubt, None, "{}: {tree:#?}", root.display());
        assert_eq!(ours.value.map(|(value, _)| value), real, "{}: {tree:#?}", root.display());
    }
    assert!(seen > CASES / 4, "hardly any rule wrote: {seen}");
}
