//! The words that `vastimg validate` knows, against the programs that have the last word on them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

use serde_json::Value;
use vastimg::validation::{cloud_config, kickstart, sysctl_keys};

use crate::cloud_init::unpacked;
use crate::pykickstart;
use crate::tools;

#[test]
fn keys_of_cloud_config_are_those_of_its_schema() {
    let path =
        unpacked().join("usr/lib/python3/dist-packages/cloudinit/config/schemas/schema-cloud-config-v1.json");
    let Ok(text) = fs::read_to_string(&path) else {
        return tools::skipped(&format!("{} is missing; tests/tools.sh brings it", path.display()));
    };
    let schema: Value = serde_json::from_str(&text).unwrap();
    let definitions = schema["$defs"].as_object().unwrap();
    let keys: BTreeSet<&str> = definitions
        .iter()
        .filter(|(name, _)| name.starts_with("cc_") || *name == "base_config")
        .flat_map(|(_, module)| module["properties"].as_object())
        .flat_map(|properties| properties.keys().map(String::as_str))
        .collect();
    assert!(keys.len() > 80, "{keys:?}");
    let known: BTreeSet<&str> = cloud_config::KEYS.into();
    // A later version than Debian's, and what is read outside of any module.
    let further = BTreeSet::from(["create_hostname_file", "merge_how", "output"]);
    assert_eq!(known, keys.union(&further).copied().collect());
    let user = definitions["users_groups.user"]["properties"].as_object().unwrap();
    assert_eq!(BTreeSet::from(cloud_config::OF_USER), user.keys().map(String::as_str).collect());
    let file = definitions["cc_write_files"]["properties"]["write_files"]["items"]["properties"]
        .as_object()
        .unwrap();
    let later = BTreeSet::from(["source"]);
    let file: BTreeSet<&str> = file.keys().map(String::as_str).collect();
    assert_eq!(BTreeSet::from(cloud_config::OF_FILE), file.union(&later).copied().collect());
}

#[test]
fn data_sources_are_those_of_cloud_init() {
    let path = unpacked().join("usr/lib/python3/dist-packages/cloudinit/sources");
    let Ok(entries) = fs::read_dir(&path) else {
        return tools::skipped(&format!("{} is missing; tests/tools.sh brings it", path.display()));
    };
    let names: Vec<String> = entries
        .filter_map(|entry| {
            let name = entry.unwrap().file_name().into_string().unwrap();
            Some(name.strip_prefix("DataSource")?.strip_suffix(".py")?.to_owned())
        })
        .collect();
    assert!(names.len() > 20);
    for name in names {
        assert!(cloud_config::DATASOURCES.contains(&name.as_str()), "{name}");
    }
}

#[test]
fn commands_of_a_kickstart_are_those_of_rhel_8() {
    let Some(words) = pykickstart::words() else { return };
    assert_eq!(BTreeSet::from(kickstart::COMMANDS.map(str::to_owned)), words.commands);
    assert_eq!(BTreeSet::from(kickstart::SECTIONS.map(str::to_owned)), words.sections);
    let options: BTreeMap<String, BTreeSet<String>> = kickstart::OPTIONS
        .iter()
        .map(|(name, options)| ((*name).to_owned(), options.split_whitespace().map(str::to_owned).collect()))
        .collect();
    assert_eq!(options, words.options);
    for (other, _) in kickstart::ELSEWHERE {
        assert!(!words.commands.contains(other), "{other}");
    }
}

/// Each by itself, as the first that is wrong is where it stops.
#[test]
fn ksvalidator_refuses_the_same_lines() {
    for (line, refused) in [
        ("clearpart --all --initlable", true),
        ("skipx --now", true),
        ("user --name=centos --pasword=x", true),
        ("autopart\npart /data --ondisk=vdc --size=1", true),
        ("autopart\nreqpart", true),
        ("clearpart --all --initl", false),
        ("bootloader --append=\"quiet --x\" # --y", false),
        ("sshkey --username=centos \"ssh-ed25519 AAAA --a\"", false),
    ] {
        let mut file = tempfile::Builder::new().suffix(".ks").tempfile().unwrap();
        std::io::Write::write_all(&mut file, format!("{line}\n").as_bytes()).unwrap();
        let Some(ran) = pykickstart::ksvalidator(file.path()) else { return };
        assert_eq!(ran.code != 0, refused, "{line}: {}{}", ran.stdout, ran.stderr);
        let ours =
            Command::new(env!("CARGO_BIN_EXE_vastimg")).arg("validate").arg(file.path()).output().unwrap();
        let said = String::from_utf8(ours.stdout).unwrap();
        assert_eq!(said.contains("the installer refuses the whole file"), refused, "{line}: {said}");
    }
}

/// A kernel that runs may be newer than Rocky 8's; its keys are not near to well-known ones without being among them.
#[test]
fn no_key_of_a_kernel_is_called_a_slip() {
    let mut pending = vec![std::path::PathBuf::from("/proc/sys")];
    let mut seen = 0;
    while let Some(directory) = pending.pop() {
        for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                pending.push(path);
                continue;
            }
            let key = path.strip_prefix("/proc/sys").unwrap().to_str().unwrap().replace('/', ".");
            assert_eq!(sysctl_keys::slip_of(&key), None, "{key}");
            seen += usize::from(sysctl_keys::WELL_KNOWN.contains(&key.as_str()));
        }
    }
    assert!(seen > 60, "{seen}");
}

/// What ksvalidator refuses of the cases is refused, and what it takes is not called unknown.
#[test]
fn ksvalidator_refuses_the_same_cases() {
    for (case, refused) in [("good.ks", false), ("disks.ks", true), ("asks.ks", true), ("options.ks", true)] {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/validate/cases").join(case);
        let Some(ran) = pykickstart::ksvalidator(&path) else { return };
        assert_eq!(ran.code != 0, refused, "{case}: {}{}", ran.stdout, ran.stderr);
    }
}
