# shellcheck shell=bash
# Measures what the verifier says of a prepared guest, spoils it in every way that it is to find, and asks it again. The next
# boot, without a seed, then shows whether what it foretold came true. Functions: probe-lib.sh and capture.sh.
systemctl start containerd.service docker.service
sleep 1
report_run ready.verify vastimg-verify --format json
capture ready.tree

# Read at the next boot only.
printf 'fs.file-max = 2097152\nvm/swappiness = 55\n' >/etc/sysctl.d/99-vast-tuning.conf
printf 'KERNEL=="sd*", SUBSYSTEM=="block", ATTR{queue/scheduler}="none"\n' >/etc/udev/rules.d/70-vendor.rules
mkdir -p /etc/systemd/system/containerd.service.d
printf '[Service]\nLimitNOFILE=4096\n' >/etc/systemd/system/containerd.service.d/zz-site.conf
printf 'centos soft nofile 5000\ncentos hard nofile 5000\n' >/etc/security/limits.d/zz-site.conf
# In force at once.
mkdir -p /etc/systemd/system/docker.service.d
printf '[Service]\nLimitNOFILE=1024\n' >/etc/systemd/system/docker.service.d/zz-site.conf
systemctl daemon-reload
systemctl restart docker.service
sleep 1
sysctl -qw vm.dirty_ratio=40
echo always >/sys/kernel/mm/transparent_hugepage/enabled
echo kyber >/sys/block/nvme0n1/queue/scheduler
printf '#!/bin/sh\necho "Board Mfg             : VAST Data Loopback"\n' >/usr/sbin/ipmitool

report_run spoilt.verify vastimg-verify --format json
report_run spoilt.text vastimg-verify
report_run spoilt.nagios vastimg-verify --format nagios
report_run spoilt.drift vastimg-verify drift --format json
report_run spoilt.history vastimg-verify history
report_run spoilt.login su centos -c 'ulimit -Hn'
capture spoilt.tree
