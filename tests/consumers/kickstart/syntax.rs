//! ks.cfg as pykickstart reads it for RHEL 8: valid in every combination of options that changes it, and saying what was
//! asked for, whatever characters are in it. Its scripts go before ShellCheck.

use std::fs;

use serde_json::{Value, json};

use super::Medium;
use crate::cloud_init::HASH;
use crate::pykickstart::ksvalidator;
use crate::seed::KEY;
use crate::tools;

/// ksvalidator's word on it, then what it says.
fn valid(medium: &Medium, what: &str) -> Option<Value> {
    let ran = ksvalidator(&medium.seed.path().join("ks.cfg"))?;
    assert_eq!(ran.code, 0, "{what}: {}{}\n{}", ran.stdout, ran.stderr, medium.text);
    let read = medium.read()?;
    assert_complete(&read, what);
    Some(read)
}

/// Nothing is missing that makes the installer ask, and one disk alone is in its sight.
fn assert_complete(read: &Value, what: &str) {
    let commands = read["commands"].as_object().unwrap();
    for name in [
        "lang",
        "keyboard",
        "timezone",
        "network",
        "rootpw",
        "user",
        "authselect",
        "selinux",
        "firewall",
        "services",
        "ignoredisk",
        "zerombr",
        "clearpart",
        "bootloader",
        "reboot",
    ] {
        assert!(commands.contains_key(name), "{what}: no {name}");
    }
    assert_ne!(commands.contains_key("cdrom"), commands.contains_key("url"), "{what}: one source");
    assert_ne!(commands.contains_key("autopart"), commands.contains_key("partition"), "{what}: one layout");
    assert_eq!(commands["text"]["nonInteractive"], true, "{what}");
    assert_eq!(
        (&commands["rootpw"]["lock"], &commands["rootpw"]["password"]),
        (&json!(true), &json!("")),
        "{what}"
    );
    assert_eq!(commands["ignoredisk"]["onlyuse"], commands["clearpart"]["drives"], "{what}");
    assert_eq!(commands["ignoredisk"]["onlyuse"].as_array().map(Vec::len), Some(1), "{what}");
    assert_eq!(commands["bootloader"]["bootDrive"], commands["ignoredisk"]["onlyuse"][0], "{what}");
    assert_eq!(commands["reboot"]["eject"], true, "{what}");
    assert_eq!(read["packages"]["handleMissing"], json!(1), "{what}: a missing package would stop it");
}

const MIRROR: &str = "https://mirror.example.com/rocky/8/BaseOS/x86_64/os/";

#[test]
fn every_profile_with_every_option() {
    let secret = tempfile::NamedTempFile::new().unwrap();
    fs::write(secret.path(), format!("{HASH}\n")).unwrap();
    let hash = secret.path().to_str().unwrap();
    let options: [&[&str]; 15] = [
        &[],
        &["--ssh-key", KEY],
        &["--password-hash-file", hash],
        &["--user", "vast_user-1", "--ssh-key", KEY, "--password-hash-file", hash],
        &["--install-disk", "/dev/nvme0n1"],
        &["--install-disk", "disk/by-path/pci-0000:00:04.0-scsi-0:0:0:1"],
        &["--install-source", "cdrom"],
        &["--install-source", MIRROR],
        &["--install-source", "http://[fd00::1]/dvd"],
        &[
            "--install-source",
            MIRROR,
            "--set",
            "kickstart.repositories=extras=http://a.example/x,epel=http://a.example/e",
        ],
        &["--set", "kickstart.firewall=enabled", "--set", "kickstart.selinux=permissive"],
        &[
            "--set",
            "kickstart.partitions=/boot=1G,swap=8G,/=20G+,/var/lib/docker=1T:ext4",
            "--set",
            "kickstart.kernel=",
        ],
        &["--set", "kickstart.partitions=/=20G+", "--set", "kickstart.packages=vim-enhanced,tcpdump"],
        &["--set", "kickstart.lang=de_DE.UTF-8", "--set", "kickstart.keyboard=de-nodeadkeys"],
        &[
            "--set",
            "kickstart.timezone=America/Argentina/Buenos_Aires",
            "--set",
            "kickstart.ntp=a.example,fd00::1",
        ],
    ];
    for profile in ["loopback", "minimal"] {
        for option in options {
            let arguments = [&["--profile", profile], option].concat();
            let what = arguments.join(" ");
            if valid(&Medium::build(&arguments), &what).is_none() {
                return;
            }
        }
    }
}

#[test]
fn what_was_asked_for_is_what_it_says() {
    let medium = Medium::build(&[
        "--install-disk",
        "disk/by-id/virtio-0001",
        "--install-source",
        MIRROR,
        "--ssh-key",
        KEY,
        "--set",
        "kickstart.timezone=Europe/Berlin",
        "--set",
        "kickstart.ntp=ntp1.example.com,192.0.2.1",
        "--set",
        "kickstart.repositories=epel=https://mirror.example.com/epel/8/",
        "--set",
        "kickstart.partitions=/boot=512M,/=20G+",
        "--set",
        "packages.epel=pv",
        "--set",
        "kickstart.packages=vim",
    ]);
    let Some(read) = valid(&medium, "everything") else { return };
    let commands = &read["commands"];
    assert_eq!(commands["url"]["url"], MIRROR);
    let repositories = commands["repo"]["repoList"].as_array().unwrap();
    assert_eq!(repositories.len(), 1, "what may not answer is not among those that are needed");
    assert_eq!(repositories[0]["baseurl"], "https://mirror.example.com/rocky/8/AppStream/x86_64/os/");
    assert!(medium.text.contains("\n%include /tmp/vastimg-repositories.ks\n"));
    assert_eq!(commands["timezone"]["timezone"], "Europe/Berlin");
    assert_eq!(commands["timezone"]["isUtc"], true);
    assert_eq!(commands["timezone"]["ntpservers"], json!(["ntp1.example.com", "192.0.2.1"]));
    let networks = commands["network"]["network"].as_array().unwrap();
    assert_eq!(networks.last().unwrap()["hostname"], "vast-01");
    assert_eq!(commands["ignoredisk"]["onlyuse"], json!(["disk/by-id/virtio-0001"]));
    assert_eq!(
        commands["bootloader"]["appendLine"],
        "transparent_hugepage=never console=tty0 console=ttyS0,115200n8"
    );
    let partitions: Vec<_> = commands["partition"]["partitions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| {
            (
                part["mountpoint"].as_str(),
                part["size"].as_u64(),
                part["grow"] == true,
                part["fstype"].as_str(),
            )
        })
        .collect();
    assert_eq!(
        partitions,
        [(Some("/boot"), Some(512), false, Some("xfs")), (Some("/"), Some(20480), true, Some("xfs"))]
    );
    assert_eq!(commands["reqpart"]["addBoot"], false, "there is a /boot already");
    let packages = read["packages"]["packageList"].as_array().unwrap();
    for name in ["chrony", "gcc", "pv", "python3-devel", "vim"] {
        assert!(packages.contains(&json!(name)), "{name} is not in {packages:?}");
    }
    let key = fs::read_to_string(KEY).unwrap();
    assert_eq!(commands["sshkey"]["sshUserList"][0]["key"], key.trim());
}

/// What sites have: two NICs in a bond, a VLAN on it with static addresses; the same file is cloud-init's.
#[test]
fn its_network_is_that_of_the_network_config() {
    let scratch = tempfile::tempdir().unwrap();
    let file = scratch.path().join("network.yaml");
    let text = "version: 2\nethernets:\n  ens3: {}\n  ens4: {}\nbonds:\n  bond0:\n    interfaces: [ens3, ens4]\n    \
                parameters: {mode: active-backup, mii-monitor-interval: 100}\nvlans:\n  bond0.17:\n    id: 17\n    link: bond0\n    \
                addresses: [192.0.2.10/24, '2001:db8::10/64']\n    gateway4: 192.0.2.1\n    gateway6: '2001:db8::1'\n    \
                nameservers: {addresses: [192.0.2.53]}\n";
    fs::write(&file, text).unwrap();
    for profile in ["loopback", "minimal"] {
        let medium = Medium::build(&["--profile", profile, "--network", file.to_str().unwrap()]);
        let Some(read) = valid(&medium, "a VLAN on a bond") else { return };
        let networks = read["commands"]["network"]["network"].as_array().unwrap();
        assert_eq!((networks.len(), &networks[0]["hostname"]), (2, &json!("vast-01")));
        for (attribute, value) in [
            ("device", "bond0"),
            ("bondslaves", "ens3,ens4"),
            ("bondopts", "mode=active-backup,miimon=100"),
            ("vlanid", "17"),
            ("interfacename", "bond0.17"),
            ("bootProto", "static"),
            ("ip", "192.0.2.10"),
            ("netmask", "255.255.255.0"),
            ("gateway", "192.0.2.1"),
            ("ipv6", "2001:db8::10/64"),
            ("ipv6gateway", "2001:db8::1"),
            ("nameserver", "192.0.2.53"),
        ] {
            assert_eq!(networks[1][attribute], value, "{attribute}");
        }
        assert_eq!(fs::read_to_string(medium.seed.path().join("network-config")).unwrap(), text);
    }
}

/// A repository of the user's with AppStream's name takes the place of the one that follows from the source.
#[test]
fn appstream_is_where_the_user_says() {
    let own = "kickstart.repositories=AppStream=http://a.example/AppStream/";
    let medium = Medium::build(&["--install-source", MIRROR, "--set", own]);
    let Some(read) = valid(&medium, "AppStream") else { return };
    let repositories = read["commands"]["repo"]["repoList"].as_array().unwrap();
    let urls: Vec<_> =
        repositories.iter().map(|repository| repository["baseurl"].as_str().unwrap()).collect();
    assert_eq!(urls, ["http://a.example/AppStream/"]);
    assert!(!medium.text.contains("%include"), "it is needed, and not left out when it does not answer");
}

/// EPEL is not on the DVD: its packages are the first boot's.
#[test]
fn packages_of_epel_are_in_it_only_with_a_repository() {
    let medium = Medium::of_profile("loopback");
    let Some(read) = valid(&medium, "loopback") else { return };
    let packages = read["packages"]["packageList"].as_array().unwrap();
    assert!(packages.contains(&json!("jq")) && !packages.contains(&json!("pv")), "{packages:?}");
    assert!(!read["commands"].as_object().unwrap().contains_key("repo"));
    assert!(!medium.text.contains("%include"));
}

/// A key's comment and a password hash are the only text of anybody's own in it.
#[test]
fn hostile_values_stay_values() {
    let scratch = tempfile::tempdir().unwrap();
    let key = fs::read_to_string(KEY).unwrap();
    for comment in [
        "o'op \"$(touch gone)\" `id` # é",
        "%end",
        "a\\ b \\",
        "--username=root",
        "'; reboot; '",
        "%include /etc/passwd",
        "{{ 1 }} {% raw %}",
        "\u{1f600}  two  spaces",
    ] {
        let file = scratch.path().join("key.pub");
        let line = key.trim().replace("operator@example", comment);
        fs::write(&file, format!("{line}\n")).unwrap();
        let medium = Medium::build(&["--profile", "minimal", "--ssh-key", file.to_str().unwrap()]);
        let Some(read) = valid(&medium, comment) else { return };
        let keys = read["commands"]["sshkey"]["sshUserList"].as_array().unwrap();
        assert_eq!(keys.len(), 1);
        assert_eq!((&keys[0]["username"], &keys[0]["key"]), (&json!("centos"), &json!(line)), "{comment}");
        assert_eq!(read["scripts"].as_array().map(Vec::len), Some(3));
    }
    let file = scratch.path().join("hash");
    fs::write(&file, HASH).unwrap();
    let medium = Medium::build(&["--profile", "minimal", "--password-hash-file", file.to_str().unwrap()]);
    let Some(read) = valid(&medium, "a hash") else { return };
    let user = &read["commands"]["user"]["userList"][0];
    assert_eq!(
        (&user["password"], &user["isCrypted"], &user["lock"]),
        (&json!(HASH), &json!(true), &json!(false))
    );
}

#[test]
fn scripts_before_shellcheck() {
    let repositories = "kickstart.repositories=epel=http://mirror.example.com/epel/8/";
    for arguments in [&["--profile", "loopback"][..], &["--profile", "minimal", "--set", repositories]] {
        let medium = Medium::build(arguments);
        for section in ["pre", "post", "onerror"] {
            let Some(script) = medium.script(section) else { return };
            let path = medium.seed.scratch().join(format!("{section}.sh"));
            fs::write(&path, format!("#!/bin/bash\n{script}")).unwrap();
            let read = tools::run(tools::bounded("/bin/bash").arg("-n").arg(&path));
            assert_eq!((read.code, read.stderr.as_str()), (0, ""), "{section}");
            let Some(mut shellcheck) = tools::find("shellcheck") else { return };
            // What a unit's own shell is to expand stands in single quotes (SC2016).
            let ran = tools::run(
                shellcheck.args(["--norc", "--severity=info", "--format=gcc", "--exclude=SC2016"]).arg(&path),
            );
            assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{section}: {}", ran.stderr);
        }
    }
}
