//! A system to install into: this machine's own, under a layer that takes every write and is thrown away (overlayfs).
//! What the layer holds in the end is what was written, to the last file.
//!
//! Needs root. Neither ISO 9660 nor FAT can be mounted on every kernel that tests run on, so `blkid` and `mount` are
//! stand-ins in there: devices are directories of `/srv/media`, named DEVICE, each with its label in `DEVICE.label`. The
//! boot test mounts real ones.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::privilege::is_root;
use crate::tools::{self, Ran};

/// Mounts, and a shell in the new root. `$1` is the scratch directory.
const ENTER: &str = r#"
set -eu
upper=$1/upper
mkdir "$1/layer" && mount -t tmpfs none "$1/layer"
mkdir "$1/layer/upper" "$1/layer/work" "$1/root"
mount -t overlay -o "lowerdir=/,upperdir=$1/layer/upper,workdir=$1/layer/work" none "$1/root"
mount --rbind /proc "$1/root/proc"
for name in dev run tmp srv mnt; do mount -t tmpfs none "$1/root/$name"; done
mknod "$1/root/dev/null" c 1 3
mknod "$1/root/dev/urandom" c 1 9
: >"$1/root/dev/console"
mkdir "$1/root/srv/media" "$1/root/srv/stand-in"
mount --bind "$1/media" "$1/root/srv/media"
cp "$(command -v mount)" "$(command -v umount)" "$1/root/srv/stand-in/"
for name in blkid mount umount; do
    for directory in /sbin /bin /usr/sbin /usr/bin; do
        [ ! -e "$1/root$directory/$name" ] || mount --bind "$1/bin/$name" "$1/root$directory/$name"
    done
done
cp "$1/script" "$1/root/srv/script"
rc=0
chroot "$1/root" bash /srv/script || rc=$?
cp "$1/root/dev/console" "$1/console"
cp -a "$1/layer/upper/." "$upper/"
exit "$rc"
"#;

const BLKID: &str = r#"#!/bin/bash
# As: blkid -c /dev/null -t LABEL=X -o device
while [ "$1" != -t ]; do shift; done
found=2
for label in /srv/media/*.label; do
    [ -e "$label" ] && [ "LABEL=$(cat "$label")" = "$2" ] && echo "${label%.label}" && found=0
done
exit $found
"#;

const MOUNT: &str =
    "#!/bin/bash\n# As: mount -o ro DEVICE DIRECTORY\nexec /srv/stand-in/mount --bind \"$3\" \"$4\"\n";
const UMOUNT: &str = "#!/bin/bash\nexec /srv/stand-in/umount \"$@\"\n";

/// What was written at one path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    /// A file: mode, `UID:GID`, content.
    File(u32, String, Vec<u8>),
    /// A symbolic link.
    Link(PathBuf),
    /// What was there is gone.
    Removed,
}

/// By absolute path. Directories are in it only through what they hold.
pub(crate) type Layer = BTreeMap<String, Written>;

/// One system, for one script.
pub(crate) struct System(TempDir);

/// What a script did to it.
pub(crate) struct Outcome {
    pub(crate) ran: Ran,
    /// All that was said on /dev/console.
    pub(crate) console: String,
    pub(crate) layer: Layer,
}

impl System {
    /// A new one; none without root, which is reported.
    pub(crate) fn new() -> Option<Self> {
        if !is_root() {
            tools::skipped("chroot and mounting need root");
            return None;
        }
        let scratch = tempfile::tempdir().unwrap();
        for name in ["media", "bin", "upper"] {
            fs::create_dir(scratch.path().join(name)).unwrap();
        }
        for (name, text) in [("blkid", BLKID), ("mount", MOUNT), ("umount", UMOUNT)] {
            let path = scratch.path().join("bin").join(name);
            fs::write(&path, text).unwrap();
            crate::kickstart::executable(&path);
        }
        Some(System(scratch))
    }

    /// Attaches a copy of a `dir` medium as /srv/media/`device`, and returns the copy for a test to spoil.
    pub(crate) fn attach(&self, device: &str, label: &str, medium: &Path) -> PathBuf {
        let media = self.0.path().join("media");
        fs::write(media.join(format!("{device}.label")), label).unwrap();
        tools::output(tools::bounded("cp").arg("-a").arg(medium).arg(media.join(device)));
        media.join(device)
    }

    /// Makes a file or directory of this machine visible as /mnt/`name`.
    fn shared(binds: &[(&str, &Path)]) -> String {
        let mut script = String::new();
        for (name, path) in binds {
            let path = path.canonicalize().unwrap();
            writeln!(
                script,
                "mkdir \"$1/root/mnt/{name}\"; mount --bind '{}' \"$1/root/mnt/{name}\"",
                path.display()
            )
            .unwrap();
        }
        script
    }

    /// Runs a bash script in it, as the installer runs %post, with directories of this machine as /mnt/NAME.
    pub(crate) fn run(&self, script: &str, binds: &[(&str, &Path)]) -> Outcome {
        let scratch = self.0.path();
        fs::write(scratch.join("script"), script).unwrap();
        let enter = ENTER.replace("rc=0\n", &format!("{}rc=0\n", System::shared(binds)));
        let mut command = tools::find("unshare").expect("util-linux is everywhere");
        command.args(["--mount", "--propagation", "private", "bash", "-c", &enter, "enter"]).arg(scratch);
        let ran = tools::run(&mut command);
        let console = fs::read_to_string(scratch.join("console"))
            .unwrap_or_else(|error| panic!("{error}: {}{}", ran.stdout, ran.stderr));
        Outcome { ran, console, layer: layer(&scratch.join("upper")) }
    }
}

/// Everything below the upper directory of an overlay.
fn layer(upper: &Path) -> Layer {
    let mut found = Layer::new();
    let mut pending = vec![upper.to_owned()];
    while let Some(directory) = pending.pop() {
        for entry in fs::read_dir(&directory).unwrap() {
            let path = entry.unwrap().path();
            let metadata = fs::symlink_metadata(&path).unwrap();
            let name = format!("/{}", path.strip_prefix(upper).unwrap().to_str().unwrap());
            let written = if metadata.is_dir() {
                pending.push(path);
                continue;
            } else if metadata.is_symlink() {
                Written::Link(fs::read_link(&path).unwrap())
            } else if metadata.file_type().is_char_device() && metadata.rdev() == 0 {
                Written::Removed
            } else {
                let owner = format!("{}:{}", metadata.uid(), metadata.gid());
                Written::File(metadata.mode() & 0o7777, owner, fs::read(&path).unwrap())
            };
            found.insert(name, written);
        }
    }
    found
}
