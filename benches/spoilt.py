"""Spoils the prepared host in one place for each kind of check, so that the contenders can be held against each other.

A contender that asserts nothing is fast; each has to name the checks that are spoilt here, and no others.
"""

import json
import os
import re
import subprocess
import time
from pathlib import Path

from prepared import call, over


def spoil(disk_globs):
    """Spoils it; returns the ids of what no longer holds."""
    work = Path("/media")
    Path("/var/lib/vastimg/prepare.json").write_text(
        Path("/var/lib/vastimg/prepare.json").read_text().replace('"exit": 0', '"exit": 1')
    )
    call("systemctl", "--quiet", "disable", "vastimg-verify.timer", stderr=subprocess.DEVNULL)
    Path("/etc/sudoers.d/90-vastimg").unlink()
    Path("/etc/sysctl.d/99-zz-later.conf").write_text("fs.file-max = 2097152\n")
    over("/proc/sys/vm/swappiness", "60\n", work, "swappiness")
    over("/sys/kernel/mm/transparent_hugepage/defrag", "always [madvise] never\n", work, "defrag")
    with open("/etc/security/limits.d/99-vast.conf", "a") as limits:
        limits.write("root soft nofile 1024\n")
    Path("/etc/systemd/system/docker.service.d/99-less.conf").write_text("[Service]\nLimitNOFILE=1024\n")
    call("rpm", "--erase", "--nodeps", "--force-debian", "tmux")
    [wheel] = Path("/usr/local/lib").glob("python3*/dist-packages/wheel-0.37.1.dist-info")
    metadata = wheel / "METADATA"
    metadata.write_text(metadata.read_text().replace("Version: 0.37.1", "Version: 0.38.4"))
    wheel.rename(wheel.with_name("wheel-0.38.4.dist-info"))
    Path("/usr/sbin/ipmitool").write_text("#!/bin/sh\necho none\n")
    orphan = Path("/tmp/abcd_123")
    orphan.mkdir()
    os.utime(orphan, (time.time() - 7200,) * 2)
    Path("/etc/systemd/system/containerd.service.d/99-less.conf").write_text("[Service]\nLimitNOFILE=1024\n")
    ids = {
        "base.prepared", "base.vastimg-verify.timer", "base.user", "base.files", "fd-limits.fs.file-max",
        "kernel-perf.vm.swappiness", "thp-off.defrag", "fd-limits.login.root.nofile", "fd-limits.docker",
        "fd-limits.containerd", "packages.tmux", "pip-pin.wheel", "fake-ipmitool.sudo", "fake-ipmitool.login", "fake-ipmitool.files", "tmp-orphans.none-left",
    }
    disks = sorted(disk for glob in disk_globs for disk in Path("/sys/block").glob(glob))
    if disks:
        over(str(disks[0] / "queue/scheduler"), "mq-deadline [kyber]\n", work, "scheduler")
        ids.add("io-scheduler.disks")
    return ids


def named(verifier, script, pytest, environment):
    """The ids that each of three commands says do not hold."""
    def out(argv):
        return subprocess.run(argv, capture_output=True, text=True, env=environment, stdin=subprocess.DEVNULL).stdout

    results = json.loads(out([*verifier, "--format", "json"]))["results"]
    return {
        "vastimg-verify": {result["id"] for result in results if result["result"] not in ("pass", "skip")},
        "assertions.sh": set(re.findall(r"^FAIL (\S+)$", out(script), re.M)),
        "pytest-testinfra": set(re.findall(r"\[local-([^]]+)\] FAILED", out([*pytest, "-vv", "--tb=no"]))),
    }
