//! Generated units, drop-ins and links before systemd itself: `systemd --test` tells which limit each service would get,
//! and which the boot starts. The verifier says the same of the same files.
//!
//! Debian 12 has systemd 252 and Rocky 8 has 239. Where they read differently the case is turned into one that 252 reads
//! as 239 does (see [`crate::systemd_239`]), and the difference is named. `systemd --test` needs root, for a mount namespace
//! with private units, and then runs as nobody.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use vastimg::verify::facts::Root;
use vastimg::verify::facts::systemd::{self, Rlimit};

use crate::chance::Chance;
use crate::privilege::is_root;
use crate::systemd_239::as_252_has_it;
use crate::tools;

pub(crate) const BASES: [&str; 3] =
    ["etc/systemd/system", "usr/local/lib/systemd/system", "usr/lib/systemd/system"];
/// Units that only links start.
const WANTED: [&str; 4] = ["w.service", "v@1.service", "v@2.service", "w-x.service"];
pub(crate) const WANTS: [&str; 3] =
    ["default.target.wants", "default.target.wants", "default.target.requires"];
const PROGRAM: &str = "/usr/lib/systemd/systemd";

pub(crate) fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    // One that was made a link to /dev/null is a file again.
    let _ = fs::remove_file(path);
    fs::write(path, text).unwrap();
}

pub(crate) fn link(target: &str, path: &Path) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let _ = fs::remove_file(path);
    symlink(target, path).unwrap();
}

/// Lines with some assignments of `key`, in the right section or another.
fn settings(chance: &mut Chance, section: &str, key: &str) -> String {
    let mut text = String::new();
    for _ in 0..1 + chance.below(2) {
        let other = ["[X-Other]", "[Unit]", "[Install]", "[service]", "[Manager]", "[Service]"];
        let header = if chance.once_in(5) { chance.one(&other) } else { section };
        if !chance.once_in(12) {
            let _ = writeln!(text, "{}{header}", chance.one(&["", "", "  ", "\t"]));
        }
        for _ in 0..1 + chance.below(3) {
            let number = 3000 + chance.below(5000);
            let value = match chance.below(20) {
                0 => String::new(),
                1 => format!("{number}:{}", number + 500),
                2 => format!("{number}:{}", number - 500),
                3 => format!("{number}: {}", number + 500),
                4 => format!("{number} :{}", number + 500),
                5 => format!("{number}:infinity"),
                6 => format!("{number}K"),
                7 => format!("{number:#x}"),
                8 => format!("0{number:o}"),
                9 => format!("{number}:{number}:{number}"),
                10 => format!("\\\n  {number}"),
                11 => (*chance.one(&[
                    &"infinity",
                    &"-1",
                    &"unlimited",
                    &"-0",
                    &"1:",
                    &":1",
                    &"+4000",
                    &"4\\000",
                ]))
                .to_owned(),
                12 => (*chance.one(&[
                    &"18446744073709551615",
                    &"99999999999999999999",
                    &"0b1000000000000",
                    &"0o7777",
                ]))
                .to_owned(),
                _ => number.to_string(),
            };
            let noise = chance.one(&[
                "",
                "",
                "",
                "# LimitNOFILE=1\n",
                ";DefaultLimitNOFILE=1\n",
                "\n",
                "Unknown=1\n",
            ]);
            let spaced = chance.one(&["=", "=", " = ", "\t=  "]);
            let _ = writeln!(text, "{noise}{key}{spaced}{value}");
        }
    }
    match chance.below(15) {
        0 => text + "a line without its sign\n[Service]\n" + key + "=2999\n[Manager]\n" + key + "=2999\n",
        1 => text + "[Service\n" + key + "=2998\n",
        2 => text + &format!("{key}=2997 \\"),
        _ => text,
    }
}

/// Services in a tree, some in several places, some links, some masked.
fn services(root: &Path, chance: &mut Chance) -> Vec<String> {
    let names = ["a", "b", "a-b", "a-b-c", "x-y", "t@1", "a-t@x", "m"];
    for name in names {
        let file = match name.split_once('@') {
            Some((template, _)) if !chance.once_in(3) => format!("{template}@.service"),
            _ => format!("{name}.service"),
        };
        let vendor = root.join(BASES[2]).join(&file);
        let body = "[Service]\nExecStart=/bin/true\n";
        write(&vendor, body);
        for base in BASES {
            // A unit that does not load has no limit to compare.
            let text = format!("{body}{}", settings(chance, "[Service]", "LimitNOFILE"));
            if chance.once_in(3) && !text.contains("[Service\n") && !text.contains("a line without") {
                write(&root.join(base).join(&file), &text);
            }
        }
        let etc = root.join(BASES[0]).join(&file);
        match chance.below(14) {
            0 => link("/dev/null", &etc),
            1 => write(&etc, ""),
            2 => link(&format!("/nonexistent/{file}"), &etc),
            _ => {}
        }
    }
    let directories =
        ["a", "b", "a-b", "a-", "a-b-", "a-b-c", "x-y", "x-", "t@1", "t@", "a-t@x", "a-t@", "a-@x", "m"];
    for _ in 0..chance.below(16) {
        let directory = chance.one(&directories);
        let file = chance.one(&["10-x.conf", "20-x.conf", "9.conf", "Z.conf", "x", ".conf", "a.conf.bak"]);
        let path = root.join(chance.one(&BASES)).join(format!("{directory}.service.d")).join(file);
        if chance.once_in(12) {
            link("/dev/null", &path);
        } else {
            write(&path, &settings(chance, "[Service]", "LimitNOFILE"));
        }
    }
    if chance.once_in(6) {
        let path = root.join(chance.one(&BASES)).join("service.d/15-all.conf");
        write(&path, &settings(chance, "[Service]", "LimitNOFILE"));
    }
    for name in ["sysinit.target", "basic.target", "shutdown.target"] {
        write(&root.join(BASES[2]).join(name), "[Unit]\nDescription=Boot\n");
    }
    for name in WANTED {
        let file = if name.starts_with("v@") { "v@.service" } else { name };
        write(&root.join(BASES[2]).join(file), "[Service]\nExecStart=/bin/true\n");
        for base in BASES {
            let path = root.join(base).join(chance.one(&WANTS)).join(name);
            match chance.below(9) {
                0 => link("/dev/null", &path),
                1 => write(&path, ""),
                2 => link(&format!("/nonexistent/{name}"), &path),
                3 | 4 => link(&format!("../{file}"), &path),
                _ => {}
            }
        }
    }
    let names: Vec<String> = names.iter().map(|name| format!("{name}.service")).collect();
    let wants = format!("[Unit]\nDescription=Boot\nWants={}\n", names.join(" "));
    write(&root.join(BASES[2]).join("default.target"), &wants);
    names
}

/// system.conf and its drop-ins.
fn manager(root: &Path, chance: &mut Chance) {
    fs::create_dir_all(root.join("usr/lib/systemd")).unwrap();
    fs::create_dir_all(root.join("usr/local/lib/systemd/system")).unwrap();
    fs::create_dir_all(root.join(BASES[0])).unwrap();
    if chance.once_in(2) {
        write(&root.join("etc/systemd/system.conf"), &settings(chance, "[Manager]", "DefaultLimitNOFILE"));
    }
    for _ in 0..chance.below(4) {
        let base = chance.one(&["etc", "usr/local/lib", "usr/lib"]);
        let file = chance.one(&["10-x.conf", "20-x.conf", "9.conf", "Z.conf", "x"]);
        let path = root.join(base).join("systemd/system.conf.d").join(file);
        if chance.once_in(8) {
            link("/dev/null", &path);
        } else {
            write(&path, &settings(chance, "[Manager]", "DefaultLimitNOFILE"));
        }
    }
}

/// What `systemd --test` says of each unit: the limit, or that it is masked.
fn told_by_systemd(tree: &Path) -> BTreeMap<String, String> {
    fs::copy(PROGRAM, tree.join("usr/lib/systemd/systemd")).unwrap();
    let script = format!(
        "set -eu; cd '{}'; ulimit -Sn 500; ulimit -Hn 2000\n\
         for path in etc/systemd usr/local/lib usr/lib/systemd; do mount --bind $path /$path; done\n\
         mount -t tmpfs -o mode=755 none /run; mkdir /run/systemd; cd /\n\
         HOME=/nonexistent XDG_CONFIG_HOME=/nonexistent exec setpriv --reuid=65534 --regid=65534 --clear-groups \
         {PROGRAM} --test --system --no-pager --log-level=err\n",
        tree.display(),
    );
    let mut unshare = tools::find("unshare").unwrap();
    let text = tools::output(unshare.args(["--mount", "/bin/bash", "-c", &script]));
    let mut told = BTreeMap::new();
    let (mut unit, mut hard) = (String::new(), 0);
    let number = |text: &str| text.parse::<u64>().unwrap();
    for line in text.lines().map(str::trim) {
        if line.starts_with("WantedBy: default.target") || line.starts_with("RequiredBy: default.target") {
            told.insert(format!("boot {unit}"), String::new());
        } else if let Some(name) = line.strip_prefix("-> Unit ") {
            name.trim_end_matches(':').clone_into(&mut unit);
        } else if line == "Unit Load State: masked" {
            told.insert(unit.clone(), "masked".to_owned());
        } else if let Some(value) = line.strip_prefix("LimitNOFILE: ") {
            hard = number(value);
        } else if let Some(value) = line.strip_prefix("LimitNOFILESoft: ") {
            told.insert(unit.clone(), Rlimit { soft: number(value), hard }.to_string());
        }
    }
    told
}

#[test]
fn services_get_the_limits_that_the_verifier_says() {
    if !is_root() {
        return tools::skipped("private units need root");
    }
    if !Path::new(PROGRAM).exists() || tools::find("unshare").is_none() || tools::find("setpriv").is_none() {
        return tools::skipped("systemd is missing");
    }
    let mut chance = Chance(2);
    let (mut wrong, mut compared, mut own, mut defaults, mut started) = (String::new(), 0, 0, 0, 0);
    for case in 0..40 {
        let directory = tempfile::tempdir().unwrap();
        let (tree, other) = (directory.path().join("239"), directory.path().join("252"));
        manager(&tree, &mut chance);
        let names = services(&tree, &mut chance);
        as_252_has_it(&tree, &other);
        let told = told_by_systemd(&other);
        let root = Root::new(&tree);
        let default = systemd::manager_limit(&root, "DefaultLimitNOFILE").unwrap().map(|found| found.limit);
        defaults += usize::from(default.is_some());
        let mut different = false;
        for name in &names {
            let limit = systemd::unit_limit(&root, name, "LimitNOFILE").unwrap().map(|found| found.limit);
            own += usize::from(limit.is_some());
            let ours = match systemd::state(&root, name).unwrap() {
                systemd::State::Masked => "masked".to_owned(),
                // A manager of users has no built-in limit of its own.
                _ => limit.or(default).unwrap_or(Rlimit { soft: 500, hard: 2000 }).to_string(),
            };
            compared += 1;
            let real = told.get(name).map_or("not told of", String::as_str);
            if ours != real {
                different = true;
                let _ = writeln!(wrong, "case {case} {name}: systemd {real}, verifier {ours}");
            }
        }
        for name in WANTED {
            let ours = systemd::enabled_by(&root, name).unwrap();
            let real = told.contains_key(&format!("boot {name}"));
            started += usize::from(real);
            if ours.is_some() != real {
                different = true;
                let _ = writeln!(wrong, "case {case} {name}: systemd starts it: {real}, verifier {ours:?}");
            }
        }
        if different {
            let _ = writeln!(wrong, "  in {}", directory.keep().display());
        }
    }
    assert!(wrong.is_empty(), "of {compared}:\n{wrong}");
    assert!(started > 30 && started < 130, "{started} of 160");
    assert!(
        own > compared / 4 && own < compared && defaults > 10,
        "{own} of {compared}, {defaults} defaults"
    );
}
