#!/bin/bash
# install-tools.sh: puts what the boot test needs onto a Debian 12 host, with apt-get: an x86 QEMU and its BIOS, debootstrap,
# mke2fs, and the small tools that tests/boot/ calls. Non-interactive; does nothing, in a moment, when all of it is there.
#
# Limits: needs root and a Debian-like apt. Some hosts carry a qemu-utils from backports that is newer than any
# qemu-system-x86 their sources offer; both come from one source package and must agree, so qemu-utils is then set back to
# the newest version the sources do offer. No other package is ever downgraded.
set -euo pipefail

wanted=(debootstrap e2fsprogs openssh-client python3-pip qemu-system-x86 qemu-utils seabios util-linux xorriso)

installed() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

missing=()
for package in "${wanted[@]}"; do
    installed "$package" || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then
    echo "install-tools: everything is installed" >&2
    exit 0
fi
if [ "$(id -u)" -ne 0 ]; then
    echo "install-tools: missing ${missing[*]}; run this as root" >&2
    exit 1
fi

export DEBIAN_FRONTEND=noninteractive
apt_get() {
    apt-get -y -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$@"
}

# The newest version of a package that a source offers; what only /var/lib/dpkg/status knows does not count.
offered() {
    apt-cache madison "$1" | awk -F' *[|] *' '/Packages$/ { print $2; exit }'
}

# A fresh index only if the present one does not know the packages: an update takes longer than all the rest.
if [ -z "$(offered qemu-system-x86)" ]; then
    apt_get -q update >&2
fi

options=(--no-install-recommends)
packages=("${missing[@]}")
utils=$(offered qemu-utils)
if installed qemu-utils && [ -n "$utils" ] && [ "$(dpkg-query -W -f '${Version}' qemu-utils)" != "$utils" ]; then
    options+=(--allow-downgrades)
    packages+=("qemu-utils=$utils")
fi
echo "install-tools: installing ${packages[*]}" >&2
apt_get -q install "${options[@]}" "${packages[@]}" >&2
