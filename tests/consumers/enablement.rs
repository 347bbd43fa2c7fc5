//! Generated units and links before `systemctl --root is-enabled`: the verifier has the same word for each.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use vastimg::verify::facts::Root;
use vastimg::verify::facts::systemd;

use crate::chance::Chance;
use crate::tools;
use crate::units::{BASES, link, write};

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
