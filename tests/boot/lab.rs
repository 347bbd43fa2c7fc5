//! What all guests share: the image, kernel and initrd that `build-guest.sh` made, and a key pair for logins.
//!
//! The lab lives in `target/tmp/boot-lab`, or where `VASTIMG_BOOT_LAB` says (so that it can outlive `cargo clean`).

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The built guest image and what belongs to it.
#[derive(Debug)]
pub(crate) struct Lab {
    dir: PathBuf,
}

impl Lab {
    /// The lab, built first if there is none or if a file under `tests/boot/` that goes into it has changed.
    ///
    /// # Panics
    /// If a tool is missing (`tests/boot/install-tools.sh` installs them) or the build fails.
    pub(crate) fn ready() -> &'static Self {
        static LAB: OnceLock<Lab> = OnceLock::new();
        LAB.get_or_init(|| {
            let dir = std::env::var_os("VASTIMG_BOOT_LAB")
                .map_or_else(|| Path::new(env!("CARGO_TARGET_TMPDIR")).join("boot-lab"), PathBuf::from);
            run(Command::new(source("build-guest.sh")).arg(&dir));
            let lab = Lab { dir };
            if !lab.private_key().exists() {
                run(Command::new("ssh-keygen")
                    .args(["-q", "-t", "ed25519", "-N", "", "-C", "boot-test", "-f"])
                    .arg(lab.private_key()));
            }
            lab
        })
    }

    /// The root file system that guests start from; never written to.
    pub(crate) fn image(&self) -> PathBuf {
        self.dir.join("guest.raw")
    }

    /// When the image was made, in seconds since 1970: what a guest changes has a later ctime.
    pub(crate) fn made(&self) -> u64 {
        let made = self.image().metadata().and_then(|metadata| metadata.modified()).unwrap();
        made.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()
    }

    /// The kernel, for `-kernel`.
    pub(crate) fn kernel(&self) -> PathBuf {
        self.dir.join("vmlinuz")
    }

    /// The initrd, for `-initrd`.
    pub(crate) fn initrd(&self) -> PathBuf {
        self.dir.join("initrd.img")
    }

    /// The pinned wheels of pip, setuptools and wheel, as `vastimg build --wheels` takes them.
    #[allow(dead_code, reason = "for tests of --wheels")]
    pub(crate) fn wheels(&self) -> PathBuf {
        self.dir.join("wheels")
    }

    /// A key without passphrase, made for this lab only; hand it to a probe with [`crate::guest::Boot::files`].
    pub(crate) fn private_key(&self) -> PathBuf {
        self.dir.join("ssh-key")
    }

    /// The public half, as `vastimg build --ssh-key` takes it.
    pub(crate) fn public_key(&self) -> PathBuf {
        self.dir.join("ssh-key.pub")
    }
}

/// A file under `tests/boot/`.
pub(crate) fn source(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/boot").join(name)
}

/// Runs a command of the host to its end.
///
/// # Panics
/// If it cannot be started or fails.
pub(crate) fn run(command: &mut Command) {
    let status = command.status().unwrap_or_else(|error| {
        panic!(
            "{}: {error} (tests/boot/install-tools.sh installs what is needed)",
            command.get_program().display()
        )
    });
    assert!(status.success(), "{command:?}: {status}");
}
