//! %post that cannot do its work: nothing is half done, the console and the log say why, and so does the next boot.

use std::fs;

use super::Medium;
use super::system::{Layer, Outcome, System, Written};
use crate::tools;

const UNIT: &str = "/etc/systemd/system/vastimg-post-failed.service";
const ENABLED: &str = "/etc/systemd/system/multi-user.target.wants/vastimg-post-failed.service";
const SUDOERS: &str = "/etc/sudoers.d/90-vastimg";
const REASON: &str = "/root/vastimg-post.failed";
const LOG: &str = "/root/vastimg-post.log";

fn text<'a>(layer: &'a Layer, path: &str) -> &'a str {
    match &layer[path] {
        Written::File(_, _, content) => std::str::from_utf8(content).unwrap(),
        other => panic!("{path}: {other:?}"),
    }
}

/// Runs %post of a seed with what `attach` attaches; all of it has to be left alone but for what tells of the failure.
fn refused(medium: &Medium, attach: impl Fn(&System)) -> Option<Outcome> {
    let system = System::new()?;
    attach(&system);
    let outcome = system.run(&medium.script("post")?, &[]);
    assert_ne!(outcome.ran.code, 0);
    let written: Vec<&str> = outcome.layer.keys().map(String::as_str).collect();
    assert_eq!(written, [SUDOERS, ENABLED, UNIT, REASON, LOG], "more was written than that it failed");
    // Root is locked: without this nobody could mend it.
    let sudoers = medium.seed.placed().remove(&SUDOERS[1..]).unwrap();
    assert!(outcome.layer[SUDOERS] == Written::File(0o440, "0:0".to_owned(), sudoers.content));
    let reason = text(&outcome.layer, REASON).trim();
    assert!(text(&outcome.layer, LOG).contains(reason), "{reason}");
    assert!(outcome.console.contains(&format!("vastimg: NOT placed: {reason}")), "{}", outcome.console);
    Some(outcome)
}

fn reason(outcome: &Outcome) -> &str {
    text(&outcome.layer, REASON).trim()
}

#[test]
fn without_its_medium() {
    let medium = Medium::of_profile("minimal");
    let Some(outcome) = refused(&medium, |_| {}) else { return };
    assert_eq!(reason(&outcome), "no medium labelled OEMDRV or CIDATA is attached");

    let other = Medium::of_profile("loopback");
    let outcome = refused(&medium, |system| {
        system.attach("sr1", "OEMDRV", &other.seed.path());
        system.attach("vdb", "CIDATA", &other.seed.path());
    })
    .unwrap();
    assert_eq!(
        reason(&outcome),
        "no attached medium is of this kickstart; looked at /srv/media/sr1 /srv/media/vdb"
    );
}

#[test]
fn an_altered_medium_is_refused_whole() {
    let medium = Medium::of_profile("loopback");
    let alter = |path: &'static str, how: fn(&mut Vec<u8>)| {
        refused(&medium, |system| {
            let path = system.attach("sr1", "OEMDRV", &medium.seed.path()).join(path);
            let mut content = fs::read(&path).unwrap();
            how(&mut content);
            fs::write(&path, content).unwrap();
        })
    };
    // The last file of the payload, so that everything before it would have been placed.
    let Some(outcome) =
        alter("vastimg/rootfs/usr/share/vastimg/floors/etc/sysctl.d/99-vast-fd.conf", |text| {
            text[0] ^= 1;
        })
    else {
        return;
    };
    assert_eq!(
        reason(&outcome),
        "vastimg-prepare: the seed is not as it was built, or does not fit /; nothing was placed"
    );
    let log = text(&outcome.layer, LOG);
    assert!(
        log.contains("/etc/sysctl.d/99-vast-fd.conf does not have the digest it was built with"),
        "{log}"
    );

    let outcome = alter("vastimg/rootfs/usr/bin/vastimg-verify", |program| program.truncate(1000)).unwrap();
    assert!(reason(&outcome).ends_with("nothing was placed"), "{}", reason(&outcome));
    let outcome = alter("vastimg/prepare.sh", |script| script.extend(b"touch /x\n")).unwrap();
    assert_eq!(
        reason(&outcome),
        "vastimg/prepare.sh on /srv/media/sr1 is not what this kickstart was built with"
    );
    let outcome = alter("vastimg/manifest.json", |text| text.push(b' ')).unwrap();
    assert!(reason(&outcome).starts_with("no attached medium is of this kickstart"), "{}", reason(&outcome));
}

/// One of two media is of another seed, and the disk medium has the payload in its partition CIDATA.
#[test]
fn the_right_medium_is_found_among_others() {
    let (medium, other) = (Medium::of_profile("minimal"), Medium::of_profile("loopback"));
    let Some(system) = System::new() else { return };
    system.attach("sr0", "OEMDRV", &other.seed.path());
    system.attach("vdc", "CIDATA", &medium.seed.path());
    let Some(script) = medium.script("post") else { return };
    let outcome = system.run(&script, &[]);
    assert_eq!(outcome.ran.code, 0, "{}", outcome.console);
    assert!(outcome.console.contains("taking the seed from /srv/media/vdc, labelled CIDATA"));
    assert!(!outcome.layer.contains_key(UNIT) && outcome.layer.contains_key("/usr/libexec/vastimg/prepare"));
    assert_eq!(outcome.console, text(&outcome.layer, LOG), "console and log say the same");
}

/// The unit that tells of it is one that systemd takes, and it tells.
#[test]
fn the_next_boot_tells_of_it() {
    let medium = Medium::of_profile("minimal");
    let Some(outcome) = refused(&medium, |_| {}) else { return };
    let directory = tempfile::tempdir().unwrap();
    let unit = directory.path().join("vastimg-post-failed.service");
    fs::write(&unit, text(&outcome.layer, UNIT)).unwrap();
    let Some(mut analyze) = tools::find("systemd-analyze") else { return };
    let ran = tools::run(analyze.arg("verify").arg(&unit));
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{}", ran.stdout);

    let line = text(&outcome.layer, UNIT)
        .lines()
        .find_map(|line| line.strip_prefix("ExecStart=/bin/bash -c '"))
        .unwrap();
    let program = line.strip_suffix('\'').unwrap().replace("$$", "$");
    assert!(program.contains("| tee /dev/console;"), "the journal's copy alone has words before it");
    let said = System::new()
        .unwrap()
        .run(&format!("mkdir -p /root; echo 'the reason' >/root/vastimg-post.failed; {program}"), &[]);
    assert_eq!(said.ran.code, 2);
    assert!(
        said.ran.stdout.starts_with("vastimg-verify: ERROR this host is not prepared"),
        "{}",
        said.ran.stdout
    );
    assert!(said.ran.stdout.contains("the reason"));
}
