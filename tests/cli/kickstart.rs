//! What a medium with a kickstart asks for, says and refuses.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use insta::assert_snapshot;

use crate::harness::Scratch;

fn refused(arguments: &[&str]) -> String {
    Scratch::new().refused(&[&["build", "-o", "x.iso", "--format", "oemdrv"], arguments].concat())
}

#[test]
fn a_disk_is_never_guessed() {
    let scratch = Scratch::new();
    assert_snapshot!("no_disk", scratch.refused(&["build", "--format", "oemdrv"]));
    assert_snapshot!("no_disk_for_a_disk_image", scratch.refused(&["build", "-o", "x.img"]));
    assert_snapshot!("a_disk_without_a_kickstart", scratch.refused(&["build", "--install-disk", "vda"]));
    assert_snapshot!(
        "a_source_without_a_kickstart",
        scratch.refused(&["build", "--install-source", "cdrom"])
    );
    assert_snapshot!(
        "a_setting_without_a_kickstart",
        scratch.refused(&["build", "--set", "kickstart.timezone=Europe/Berlin"])
    );
    assert_snapshot!("a_partition", refused(&["--install-disk", "/dev/nvme0n1p2"]));
    assert_snapshot!("a_file_system", refused(&["--install-disk", "/dev/disk/by-label/root"]));
    assert_snapshot!("no_name_of_a_disk", refused(&["--install-disk", "all"]));
    assert_snapshot!("an_optical_drive", refused(&["--install-disk", "sr0"]));
}

#[test]
fn what_is_wiped_is_said_in_one_sentence() {
    let scratch = Scratch::new();
    for (name, format) in [("a.iso", "oemdrv"), ("a.img", "disk"), ("a", "dir")] {
        let disk = ["--install-disk", "/dev/disk/by-id/virtio-1"];
        let run = scratch.done(&[&["build", "-o", name, "--format", format], &disk[..]].concat());
        // A directory has no label by which an installer would find it.
        let machine = match format {
            "dir" => "whose installer is given this ks.cfg (inst.ks=)",
            _ => "that boots Rocky's installer with this attached",
        };
        let said =
            format!("WARNING: a machine {machine} is wiped without a question: disk disk/by-id/virtio-1.");
        assert_eq!(run.stderr.lines().last(), Some(said.as_str()));
    }
    let run = scratch.done(&["build", "--dry-run", "--format", "oemdrv", "--install-disk", "vda"]);
    assert!(run.stderr.contains("is wiped without a question: disk vda."), "{}", run.stderr);
    let listing = String::from_utf8(run.stdout).unwrap();
    assert!(listing.lines().any(|line| line.ends_with("  ks.cfg")), "{listing}");
}

#[test]
fn settings_that_would_stop_the_installer() {
    let disk = ["--install-disk", "vda"];
    for (name, arguments) in [
        ("source_no_url", &["--install-source", "mirror.example.com/rocky"][..]),
        ("source_another_scheme", &["--install-source", "nfs://mirror.example.com/rocky"]),
        ("source_with_a_password", &["--install-source", "https://me:secret@mirror.example.com/rocky"]),
        ("repository_without_a_name", &["--set", "kickstart.repositories=https://mirror.example.com/epel"]),
        ("repository_twice", &["--set", "kickstart.repositories=a=http://a.example/,a=http://b.example/"]),
        ("partitions_without_a_root", &["--set", "kickstart.partitions=/boot=1G"]),
        ("partition_twice", &["--set", "kickstart.partitions=/=10G,/=20G"]),
        ("partition_without_a_unit", &["--set", "kickstart.partitions=/=20"]),
        ("timezone", &["--set", "kickstart.timezone=/etc/localtime"]),
        ("timezone_without_an_area", &["--set", "kickstart.timezone=Berlin"]),
        ("partition_too_small", &["--set", "kickstart.partitions=/=1G"]),
        ("source_an_image", &["--install-source", "https://mirror.example.com/Rocky-8-dvd1.iso"]),
        ("lang", &["--set", "kickstart.lang=English"]),
        ("kernel", &["--set", "kickstart.kernel=quiet; reboot"]),
        ("selinux", &["--set", "kickstart.selinux=off"]),
        ("unknown", &["--set", "kickstart.time_zone=UTC"]),
    ] {
        assert_snapshot!(name, refused(&[&disk[..], arguments].concat()));
    }
}

#[test]
fn a_profile_has_a_kickstart_too() {
    let scratch = Scratch::new();
    scratch.file(
        "site.yaml",
        "extends: minimal\nkickstart: {timezone: Europe/Berlin, ntp: [ntp1.example.com]}\n",
    );
    scratch.file("host.yaml", "extends: ./site.yaml\nkickstart:\n  ntp: [ntp2.example.com]\n");
    scratch.done(&[
        "build",
        "--profile",
        "host.yaml",
        "--format",
        "dir",
        "-o",
        "out",
        "--install-disk",
        "vda",
    ]);
    let text = fs::read_to_string(scratch.path("out/ks.cfg")).unwrap();
    assert!(text.contains("\ntimezone Europe/Berlin --utc --ntpservers=ntp2.example.com\n"), "{text}");
    scratch.file(
        "bad.yaml",
        "extends: minimal\nkickstart:\n  partitions:\n    - /=20G\n    - data=1G\n  lnag: x\n",
    );
    assert_snapshot!(
        "profile_with_errors",
        scratch.refused(&["build", "--profile", "bad.yaml", "-o", "x.iso"])
    );
    scratch.file("list.yaml", "extends: minimal\nkickstart: [timezone]\n");
    assert_snapshot!(
        "profile_with_a_list",
        scratch.refused(&["build", "--profile", "list.yaml", "-o", "x.iso"])
    );
}

/// A kickstart holds the hash, so the medium is its owner's alone.
#[test]
fn a_kickstart_with_a_secret_is_private() {
    let scratch = Scratch::new();
    scratch.file("hash", format!("$6$salt${}", "a".repeat(86)));
    for (name, format) in [("a.iso", "oemdrv"), ("a.img", "disk"), ("a", "dir")] {
        scratch.done(&[
            "build",
            "-o",
            name,
            "--format",
            format,
            "--install-disk",
            "vda",
            "--password-hash-file",
            "hash",
        ]);
        let mode = fs::metadata(scratch.path(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{name}: {mode:o}");
    }
    // Whoever unpacks or mounts it gets the mode that is in it.
    for image in ["a.iso", "a.tar.gz"] {
        if image == "a.tar.gz" {
            scratch.done(&["build", "-o", image, "--password-hash-file", "hash"]);
        }
        let run = scratch.done(&["inspect", "--message-format", "json", image]);
        let found: serde_json::Value = serde_json::from_slice(&run.stdout).unwrap();
        let files = found["volumes"][0]["files"].as_array().unwrap();
        let private: Vec<_> = files
            .iter()
            .filter(|file| file["mode"] == "0600")
            .map(|file| file["path"].as_str().unwrap())
            .collect();
        let expected: &[&str] = if image == "a.iso" { &["ks.cfg", "user-data"] } else { &["user-data"] };
        assert_eq!(private, expected, "{image}");
    }
}

#[test]
fn a_directory_with_a_kickstart_is_replaced_as_a_whole() {
    let scratch = Scratch::new();
    let build = ["build", "-p", "minimal", "--format", "dir", "-o", "seed", "--force"];
    scratch.done(&[&build[..], &["--install-disk", "vda"]].concat());
    assert!(scratch.path("seed/ks.cfg").is_file());
    scratch.done(&build);
    assert!(!scratch.path("seed/ks.cfg").exists(), "the kickstart of the old seed is left");
}

#[test]
fn an_image_is_not_written_over_its_digests() {
    let error = Scratch::new().refused(&["build", "--format", "iso", "-o", "SHA256SUMS"]);
    assert!(error.contains("the digests of images go to a file of that name"), "{error}");
}

#[test]
fn lists_are_written_as_in_a_profile_or_without_brackets() {
    let scratch = Scratch::new();
    for (index, set) in
        ["kickstart.partitions=[/boot=1G, /=20G+]", "kickstart.partitions=/boot=1G,/=20G+"].iter().enumerate()
    {
        let name = format!("seed-{index}");
        scratch.done(&["build", "--format", "dir", "-o", &name, "--install-disk", "vda", "--set", set]);
    }
    assert_eq!(
        fs::read(scratch.path("seed-0/ks.cfg")).unwrap(),
        fs::read(scratch.path("seed-1/ks.cfg")).unwrap()
    );
}

#[test]
fn names_of_media_with_a_kickstart() {
    let scratch = Scratch::new();
    scratch.done(&["build", "--profile", "minimal", "--format", "oemdrv", "--install-disk", "vda"]);
    scratch.done(&["build", "--profile", "minimal", "--format", "disk", "--install-disk", "vda"]);
    scratch.done(&["build", "--profile", "minimal", "-o", "x.raw", "--install-disk", "vda"]);
    for name in ["vast-minimal-oemdrv.iso", "vast-minimal.img", "x.raw"] {
        assert!(scratch.path(name).is_file(), "{name}");
    }
    assert_eq!(fs::read(scratch.path("x.raw")).unwrap(), fs::read(scratch.path("vast-minimal.img")).unwrap());
    assert_snapshot!(
        "oemdrv_for_a_disk",
        scratch.refused(&["build", "--format", "oemdrv", "-o", "y.img", "--install-disk", "vda"])
    );
}
