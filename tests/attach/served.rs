//! A directory that a web server has: the commands by which a VM finds it, and who has none.

use std::fs;

use insta::assert_snapshot;

use crate::bench::{ALL, images, script, shell, stand_in};
use crate::harness::Scratch;
use crate::tools;

const URL: &str = "http://192.0.2.1:8000/a,b/vast-01";

fn served() -> Scratch {
    let scratch = Scratch::new();
    let build =
        ["build", "-p", "minimal", "--hostname", "vast-01", "--format", "nocloud-net", "-o", "vast-01"];
    scratch.done(&build);
    scratch
}

#[test]
fn as_it_is_printed() {
    let scratch = served();
    for hypervisor in ["qemu", "libvirt"] {
        let printed = script(&scratch, &[hypervisor, "vast-01", "--url", URL]);
        scratch.file("script", &printed);
        assert_snapshot!(format!("served_{hypervisor}"), printed);
        let Some(mut shellcheck) = tools::find("shellcheck") else { continue };
        tools::output(shellcheck.args(["--norc", "--shell=sh"]).arg(scratch.path("script")));
    }
}

#[test]
fn qemu_gets_the_serial_and_no_drive_of_the_seed() {
    let scratch = served();
    let printed = script(&scratch, &["qemu", "vast-01", "--url", URL]);
    let program = "for word; do printf '%s\\n' \"$word\" >>calls; done";
    stand_in(&scratch, "qemu-system-x86_64", program);
    stand_in(&scratch, "qemu-img", ":");
    tools::output(&mut shell(&scratch, &printed));
    let calls = fs::read_to_string(scratch.path("calls")).unwrap();
    let serial = "type=1,serial=ds=nocloud-net;s=http://192.0.2.1:8000/a,,b/vast-01/";
    assert!(calls.lines().any(|word| word == serial), "{calls}");
    assert_eq!(calls.matches("file=").count(), 1, "{calls}");
    // QEMU itself takes it.
    let Some(mut qemu) = tools::find("qemu-system-x86_64") else { return };
    qemu.args(["-machine", "q35", "-accel", "tcg", "-display", "none", "-S", "-smbios", serial]);
    qemu.args(["-qmp", "stdio"]).stdin(std::process::Stdio::piped());
    let mut running = qemu.stdout(std::process::Stdio::null()).spawn().unwrap();
    let said = b"{\"execute\": \"qmp_capabilities\"}\n{\"execute\": \"quit\"}\n";
    std::io::Write::write_all(&mut running.stdin.take().unwrap(), said).unwrap();
    assert!(running.wait().unwrap().success());
}

#[test]
fn libvirts_domain_has_the_serial() {
    let scratch = served();
    fs::write(scratch.path("base.qcow2"), "").unwrap();
    let printed = script(&scratch, &["libvirt", "vast-01", "--url", URL, "--base", "base.qcow2"]);
    if tools::find("virt-install").is_none() {
        return;
    }
    let program =
        r#"PATH=${PATH#*:}; exec virt-install "$@" --connect test:///default --check all=off --print-xml 1"#;
    stand_in(&scratch, "virt-install", program);
    let domain = tools::output(&mut shell(&scratch, &printed));
    let entry = "<entry name=\"serial\">ds=nocloud-net;s=http://192.0.2.1:8000/a,b/vast-01/</entry>";
    assert!(domain.contains(entry) && domain.contains("<smbios mode=\"sysinfo\"/>"), "{domain}");
    assert_eq!(domain.matches("<disk ").count(), 1, "{domain}");
}

#[test]
fn who_has_no_command_says_so() {
    let scratch = served();
    for hypervisor in ALL.into_iter().filter(|name| !["qemu", "libvirt"].contains(name)) {
        let text = scratch.refused(&["attach", hypervisor, "vast-01", "--url", URL]);
        assert!(text.contains("--format iso") && text.contains("docs/serve.md"), "{text}");
    }
    let refused = |arguments: &[&str]| scratch.refused(&[&["attach"], arguments].concat());
    assert_snapshot!("served_proxmox", refused(&["proxmox", "vast-01", "--url", URL]));
    assert_snapshot!("served_nowhere", refused(&["qemu", "vast-01"]));
    assert_snapshot!("served_semicolon", refused(&["qemu", "vast-01", "--url", "http://a/b;c/"]));
    assert_snapshot!("served_no_scheme", refused(&["qemu", "vast-01", "--url", "192.0.2.1/vast-01/"]));
    assert_snapshot!("served_dvd", refused(&["qemu", "vast-01", "--url", URL, "--dvd", "dvd.iso"]));
    fs::remove_file(scratch.path("vast-01/meta-data")).unwrap();
    assert_snapshot!("served_half", refused(&["qemu", "vast-01", "--url", URL]));
    let scratch = images("vda");
    assert_snapshot!("served_iso", scratch.refused(&["attach", "qemu", "a.iso", "--url", URL]));
}
