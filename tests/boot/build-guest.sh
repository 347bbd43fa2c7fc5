#!/bin/bash
# build-guest.sh OUT_DIR: builds the virtual machine in which the boot test tries a seed, and leaves in OUT_DIR
#   guest.raw    the root file system (ext4, no partition table), a base for copy-on-write overlays
#   vmlinuz, initrd.img   for direct kernel boot
#   wheels/      what wheels.sh downloaded
#   stamp        sha256 of everything that went into it; while it stays the same the image is reused
#
# The guest is Debian 12 and stands in for Rocky 8, because it can be built from the host's own package mirror in a minute
# and no Rocky image has to be trusted or downloaded. What it therefore does NOT cover: SELinux, tuned, NetworkManager,
# kernel 4.18, systemd 239, PAM 1.3.1, dnf and rpm (stand-ins under guest/rootfs/ answer), Python 3.6 (here 3.11),
# a machine without /usr/bin/python3, cloud-init 23.4 (here 22.4). guest/rootfs/ mirrors the guest's file system; each file
# there says what it imitates.
#
# Needs: root, tools of install-tools.sh, the host's apt sources (the mirror is read from them; DEBIAN_MIRROR overrides).
# Changes nothing outside OUT_DIR. Two runs for one OUT_DIR wait for each other.
set -euo pipefail

suite=bookworm
# python3-cffi-backend: debootstrap cannot follow the virtual names by which python3-cryptography requires it.
packages=systemd,systemd-sysv,udev,dbus,cloud-init,python3,python3-pip,python3-cffi-backend,openssh-server,sudo,procps,rsync
packages=$packages,kmod,iproute2,libnss-myhostname,linux-image-amd64

if [ $# -ne 1 ]; then
    echo "usage: build-guest.sh OUT_DIR" >&2
    exit 2
fi
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
out=$(cd "$1" && pwd)
exec 9>"$out/lock"
flock 9

# Names, modes and contents of all that goes in; not the probes, which reach a running guest from outside.
stamp=$(cd "$here" && find build-guest.sh wheels.sh guest -type f -printf '%p %m\n' | LC_ALL=C sort |
    while read -r path mode; do
        printf '%s %s %s\n' "$path" "$mode" "$(sha256sum <"$path")"
    done | sha256sum | cut -d' ' -f1)
if [ -e "$out/stamp" ] && [ "$(cat "$out/stamp")" = "$stamp" ]; then
    echo "build-guest: $out is up to date" >&2
    exit 0
fi
if [ "$(id -u)" -ne 0 ]; then
    echo "build-guest: debootstrap needs root" >&2
    exit 1
fi
rm -f "$out/stamp"
"$here/wheels.sh" "$out/wheels"

# A private mount name space: whatever happens, no mount is left behind.
in_guest() {
    # shellcheck disable=SC2016  # expanded by the inner shell
    unshare --mount --propagation private sh -c '
        root=$1; shift
        mount -t proc proc "$root/proc"
        exec chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"
    ' sh "$@"
}

# The bare Debian is kept apart: it takes most of the time and changes only with the list of packages.
base=$out/base
base_stamp="$suite $packages 1"
if [ ! -e "$base.stamp" ] || [ "$(cat "$base.stamp")" != "$base_stamp" ]; then
    # shellcheck disable=SC2016  # expanded by apt-get
    mirror=${DEBIAN_MIRROR:-$(apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(COMPONENT)|$(CREATED_BY)|$(REPO_URI)' |
        awk -F'|' '$1 == "Debian" && $2 == "Debian" && $3 == "main" && $4 == "Packages" { print $5; exit }')}
    if [ -z "$mirror" ]; then
        echo "build-guest: no Debian mirror in this host's apt sources; set DEBIAN_MIRROR" >&2
        exit 1
    fi
    echo "build-guest: debootstrap $suite" >&2
    rm -rf "$base" "$base.stamp"
    mkdir -p "$out/debs"
    debootstrap --variant=minbase --cache-dir="$out/debs" --include="$packages" "$suite" "$base" "$mirror" >"$out/debootstrap.log" 2>&1 ||
        {
            tail -n 20 "$out/debootstrap.log" "$base/debootstrap/debootstrap.log" >&2
            exit 1
        }
    # Two thirds of the modules drive hardware that QEMU does not have here; they only cost time in mke2fs.
    for kind in drivers/gpu drivers/media drivers/infiniband drivers/net/wireless drivers/net/ethernet drivers/iio drivers/isdn sound; do
        rm -rf "$base"/lib/modules/*/kernel/"$kind"
    done
    for version in "$base"/lib/modules/*; do
        in_guest "$base" depmod "$(basename "$version")"
    done
    rm -rf "$base"/var/cache/apt/archives/*.deb "$base"/var/lib/apt/lists/* "$base"/usr/share/{doc,man,locale}
    printf '%s\n' "$base_stamp" >"$base.stamp"
fi

echo "build-guest: guest files" >&2
root=$out/root
rm -rf "$root"
cp -a "$base" "$root"

# Owner and modes do not depend on the checkout: directories and executable files 0755, other files 0644.
tar -C "$here/guest/rootfs" --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX -cf - . | tar -C "$root" -xpf -
chmod 0440 "$root/etc/sudoers"
install -d -m 0755 "$root/srv/wheels" "$root/var/log/stand-in" "$root/var/lib/stand-in"
install -m 0644 "$out"/wheels/*.whl "$root/srv/wheels/"
# Debian forbids root's pip to install into /usr/local; EL8's Python 3.6 knows no such mark.
rm -f "$root"/usr/lib/python3*/EXTERNALLY-MANAGED
# Debian's pip installs into dist-packages; whoever looks where EL8's does finds the same.
for version in "$root"/usr/lib/python3.*; do
    install -d -m 0755 "$root/usr/local/lib/${version##*/}/dist-packages"
    ln -s dist-packages "$root/usr/local/lib/${version##*/}/site-packages"
done
# One identity and one set of host keys per guest, not per image. An empty machine-id is not yet a "first boot", which would
# reset which units are enabled.
: >"$root/etc/machine-id"
rm -f "$root"/etc/ssh/ssh_host_* "$root/etc/resolv.conf" "$root/etc/hostname"
echo vastimg-guest >"$root/etc/hostname"
echo '/dev/vda / ext4 defaults 0 1' >"$root/etc/fstab"
in_guest "$root" groupadd --system wheel
in_guest "$root" systemctl -q enable boot-probe.service systemd-networkd.service
# Nothing here has a network that leads anywhere, and timers in the middle of a measurement are noise.
in_guest "$root" systemctl -q mask apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service \
    fstrim.timer systemd-timesyncd.service

# Rocky's initrd holds all disk drivers, so cdrom and disks exist before ds-identify looks for a seed; the same drivers here.
printf '%s\n' virtio_pci virtio_blk virtio_scsi sd_mod sr_mod ahci nvme xhci_pci usb_storage ext4 isofs vfat >>"$root/etc/initramfs-tools/modules"
echo 'MODULES=list' >"$root/etc/initramfs-tools/conf.d/boot-test"
in_guest "$root" update-initramfs -u >"$out/initramfs.log" 2>&1 || {
    cat "$out/initramfs.log" >&2
    exit 1
}
cp "$root"/boot/vmlinuz-* "$out/vmlinuz"
cp "$root"/boot/initrd.img-* "$out/initrd.img"
rm -f "$root"/boot/*

echo "build-guest: root file system" >&2
rm -f "$out/guest.raw"
truncate -s 3G "$out/guest.raw"
mke2fs -q -t ext4 -L root -m 0 -E lazy_itable_init=1,lazy_journal_init=1 -d "$root" "$out/guest.raw"
rm -rf "$root"
printf '%s\n' "$stamp" >"$out/stamp"
echo "build-guest: $out is ready" >&2
