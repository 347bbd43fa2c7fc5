#!/bin/bash
# Installs what tests/attach, tests/consumers, tests/fleet, tests/inspect, tests/iso_readers.rs and tests/disk.rs call, on Debian 12 (or a
# later one), and unpacks what would start a service once it was installed. Quick when all of it is there.
#
# Usage: tests/tools.sh [DIRECTORY]
#   DIRECTORY  where cloud-init, promtool, tuned, pykickstart and others are unpacked, not installed
#              [default: target/cloud-init, where the tests look for it; elsewhere: VASTIMG_CLOUD_INIT=DIRECTORY]
set -euo pipefail

directory=${1:-$(dirname "$0")/../target/cloud-init}
packages=(
    g++                                                            # builds libFuzzer for fuzz/run.sh
    binutils file gzip tar unzip util-linux zip                    # readelf, file, gzip, tar, unzip, blkid and unshare, zip
    cloud-image-utils dosfstools fdisk mtools                      # cloud-localds, fsck.vfat, sfdisk, mdir and mcopy
    genisoimage libarchive-tools p7zip-full xorriso                # isoinfo and isovfy, bsdtar, 7z, xorriso
    btrfs-progs coreutils jq parallel                              # mkfs.btrfs, sha256sum, jq, GNU parallel
    bsdutils libmonitoring-plugin-perl libxml2-utils               # script, Monitoring::Plugin, xmllint
    monitoring-plugins-basic perl                                  # negate, prove and TAP::Parser
    man-db                                                         # man, which reads the manual pages
    openssh-client                                                 # ssh-keygen
    procps shellcheck strace sudo systemd                          # sysctl, shellcheck, visudo, systemd-analyze
    python3 python3-configobj python3-jinja2 python3-jsonpatch     # what cloud-init's schema command imports
    python3-jsonschema python3-netifaces python3-oauthlib python3-requests python3-serial python3-yaml
    python3-pip                                                    # brings pykickstart, which also imports requests
    python3-junitparser python3-prometheus-client                  # readers of reports
    rpm                                                            # rpm and rpmbuild
    tzdata                                                         # what %pre looks a time zone up in
    virtinst                                                       # virt-install
)
# Their services would run on this machine.
unpacked=(cloud-init prometheus prometheus-node-exporter tuned udev)
# Debian has none. The newest has ksvalidator; Rocky 8's own is 3.16.16, and the nearest on PyPI needs two more modules.
pykickstarts=(3.78 3.16.13)
# Kubernetes' own schemas and what holds a manifest against them; Debian has none either.
kubernetes_validate=1.29.1
export DEBIAN_FRONTEND=noninteractive

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo --preserve-env=DEBIAN_FRONTEND "$@"
    fi
}

missing=()
for package in "${packages[@]}"; do
    [ "$(dpkg-query --show --showformat '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] ||
        missing+=("$package")
done
if [ "${#missing[@]}" -gt 0 ]; then
    echo "installing ${missing[*]}" >&2
    as_root apt-get update --quiet
    as_root apt-get install --quiet --yes --no-install-recommends "${missing[@]}"
fi

# Each with a marker that is written last, so that a download which broke off is done again.
mkdir -p "$directory"
for package in "${unpacked[@]}"; do
    [ ! -e "$directory/.$package" ] || continue
    download=$(mktemp -d)
    # As whoever runs this: apt's own user could not write to the directory.
    fetch() { (cd "$download" && apt-get download --quiet --option APT::Sandbox::User=root "$package"); }
    fetch || { as_root apt-get update --quiet && fetch; }
    case $package in
        prometheus) members=(./usr/bin/promtool) ;;
        prometheus-node-exporter) members=(./usr/bin/prometheus-node-exporter) ;;
        *) members=() ;;
    esac
    dpkg --fsys-tarfile "$download"/*.deb | tar -x -C "$directory" "${members[@]}"
    rm -r -- "$download"
    touch "$directory/.$package"
done
for version in "${pykickstarts[@]}"; do
    target=$directory/pykickstart-$version
    [ ! -e "$target/.whole" ] || continue
    rm -rf -- "$target"
    /usr/bin/python3 -m pip install --quiet --no-deps --root-user-action=ignore --target "$target" \
        "pykickstart==$version" ordered-set==4.1.0 six==1.17.0
    touch "$target/.whole"
done
target=$directory/kubernetes-validate
if [ ! -e "$target/.whole" ]; then
    rm -rf -- "$target"
    /usr/bin/python3 -m pip install --quiet --root-user-action=ignore --target "$target" \
        "kubernetes-validate==$kubernetes_validate"
    touch "$target/.whole"
fi
echo "every tool is there; what is not installed is in $directory" >&2
