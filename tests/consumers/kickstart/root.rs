//! `prepare.sh --root`: into a system that does not run, whole or not at all, and nowhere else.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::system::System;
use crate::privilege::is_root;
use crate::seed::{KEY, Seed};
use crate::tools::{self, Ran};

/// The link that enables prepare, below a root.
const ENABLED: &str = "etc/systemd/system/multi-user.target.wants/vastimg-prepare.service";

/// A seed and the bare root of a system.
struct Image {
    scratch: TempDir,
    seed: Seed,
}

impl Image {
    fn new(profile: &str) -> Option<Self> {
        if !is_root() {
            tools::skipped("giving files to root needs root");
            return None;
        }
        let image = Image {
            scratch: tempfile::tempdir().unwrap(),
            seed: Seed::build("seed", &["--profile", profile, "--ssh-key", KEY]),
        };
        for directory in ["image/etc", "image/usr", "elsewhere"] {
            fs::create_dir_all(image.path(directory)).unwrap();
        }
        Some(image)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.scratch.path().join(name)
    }

    /// Runs prepare.sh of a medium with `--root root`, in the scratch directory.
    fn place(&self, medium: &Path, root: &str) -> Ran {
        let mut command = tools::bounded("bash");
        command.arg(medium.join("vastimg/prepare.sh")).args(["--root", root]);
        tools::run(command.env("CDPATH", self.path("elsewhere")).current_dir(self.scratch.path()))
    }

    /// Everything below a directory but directories, by its path there.
    fn found(&self, directory: &str) -> Vec<String> {
        let mut find = tools::find("find").unwrap();
        let text = tools::output(find.args([".", "!", "-type", "d"]).current_dir(self.path(directory)));
        let mut names: Vec<_> = text.lines().map(|line| line.trim_start_matches("./").to_owned()).collect();
        names.sort();
        names
    }

    /// Refused: exit code 2, the words, and nothing was placed.
    fn refused(&self, medium: &Path, root: &str, words: &str) {
        let before = self.found(".");
        let ran = self.place(medium, root);
        assert!(ran.code == 2 && ran.stderr.contains(words), "{root:?}: {}{}", ran.stdout, ran.stderr);
        assert_eq!(self.found("."), before, "{root:?}: something was placed");
    }
}

#[test]
fn only_below_the_directory_that_was_named() {
    let Some(image) = Image::new("minimal") else { return };
    let seed = image.seed.path();
    image.refused(&seed, "", "--root takes a directory, and this one is empty");
    image.refused(&seed, "-", "there is no such directory");
    image.refused(&seed, "none", "there is no such directory");
    // What CDPATH would find is another system.
    fs::create_dir_all(image.path("elsewhere/other/etc")).unwrap();
    fs::create_dir_all(image.path("elsewhere/other/usr")).unwrap();
    image.refused(&seed, "other", "there is no such directory");
    image.refused(&seed, "image/etc", "there is no /etc and no /usr below it");
    for root in ["image", "./image/", "elsewhere/../image"] {
        let ran = image.place(&seed, root);
        assert_eq!(ran.code, 0, "{root}: {}", ran.stderr);
    }
    let found = image.found("image");
    let manifest = image.seed.files().remove("vastimg/manifest.json").unwrap();
    assert!(fs::read(image.path("image/etc/vastimg/manifest.json")).unwrap() == manifest.content);
    for path in image.seed.placed().keys() {
        assert!(found.contains(path), "{path} is not in {found:?}");
    }
    assert!(found.contains(&ENABLED.to_owned()), "{found:?}");
    assert!(!Path::new("/").join(ENABLED).exists(), "a unit of this machine was enabled");
}

#[test]
fn nothing_of_a_seed_that_is_not_whole() {
    let Some(image) = Image::new("minimal") else { return };
    let spoilt = |name: &str, spoil: &dyn Fn(&Path)| {
        let copy = image.path(name);
        tools::output(tools::bounded("cp").arg("-a").arg(image.seed.path()).arg(&copy));
        spoil(&copy);
        copy
    };
    let altered = |path: &'static str| {
        move |copy: &Path| {
            let path = copy.join(path);
            let text = fs::read(&path).unwrap();
            fs::write(&path, [text, b"\n#\n".to_vec()].concat()).unwrap();
        }
    };
    for path in ["vastimg/prepare.sh", "vastimg/rootfs/usr/share/vastimg/floors/etc/sysctl.d/99-vast-fd.conf"]
    {
        let name = path.replace('/', "-");
        image.refused(&spoilt(&name, &altered(path)), "image", "nothing was placed");
    }
    let missing = |path: &'static str| move |copy: &Path| fs::remove_file(copy.join(path)).unwrap();
    image.refused(
        &spoilt("a", &missing("vastimg/rootfs/usr/bin/vastimg-verify")),
        "image",
        "is missing, or cannot be read",
    );
    image.refused(
        &spoilt("b", &missing("vastimg/manifest.json")),
        "image",
        "--root is for the prepare.sh of a seed",
    );
}

/// A link of the image that leads out of it leads to this machine's own files.
#[test]
fn nothing_where_a_link_of_the_image_leads_out_of_it() {
    let Some(image) = Image::new("minimal") else { return };
    symlink(image.path("elsewhere"), image.path("image/usr/share")).unwrap();
    image.refused(&image.seed.path(), "image", "by a symbolic link");
    fs::remove_file(image.path("image/usr/share")).unwrap();
    symlink(image.path("elsewhere"), image.path("image/etc/vastimg")).unwrap();
    image.refused(&image.seed.path(), "image", "by a symbolic link");
    fs::remove_file(image.path("image/etc/vastimg")).unwrap();
    // One within it is as good as a directory.
    fs::create_dir(image.path("image/usr/bin")).unwrap();
    symlink("usr/bin", image.path("image/bin")).unwrap();
    assert_eq!(image.place(&image.seed.path(), "image").code, 0);
}

#[test]
fn no_unit_where_a_file_could_not_be_placed_and_no_lie_where_a_unit_could_not() {
    let Some(image) = Image::new("minimal") else { return };
    // A directory is where a file should be.
    fs::create_dir_all(image.path("image/usr/bin/vastimg-verify/x")).unwrap();
    let ran = image.place(&image.seed.path(), "image");
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("not every file could be placed"), "{}", ran.stderr);
    assert!(!image.path("image").join(ENABLED).exists(), "a unit was enabled");
    fs::remove_dir_all(image.path("image/usr/bin/vastimg-verify")).unwrap();
    fs::create_dir_all(image.path("image").join(ENABLED).join("x")).unwrap();
    let ran = image.place(&image.seed.path(), "image");
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("not every unit could be enabled"), "{}", ran.stderr);
}

/// SELinux contexts are the image's own policy's; where they cannot be set, that is said, and all else is done.
#[test]
fn labels_come_from_the_policy_of_the_image() {
    let contexts = "/etc/selinux/targeted/contexts/files/file_contexts";
    let seed = Seed::of_profile("minimal");
    for (ends, told) in [("true", false), ("false", true)] {
        let Some(system) = System::new() else { return };
        let script = format!(
            "mkdir -p /tmp/image/usr /tmp/image{contexts}; rmdir /tmp/image{contexts}; : >/tmp/image{contexts}
             printf '%s\\n' '#!/bin/bash' 'echo \"$@\" >>/srv/labelled' {ends} >/usr/sbin/setfiles; chmod +x /usr/sbin/setfiles
             bash /mnt/seed/vastimg/prepare.sh --root /tmp/image; echo \"rc $?\"; cat /srv/labelled"
        );
        let said = system.run(&script, &[("seed", &seed.path())]).ran.stdout;
        assert!(said.contains("\nrc 0\n"), "{said}");
        for path in ["/usr/bin/vastimg-verify", "/usr/libexec/vastimg", "/etc/vastimg/manifest.json"] {
            let line = format!("-F -r /tmp/image /tmp/image{contexts} /tmp/image{path}\n");
            assert!(said.contains(&line), "{line} is not in\n{said}");
        }
        assert_eq!(said.contains("not every file got its SELinux label"), told, "{said}");
    }
}

/// What an earlier seed placed stays in the record, for the first boot to take away.
#[test]
fn the_record_of_an_earlier_seed_is_kept() {
    let Some(image) = Image::new("loopback") else { return };
    assert_eq!(image.place(&image.seed.path(), "image").code, 0);
    let minimal = Seed::build("seed", &["--profile", "minimal"]);
    assert_eq!(image.place(&minimal.path(), "image").code, 0);
    let record = fs::read_to_string(image.path("image/var/lib/vastimg/placed")).unwrap();
    for path in ["/usr/sbin/ipmitool", "/etc/vastimg/manifest.json"] {
        let line = |line: &&str| line.starts_with("file ") && line.ends_with(&format!(" {path}"));
        assert!(record.lines().any(|found| line(&found)), "{path} is not in\n{record}");
    }
    assert!(!record.contains(image.scratch.path().to_str().unwrap()), "paths are the image's own");
}

/// A file directly below the root has no directory to be made.
#[test]
fn a_file_at_the_top_is_placed_too() {
    let Some(image) = Image::new("minimal") else { return };
    let fix = image.path("catalogue/mine");
    fs::create_dir_all(fix.join("rootfs")).unwrap();
    fs::write(fix.join("fix.yaml"), "label: OPTIONAL\ntitle: t\nproblem: p\nundo: u\n").unwrap();
    fs::write(fix.join("rootfs/motto"), "x\n").unwrap();
    fs::write(image.path("mine.yaml"), "extends: minimal\nfixes: {mine: }\n").unwrap();
    let (catalogue, profile) = (image.path("catalogue"), image.path("mine.yaml"));
    let arguments = ["--catalogue", catalogue.to_str().unwrap(), "--profile", profile.to_str().unwrap()];
    let seed = Seed::build("seed", &arguments);
    let ran = image.place(&seed.path(), "image");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(fs::read_to_string(image.path("image/motto")).unwrap(), "x\n");
}
