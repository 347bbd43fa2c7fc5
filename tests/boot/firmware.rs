//! A BIOS that tries the seed's disk before the installer's DVD goes on to the DVD, and says why on the screen.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::lab::{self, Lab};
use crate::prepared::build;

/// What stands for the DVD: a boot sector whose program ends QEMU with status 33: `mov al, 16; out 0xf4, al; hlt`.
const DVD: [u8; 5] = [0xb0, 0x10, 0xe6, 0xf4, 0xf4];

/// An ISO with that program for El Torito, without emulation.
fn dvd() -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("boot/dvd");
    std::fs::create_dir_all(&directory).unwrap();
    let mut sector = vec![0; 2048];
    sector[..DVD.len()].copy_from_slice(&DVD);
    std::fs::write(directory.join("boot.bin"), sector).unwrap();
    let iso = directory.with_extension("iso");
    lab::run(
        Command::new("xorriso")
            .args([
                "-as",
                "mkisofs",
                "-quiet",
                "-V",
                "DVD",
                "-b",
                "boot.bin",
                "-no-emul-boot",
                "-boot-load-size",
                "4",
                "-o",
            ])
            .arg(&iso)
            .arg(&directory),
    );
    iso
}

#[test]
#[ignore = "boots a virtual machine; run by .ci/run"]
fn a_bios_goes_on_from_the_seed_to_the_dvd() {
    let seed = build(Lab::ready(), "firmware.img", &["--profile", "minimal", "--install-disk", "vda"]);
    let dvd = dvd();
    let screen = dvd.with_extension("screen");
    let mut qemu = Command::new("timeout");
    qemu.args(["60", "qemu-system-x86_64", "-nodefaults", "-no-user-config", "-display", "none"])
        .args(["-machine", "q35", "-accel", "tcg", "-m", "64"])
        .args(["-device", "isa-debug-exit,iobase=0xf4,iosize=1"])
        // SeaBIOS tells there what it boots.
        .args(["-debugcon", &format!("file:{}", screen.display()), "-global", "isa-debugcon.iobase=0x402"]);
    for (index, image, device) in [(1, &seed, "virtio-blk-pci"), (2, &dvd, "ide-cd,bus=ide.0")] {
        let drive = format!("if=none,id=d{index},format=raw,readonly=on,file={}", image.display());
        qemu.args(["-drive", &drive, "-device", &format!("{device},drive=d{index},bootindex={index}")]);
    }
    let status = qemu.status().unwrap();
    let told = std::fs::read_to_string(&screen).unwrap();
    assert_eq!(status.code(), Some(33), "the DVD was not booted: {told}");
    assert!(told.contains("Booting from Hard Disk"), "the seed was not tried: {told}");
}
