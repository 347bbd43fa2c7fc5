#!/bin/bash
# Installs what tests/consumers and tests/iso_readers.rs call, on Debian 12 (or a later one), and unpacks cloud-init,
# promtool and node_exporter.
# Quick when all of it is there.
#
# Usage: tests/tools.sh [DIRECTORY]
#   DIRECTORY  where these and udev are unpacked, not installed: their services would run on this machine
#              [default: target/cloud-init, where the tests look for it; elsewhere: VASTIMG_CLOUD_INIT=DIRECTORY]
set -euo pipefail

directory=${1:-$(dirname "$0")/../target/cloud-init}
packages=(
    binutils file gzip tar unzip util-linux zip                    # readelf, file, gzip, tar, unzip, blkid and unshare, zip
    genisoimage libarchive-tools p7zip-full xorriso                # isoinfo and isovfy, bsdtar, 7z, xorriso
    bsdutils libmonitoring-plugin-perl libxml2-utils               # script, Monitoring::Plugin, xmllint
    monitoring-plugins-basic perl                                  # negate, prove and TAP::Parser
    openssh-client                                                 # ssh-keygen
    procps shellcheck sudo systemd                                 # sysctl, shellcheck, visudo, systemd-analyze
    python3 python3-configobj python3-jinja2 python3-jsonpatch     # what cloud-init's schema command imports
    python3-jsonschema python3-netifaces python3-oauthlib python3-requests python3-serial python3-yaml
    python3-junitparser python3-prometheus-client                  # readers of reports
)
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

# A marker that is written last, so that a download which broke off, or was of fewer packages, is done again.
unpacked=(cloud-init udev prometheus prometheus-node-exporter)
if [ "$(cat "$directory/.complete" 2>/dev/null)" != "${unpacked[*]}" ]; then
    mkdir -p "$directory"
    download=$(mktemp -d)
    trap 'rm -rf -- "$download"' EXIT
    # As whoever runs this: apt's own user could not write to the directory.
    fetch() { (cd "$download" && apt-get download --quiet --option APT::Sandbox::User=root "${unpacked[@]}"); }
    fetch || { as_root apt-get update --quiet && fetch; }
    for archive in "$download"/*.deb; do
        case $archive in
            */prometheus_*) dpkg --fsys-tarfile "$archive" | tar -x -C "$directory" ./usr/bin/promtool ;;
            */prometheus-node-exporter_*)
                dpkg --fsys-tarfile "$archive" | tar -x -C "$directory" ./usr/bin/prometheus-node-exporter ;;
            *) dpkg -x "$archive" "$directory" ;;
        esac
    done
    echo "${unpacked[*]}" > "$directory/.complete"
fi
echo "every tool is there; what is not installed is in $directory" >&2
