# shellcheck shell=bash
# Measures, in a guest that booted with a vastimg seed, all that vastimg means to do; the functions are those of probe-lib.sh.
# Needs a user `centos` with sudo who accepts the key /run/boot-probe/ssh-key. It changes the guest (it spoils disk schedulers,
# runs prepare again, installs ipmitool over the fake, starts the docker stand-in): one run per boot, the report is its only
# product. The order matters where a later step disturbs what an earlier one measures.
#
# Keys: see each section. A value that does not exist is not reported; X.rc is the exit status of the command behind X.

as_centos() {
    ssh -i /run/boot-probe/ssh-key -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o BatchMode=yes \
        -o ConnectTimeout=20 -o LogLevel=ERROR centos@localhost "$@"
}

# --- The boot: system, system.failed, cloud-init.*, unit.NAME.{enabled,active,result}, kernel.cmdline
report system "$(systemctl is-system-running)"
report_run system.failed systemctl list-units --failed --no-legend --plain --no-pager
report kernel.cmdline "$(cat /proc/cmdline)"
report cloud-init.datasource "$(grep -o 'DataSource[A-Za-z]*' /run/cloud-init/result.json 2>/dev/null)"
report_run cloud-init.status cloud-init status --long
report_file cloud-init.result /run/cloud-init/result.json
report_file cloud-init.output /var/log/cloud-init-output.log
report cloud-init.warnings "$(grep -c -E ' - [^ ]+\[(WARNING|ERROR|CRITICAL)\]' /var/log/cloud-init.log 2>/dev/null)"
report_run cloud-init.schema cloud-init schema --system
report hostname "$(hostname)"
for unit in vastimg-prepare.service vastimg-verify.service vastimg-verify.timer vastimg-containers.service disable-thp.service; do
    report "unit.$unit.enabled" "$(systemctl is-enabled "$unit" 2>/dev/null)"
    report "unit.$unit.active" "$(systemctl is-active "$unit")"
    report "unit.$unit.result" "$(systemctl show --property=Result --value "$unit")"
done

# --- sysctl.KEY as in force (the keys of fixes 2 and 7), and sysctl-applied.KEY after systemd-sysctl set them all anew
sysctl_keys='fs.file-max fs.nr_open fs.inotify.max_user_watches fs.inotify.max_user_instances
    vm.swappiness vm.dirty_ratio vm.dirty_background_ratio vm.dirty_expire_centisecs vm.dirty_writeback_centisecs
    kernel.sched_migration_cost_ns kernel.sched_autogroup_enabled
    net.core.somaxconn net.core.netdev_max_backlog
    net.ipv4.tcp_max_syn_backlog net.ipv4.tcp_fin_timeout net.ipv4.tcp_keepalive_time'
sysctls() {
    local key path
    for key in $sysctl_keys; do
        path=/proc/sys/${key//./\/}
        [ -e "$path" ] && report "$1.$key" "$(cat "$path")"
    done
}
sysctls sysctl

# --- limits.{login,root,user-sudo}: `ulimit -Sn -Hn -Su -Hu` of a PAM session, one per line; limits.service, limits.pid1:
# /proc/PID/limits of a service and of systemd
# shellcheck disable=SC2016  # expanded by the login's shell
show_limits='for flag in -Sn -Hn -Su -Hu; do ulimit $flag; done'
report_run limits.login as_centos "$show_limits"
report_run limits.root su - root -c "$show_limits"
report_run limits.user-sudo as_centos "sudo -n bash -c '$show_limits'"
report_run limits.service systemd-run --quiet --wait --pipe cat /proc/self/limits
report_file limits.pid1 /proc/1/limits

# --- thp.{enabled,defrag}
for file in enabled defrag; do
    report "thp.$file" "$(cat "/sys/kernel/mm/transparent_hugepage/$file")"
done

# --- scheduler.DISK, then scheduler-after.DISK: another value was written and udev asked to look at the disk again. It is
# the rule, not the kernel's default, that brings the wanted value back.
for disk in $(disks); do
    queue=/sys/block/$disk/queue/scheduler
    report "scheduler.$disk" "$(cat "$queue")"
    other=$(tr ' ' '\n' <"$queue" | grep -m 1 '^[a-z]')
    echo "$other" >"$queue"
    report "scheduler-spoilt.$disk" "$(cat "$queue")"
done
udevadm trigger --action=change --subsystem-match=block
udevadm settle --timeout=60
for disk in $(disks); do
    report "scheduler-after.$disk" "$(cat "/sys/block/$disk/queue/scheduler")"
done

# --- files: one line `PATH MODE OWNER:GROUP SHA256` per entry of the manifest's "files"; MISSING where there is none
report_file manifest /etc/vastimg/manifest.json
python3 - <<'PYTHON' | report_file files
import grp, hashlib, json, os, pwd, stat

for entry in json.load(open("/etc/vastimg/manifest.json"))["files"]:
    path = entry["path"]
    try:
        status = os.stat(path)
        with open(path, "rb") as file:
            digest = hashlib.sha256(file.read()).hexdigest()
        owner = pwd.getpwuid(status.st_uid).pw_name + ":" + grp.getgrgid(status.st_gid).gr_name
        print(path, format(stat.S_IMODE(status.st_mode), "04o"), owner, digest)
    except OSError as error:
        print(path, "MISSING", error.strerror)
PYTHON

# --- user.*: what a login as centos finds; packages: all that the dnf stand-in installed; pip.*: as root, and as VAST calls it
report_run user.id as_centos id
report_run user.path as_centos printenv PATH
report_run user.sudo as_centos sudo -n id -un
report_file packages /var/lib/stand-in/packages
report_run pip.module /usr/bin/python3 -m pip --version
report_run pip.sudo as_centos sudo -n pip3 --version
report_run pip.list /usr/bin/python3 -m pip list --format=freeze

# --- ipmi.*: the fake through sudo, a login shell, twice; a command that it must refuse or knows; and after the package
report_run ipmi.sudo as_centos sudo -n ipmitool fru print 0
report_run ipmi.login as_centos "bash -lc 'ipmitool fru print 0'"
report_run ipmi.again as_centos "bash -lc 'ipmitool fru print 0'"
report_run ipmi.mc-info ipmitool mc info
report_run ipmi.unknown timeout 20 ipmitool lan print 1

# --- verify.*: the verifier as an administrator calls it; report.latest: what it left at the end of this boot, before that
report_file report.latest /var/lib/vastimg/reports/latest.json
report_run report.list ls -l /var/lib/vastimg/reports
report_run verify.sudo as_centos sudo -n vastimg-verify
report_run verify.json as_centos sudo -n vastimg-verify --format json
report_run verify.unprivileged as_centos vastimg-verify

# --- logs, prepare's own record, the settled files, and units as placed
report_file log.prepare /var/log/vastimg/prepare.log
report_file prepare.json /var/lib/vastimg/prepare.json
report_file prepare.floors /var/lib/vastimg/floors-seen
for file in /etc/security/limits.d/99-vast.conf /etc/sysctl.d/99-vast-fd.conf /etc/sysctl.d/99-vast-perf.conf; do
    report_file "config.${file##*/}" "$file"
done
for log in dnf rpm restorecon docker; do
    report_file "log.$log" "/var/log/stand-in/$log.log"
done
report_run journal journalctl --no-pager --output=short-monotonic --unit='vastimg-*' --unit=disable-thp.service
mapfile -t units < <(find /etc/systemd/system -maxdepth 1 -type f \( -name 'vastimg*' -o -name disable-thp.service \))
report units "${units[*]##*/}"
report_run units.verify systemd-analyze verify --man=no "${units[@]}"

# --- idempotent.{second,third}: output of prepare, run again; idempotent.diff-N: which files' checksum, mode or owner the run
# changed, appeared or went (empty: none)
tree() {
    find /etc /usr/libexec /usr/sbin /usr/bin /var/lib/vastimg -path /var/lib/vastimg/reports -prune -o \
        \( -type f -o -type l \) -printf '%p %y %m %u:%g %l\n' | LC_ALL=C sort
    find /etc /usr/libexec /usr/sbin /var/lib/vastimg -path /var/lib/vastimg/reports -prune -o -type f -print0 |
        LC_ALL=C sort --zero-terminated | xargs --null sha256sum
}
tree >/run/boot-probe/tree-1
report_run idempotent.second timeout 300 /usr/libexec/vastimg/prepare
tree >/run/boot-probe/tree-2
report_run idempotent.diff-second diff /run/boot-probe/tree-1 /run/boot-probe/tree-2
report_run idempotent.third timeout 300 /usr/libexec/vastimg/prepare
tree >/run/boot-probe/tree-3
report_run idempotent.diff-third diff /run/boot-probe/tree-2 /run/boot-probe/tree-3
report_run idempotent.verify vastimg-verify
report_run idempotent.ipmi timeout 20 ipmitool mc info

# --- ipmi.after-package: the distribution's ipmitool installed over whatever is in /usr/bin
report_run ipmi.package dnf -y install ipmitool
report_run ipmi.after-package as_centos sudo -n ipmitool fru print 0
report_run ipmi.after-package-login as_centos "bash -lc 'ipmitool fru print 0'"

# --- docker.*: containers appear after the daemon started. docker.rsync: seconds until the helper had copied rsync into the
# first one (empty: not within 60), docker.exec: rsync run inside it, docker.monitor: the package from its image;
# limits.{docker,containerd}.service: /proc/PID/limits; docker.log, docker.units, docker.journal: what the helpers did
container=vast_platform_11.0.0.1-4100
report docker.idle "$(systemctl list-units --no-legend --plain --all 'vastimg-*' | tr -s ' ' | tr '\n' ';')"
report_run docker.start systemctl start docker.service
sleep 5
begin=$SECONDS
echo "$container" >>/var/lib/stand-in/containers
copied=
while [ $((SECONDS - begin)) -lt 60 ]; do
    if [ -x "/var/lib/stand-in/rootfs/$container/usr/bin/rsync" ]; then
        copied=$((SECONDS - begin))
        break
    fi
    sleep 1
done
report docker.rsync "$copied"
report_run docker.exec docker exec "$container" rsync --version
for unit in docker.service containerd.service; do
    report_file "limits.$unit" "/proc/$(systemctl show --property=MainPID --value "$unit")/limits"
done
# The other helper may take longer: pip builds a wheel.
begin=$SECONDS
while [ $((SECONDS - begin)) -lt 90 ] && ! /usr/bin/python3 -m pip show -q monitor-v2 2>/dev/null; do
    sleep 3
done
report_run docker.monitor /usr/bin/python3 -m pip show monitor-v2
report_file docker.log /var/log/stand-in/docker.log
report docker.units "$(systemctl list-units --no-legend --plain --all 'vastimg-*' | tr -s ' ' | tr '\n' ';')"
report_run docker.verify vastimg-verify
report_run docker.journal journalctl --no-pager --output=short-monotonic --unit='vastimg-*'
report_file docker.leftover /var/lib/stand-in/created
report_run docker.stop systemctl stop docker.service

# --- what the next boot will set: the same keys after systemd-sysctl read all files again
systemctl restart systemd-sysctl.service
sysctls sysctl-applied
