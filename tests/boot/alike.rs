//! Three ways, one result: cloud-init with a seed, the installer's %post, and the tarball leave the same system behind their
//! first boot (the tarball is tried with one profile). Every file that each of them changed is compared, with mode, owner and digest; what may differ is listed
//! below with its reason, and nothing else may.

use std::collections::BTreeMap;

use crate::guest::{Attach, Boot, Guest, Run};
use crate::installed::Installation;
use crate::lab::{self, Lab};
use crate::prepared::{build, verdicts};

/// Paths that may differ or be missing on some way, and why. `*` stands for anything, slashes too.
const MAY_DIFFER: [(&str, &str); 14] = [
    ("*/__pycache__/*.pyc", "compiled by pip, with the time of their sources in them"),
    ("/etc/hostname", "a host that exists keeps its name"),
    ("/etc/shadow-", "useradd's and usermod's copy of the file before their last change"),
    ("/etc/ssh/ssh_host_*", "each machine's own, which cloud-init makes for a new instance"),
    ("/etc/sudoers.d/90-cloud-init-users", "cloud-init writes the user's right to call sudo once more"),
    ("/etc/sudoers.d/ova", "what the stand-in for VAST's OVA had before"),
    ("/etc/systemd/network/10-cloud-init-*", "cloud-init sets up the network; the others find it set up"),
    ("/root/.ssh/*", "cloud-init closes root to keys; the tarball's test logs in from there"),
    ("/root/vastimg-post.log", "the log of %post"),
    ("/var/lib/cloud/*", "cloud-init's own records"),
    ("/var/lib/systemd/random-seed", "random"),
    ("/var/lib/vastimg/prepare.json", "the times of each step"),
    ("/var/lib/vastimg/reports/*", "the times and the hosts of reports"),
    ("/var/log/*", "logs"),
];

/// What one way changed: everything about a file by its path.
type Changed = BTreeMap<String, String>;

fn probe(lab: &Lab, before: &str) -> String {
    format!("{before}\nreport_run changed python3 /run/boot-probe/changed.py {}\n", lab.made())
}

fn changed(run: &Run) -> Changed {
    let listing = run.report.get("changed");
    assert_eq!(run.report.get("changed.rc"), "0", "{listing}");
    let lines = listing.lines().map(|line| {
        let (about, path) = line.split_once(" /").unwrap_or_else(|| panic!("{line}"));
        (format!("/{path}"), about.to_owned())
    });
    let found: Changed =
        lines.filter(|(path, _)| !MAY_DIFFER.iter().any(|(pattern, _)| fits(pattern, path))).collect();
    assert!(found.contains_key("/etc/vastimg/manifest.json"), "{listing}");
    found
}

/// Whether a path is one of a pattern's.
fn fits(pattern: &str, path: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = path.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    rest.ends_with(last)
}

fn assert_alike(what: &str, first: &Changed, second: &Changed) {
    let mut differences = Vec::new();
    for path in first.keys().chain(second.keys().filter(|path| !first.contains_key(*path))) {
        let (one, other) = (first.get(path), second.get(path));
        if one != other {
            differences.push(format!("{path}: {one:?} and {other:?}"));
        }
    }
    assert!(differences.is_empty(), "{what}:\n{}", differences.join("\n"));
}

fn boot(lab: &Lab, guest: &mut Guest<'_>, boot: Boot<'_>) -> Run {
    let program = lab::source("changed.py");
    let files = [&[("changed.py", program.as_path())], boot.files].concat();
    let text = probe(lab, boot.probe);
    let run = guest.boot(&Boot { probe: &text, files: &files, ..boot });
    assert_eq!(run.status, 0);
    run
}

fn assert_passed(what: &str, run: &Run) {
    let lines = verdicts(run);
    assert!(lines.len() == 1 && lines[0].starts_with("vastimg-verify: PASS "), "{what}: {lines:?}");
    println!("{what}: {:.0} s", run.duration.as_secs_f64());
}

/// What docs/existing-hosts.md says to do with a host that exists, in its n-th block of shell.
pub(crate) fn documented(block: usize) -> &'static str {
    let text = include_str!("../../docs/existing-hosts.md");
    text.split("```sh\n").nth(block).expect("the document has this block").split("```").next().unwrap()
}

/// VAST's OVA as far as it matters: a user who may log in with a key and call sudo, and no seed for its cloud-init.
const OVA_PROBE: &str = r#"
# Without host keys sshd has failed until now; systemd refuses a unit that failed as often as that, unless it is told to forget.
ssh-keygen -q -A && systemctl reset-failed ssh.service
report_run sshd systemctl restart ssh.service
useradd --create-home --comment 'VAST Data' --shell /bin/bash centos
install -d -m 0700 -o centos -g centos /home/centos/.ssh
install -m 0600 -o centos -g centos /run/boot-probe/ssh-key.pub /home/centos/.ssh/authorized_keys
echo 'centos ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/ova
mkdir -p /root/.ssh /srv/operator
printf '%s\n' 'Host vast-ova' ' HostName localhost' ' IdentityFile /run/boot-probe/ssh-key' ' StrictHostKeyChecking no' \
    ' UserKnownHostsFile /dev/null' ' LogLevel ERROR' >/root/.ssh/config
cd /srv/operator && cp /run/boot-probe/seed.tar.gz vast-loopback.tar.gz
report_run documented bash -ec "$documented"
cd / && rm -r /srv/operator /home/centos/seed /home/centos/vast-loopback.tar.gz
"#;

/// A word of the shell.
pub(crate) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// The two media that a profile is tried with: one for cloud-init, one for %post. What both have changed.
fn check(profile: &str, seed_as: Attach, kernel_args: &str, installed_from: Attach) -> Changed {
    let lab = Lab::ready();
    let installation = Installation::build(
        lab,
        &format!(
            "alike-{profile}-post.{}",
            if matches!(installed_from, Attach::Cdrom) { "iso" } else { "img" }
        ),
        profile,
        installed_from,
    );
    let mut guest = Guest::fresh(lab, &format!("alike-{profile}-post"));
    let run = installation.install(lab, &mut guest, true);
    assert_eq!(run.report.get("post.rc"), "0", "{}", run.report.get("post.log"));
    assert_eq!(run.report.get("units").trim(), "enabled enabled");
    assert_eq!(run.report.get("started").trim(), "inactive inactive", "%post started something");
    let run = boot(lab, &mut guest, Boot::default());
    assert_passed(&format!("{profile}: the first boot after %post"), &run);
    let by_post = changed(&run);
    drop(guest);

    let seed = build(lab, &format!("alike-{profile}.img"), &["--profile", profile, "--install-disk", "vda"]);
    let mut guest = Guest::fresh(lab, &format!("alike-{profile}-cloud-init"));
    let run = boot(lab, &mut guest, Boot { seed: Some(&seed), seed_as, kernel_args, ..Boot::default() });
    assert_passed(&format!("{profile}: cloud-init from a disk, {seed_as:?}"), &run);
    let by_cloud_init = changed(&run);
    drop(guest);

    assert_alike(&format!("{profile}: %post and cloud-init"), &by_post, &by_cloud_init);
    by_post
}

/// The tarball, as the documentation has it brought to a host that exists.
fn by_tarball(profile: &str) -> Changed {
    let lab = Lab::ready();
    let tarball = build(lab, &format!("alike-{profile}.tar.gz"), &["--profile", profile]);
    let mut guest = Guest::fresh(lab, &format!("alike-{profile}-tarball"));
    let (private, public) = (lab.private_key(), lab.public_key());
    let files = [("seed.tar.gz", tarball.as_path()), ("ssh-key", &private), ("ssh-key.pub", &public)];
    let text = format!("documented={}\n{OVA_PROBE}", quoted(documented(1)));
    let run = boot(lab, &mut guest, Boot { probe: &text, files: &files, ..Boot::default() });
    println!("{profile}: the tarball: {:.0} s", run.duration.as_secs_f64());
    assert_eq!(run.report.get("sshd.rc"), "0", "{}", run.report.get("sshd"));
    let said = run.report.get("documented");
    assert_eq!(run.report.get("documented.rc"), "0", "{said}");
    assert!(said.contains("vastimg-prepare: prepared") && said.contains("vastimg-verify: PASS "), "{said}");
    changed(&run)
}

#[test]
#[ignore = "boots a virtual machine; run by .ci/run"]
fn loopback_is_alike_on_every_way() {
    let by_post = check("loopback", Attach::Virtio, "", Attach::Cdrom);
    assert_alike("loopback: %post and the tarball", &by_post, &by_tarball("loopback"));
}

/// A USB disk is there only a second or two after the kernel, when cloud-init may have looked already; the root disk's wait
/// gives it the time that a machine with firmware and a boot loader takes anyway.
#[test]
#[ignore = "boots a virtual machine; run by .ci/run"]
fn minimal_is_alike_from_usb_and_after_an_installation() {
    check("minimal", Attach::Usb, "rootdelay=10", Attach::Virtio);
}

#[test]
fn patterns_fit_whole_paths() {
    assert!(fits("/var/log/*", "/var/log/a/b") && fits("/a/*.pyc", "/a/b/c.pyc") && fits("/a", "/a"));
    assert!(!fits("/var/log/*", "/var/lib/x") && !fits("/a", "/a/b") && !fits("/a/*.pyc", "/a/b.py"));
}
