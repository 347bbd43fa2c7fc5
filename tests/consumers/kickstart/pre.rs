//! %pre looks before anything is wiped: the disk must be there, and must not be the one that carries the seed.
//!
//! Disks are stand-ins: block device nodes, and an `lsblk` that answers from a table.

use super::Medium;
use super::system::System;

/// `vda` is a disk; `sdb` is one with the seed's partitions; `sr0` carries the installer.
const DISKS: &str = r#"
mknod /dev/vda b 252 0; mknod /dev/sdb b 8 16; mknod /dev/sdb1 b 8 17; mknod /dev/vdb b 252 16;
mkdir -p /dev/disk/by-id; ln -s ../../vda /dev/disk/by-id/virtio-root; ln -s ../../sdb /dev/disk/by-id/usb-seed
mkdir /srv/bin
cat >/srv/bin/lsblk <<'LSBLK'
#!/bin/bash
case "$*" in
*PKNAME*/sdb?) echo sdb ;;
*PKNAME*) echo ;;
*TYPE,RO,NAME,SIZE*) printf '%s\n' 'disk  0 vda   20G' 'disk  0 sdb    8M' 'rom   1 sr0    9G' 'disk  0 zram0  1G' ;;
*TYPE*/vdb) echo part ;;
*TYPE*) echo disk ;;
esac
LSBLK
printf '#!/bin/bash\n%s\n' '[[ "$*" != *LABEL='"$LABEL"'* ]] || echo /dev/sdb1' >/srv/bin/blkid
printf '#!/bin/bash\n%s\n' 'echo "systemctl $*" >>/dev/console; kill $PPID' >/srv/bin/systemctl
printf '#!/bin/bash\n' >/srv/bin/sleep
cp /srv/bin/sleep /srv/bin/udevadm
printf '#!/bin/bash\n%s\n' 'for url; do :; done; echo "curl $url" >>/dev/console; [[ $url != *dead* ]]' >/srv/bin/curl
chmod +x /srv/bin/*
PATH=/srv/bin:$PATH
"#;

/// What %pre says on the console, and what it writes for the kickstart to include.
fn pre(arguments: &[&str]) -> Option<(String, String)> {
    pre_beside("OEMDRV", arguments)
}

/// With a label on the first partition of `sdb`.
fn pre_beside(label: &str, arguments: &[&str]) -> Option<(String, String)> {
    let medium = Medium::build(arguments);
    let script = medium.script("pre")?.replace(">/dev/console", ">>/dev/console");
    let kept = "trap 'cat /tmp/vastimg-repositories.ks 2>/dev/null' EXIT\n";
    let outcome = System::new()?.run(&format!("LABEL={label}\n{DISKS}{kept}{script}"), &[]);
    // The machine that is switched off is this script, and bash says so.
    assert!(
        ["", "Terminated\n"].contains(&outcome.ran.stderr.as_str()),
        "{arguments:?}: {}",
        outcome.ran.stderr
    );
    Some((outcome.console, outcome.ran.stdout))
}

const OFF: &str = "systemctl --no-wall poweroff\n";

#[test]
fn a_disk_that_is_there_is_announced() {
    for disk in ["vda", "/dev/vda", "disk/by-id/virtio-root"] {
        let Some((console, _)) = pre(&["--install-disk", disk, "--profile", "minimal"]) else { return };
        assert_eq!(console, "vastimg: installing on /dev/vda, which is wiped\n");
    }
}

#[test]
fn anything_else_stops_it_before_a_byte_is_written() {
    let stopped = |disk: &str, words: &[&str]| -> Option<()> {
        let (console, _) = pre(&["--install-disk", disk, "--profile", "minimal"])?;
        assert!(console.starts_with("vastimg: STOPPED, nothing was written: "), "{console}");
        assert!(console.ends_with(OFF), "{console}");
        for word in words {
            assert!(console.contains(word), "{disk}: {console}");
        }
        Some(())
    };
    let missing =
        ["there is no disk vdz in this machine", "it has vda (20G), sdb (8M), build", "--install-disk"];
    if stopped("vdz", &missing).is_none() {
        return;
    }
    for disk in ["sdb", "disk/by-id/usb-seed"] {
        let seed = ["/dev/sdb, which was to be wiped, has /dev/sdb1 labelled", "as the seed itself has"];
        stopped(disk, &seed).unwrap();
    }
    stopped("vdb", &["/dev/vdb is no whole disk", "--install-disk"]).unwrap();
    let (console, _) = pre_beside("CIDATA", &["--install-disk", "sdb", "--profile", "minimal"]).unwrap();
    assert!(console.contains("has /dev/sdb1 labelled CIDATA") && console.ends_with(OFF), "{console}");
    // An old label on another disk is nobody's business.
    let (console, _) = pre_beside("OTHER", &["--install-disk", "sdb", "--profile", "minimal"]).unwrap();
    assert_eq!(console, "vastimg: installing on /dev/sdb, which is wiped\n");
}

/// For one that it does not know, the installer takes New York without a word.
#[test]
fn a_time_zone_that_there_is_not_stops_it() {
    let with = |zone: &str| pre(&["--profile", "minimal", "--set", &format!("kickstart.timezone={zone}")]);
    let Some((console, _)) = with("Europe/Berlinn") else { return };
    assert!(
        console.contains("STOPPED, nothing was written: the time zone Europe/Berlinn does not exist"),
        "{console}"
    );
    assert!(console.ends_with(OFF), "{console}");
    assert!(with("Europe/Berlin").unwrap().0.contains("installing on /dev/vda"));
}

#[test]
fn a_repository_that_does_not_answer_is_left_out() {
    let set =
        "kickstart.repositories=epel=http://mirror.example.com/epel/8/,extras=http://dead.example.com/extras";
    let Some((console, included)) = pre(&["--profile", "minimal", "--set", set]) else { return };
    assert!(console.contains("curl http://mirror.example.com/epel/8/repodata/repomd.xml\n"), "{console}");
    assert!(console.contains("vastimg: the repository extras does not answer, and is left out"), "{console}");
    assert_eq!(included, "repo --name=epel --baseurl=http://mirror.example.com/epel/8/\n");
}
