//! QEMU: the script is run, the machine is stopped before its first instruction, and asked for its drives.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;

use crate::bench::{images, script, shell, stand_in};
use crate::harness::Scratch;
use crate::skip::skipped;

/// Less memory and no KVM; the console's place is taken by QEMU's own protocol.
const STAND_IN: &str = r#"
PATH=${PATH#*:}
for word in "$@"; do
    shift
    case $word in
        mon:stdio) word=null ;;
        *,hostfwd=*) word=${word%%,hostfwd=*} ;;
        vnc=*) word=none ;;
    esac
    set -- "$@" "$word"
done
exec qemu-system-x86_64 "$@" -m 64M -cpu qemu64 -accel tcg -S -qmp stdio"#;

/// Path and whether it is read-only, of each drive by its name; none where QEMU is missing.
fn drives(scratch: &Scratch, printed: &str) -> Option<Vec<(String, String, bool)>> {
    for program in ["qemu-system-x86_64", "qemu-img"] {
        if !["/usr/bin", "/usr/local/bin"].iter().any(|place| Path::new(place).join(program).is_file()) {
            skipped(&format!("{program} is missing, which tests/boot/install-tools.sh brings"));
            return None;
        }
    }
    stand_in(scratch, "qemu-system-x86_64", STAND_IN);
    let mut qemu = shell(scratch, printed);
    let mut running =
        qemu.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let asked =
        "{\"execute\": \"qmp_capabilities\"}\n{\"execute\": \"query-block\"}\n{\"execute\": \"quit\"}\n";
    running.stdin.take().unwrap().write_all(asked.as_bytes()).unwrap();
    let output = running.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{printed}\n{text}{}", String::from_utf8_lossy(&output.stderr));
    let answers = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let blocks = answers.filter_map(|answer| answer["return"].as_array().cloned()).next().unwrap();
    let inserted = blocks.iter().filter(|block| block["inserted"].is_object());
    let drive = |block: &Value| {
        let name = |value: &Value| value.as_str().unwrap().to_owned();
        (name(&block["device"]), name(&block["inserted"]["file"]), block["inserted"]["ro"].as_bool().unwrap())
    };
    Some(inserted.map(drive).collect())
}

fn base(scratch: &Scratch, name: &str) {
    let made = crate::tools::bounded("qemu-img")
        .args(["create", "-q", "-f", "qcow2"])
        .arg(scratch.path(name))
        .arg("1M")
        .status();
    assert!(made.is_ok_and(|status| status.success()));
}

#[test]
fn the_seed_is_a_read_only_disk_after_the_systems() {
    for (source, name) in [("a.iso", "it's, \"a\" seed.iso"), ("d.img", "-a:b,c.img")] {
        let scratch = images("vda");
        fs::copy(scratch.path(source), scratch.path(name)).unwrap();
        if Path::new("/usr/bin/qemu-img").is_file() {
            base(&scratch, "my base,'1'.qcow2");
        }
        let printed = script(&scratch, &["qemu", "--base", "my base,'1'.qcow2", "--vm", "a, b", "--", name]);
        let Some(drives) = drives(&scratch, &printed) else { return };
        let found: Vec<_> = drives.iter().map(|(_, file, ro)| (file.trim_start_matches("./"), *ro)).collect();
        assert_eq!(found, [("a, b.qcow2", false), (name, true)], "{printed}");
    }
}

#[test]
fn the_installer_has_its_dvd() {
    for image in ["k.iso", "d.img"] {
        let scratch = images("vda");
        scratch.file("my dvd, 1.iso", [0; 4096]);
        let printed = script(&scratch, &["qemu", image, "--dvd", "my dvd, 1.iso"]);
        let Some(drives) = drives(&scratch, &printed) else { return };
        let found: Vec<_> =
            drives.iter().map(|(name, file, ro)| (name.as_str(), file.as_str(), *ro)).collect();
        let wanted =
            [("system", "vast-01.qcow2", false), ("dvd", "my dvd, 1.iso", true), ("seed", image, true)];
        assert_eq!(found, wanted, "{printed}");
    }
}
