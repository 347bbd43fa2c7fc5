//! The worst that a megabyte can hold for each parser, and the most that all files together can.

use std::fs;

use vastimg::verify::facts::udev::{Device, rules, written};
use vastimg::verify::facts::{cmdline, sysctl::Configured, tuned::Profile};

use super::{LARGEST, Tree, filled, soon};

#[test]
fn a_hundred_thousand_parameters() {
    let tree = Tree::new();
    tree.tuned();
    tree.place("/etc/tuned/a/tuned.conf", "[sysctl]\nvm.swappiness=30\n");
    tree.place("/usr/lib/systemd/libsystemd-shared-252.so", "");
    let text = filled(|number| format!("k.{:05x}=1\n", number % 100_000));
    assert!(text.lines().count() > 90_000);
    tree.place("/etc/sysctl.d/a.conf", text);
    let root = tree.root();
    soon("keys", || {
        let profile = Profile::active(&root).unwrap();
        let all = Configured::read(&root, profile.as_ref()).unwrap();
        for number in 0..1000 {
            assert_eq!(all.at_boot(&format!("k.{number:05x}")).unwrap().value, "1");
        }
    });
    // Each of them overwrites what is there, or is a glob that has to be tried.
    tree.place("/etc/sysctl.d/a.conf", filled(|number| format!("a={number}\n")));
    let all = soon("one key", || Configured::read(&root, None).unwrap());
    assert!(all.at_boot("a").is_some());
    tree.place("/etc/sysctl.d/a.conf", filled(|number| format!("*.{number:05x}*=1\n")));
    let all = soon("globs", || Configured::read(&root, None).unwrap());
    soon("globs", || assert!((0..10).all(|_| all.at_boot("a.b").is_none())));
}

#[test]
fn more_parameters_than_memory_is_for_are_an_error() {
    let tree = Tree::new();
    let text = "a=b\n".repeat(LARGEST / 4);
    tree.place("/etc/sysctl.d/50-a.conf", &text);
    let error = soon("lines", || Configured::read(&tree.root(), None).unwrap_err());
    assert!(error.to_string().contains("/etc/sysctl.d/50-a.conf"), "{error}");
    for number in 0..40 {
        tree.place(&format!("/etc/sysctl.d/{number}.conf"), "#".repeat(LARGEST));
    }
    let error = soon("comments", || Configured::read(&tree.root(), None).unwrap_err());
    assert!(error.to_string().contains("too much"), "{error}");
}

#[test]
fn a_name_that_is_not_utf_8_is_an_error_where_the_system_reads_it() {
    use std::os::unix::ffi::OsStrExt;
    let tree = Tree::new();
    tree.place("/etc/sysctl.d/a.conf", "a=1\n");
    let directory = tree.0.path().join("etc/sysctl.d");
    fs::write(directory.join(std::ffi::OsStr::from_bytes(b"b\xff.txt")), "a=2\n").unwrap();
    assert_eq!(Configured::read(&tree.root(), None).unwrap().at_boot("a").unwrap().value, "1");
    fs::write(directory.join(std::ffi::OsStr::from_bytes(b"b\xff.conf")), "a=2\n").unwrap();
    let error = Configured::read(&tree.root(), None).unwrap_err();
    assert!(error.to_string().contains("/etc/sysctl.d/b\u{fffd}.conf: its name is not UTF-8"), "{error}");
}

#[test]
fn the_worst_udev_rules() {
    let value = |text: &str| {
        let tree = Tree::new();
        tree.place("/sys/class/block/sda/size", "1\n");
        tree.place("/etc/udev/rules.d/a.rules", text);
        let rules = rules(&tree.root()).unwrap();
        let device = Device { name: "sda", arguments: &"a ".repeat(1000) };
        written(&tree.root(), &rules, device, "queue/scheduler").value.map(|(value, _)| value)
    };
    let last = "ATTR{queue/scheduler}=\"none\"\n";
    for (what, text) in [
        ("jumps to nowhere", filled(|_| "GOTO=\"x\"\n".to_owned())),
        ("jumps to the end", filled(|_| "GOTO=\"0\"\n".to_owned())),
        ("one long line", filled(|_| "KERNEL==\"x|y\",\\\n".to_owned())),
        ("values that grow", "ENV{A}=\"aa\"\n".to_owned() + &"ENV{A}=\"$env{A}$env{A}\"\n".repeat(1000)),
        (
            "patterns that go back",
            format!("ENV{{A}}=\"{}\"\nENV{{A}}==\"*{}b\"\n", "a".repeat(500), "a".repeat(300_000)),
        ),
        ("many patterns", format!("KERNEL==\"{}\", RUN+=\"x\"\n", "*a*a*b|".repeat(100_000))),
        ("many attributes", filled(|number| format!("ATTR{{{number:x}}}==\"1\"\n"))),
        ("arguments", filled(|_| "IMPORT{cmdline}==\"b\"\n".to_owned())),
    ] {
        let most: String = text.split_inclusive('\n').take(40_000).collect();
        let most = &most[..most.len().min(LARGEST - 100)];
        let shown = soon(what, || value(&format!("{most}\nLABEL=\"0\"\n{last}")));
        assert_eq!(shown.as_deref(), Some("none"), "{what}");
    }
    // What got too long is not known, and is not the empty text either.
    let grows = "ENV{A}=\"aa\"\n".to_owned() + &"ENV{A}=\"$env{A}$env{A}\"\n".repeat(20);
    assert_eq!(value(&format!("{grows}ENV{{A}}!=\"?*\", {last}")), None);
    assert_eq!(value(&format!("ENV{{A}}=\"$attr{{size}}\"\nENV{{A}}==\"\", {last}")), None);
}

#[test]
fn the_worst_profiles_of_tuned() {
    let tree = Tree::new();
    tree.tuned();
    let active = || Profile::active(&tree.root());
    for (what, text) in [
        ("names", "[main]\ninclude=".to_owned() + &filled(|number| format!("-{number:x},"))[..100_000]),
        ("sections", filled(|number| format!("[{number:x}]\n"))),
        ("options", "[sysctl]\n".to_owned() + &filled(|number| format!("{number:x}=\n"))),
    ] {
        tree.place("/etc/tuned/a/tuned.conf", text);
        let error = soon(what, || active().unwrap_err());
        assert!(error.to_string().contains("/etc/tuned/"), "{what}: {error}");
    }
    // As much as is taken.
    let options: String = (0..3000).map(|number| format!("{number:x}=\n")).collect();
    tree.place("/etc/tuned/a/tuned.conf", format!("[sysctl]\n{options}"));
    soon("options", || assert_eq!(active().unwrap().unwrap().of("sysctl").count(), 3000));
    tree.place("/etc/tuned/a/tuned.conf", "[main]\ninclude=b\n");
    tree.place("/etc/tuned/b/tuned.conf", "[main]\ninclude=a\n");
    soon("a circle", active).unwrap();
    tree.place("/etc/tuned/active_profile", filled(|number| format!("-{number:x} ")));
    assert!(soon("active profiles", active).unwrap_err().to_string().contains("/etc/tuned/active_profile"));
}

#[test]
fn the_worst_boot_entries() {
    let tree = Tree::new();
    let entry = |text: String| tree.place("/boot/loader/entries/a.conf", text);
    entry("options ".to_owned() + &"$a ".repeat(300_000));
    tree.place("/boot/grub2/grubenv", "a=".to_owned() + &"x ".repeat(30_000));
    let error = soon("variables", || cmdline::at_boot(&tree.root()).unwrap_err());
    assert!(error.to_string().contains("/boot/loader/entries/a.conf"), "{error}");
    entry("options $a ${a} last=1\n".to_owned());
    let (arguments, _) = cmdline::at_boot(&tree.root()).unwrap().unwrap();
    assert_eq!(arguments.len(), 2047, "a kernel takes no more");
    assert_eq!(cmdline::value(&arguments, "last"), None);
    entry("options ".to_owned() + &"x ".repeat(500_000));
    soon("words", || cmdline::at_boot(&tree.root()).unwrap());
    tree.place("/boot/grub2/grubenv", "a".repeat(70_000));
    assert!(cmdline::at_boot(&tree.root()).unwrap_err().to_string().contains("/boot/grub2/grubenv"));
}

#[test]
fn fifty_thousand_names() {
    let tree = Tree::new();
    for number in 0..25_000 {
        tree.place(&format!("/etc/x/{number}"), "");
        tree.place(&format!("/usr/x/{number}"), "");
    }
    let found = soon("names", || tree.root().layered(&["/etc/x", "/usr/x"], |_| true).unwrap());
    assert_eq!(found.len(), 25_000);
    assert!(found.iter().all(|path| path.starts_with("/etc/x/")), "the first directory hides the second");
}
