# shellcheck shell=bash
# Does in this guest what Rocky's installer does to a new system around %post, and then runs %post as it does: in a chroot into
# which /dev, /proc, /sys and /run are bound, before the new system ever ran. The functions are those of probe-lib.sh.
#
# The commands before %post stand in for the kickstart's `user`, `sshkey` and `network --hostname`. What the installer itself
# would make of ks.cfg is not in this.

sysroot=/mnt/sysroot
useradd --create-home --shell /bin/bash --comment 'VAST Data' centos
passwd --quiet --lock centos
install -d -m 0700 -o centos -g centos /home/centos/.ssh
install -m 0600 -o centos -g centos /run/boot-probe/ssh-key.pub /home/centos/.ssh/authorized_keys
echo vast-01 >/etc/hostname
mkdir "$sysroot"
mount --bind / "$sysroot"
for name in dev proc sys run; do
    mount --rbind "/$name" "$sysroot/$name"
done
report_run post chroot "$sysroot" /bin/bash /run/boot-probe/post.sh
umount --recursive --lazy "$sysroot"
rmdir "$sysroot"
report_file post.log /root/vastimg-post.log
report units "$(systemctl is-enabled vastimg-prepare.service vastimg-verify.service 2>/dev/null | tr '\n' ' ')"
report started "$(systemctl is-active vastimg-prepare.service vastimg-verify.timer | tr '\n' ' ')"
