//! One virtual machine: its disks, which survive from boot to boot, and QEMU, which runs once per boot.
//!
//! Software emulation only. A machine has one core, and as many run at once as there are tests, by default one for each core
//! of the host: two machines of one core take two thirds of the time of two machines of two, one after the other.
//!
//! The disks that every guest has: `vda` (root, virtio-blk), and three blank ones with the serials `boot-sata` (AHCI), `boot-scsi`
//! (virtio-scsi) and `boot-nvme` (NVMe). A seed is a cdrom on AHCI, unless a boot says otherwise. Consoles, reports and disks are
//! under `target/tmp/boot/NAME/`; consoles and reports stay.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::lab::{self, Lab};
use crate::report::Report;

/// The second line and `hpet=off` take a third off a boot (98 s became 61 to 68 s, with 2 cores of the host); `-cpu max` was
/// slower.
const KERNEL_ARGS: &str = "root=/dev/vda rw console=ttyS0 net.ifnames=0 loglevel=5 panic=-1 \
                           norandmaps tsc=reliable clocksource=tsc mitigations=off";

/// A machine whose disks start as the lab's image and blank, and keep what each boot writes. Dropping it deletes the disks.
#[derive(Debug)]
pub(crate) struct Guest<'lab> {
    lab: &'lab Lab,
    dir: PathBuf,
    boots: u32,
}

/// What a seed looks like to the guest.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Attach {
    /// A cdrom on AHCI, `/dev/sr0`.
    #[default]
    Cdrom,
    /// A virtio disk, `/dev/vdb`.
    Virtio,
    /// USB storage behind xHCI, `/dev/sdX`.
    Usb,
}

/// What one boot is given. Start from `Boot::default()`.
#[derive(Debug, Default)]
pub(crate) struct Boot<'a> {
    /// An image to attach, read-only.
    pub(crate) seed: Option<&'a Path>,
    /// How it is attached.
    pub(crate) seed_as: Attach,
    /// The shell script that measures, run as root when the boot is over; `probe-lib.sh` is put before it.
    pub(crate) probe: &'a str,
    /// Files for the probe, found in the guest as `/run/boot-probe/NAME` (0600).
    pub(crate) files: &'a [(&'a str, &'a Path)],
    /// The SMBIOS serial, without commas; empty if not set.
    pub(crate) serial: &'a str,
    /// Whether the guest's network leads anywhere: to servers on this host, which it reaches as 10.0.2.2.
    pub(crate) network: bool,
    /// Further kernel arguments.
    pub(crate) kernel_args: &'a str,
    /// Memory in MiB, 1024 if not set. The defaults of several limits follow from it (RLIMIT_NPROC: 65536 at about 17 GiB);
    /// the host gives only what the guest touches, but one with less memory in all may refuse.
    pub(crate) memory: Option<u32>,
    /// When to give up; 20 minutes if not set.
    pub(crate) timeout: Option<Duration>,
}

/// What one boot left behind.
#[derive(Debug)]
pub(crate) struct Run {
    /// All that came over the first serial port.
    pub(crate) console: String,
    /// What the probe measured.
    pub(crate) report: Report,
    /// The exit status of the probe script.
    pub(crate) status: i32,
    /// From QEMU's start to its end.
    pub(crate) duration: Duration,
}

impl<'lab> Guest<'lab> {
    /// A new machine. `name` is its directory under `target/tmp/boot`, so it must be unique among the tests.
    pub(crate) fn fresh(lab: &'lab Lab, name: &str) -> Self {
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("boot").join(name);
        let _ = fs::remove_dir_all(&dir);
        fs::create_dir_all(&dir).unwrap();
        let image = lab.image().canonicalize().unwrap();
        lab::run(
            Command::new("qemu-img")
                .args(["create", "-q", "-f", "qcow2", "-F", "raw", "-b"])
                .arg(image)
                .arg(dir.join("root.qcow2")),
        );
        for disk in ["sata", "scsi", "nvme"] {
            File::create(dir.join(disk).with_extension("raw")).unwrap().set_len(64 << 20).unwrap();
        }
        Self { lab, dir, boots: 0 }
    }

    /// Boots, waits until the guest powers itself off, and returns what it reported.
    ///
    /// # Panics
    /// If the guest does not come to its end in time, or ends without running the whole probe; the message holds the tail of
    /// console and report.
    pub(crate) fn boot(&mut self, boot: &Boot<'_>) -> Run {
        self.boots += 1;
        let console_log = self.dir.join(format!("console-{}.log", self.boots));
        let report_log = self.dir.join(format!("report-{}.log", self.boots));
        let probe = self.dir.join("probe");
        let library = fs::read_to_string(lab::source("probe-lib.sh")).unwrap();
        fs::write(&probe, format!("{library}\n{}", boot.probe)).unwrap();

        let start = Instant::now();
        let mut qemu = Qemu(self.qemu(boot, &probe, &console_log, &report_log).spawn().unwrap());
        let timeout = boot.timeout.unwrap_or(Duration::from_secs(20 * 60));
        let end = loop {
            if let Some(status) = qemu.0.try_wait().unwrap() {
                break Some(status);
            }
            if start.elapsed() > timeout {
                break None;
            }
            std::thread::sleep(Duration::from_millis(200));
        };
        drop(qemu);

        let read = |path: &Path| String::from_utf8_lossy(&fs::read(path).unwrap_or_default()).into_owned();
        let console = read(&console_log);
        let raw = read(&report_log);
        let why = |text: &str| {
            let mut message = format!("{text}\n--- {}\n", console_log.display());
            let _ = writeln!(message, "{}\n--- {}\n{}", tail(&console), report_log.display(), tail(&raw));
            message
        };
        let Some(status) = end else { panic!("{}", why(&format!("the guest still ran after {timeout:?}"))) };
        assert!(status.success(), "{}", why(&format!("QEMU: {status}")));
        let report = Report::parse(&raw);
        let Some(status) = report.status() else { panic!("{}", why("the probe did not come to its end")) };
        Run { console, report, status, duration: start.elapsed() }
    }

    fn qemu(&self, boot: &Boot<'_>, probe: &Path, console: &Path, report: &Path) -> Command {
        // setpriv: the kernel kills QEMU when the test that started it is killed, whatever way.
        let mut qemu = Command::new("setpriv");
        qemu.args(["--pdeathsig", "KILL", "qemu-system-x86_64"])
            .args(["-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"])
            .args(["-machine", "q35,hpet=off", "-accel", "tcg,thread=multi", "-cpu", "qemu64", "-smp", "1"])
            .args(["-m", &boot.memory.unwrap_or(1024).to_string()])
            .args(["-device", "virtio-rng-pci"])
            .args(["-netdev", if boot.network { "user,id=net" } else { "user,id=net,restrict=on" }])
            .args(["-device", "virtio-net-pci,netdev=net,romfile="])
            .arg("-kernel")
            .arg(self.lab.kernel())
            .arg("-initrd")
            .arg(self.lab.initrd())
            .args(["-append", &format!("{KERNEL_ARGS} {}", boot.kernel_args)])
            .args(["-serial", &format!("file:{}", console.display())])
            .args(["-serial", &format!("file:{}", report.display())]);
        if !boot.serial.is_empty() {
            qemu.args(["-smbios", &format!("type=1,serial={}", boot.serial)]);
        }
        if matches!(boot.seed_as, Attach::Usb) {
            qemu.args(["-device", "qemu-xhci,id=usb"]);
        }
        let mut drive = |path: &Path, options: &str, device: &str| {
            qemu.args(["-drive", &format!("file={},{options}", quoted(path))]).args(["-device", device]);
        };
        let disk = |name: &str| self.dir.join(name);
        drive(
            &disk("root.qcow2"),
            "if=none,id=root,format=qcow2,cache=unsafe",
            "virtio-blk-pci,drive=root,serial=boot-root",
        );
        let blank = |id: &str| format!("if=none,id={id},format=raw,cache=unsafe");
        drive(&disk("sata.raw"), &blank("sata"), "ide-hd,bus=ide.0,drive=sata,serial=boot-sata");
        drive(&disk("nvme.raw"), &blank("nvme"), "nvme,drive=nvme,serial=boot-nvme");
        drive(&disk("scsi.raw"), &blank("scsi"), "virtio-scsi-pci,id=scsi");
        if let Some(seed) = boot.seed {
            let device = match boot.seed_as {
                Attach::Cdrom => "ide-cd,bus=ide.1,drive=seed",
                Attach::Virtio => "virtio-blk-pci,drive=seed,serial=boot-seed",
                Attach::Usb => "usb-storage,bus=usb.0,drive=seed",
            };
            drive(seed, "if=none,id=seed,format=raw,readonly=on", device);
        }
        qemu.args(["-device", "scsi-hd,bus=scsi.0,drive=scsi,serial=boot-scsi"]);
        for (name, path) in boot.files.iter().chain(&[("probe", probe)]) {
            qemu.args(["-fw_cfg", &format!("name=opt/org.vastimg/{name},file={}", quoted(path))]);
        }
        qemu.stdin(Stdio::null());
        qemu
    }
}

impl Drop for Guest<'_> {
    fn drop(&mut self) {
        for disk in ["root.qcow2", "sata.raw", "scsi.raw", "nvme.raw"] {
            let _ = fs::remove_file(self.dir.join(disk));
        }
    }
}

/// A running QEMU that does not outlive this value.
struct Qemu(Child);

impl Drop for Qemu {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A path inside a QEMU option, where a comma ends the value unless doubled.
fn quoted(path: &Path) -> String {
    path.display().to_string().replace(',', ",,")
}

fn tail(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(40)..].join("\n")
}
