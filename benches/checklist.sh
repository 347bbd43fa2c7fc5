#!/bin/bash
# The source document's own checklist, as it has it: five values, read from the shell that runs it.
echo "=== Pre-Bootstrap Verification ==="

echo -n "pip: "
pip3 --version | awk '{print $2}'

echo -n "FD limit (process): "
ulimit -n

echo -n "FD limit (kernel): "
cat /proc/sys/fs/file-max

echo -n "ipmitool: "
# shellcheck disable=SC2015
ipmitool fru print 0 2>/dev/null | grep -q "VAST Data Loopback" && echo "OK (fake)" || echo "MISSING"

echo -n "THP: "
# shellcheck disable=SC2002,SC2015
cat /sys/kernel/mm/transparent_hugepage/enabled | grep -q '\[never\]' && echo "disabled" || echo "ENABLED (bad)"

echo -n "Orphan dirs: "
# shellcheck disable=SC2012
ls -d /tmp/???????? 2>/dev/null | wc -l
