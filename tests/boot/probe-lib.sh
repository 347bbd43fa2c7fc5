# shellcheck shell=bash
# Functions for probes; the harness puts this file before each of them. A probe runs as root in the guest, with bash; these
# functions send values over the second serial port (file descriptor 3), and all that it prints otherwise arrives as the value
# `probe.output`. It measures and never judges: the test on the host does that.
export LC_ALL=C.UTF-8
export PATH=/usr/sbin:/usr/bin:/sbin:/bin

# report KEY VALUE: one value of one line.
report() {
    printf '%s=%s\n' "$1" "$2" >&3
}

# report_file KEY [FILE]: the content of a file or of standard input, whatever is in it. A file that cannot be read is not
# reported.
report_file() {
    local encoded
    if encoded=$(base64 --wrap=0 -- "${2:--}" 2>/dev/null); then
        printf '%s:=%s\n' "$1" "$encoded" >&3
    fi
}

# report_run KEY COMMAND...: what a command wrote to standard output and error as KEY, its exit status as KEY.rc.
report_run() {
    local key=$1 output rc
    shift
    output=$(mktemp -p /run/boot-probe)
    "$@" >"$output" 2>&1 </dev/null
    rc=$?
    report_file "$key" "$output"
    report "$key.rc" "$rc"
    rm -f "$output"
}

# disks: the names of all disks, without cdroms.
disks() {
    local disk
    for disk in /sys/block/*; do
        case ${disk##*/} in loop* | ram* | sr* | fd* | dm-* | md*) ;; *) echo "${disk##*/}" ;; esac
    done
}
