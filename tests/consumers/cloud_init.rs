//! user-data before cloud-init's own schema, and before PyYAML, by which cloud-init reads it.
//!
//! cloud-init is run out of its unpacked Debian package (22.4; Rocky 8 has 23.4, whose schema is larger), in
//! `target/cloud-init` or where VASTIMG_CLOUD_INIT says. Its schema overlooks unknown top-level keys, hence the
//! comparison of what YAML makes of the document with what was to be said.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::seed::{File, KEY, Seed};
use crate::tools;

/// Of the word "example", made by `openssl passwd -6 -salt example example`.
pub(crate) const HASH: &str =
    "$6$example$qxJKSNBLbKQxqLCb2dCNvU0LpRrryL8zvttVk4XH1qOw.BvcOrtYJlSQpel8dWNpl7xWL93RYfWHbD5Vj4AGU/";

/// Where `tests/tools.sh` put cloud-init and udev.
pub(crate) fn unpacked() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    std::env::var_os("VASTIMG_CLOUD_INIT").map_or_else(|| target.join("cloud-init"), PathBuf::from)
}

fn schema(user_data: &Path) -> Option<tools::Ran> {
    let packages = unpacked().join("usr/lib/python3/dist-packages");
    if !packages.join("cloudinit").is_dir() {
        tools::skipped(&format!("cloud-init is not in {}", unpacked().display()));
        return None;
    }
    let mut command = tools::bounded("/usr/bin/python3");
    command.args(["-B", "-m", "cloudinit.cmd.main", "schema", "--config-file"]).arg(user_data);
    Some(tools::run(command.env("PYTHONPATH", packages)))
}

fn yaml(path: &Path) -> Option<Value> {
    if tools::run(tools::bounded("/usr/bin/python3").args(["-c", "import yaml"])).code != 0 {
        tools::skipped("python3-yaml is missing");
        return None;
    }
    let program = "import json, sys, yaml; json.dump(yaml.safe_load(open(sys.argv[1], 'rb')), sys.stdout)";
    let text = tools::output(tools::bounded("/usr/bin/python3").args(["-c", program]).arg(path));
    Some(serde_json::from_str(&text).unwrap())
}

/// A seed with every kind of access, and what YAML is to find in its first user.
fn variants(profile: &str) -> Vec<(Seed, Value)> {
    let secret = tempfile::NamedTempFile::new().unwrap();
    fs::write(secret.path(), format!("{HASH}\n")).unwrap();
    let hash_file = secret.path().to_str().unwrap();
    let key = fs::read_to_string(KEY).unwrap().trim().to_owned();
    let user = |name: &str, locked: bool| {
        serde_json::json!({
            "name": name, "gecos": "VAST Data", "shell": "/bin/bash", "sudo": "ALL=(ALL) NOPASSWD:ALL",
            "lock_passwd": locked,
        })
    };
    let with = |mut user: Value, key: &str, value: Value| {
        user[key] = value;
        user
    };
    let keys = Value::from(vec![key]);
    [
        (vec![], user("centos", true)),
        (vec!["--ssh-key", KEY], with(user("centos", true), "ssh_authorized_keys", keys.clone())),
        (vec!["--password-hash-file", hash_file], with(user("centos", false), "hashed_passwd", HASH.into())),
        // YAML 1.1 takes this name for a boolean, where it is not quoted.
        (vec!["--user", "no", "--ssh-key", KEY], with(user("no", true), "ssh_authorized_keys", keys)),
    ]
    .into_iter()
    .map(|(arguments, user)| {
        let arguments = [&["--profile", profile], arguments.as_slice()].concat();
        (Seed::build("seed", &arguments), user)
    })
    .collect()
}

fn check(profile: &str) {
    for (seed, user) in variants(profile) {
        let path = seed.path().join("user-data");
        if let Some(ran) = schema(&path) {
            let expected = format!("Valid cloud-config: {}\n", path.display());
            assert_eq!((ran.code, ran.stdout, ran.stderr.as_str()), (0, expected, ""), "{user}");
        }
        let Some(document) = yaml(&path) else { continue };
        let keys: Vec<_> = document.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys, ["runcmd", "users", "write_files"]);
        assert_eq!(document["users"], Value::from(vec![user]));
        assert!(
            document["runcmd"].as_array().unwrap().iter().all(Value::is_string),
            "{}",
            document["runcmd"]
        );
        assert_placed(&seed, &document["write_files"]);
    }
}

/// write_files places what is on the medium, byte for byte; what is not text is left to prepare.
fn assert_placed(seed: &Seed, entries: &Value) {
    let mut expected = seed.placed();
    expected.remove("usr/bin/vastimg-verify").expect("the verifier is on the medium");
    let mut files = seed.files();
    expected.insert("usr/libexec/vastimg/prepare".into(), files.remove("vastimg/prepare.sh").unwrap());
    expected.insert("etc/vastimg/manifest.json".into(), files.remove("vastimg/manifest.json").unwrap());
    // What only its owner may read has no bits for others on the medium, which says nothing of the VM.
    let private = files["user-data"].mode & 0o077 == 0;
    let mut found = std::collections::BTreeMap::new();
    for entry in entries.as_array().unwrap() {
        let text = |key: &str| entry[key].as_str().unwrap_or_else(|| panic!("{key} of {entry}"));
        assert_eq!(text("owner"), "root:root");
        let mode = u32::from_str_radix(text("permissions"), 8).unwrap();
        let name = text("path").strip_prefix('/').unwrap().to_owned();
        let mask = if private { 0o700 } else { 0o777 };
        let file = File { mode: mode & mask, content: text("content").into() };
        assert!(found.insert(name, file).is_none(), "{} is placed twice", text("path"));
    }
    crate::seed::assert_same("write_files", &expected, &found);
}

#[test]
fn user_data_of_loopback() {
    check("loopback");
}

#[test]
fn user_data_of_minimal() {
    check("minimal");
}

/// The reader that finds every document good is no reader.
#[test]
fn the_schema_refuses_what_is_broken() {
    let seed = Seed::of_profile("minimal");
    let good = fs::read_to_string(seed.path().join("user-data")).unwrap();
    let path = seed.scratch().join("broken");
    for (what, from, to) in [
        ("a mode that is a number", "permissions: '0644'", "permissions: 0644"),
        ("a sub-key that is unknown", "owner: 'root:root'", "ovner: 'root:root'"),
        ("a truth that is neither", "lock_passwd: true", "lock_passwd: maybe"),
        ("a command that YAML takes for false", "runcmd:\n", "runcmd:\n  - false\n"),
        ("a quote that is not closed", "shell: /bin/bash", "shell: \"/bin/bash"),
    ] {
        let broken = good.replacen(from, to, 1);
        assert_ne!(good, broken, "{what}: {from:?} is not in it");
        fs::write(&path, broken).unwrap();
        let Some(ran) = schema(&path) else { return };
        assert_eq!(ran.code, 1, "{what}: {}{}", ran.stdout, ran.stderr);
    }
}

/// Values that mean something to YAML, to a shell or to the template engine arrive as they are.
#[test]
fn hostile_values_survive_yaml() {
    for value in crate::ipmitool::HOSTILE {
        let set = format!("fake-ipmitool.manufacturer={value}");
        let seed = Seed::build("seed", &["--ssh-key", KEY, "--set", &set]);
        let Some(document) = yaml(&seed.path().join("user-data")) else { return };
        assert_placed(&seed, &document["write_files"]);
    }
}

#[test]
fn network_config_is_the_users_own_byte_for_byte() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let text = "# Büro\r\nversion: 2\nethernets:\n    eth0:   {dhcp4: yes}  # odd spaces\n\n# no line feed at the end";
    fs::write(file.path(), text).unwrap();
    let seed = Seed::build("seed", &["--ssh-key", KEY, "--network", file.path().to_str().unwrap()]);
    assert_eq!(fs::read(seed.path().join("network-config")).unwrap(), text.as_bytes());
    assert!(
        !Seed::of_profile("minimal").path().join("network-config").exists(),
        "without one, DHCP is asked"
    );
}

/// cloud-init runs again for another instance-id, and only then.
#[test]
fn the_instance_id_changes_with_the_seed_and_only_then() {
    let network = tempfile::NamedTempFile::new().unwrap();
    fs::write(network.path(), "version: 2\nethernets: {eth0: {dhcp4: true}}\n").unwrap();
    let base = ["--profile", "minimal", "--ssh-key", KEY];
    let id = |more: &[&str]| {
        let seed = Seed::build("seed", &[&base, more].concat());
        let document = yaml(&seed.path().join("meta-data"))?;
        assert_eq!(document["local-hostname"], "vast-01");
        Some(document["instance-id"].as_str().unwrap().to_owned())
    };
    let Some(first) = id(&[]) else { return };
    assert_eq!(id(&[]).as_ref(), Some(&first), "the same again");
    let others = [
        &["--user", "vast"][..],
        &["--set", "fd-limits.nofile=1048575"],
        &["--network", network.path().to_str().unwrap()],
    ];
    for more in others {
        assert_ne!(id(more).as_ref(), Some(&first), "{more:?}");
    }
}
