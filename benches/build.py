#!/usr/bin/env python3
"""Measures `vastimg build` against the tools that people make seeds with, in one run, and prints ratios.

Every tool writes the same files, those of `vastimg build --profile loopback --format dir`, except cloud-localds, which
cannot carry a payload and gets user-data and meta-data alone. The peers find their files ready; vastimg renders and
digests them as well. Rounds are interleaved, so that other load on the machine hits all alike.

Usage: benches/build.py [ROUNDS]        needs: cargo, genisoimage, xorriso, cloud-localds (cloud-image-utils), GNU time
Time is wall time of the whole process, memory its peak resident set.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "target" / "release" / "vastimg"


def run(argv, env):
    """Wall time in ms of one process."""
    started = time.perf_counter()
    subprocess.run(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env, check=True)
    return (time.perf_counter() - started) * 1000


def peak_memory(argv, env):
    """Peak resident set in KiB, from GNU time: a child of this interpreter would begin with the interpreter's own."""
    timed = subprocess.run(["/usr/bin/time", "-f", "%M", *argv], capture_output=True, text=True, env=env, check=True)
    return int(timed.stderr.strip().splitlines()[-1])


def tools(work):
    """Name, output and command of each contender; all write the files below work/tree."""
    tree = str(work / "tree")
    cidata = ["-volid", "CIDATA", "-joliet", "-rock", "-quiet"]
    return [
        ("vastimg build", work / "v.iso", [str(PROGRAM), "build", "--force", "-o", str(work / "v.iso")]),
        ("genisoimage", work / "g.iso", ["genisoimage", "-output", str(work / "g.iso"), *cidata, tree]),
        ("xorriso", work / "x.iso", ["xorriso", "-as", "mkisofs", "-output", str(work / "x.iso"), *cidata, tree]),
        (
            "cloud-localds *",
            work / "c.iso",
            ["cloud-localds", "-f", "iso", str(work / "c.iso"), f"{tree}/user-data", f"{tree}/meta-data"],
        ),
        ("cp of the image", work / "p.iso", ["cp", str(work / "v.iso"), str(work / "p.iso")]),
    ]


def verifier(tree, rounds):
    """Prints what the verifier of a seed, as a directory, weighs and takes."""
    program = tree / "vastimg/rootfs/usr/bin/vastimg-verify"
    argv = [program, "--root", tree / "vastimg/rootfs", "--manifest", tree / "vastimg/manifest.json", "--format", "json"]
    samples = []
    for _ in range(rounds):
        started = time.perf_counter()
        subprocess.run(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        samples.append((time.perf_counter() - started) * 1000)
    size, median = program.stat().st_size, statistics.median(samples)
    print(f"vastimg-verify: {size} bytes; {min(samples):.1f} ms min, {median:.1f} ms median on a tree (--root)")


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    subprocess.run(["cargo", "build", "--release", "--quiet", "--locked"], cwd=ROOT, check=True)
    for tool in ("genisoimage", "xorriso", "cloud-localds", "/usr/bin/time"):
        if not shutil.which(tool):
            sys.exit(f"{tool} is not installed; see the usage at the top of this file")
    env = {**os.environ, "SOURCE_DATE_EPOCH": "1767225600"}
    with tempfile.TemporaryDirectory() as scratch:
        work = Path(scratch)
        subprocess.run(
            [str(PROGRAM), "build", "--format", "dir", "-o", str(work / "tree")],
            check=True, env=env, stderr=subprocess.DEVNULL,
        )
        contenders = tools(work)
        times = {name: [] for name, _, _ in contenders}
        for _ in range(rounds):
            for name, output, argv in contenders:
                if name != "vastimg build":
                    output.unlink(missing_ok=True)
                times[name].append(run(argv, env))
        memory = {}
        for name, output, argv in contenders:
            if name != "vastimg build":
                output.unlink(missing_ok=True)
            memory[name] = peak_memory(argv, env)
        mine = statistics.median(times["vastimg build"])
        print(f"{rounds} rounds, interleaved; the same files ({sum(f.stat().st_size for f in (work / 'tree').rglob('*') if f.is_file())} bytes)")
        print(f"{'':16} {'min ms':>8} {'median':>8} {'ratio':>7} {'peak KiB':>9} {'image bytes':>12}")
        for name, output, _ in contenders:
            median = statistics.median(times[name])
            print(
                f"{name:16} {min(times[name]):8.1f} {median:8.1f} {median / mine:6.1f}x {memory[name]:9} {output.stat().st_size:12}"
            )
        print("ratio: median time of this row over that of vastimg build.  * user-data and meta-data only")
        verifier(work / "tree", rounds)


if __name__ == "__main__":
    main()
