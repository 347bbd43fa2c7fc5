//! Generated units, drop-ins and links before systemd itself: `systemd --test` tells which limit each service would get,
//! `systemctl --root is-enabled` what is enabled. The verifier says the same of the same files.
//!
//! Debian 12 has systemd 252 and Rocky 8 has 239. Where they read differently the case is turned into one that 252 reads
//! as 239 does (see [`as_252_has_it`]), and the difference is named. `systemd --test` needs root, for a mount namespace
//! with private units, and then runs as nobody.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use vastimg::verify::facts::Root;
use vastimg::verify::facts::systemd::{self, Rlimit};

use crate::chance::Chance;
use crate::limits::is_root;
use crate::tools;

const BASES: [&str; 3] = ["etc/systemd/system", "usr/local/lib/systemd/system", "usr/lib/systemd/system"];
/// Units that only links start.
const WANTED: [&str; 4] = ["w.service", "v@1.service", "v@2.service", "w-x.service"];
const WANTS: [&str; 3] = ["default.target.wants", "default.target.wants", "default.target.requires"];
const PROGRAM: &str = "/usr/lib/systemd/systemd";

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    // One that was made a link to /dev/null is a file again.
    let _ = fs::remove_file(path);
    fs::write(path, text).unwrap();
}

fn link(target: &str, path: &Path) {
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
            let _ = write!(text, "{noise}{key}{spaced}{value}\n");
        }
    }
    match chance.below(15) {
        0 => text + "a line without its sign\n[Service]\n" + key + "=2999\n[Manager]\n" + key + "=2999\n",
        1 => text + "[Service\n" + key + "=2998\n",
        2 => text + &format!("{key}=2997 \\"),
        _ => text,
    }
}

/// What 239 has read of a file when a line without `=` ends it; none where it reads the whole.
fn ended(path: &Path, text: &str) -> Option<usize> {
    let of_manager = path.to_str().unwrap().contains("system.conf");
    let known: &[&str] = if of_manager { &["[Manager]"] } else { &["[Unit]", "[Service]", "[Install]"] };
    let (mut section, mut read) = (None, 0);
    for line in text.split_inclusive('\n') {
        if line.trim().starts_with('[') {
            section = Some(line.trim());
        }
        if line.starts_with("a line without") && section.is_some_and(|name| known.contains(&name)) {
            return Some(read);
        }
        read += line.len();
    }
    None
}

/// Makes of a tree one that 252 reads as 239 reads the original.
/// - To 239, a line without `=` in a section that it knows ends the file, and one of system.conf all files that follow.
/// - 239 looks for a unit in the next directory where a link leads nowhere, and 252 does not.
///
/// And user.conf of system.conf, which `systemd --test` reads by the same code.
fn as_252_has_it(from: &Path, to: &Path) {
    copy(from, to);
    let mut files = BTreeMap::from([(String::new(), "etc/systemd/system.conf".to_owned())]);
    for base in ["etc", "usr/local/lib", "usr/lib"] {
        let directory = format!("{base}/systemd/system.conf.d");
        for entry in fs::read_dir(from.join(&directory)).into_iter().flatten() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if name.ends_with(".conf") {
                files.entry(name.clone()).or_insert(format!("{directory}/{name}"));
            }
        }
    }
    let mut over = false;
    for (name, path) in files {
        let path = from.join(path);
        for base in ["etc", "usr/local/lib", "usr/lib"].into_iter().filter(|_| over) {
            let _ = fs::remove_file(to.join(base).join("systemd/user.conf.d").join(&name));
        }
        over |= fs::read_to_string(&path).is_ok_and(|text| ended(&path, &text).is_some());
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let target = to.join(name.replace("system.conf", "user.conf"));
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            copy(&entry.path(), &target);
        } else if kind.is_symlink() {
            let leads_to = fs::read_link(entry.path()).unwrap();
            if !leads_to.starts_with("/nonexistent") || WANTS.iter().any(|wants| from.ends_with(wants)) {
                symlink(leads_to, target).unwrap();
            }
        } else {
            let text = fs::read_to_string(entry.path()).unwrap();
            let read = ended(&entry.path(), &text).unwrap_or(text.len());
            fs::write(target, &text[..read]).unwrap();
        }
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

/// Units with [Install] sections and links of every kind, also ones that systemctl would not make.
fn installable(root: &Path, chance: &mut Chance) -> Vec<&'static str> {
    let names = ["a.service", "b.service", "c.timer", "d@.service", "e.service", "f.target", "g.service"];
    let asked = [
        "a.service",
        "b.service",
        "c.timer",
        "d@.service",
        "d@1.service",
        "d@2.service",
        "e.service",
        "f.target",
    ];
    for name in names {
        let mut text = "[Unit]\nDescription=A unit\n".to_owned();
        for _ in 0..chance.below(3) {
            let line = chance.one(&[
                "WantedBy=multi-user.target",
                "RequiredBy=f.target other.target",
                "Alias=y.service z.service",
                "Also=b.service",
                "DefaultInstance=1",
                "WantedBy=",
                "Alias=",
            ]);
            let _ = write!(text, "[{}]\n{line}\n", chance.one(&["Install", "Install", "Install", "Unit"]));
        }
        let text = if name.ends_with(".service") {
            text
        } else {
            text.replace("Alias=y.service z.service", "Alias=")
        };
        for base in [BASES[0], BASES[2], BASES[2], BASES[2]] {
            if chance.once_in(2) {
                write(&root.join(base).join(name), &text);
            }
        }
        if chance.once_in(5) {
            let path = root.join(chance.one(&BASES)).join(format!("{name}.d/install.conf"));
            write(&path, chance.one(&["[Install]\nWantedBy=x.target\n", "[Install]\nAlias=z.service\n", ""]));
        }
        match chance.below(10) {
            0 => link("/dev/null", &root.join(BASES[0]).join(name)),
            1 => write(&root.join(BASES[0]).join(name), ""),
            2 => {
                write(&root.join("opt").join(name), &text);
                link(&format!("/opt/{name}"), &root.join(BASES[0]).join(name));
            }
            _ => {}
        }
    }
    for _ in 0..chance.below(6) {
        let unit = chance.one(&asked);
        let file = if unit.starts_with("d@") { "d@.service" } else { unit };
        let wants = chance.one(&[
            "multi-user.target.wants",
            "f.target.requires",
            "x.target.wants",
            "odd",
            "f.target.wants",
        ]);
        let base = chance.one(&[BASES[0], BASES[0], BASES[2]]);
        link(&format!("/{}/{file}", BASES[2]), &root.join(base).join(wants).join(unit));
    }
    asked.to_vec()
}

/// In a word, as systemctl prints it. The links in a directory that is none for links are ones to 239 and not to 252;
/// the verifier does as the later one, since they start nothing.
#[test]
fn units_are_enabled_as_the_verifier_says() {
    let mut chance = Chance(3);
    let (mut wrong, mut seen) = (String::new(), BTreeMap::<String, usize>::new());
    for case in 0..60 {
        let directory = tempfile::tempdir().unwrap();
        let asked = installable(directory.path(), &mut chance);
        let root = Root::new(directory.path());
        let mut different = false;
        for unit in asked {
            let Some(mut systemctl) = tools::find("systemctl") else { return };
            let ran = tools::run(systemctl.arg("--root").arg(directory.path()).args(["is-enabled", unit]));
            let real = match ran.stdout.trim() {
                "" if ran.stderr.contains("No such file") => "not-found",
                "" => ran.stderr.trim(),
                word => word,
            };
            let ours = systemd::state(&root, unit).unwrap().as_str();
            *seen.entry(real.to_owned()).or_default() += 1;
            if ours != real {
                different = true;
                let _ = writeln!(wrong, "case {case} {unit}: systemctl {real}, verifier {ours}");
            }
        }
        if different {
            let _ = writeln!(wrong, "  in {}", directory.keep().display());
        }
    }
    assert!(wrong.is_empty(), "{seen:?}\n{wrong}");
    for word in ["enabled", "disabled", "static", "masked", "not-found", "indirect", "linked"] {
        assert!(seen.get(word).is_some_and(|times| *times > 1), "{word}: {seen:?}");
    }
}
