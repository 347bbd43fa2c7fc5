# shellcheck shell=bash
# capture KEY: everything that the verifier reads of a running system, as plain files in a tree, sent as a tar archive in
# base64. Kernel files have no size, so that each is copied by its content. What other projects ship in /usr/lib is left out,
# and so are comments in what they ship in /etc: a fixture is to hold values, not other people's files.
capture() {
    local key=$1 stage path
    stage=$(mktemp -d -p /run/boot-probe)
    add() {
        for path in "$@"; do
            [ -e "$path" ] || [ -L "$path" ] || continue
            mkdir -p "$stage${path%/*}"
            if [ -L "$path" ]; then
                cp -P "$path" "$stage$path"
            elif [ -d "$path" ]; then
                mkdir -p "$stage$path"
            elif [ -r "$path" ]; then
                cat "$path" >"$stage$path" 2>/dev/null && chmod --reference="$path" "$stage$path"
            fi
        done
    }
    bare() {
        for path in "$@"; do
            [ -f "$path" ] && mkdir -p "$stage${path%/*}" && grep -v '^[[:space:]]*\(#.*\)\?$' "$path" >"$stage$path"
        done
    }
    mapfile -t paths < <(find /etc/sysctl.d /run/sysctl.d /etc/security/limits.d /etc/udev/rules.d /etc/sudoers.d /etc/vastimg \
        /etc/systemd/system /etc/systemd/system.conf.d /var/lib/vastimg/prepare.json /var/lib/vastimg/prepared \
        -not -name 'README*' -not -path '*/boot-*' -not -path '*/sshd-keygen@*' \( -type f -o -type l \) 2>/dev/null)
    add /lib "${paths[@]}" /etc/passwd /etc/group /usr/bin/python3 /proc/cmdline /sys/class/tty/console/active
    bare /etc/sysctl.conf /etc/security/limits.conf /etc/sudoers /etc/systemd/system.conf
    # Of a distribution's unit what bears on limits and on its being started.
    mkdir -p "$stage/usr/lib/systemd/system"
    for path in /usr/lib/systemd/system/{docker,containerd,ssh,sshd,tuned}.service; do
        [ -f "$path" ] && grep -E '^(\[|Limit|WantedBy|RequiredBy|Alias|Also)' "$path" >"$stage$path"
    done
    # The files that the seed placed, but for the verifier, which changes with every build.
    mapfile -t paths < <(from_manifest '[file["path"] for file in manifest["files"]]' | grep -v /vastimg-verify)
    add "${paths[@]}"
    mapfile -t paths < <(from_manifest \
        '["/proc/sys/" + check["sysctl"]["key"].replace(".", "/") for check in manifest["checks"] if "sysctl" in check]')
    add "${paths[@]}" /proc/sys/kernel/hostname /proc/sys/fs/nr_open
    for path in /sys/block/*; do
        add_to "$path/queue/scheduler" "/sys/block/${path##*/}/queue/scheduler"
        add_to "$path/queue/scheduler" "/sys/class/block/${path##*/}/queue/scheduler"
    done
    add /sys/kernel/mm/transparent_hugepage/{enabled,defrag}
    for unit in docker containerd ssh vastimg-containers; do
        path=/sys/fs/cgroup/system.slice/$unit.service/cgroup.procs
        add "$path"
        while read -r pid; do
            add "/proc/$pid/"{comm,limits,cgroup,stat}
        done < <(cat "$path" 2>/dev/null)
    done
    add /proc/1/{comm,limits,cgroup,stat}
    for path in /usr/local/lib/python3*/{site,dist}-packages/*.{dist,egg}-info /usr/lib/python3/dist-packages/*.{dist,egg}-info; do
        # A file in each, since git keeps no empty directories.
        [ -e "$path" ] && mkdir -p "$stage$path" && touch "$stage$path/METADATA"
    done
    python=$(readlink -f /usr/bin/python3)
    mkdir -p "$stage${python%/*}" && touch "$stage$python"
    report "$key" "$(tar --create --gzip --owner=0 --group=0 --sort=name --directory "$stage" . | base64 --wrap=0)"
    rm -rf "$stage"
}

from_manifest() {
    python3 -c "import json; manifest = json.load(open('/etc/vastimg/manifest.json')); print(*$1, sep='\n')"
}

add_to() {
    [ -r "$1" ] || return 0
    mkdir -p "$stage${2%/*}"
    cat "$1" >"$stage$2"
}
