//! The fake ipmitool as VAST calls it: run by bash, with each known command, with unknown ones, and with hostile text
//! as the manufacturer. Every run is bounded, since the way that it replaces called itself for ever.

use std::fs;
use std::path::{Path, PathBuf};

use vastimg::digest::sha256;

use crate::seed::{KEY, Seed};
use crate::tools::{self, Ran};

/// Text that means something to a shell, to YAML, to printf, to the template engine, or to a terminal's encoding.
pub(crate) const HOSTILE: [&str; 9] = [
    "O'Brien \"Co\" $(echo gone) `echo gone` ${HOME} $HOME",
    "{{ 1 + 1 }} {% raw %} {# gone #} {{ product }}",
    "# gone",
    "; exit 7 | & > < * ? [a] ~ ! \\ \\n %s %d",
    "Größe 漢字 🚀 \u{a0}",
    "'",
    "\\",
    "-n: yes",
    "  two  spaces  ",
];

const DEVICE: &str =
    "Device ID             : 32\nFirmware Revision     : 1.00\nIPMI Version          : 2.0\n";
const SENSOR: &str = "CPU Temp         | 45.000     | degrees C  | ok\n";
const POWER: &str = "System Power         : on\n";
const VERSION: &str = "ipmitool version 1.8.18\n";

fn program(seed: &Seed) -> PathBuf {
    seed.path().join("vastimg/rootfs/usr/sbin/ipmitool")
}

fn run(program: &Path, arguments: &[&str]) -> Ran {
    tools::run(tools::bounded("/bin/bash").arg(program).args(arguments))
}

/// What fru print prints on this machine, whose id every VM has and a container may lack.
fn fru(manufacturer: &str, product: &str) -> Option<String> {
    let Ok(id) = fs::read("/etc/machine-id") else {
        tools::skipped("this machine has no /etc/machine-id");
        return None;
    };
    let id = &sha256(&id)[..8];
    Some(format!(
        "Board Mfg Date        : Mon Jan 01 00:00:00 2024\nBoard Mfg             : {manufacturer}\n\
         Board Product         : {product}\nBoard Serial          : LOOPBACK-{id}\n"
    ))
}

#[test]
fn known_commands_are_answered() {
    let seed = Seed::of_profile("loopback");
    let program = program(&seed);
    let Some(fru) = fru("VAST Data Loopback", "Virtual Platform") else { return };
    for (arguments, expected) in [
        (&["fru", "print", "0"][..], fru.as_str()),
        (&["fru"], &fru),
        (&["fru", "list"], &fru),
        (&["-I", "open", "fru", "print", "0"], &fru),
        (&["-v", "fru", "print", "0"], &fru),
        (&["mc", "info"], DEVICE),
        (&["bmc", "info"], DEVICE),
        (&["sensor"], SENSOR),
        (&["sensor", "list"], SENSOR),
        (&["sdr"], SENSOR),
        (&["chassis", "status"], POWER),
        (&["power", "status"], POWER),
        (&["chassis", "power", "status"], POWER),
        (&["-V"], VERSION),
    ] {
        // Twice: nothing is left behind that changes the second answer.
        for _ in 0..2 {
            let ran = run(&program, arguments);
            assert_eq!(
                (ran.code, ran.stdout.as_str(), ran.stderr.as_str()),
                (0, expected, ""),
                "{arguments:?}"
            );
        }
    }
}

/// The kernel starts it by its first line, as sudo would.
#[test]
fn it_is_a_program() {
    let seed = Seed::of_profile("loopback");
    assert_eq!(tools::output(tools::bounded(program(&seed)).arg("-V")), VERSION);
}

/// Another host's BMC is not this VM, whatever the command.
#[test]
fn another_host_is_not_answered_for() {
    if Path::new("/usr/bin/ipmitool").exists() {
        return tools::skipped("this machine has a real ipmitool, which would be started");
    }
    let seed = Seed::of_profile("loopback");
    for arguments in [
        &["-I", "lan", "-H", "192.0.2.1", "power", "status"][..],
        &["-H", "192.0.2.1", "-U", "admin", "-P", "secret", "fru", "print", "0"],
        &["-Ilanplus", "-H192.0.2.1", "mc", "info"],
    ] {
        let ran = run(&program(&seed), arguments);
        assert_eq!((ran.code, ran.stdout.as_str()), (1, ""), "{arguments:?}");
        assert!(ran.stderr.contains("no real ipmitool"), "{arguments:?}: {}", ran.stderr);
        assert!(!ran.stderr.contains("secret"), "{}", ran.stderr);
    }
}

#[test]
fn unknown_commands_do_as_the_profile_says() {
    for (value, code) in [("succeed", 0), ("fail", 1)] {
        let set = format!("fake-ipmitool.unknown={value}");
        let seed = Seed::build("seed", &["--ssh-key", KEY, "--set", &set]);
        for arguments in [&["lan", "print", "1"][..], &["frux"], &["raw", "0x30", "fru"], &["mc"], &[]] {
            let ran = run(&program(&seed), arguments);
            assert_eq!((ran.code, ran.stdout.as_str()), (code, ""), "{value}: {arguments:?}");
            let message = format!("ipmitool: this VM's stand-in does not know '{}'\n", arguments.join(" "));
            assert_eq!(ran.stderr, message, "{value}: {arguments:?}");
        }
        assert_eq!(run(&program(&seed), &["fru", "print", "0"]).code, 0, "{value}: what it knows succeeds");
    }
}

/// What the manifest makes the verifier look for is what the program prints.
#[test]
fn hostile_text_is_printed_as_it_is() {
    for value in HOSTILE {
        let set = |key: &str| format!("fake-ipmitool.{key}={value}");
        let (manufacturer, product) = (set("manufacturer"), set("product"));
        let arguments = ["--ssh-key", KEY, "--set", &manufacturer, "--set", &product];
        let seed = Seed::build("seed", &arguments);
        let ran = run(&program(&seed), &["fru", "print", "0"]);
        let Some(fru) = fru(value, value) else { return };
        assert_eq!((ran.code, ran.stdout, ran.stderr.as_str()), (0, fru, ""), "{value:?}");

        let text = fs::read_to_string(seed.path().join("vastimg/manifest.json")).unwrap();
        let manifest: serde_json::Value = serde_json::from_str(&text).unwrap();
        let checks = manifest["checks"].as_array().unwrap();
        for id in ["fake-ipmitool.sudo", "fake-ipmitool.login"] {
            let check = checks.iter().find(|check| check["id"] == id).unwrap();
            assert_eq!(check["command"]["contains"], format!("Board Mfg             : {value}"), "{id}");
        }
    }
}
