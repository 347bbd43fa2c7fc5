//! Every way of delivery leaves the same files: user-data written by cloud-init's own module, %post of the kickstart, and
//! `prepare.sh --root` of the tarball, each in a system of its own, compared file by file, mode by mode, owner by owner.
//! The first boot that follows, and that makes up the differences listed here, is the boot test's.

use std::collections::BTreeSet;

use super::Medium;
use super::system::{Layer, System, Written};
use crate::cloud_init::unpacked;
use crate::seed::{KEY, Seed};
use crate::tools;

/// What %post leaves and cloud-init's write_files does not, and why.
const NOT_BY_CLOUD_INIT: [(&str, &str); 4] = [
    ("/usr/bin/vastimg-verify", "it is no text; prepare takes it from the medium at the first boot"),
    ("/etc/systemd/system/*.wants/*", "prepare enables units at the first boot"),
    ("/var/lib/vastimg/placed", "prepare's own record of what it placed, which cloud-init does not keep"),
    (LOG, "the installer's log"),
];

/// What %post leaves and the tarball's prepare.sh --root does not.
const NOT_BY_THE_TARBALL: [(&str, &str); 1] = [(LOG, "the installer's log")];

const LOG: &str = "/root/vastimg-post.log";

fn allowed(list: &[(&str, &str)], path: &str) -> bool {
    list.iter().any(|(pattern, _)| {
        let parts: Vec<&str> = pattern.split('/').collect();
        let names: Vec<&str> = path.split('/').collect();
        let fits = |(part, name): (&&str, &&str)| match part.strip_prefix('*') {
            Some(end) => name.ends_with(end),
            None => part == name,
        };
        parts.len() == names.len() && parts.iter().zip(&names).all(fits)
    })
}

/// The two layers, without what is allowed to be in the first alone, and all of which has to be there.
fn assert_same(what: &str, first: &Layer, second: &Layer, only_first: &[(&str, &str)]) {
    let names = |layer: &Layer| layer.keys().cloned().collect::<BTreeSet<_>>();
    let more: BTreeSet<_> = names(first).difference(&names(second)).cloned().collect();
    let (expected, unexpected): (Vec<_>, Vec<_>) = more.iter().partition(|path| allowed(only_first, path));
    assert!(unexpected.is_empty(), "{what}: only the first has {unexpected:?}");
    for (pattern, reason) in only_first {
        let used = expected.iter().any(|path| allowed(&[(*pattern, *reason)], path));
        assert!(used, "{what}: {pattern} is allowed for nothing");
    }
    let missing: Vec<_> = second.keys().filter(|path| !first.contains_key(*path)).collect();
    assert!(missing.is_empty(), "{what}: only the second has {missing:?}");
    for (path, written) in second {
        assert!(first[path] == *written, "{what}: {path}: {} and {}", shown(&first[path]), shown(written));
    }
}

fn shown(written: &Written) -> String {
    match written {
        Written::File(mode, owner, content) => format!("{mode:04o} {owner}, {} bytes", content.len()),
        other => format!("{other:?}"),
    }
}

fn by_post(medium: &Medium) -> Option<Layer> {
    let system = System::new()?;
    system.attach("sr1", "OEMDRV", &medium.seed.path());
    let outcome = system.run(&medium.script("post")?, &[]);
    assert_eq!(outcome.ran.code, 0, "{}", outcome.console);
    assert!(outcome.console.contains("its first boot prepares it"), "{}", outcome.console);
    Some(outcome.layer)
}

fn by_tarball(profile: &str, root: &str) -> Option<Layer> {
    let tarball = Seed::build("seed.tar.gz", &["--profile", profile, "--ssh-key", KEY]);
    let script = format!(
        "set -e; mkdir /tmp/unpacked /tmp/system; /srv/stand-in/mount --bind / /tmp/system
         tar -xzf /mnt/seed/seed.tar.gz -C /tmp/unpacked; bash /tmp/unpacked/vastimg/prepare.sh --root {root}"
    );
    let outcome = System::new()?.run(&script, &[("seed", tarball.scratch())]);
    assert_eq!(outcome.ran.code, 0, "{}{}", outcome.ran.stdout, outcome.ran.stderr);
    Some(outcome.layer)
}

fn by_cloud_init(medium: &Medium) -> Option<Layer> {
    let packages = unpacked().join("usr/lib/python3/dist-packages");
    if !packages.join("cloudinit").is_dir() {
        tools::skipped(&format!("cloud-init is not in {}", unpacked().display()));
        return None;
    }
    let script = r#"PYTHONPATH=/mnt/packages exec /usr/bin/python3 -B -c '
import yaml
from cloudinit.config import cc_write_files
files = yaml.safe_load(open("/mnt/seed/user-data", "rb"))["write_files"]
cc_write_files.write_files("write_files", files, "root:root")
'"#;
    let seed = medium.seed.path();
    let outcome = System::new()?.run(script, &[("packages", &packages), ("seed", &seed)]);
    assert_eq!(outcome.ran.code, 0, "{}{}", outcome.ran.stdout, outcome.ran.stderr);
    Some(outcome.layer)
}

fn check(profile: &str) {
    let medium = Medium::of_profile(profile);
    let Some(installed) = by_post(&medium) else { return };
    let manifest = "/etc/vastimg/manifest.json";
    assert!(matches!(&installed[manifest], Written::File(0o644, owner, _) if owner == "0:0"));
    for root in ["/", "/tmp/system", "/tmp/system/"] {
        let Some(placed) = by_tarball(profile, root) else { return };
        assert_same(
            &format!("%post and the tarball, --root {root}"),
            &installed,
            &placed,
            &NOT_BY_THE_TARBALL,
        );
    }
    let Some(written) = by_cloud_init(&medium) else { return };
    assert_same("%post and write_files", &installed, &written, &NOT_BY_CLOUD_INIT);
}

#[test]
fn loopback_is_the_same_on_every_way() {
    check("loopback");
}

#[test]
fn minimal_is_the_same_on_every_way() {
    check("minimal");
}
