"""A host that is prepared as a seed's manifest wants it, in mount namespaces of this process: nothing of it is seen outside.

The seed's files lie in overlays over /etc, /usr/bin and others, floors settled, units enabled by systemctl, the pinned
wheels where python3 looks first, an rpm database with one empty package of each name. Values of the kernel that are
not as wanted have a file mounted over them, so that nothing of the machine is changed. /var/lib/vastimg is a directory of
the disk, where keeping a report costs what it costs; /tmp is empty but for this checkout, if that lies there.

What is different from a Rocky 8 VM: the rpm database holds these packages alone, so rpm answers sooner; neither systemd
nor docker runs; Python is this machine's, and newer. All contenders meet the same.
"""

import json
import os
import pwd
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OVERLAID = ["/etc", "/usr/bin", "/usr/sbin", "/usr/libexec", "/usr/share", "/usr/local", "/var/lib"]
SPEC = """\
Name: vastimg-bench
Version: 1
Release: 1
Summary: Names for a benchmark
License: none
BuildArch: noarch
%description
Nothing.
"""


def call(*argv, **options):
    subprocess.run([str(word) for word in argv], check=True, stdout=subprocess.DEVNULL, **options)


def rpms(names, work):
    """Empty packages of these names."""
    spec = SPEC
    for name in names:
        spec += f"%package -n {name}\nSummary: A name\n%description -n {name}\nNothing.\n%files -n {name}\n"
    (work / "bench.spec").write_text(spec)
    top = work / "rpmbuild"
    call("rpmbuild", "-bb", "--quiet", "--define", f"_topdir {top}", str(work / "bench.spec"))
    return [str(path) for path in top.rglob("*.rpm")]


def over(path, text, work, number):
    """Has `path` read as `text`, in this namespace."""
    stand_in = work / f"value-{number}"
    stand_in.write_text(text)
    call("mount", "--bind", str(stand_in), path)


def kernel(checks, work):
    """Values of the kernel as wanted; those that hold are left alone."""
    number = 0
    for check in checks:
        if sysctl := check.get("sysctl"):
            path = Path("/proc/sys") / sysctl["key"].replace(".", "/")
            if not path.exists():
                continue
            have = path.read_text().strip()
            holds = int(have) >= int(sysctl["value"]) if sysctl["floor"] else have == sysctl["value"]
            found = [] if holds else [(str(path), sysctl["value"])]
        elif selected := check.get("selected"):
            found = [(selected["path"], f"always madvise [{selected['value']}]")] if Path(selected["path"]).exists() else []
        elif scheduler := check.get("scheduler"):
            disks = {disk for glob in scheduler["disks"] for disk in Path("/sys/block").glob(glob)}
            found = [(str(disk / "queue/scheduler"), f"[{scheduler['value']}] kyber") for disk in sorted(disks)]
        else:
            continue
        for path, value in found:
            number += 1
            over(path, value + "\n", work, number)


def prepare(seed, wheels, disk):
    """Makes it so. `seed` is a tree of --format dir, `wheels` unpacked wheels, `disk` an empty directory of a disk."""
    manifest_file = seed / "vastimg" / "manifest.json"
    manifest = json.loads(manifest_file.read_text())
    work = Path("/media")
    call("mount", "-t", "tmpfs", "none", str(work))
    for path in OVERLAID:
        Path(path).mkdir(exist_ok=True)
        upper, scratch = work / f"upper{path}", work / f"work{path}"
        upper.mkdir(parents=True)
        scratch.mkdir(parents=True)
        call("mount", "-t", "overlay", "none", "-o", f"lowerdir={path},upperdir={upper},workdir={scratch}", path)

    files = seed / "vastimg" / "rootfs"
    call("cp", "-a", "--no-preserve=ownership", f"{files}/.", "/")
    call("cp", "-a", "--no-preserve=ownership", f"{files}/usr/share/vastimg/floors/.", "/")
    # The one file that a seed has elsewhere than the host.
    call("install", "-m", "0755", str(seed / "vastimg" / "prepare.sh"), "/usr/libexec/vastimg/prepare")
    Path("/etc/vastimg").mkdir(exist_ok=True)
    shutil.copy(manifest_file, "/etc/vastimg/manifest.json")
    Path("/var/lib/vastimg").mkdir(exist_ok=True)
    call("mount", "--bind", str(disk), "/var/lib/vastimg")
    digest = subprocess.run(["sha256sum", manifest_file], check=True, capture_output=True, text=True).stdout[:64]
    status = {"manifest": f"sha256:{digest}", "exit": 0, "steps": [{"step": "all", "result": "ok"}]}
    Path("/var/lib/vastimg/prepare.json").write_text(json.dumps(status))

    try:
        pwd.getpwnam(manifest["user"])
    except KeyError:
        call("useradd", "--create-home", "--base-dir", "/var/lib", "--shell", "/bin/bash", manifest["user"])
    units = [check["unit-enabled"]["unit"] for check in manifest["checks"] if "unit-enabled" in check]
    call("systemctl", "--quiet", "enable", *units, stderr=subprocess.DEVNULL)
    python = subprocess.run(
        ["/usr/bin/python3", "-c", "import sys; print('python%d.%d' % sys.version_info[:2])"],
        check=True, capture_output=True, text=True,
    ).stdout.strip()
    site = Path("/usr/local/lib") / python / "dist-packages"
    shutil.copytree(wheels, site, dirs_exist_ok=True, ignore=shutil.ignore_patterns("bin"))
    # Debian's rpm would look below the home directory, and ask a shell where that is.
    Path("/etc/rpm").mkdir(exist_ok=True)
    Path("/etc/rpm/macros").write_text("%_dbpath /var/lib/rpm\n")
    Path("/var/lib/rpm").mkdir(exist_ok=True)
    names = [check["package"]["name"] for check in manifest["checks"] if "package" in check]
    # By rpm itself the verifier tells a database that can be read.
    packages = rpms(["rpm", *names], work)
    call("rpm", "--initdb")
    # Debian's rpm installs nothing without that word.
    call("rpm", "--install", "--nodeps", "--force-debian", *packages)
    kernel(manifest["checks"], work)

    checkout = work / "checkout"
    checkout.mkdir()
    call("mount", "--bind", str(ROOT), str(checkout))
    call("mount", "-t", "tmpfs", "none", "/tmp")
    ROOT.mkdir(parents=True, exist_ok=True)
    call("mount", "--bind", str(checkout), str(ROOT))
    os.chdir("/")
