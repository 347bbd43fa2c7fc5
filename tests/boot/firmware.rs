//! A BIOS that tries the seed's disk before the machine's own goes on to that one.

use std::path::Path;
use std::process::Command;

use crate::lab::{self, Lab};
use crate::prepared::build;

/// A boot sector whose program ends QEMU with status 33: `mov al, 16; out 0xf4, al; hlt`.
const NEXT: [u8; 5] = [0xb0, 0x10, 0xe6, 0xf4, 0xf4];

#[test]
#[ignore = "boots a virtual machine; run by .ci/run"]
fn a_bios_passes_the_seed_by() {
    let seed = build(Lab::ready(), "firmware.img", &["--profile", "minimal", "--install-disk", "vda"]);
    let next = Path::new(env!("CARGO_TARGET_TMPDIR")).join("boot/next.img");
    let mut sector = vec![0; 1 << 20];
    sector[..NEXT.len()].copy_from_slice(&NEXT);
    sector[510..512].copy_from_slice(&[0x55, 0xaa]);
    std::fs::write(&next, sector).unwrap();

    let mut qemu = Command::new("timeout");
    qemu.args(["60", "qemu-system-x86_64", "-nodefaults", "-no-user-config", "-display", "none"])
        .args(["-machine", "q35", "-accel", "tcg", "-m", "64"])
        .args(["-device", "isa-debug-exit,iobase=0xf4,iosize=1"]);
    for (index, disk) in [(1, &seed), (2, &next)] {
        let drive = format!("if=none,id=d{index},format=raw,readonly=on,file={}", disk.display());
        let device = format!("virtio-blk-pci,drive=d{index},bootindex={index}");
        qemu.args(["-drive", &drive, "-device", &device]);
    }
    let status = qemu
        .status()
        .unwrap_or_else(|error| panic!("{error}; see {}", lab::source("install-tools.sh").display()));
    assert_eq!(status.code(), Some(33), "the next disk was not booted");
}
