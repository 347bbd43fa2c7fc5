#!/usr/bin/env python3
"""Measures `vastimg-verify` against the ways in which a host is checked without it, in one run, and prints ratios.

The contenders: the source document's checklist as a script (checklist.sh: five values); a script with the manifest's
assertions (as_shell.py); pytest-testinfra with the same (as_testinfra.py). Beside them what they rest on: the start of
the smallest static program of this toolchain, rpm and ipmitool asked once, and pytest with one empty test. All see the
same prepared host, made by prepared.py in mount namespaces of this run. Rounds are interleaved, so that other load on the
machine hits all alike. That those with the manifest's assertions do assert them is seen on the host spoilt (spoilt.py): each
has to name the same checks, or the run fails.

Usage: sudo benches/verify.py [ROUNDS]
Needs: cargo, python3-venv, python3-pip, rpm (with rpmbuild), strace, GNU time, jq, sudo, procps, systemd; pip
       fetches pytest-testinfra and the pinned wheels into target/.
Time is wall time of the whole process; memory the largest peak resident set of one process in its tree; programs are
successful execve calls in it, processes those that were created (threads too), both counted by strace in a run of their own.
"""

import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

sys.dont_write_bytecode = True
import as_shell  # noqa: E402
import prepared  # noqa: E402
import spoilt  # noqa: E402
from prepared import call  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
BENCHES = ROOT / "benches"
PROGRAM = ROOT / "target" / "release" / "vastimg"
WORK = ROOT / "target" / "bench"
PYTEST = WORK / "testinfra" / "bin" / "pytest"
VERIFIER = Path("/usr/bin/vastimg-verify")
TOOLS = [
    "cargo", "rustc", "/usr/bin/python3", "/usr/bin/pip3", "rpm", "rpmbuild", "strace", "/usr/bin/time", "jq", "sudo",
    "sysctl", "systemctl", "pgrep", "unshare", "/usr/lib/systemd/systemd-sysctl",
]
# No directories of whoever runs this: wrappers there would slow the peers.
ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/root"}
VERDICT = "vastimg-verify"
ALONE = "  nothing spawned"


def gather():
    """Builds and fetches what is compared, below target/bench."""
    shutil.rmtree(WORK / "seed", ignore_errors=True)
    WORK.mkdir(parents=True, exist_ok=True)
    call("cargo", "build", "--release", "--quiet", "--locked", cwd=ROOT)
    call(PROGRAM, "build", "--format", "dir", "-o", WORK / "seed", stderr=subprocess.DEVNULL)
    (WORK / "hello.rs").write_text('fn main() {\n    println!("hello");\n}\n')
    # The flags of build.rs and of the profile "verifier".
    flags = ["target-feature=+crt-static", "relocation-model=static", "opt-level=z", "lto=fat", "codegen-units=1"]
    flags = [f"-C{flag}" for flag in [*flags, "panic=abort", "strip=symbols"]]
    call("rustc", *flags, "-o", WORK / "hello", WORK / "hello.rs")
    if not PYTEST.exists():
        call("/usr/bin/python3", "-m", "venv", PYTEST.parent.parent)
        call(PYTEST.parent / "pip", "install", "--quiet", "--disable-pip-version-check", "pytest-testinfra")
    if not (WORK / "pins" / "pip").exists():
        call(ROOT / "tests" / "boot" / "wheels.sh", WORK / "wheels")
        pip = ["/usr/bin/python3", "-m", "pip", "--quiet", "install", "--no-index", "--no-deps", "--root-user-action=ignore"]
        call(*pip, "--target", WORK / "pins", *(WORK / "wheels").glob("*.whl"))


def contenders(manifest):
    """Name and command of each."""
    script = WORK / "assertions.sh"
    script.write_text(as_shell.script(manifest))
    # Where pytest may keep its bytecode.
    tests = shutil.copy(BENCHES / "as_testinfra.py", WORK)
    (WORK / "empty_test.py").write_text("def test_nothing():\n    pass\n")
    pytest = [str(PYTEST), "-q", "-p", "no:cacheprovider", "--rootdir", str(WORK), "--hosts=local://"]
    names = [check["package"]["name"] for check in manifest["checks"] if "package" in check]
    return [
        (VERDICT, [str(VERIFIER)]),
        (ALONE, [str(VERIFIER), "--skip", "packages", "--skip", "fake-ipmitool"]),
        ("checklist.sh *", ["/bin/bash", str(BENCHES / "checklist.sh")]),
        ("assertions.sh", ["/bin/bash", str(script)]),
        ("pytest-testinfra", [*pytest, str(tests)]),
        ("  one empty test", [*pytest, str(WORK / "empty_test.py")]),
        ("  rpm alone", ["/usr/bin/rpm", "-q", "--whatprovides", "rpm", *names]),
        ("  ipmitool alone", ["/usr/sbin/ipmitool", "fru", "print", "0"]),
        ("  hello world", [str(WORK / "hello")]),
    ]


def run(argv):
    """Wall time in ms, and what it printed; a contender that finds the host unprepared measures something else."""
    started = time.perf_counter()
    done = subprocess.run(argv, capture_output=True, text=True, env=ENVIRONMENT, stdin=subprocess.DEVNULL)
    passed = (time.perf_counter() - started) * 1000
    if done.returncode != 0:
        sys.exit(f"{' '.join(argv)} exits with {done.returncode} on a host that is to be right:\n{done.stdout}{done.stderr}")
    return passed, done.stdout


def peak_memory(argv):
    """KiB, from GNU time: a child of this interpreter would begin with the interpreter's own."""
    timed = subprocess.run(
        ["/usr/bin/time", "-f", "%M", *argv], capture_output=True, text=True, env=ENVIRONMENT, check=True
    )
    return int(timed.stderr.strip().splitlines()[-1])


def started(argv):
    """Programs that were run, by name, and how many processes there were."""
    log = Path("/tmp/strace")
    call("strace", "-f", "-qq", "-e", "trace=execve", "-e", "signal=none", "-o", log, *argv,
         env=ENVIRONMENT, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    calls = log.read_text().splitlines()
    processes = {line.split()[0] for line in calls}
    programs = Counter()
    pending = {}
    for line in calls:
        pid = line.split()[0]
        if found := re.search(r'execve\("([^"]*)"', line):
            pending[pid] = found[1].rsplit("/", 1)[-1]
        if re.search(r"\) += 0$", line):
            programs[pending[pid]] += 1
    log.unlink()
    return programs, len(processes)


def among(processes, argv, rounds):
    """Least and median time with that many more processes, as a host with VAST's containers has them."""
    others = [subprocess.Popen(["/bin/sleep", "600"], env=ENVIRONMENT) for _ in range(processes)]
    try:
        samples = [run(argv)[0] for _ in range(rounds)]
        return min(samples), statistics.median(samples)
    finally:
        for other in others:
            other.kill()
        for other in others:
            other.wait()


def agree(manifest, everyone):
    """Whether all with the manifest's assertions name the same on a host that is not right."""
    globs = [glob for check in manifest["checks"] if "scheduler" in check for glob in check["scheduler"]["disks"]]
    wanted = spoilt.spoil(globs)
    command = dict(everyone)
    found = spoilt.named(command[VERDICT], command["assertions.sh"], command["pytest-testinfra"], ENVIRONMENT)
    for name, ids in found.items():
        if ids != wanted:
            sys.exit(f"{name} on the spoilt host: missed {sorted(wanted - ids)}, named {sorted(ids - wanted)} for nothing")
    print(f"spoilt in {len(wanted)} checks, the host is told so by {', '.join(found)}: the same checks by each")


def measure(rounds):
    manifest = json.loads((WORK / "seed" / "vastimg" / "manifest.json").read_text())
    everyone = contenders(manifest)
    said = {name: run(argv)[1] for name, argv in everyone}
    times = {name: [] for name, _ in everyone}
    for _ in range(rounds):
        for name, argv in everyone:
            times[name].append(run(argv)[0])
    median = {name: statistics.median(samples) for name, samples in times.items()}
    print(f"{rounds} rounds, interleaved; {len(manifest['checks'])} checks, {len(manifest['files'])} files,"
          f" {sum(1 for name in os.listdir('/proc') if name.isdigit())} processes on the machine,"
          f" {os.cpu_count()} cores under a load of {os.getloadavg()[0]:.1f}")
    print(f"{'':18} {'min ms':>8} {'median':>8} {'ratio':>8} {'to alone':>9} {'peak KiB':>9} {'processes':>9} {'programs':>8}")
    of = {}
    for name, argv in everyone:
        of[name], processes = started(argv)
        print(
            f"{name:18} {min(times[name]):8.2f} {median[name]:8.2f} {median[name] / median[VERDICT]:7.1f}x"
            f" {median[name] / median[ALONE]:8.1f}x {peak_memory(argv):9} {processes:9} {of[name].total():8}"
        )
    print("ratio: median time of this row over that of vastimg-verify; to alone: over that of it with nothing spawned")
    print("(--skip packages --skip fake-ipmitool, and no report kept).  * five values, the others all checks")
    for name in (VERDICT, ALONE):
        print(f"programs of {name.strip()}: " + ", ".join(f"{program} {count}" for program, count in of[name].items()))
    print("vastimg-verify: " + said[VERDICT].strip().splitlines()[-1].strip())
    print("pytest-testinfra: " + said["pytest-testinfra"].strip().splitlines()[-1])
    shell = Counter(line.split()[0] for line in said["assertions.sh"].splitlines())
    print("assertions.sh: " + ", ".join(f"{count} {word}" for word, count in shell.items()))
    print("checklist.sh: " + "; ".join(said["checklist.sh *"].strip().splitlines()[1:]))
    crowd = 500
    least, middle = among(crowd, dict(everyone)[ALONE], rounds)
    print(f"with {crowd} more processes, nothing spawned: {least:.2f} ms min, {middle:.2f} ms median")
    hello = (WORK / "hello").stat().st_size
    size = VERIFIER.stat().st_size
    print(f"bytes: vastimg-verify {size}, of which a static hello world with the same flags has {hello}; ours {size - hello}")
    agree(manifest, everyone)


def main():
    if sys.argv[1:2] == ["--prepared"]:
        disk = WORK / "disk"
        shutil.rmtree(disk, ignore_errors=True)
        disk.mkdir()
        prepared.prepare(WORK / "seed", WORK / "pins", disk)
        measure(int(sys.argv[2]))
        return
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if missing:
        sys.exit(f"not installed: {', '.join(missing)}; see the usage at the top of this file")
    if os.geteuid() != 0:
        sys.exit("the prepared host takes mounts: run this as root")
    gather()
    rounds = sys.argv[1] if len(sys.argv) > 1 else "20"
    inside = [sys.executable, __file__, "--prepared", rounds]
    sys.exit(subprocess.run(["unshare", "--mount", "--propagation", "private", *inside]).returncode)


if __name__ == "__main__":
    main()
