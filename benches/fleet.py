#!/usr/bin/env python3
"""Measures `vastimg build --hosts` against the tools that people make seeds with, in one run, and prints ratios.

For N hosts: vastimg renders, lays out, digests and writes N images, with index and SHA256SUMS; a single one is built without
an inventory. The peers find the files of every host ready (one payload, three small files of the host's own) and run as many
processes at once as there are cores, which is the best a script can do with them. cloud-localds cannot carry a payload and
gets user-data, meta-data and network-config alone. The floor is a program that only writes the same number of bytes to the
same number of files, with as many processes. Rounds are interleaved, so that other load on the machine hits all alike; ratios
are of medians.

Usage: benches/fleet.py [--hosts 1000] [--rounds 5] [--grow 100,1000,10000] [--dir DIR] [--program PATH]
On a disk, what earlier rounds left to be written back and inodes just deleted (ext4 looks at each of them) blur the figures of
all alike; --dir /dev/shm measures without a disk.
Needs: cargo, genisoimage, xorriso, cloud-localds (cloud-image-utils), GNU time. DIR, by default a temporary directory, decides
which file system is measured, and needs room for two fleets (2 MB for each host). --grow '' leaves the second table out.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import Process
from pathlib import Path

from build import verifier

ROOT = Path(__file__).resolve().parent.parent
CORES = os.cpu_count() or 1
OWN = ("meta-data", "network-config", "vastimg/SHA256SUMS")


def inventory(path, hosts):
    lines = ["profile: loopback", "hosts:"]
    for n in range(hosts):
        mac = f"52:54:00:{n >> 16 & 255:02x}:{n >> 8 & 255:02x}:{n & 255:02x}"
        address = f"10.{n >> 14 & 127}.{n >> 7 & 127}.{n & 127}/8"
        network = f'{{version: 2, ethernets: {{eth0: {{match: {{macaddress: "{mac}"}}, addresses: [{address}]}}}}}}'
        lines.append(f"  vast-{n:05}: {{network: {network}}}")
    path.write_text("\n".join(lines) + "\n")


def timed(function):
    # What earlier rounds left to be written back is not charged to this one.
    os.sync()
    started = time.perf_counter()
    function()
    return time.perf_counter() - started


def run(argv, env=None):
    subprocess.run(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True, env=env)


def fresh(directory):
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir()
    return directory


class Bench:
    def __init__(self, program, work):
        self.program, self.work = program, work
        self.env = {**os.environ, "SOURCE_DATE_EPOCH": "1767225600"}

    def build(self, hosts, *more, name="v"):
        inventory(self.work / f"{hosts}.yaml", hosts)
        return [self.program, "-q", "build", "--hosts", str(self.work / f"{hosts}.yaml"), "-o", str(self.work / name), *more]

    def single(self):
        """The same seed by a build without an inventory."""
        own = self.work / "trees/vast-00000/network-config"
        image = self.work / "v/vast-00000.iso"
        return [self.program, "-q", "build", "--hostname", "vast-00000", "--network", str(own), "-o", str(image)]

    def trees(self, hosts):
        """The files that each peer is given: a folder of links to the common ones for each host."""
        fresh(self.work / "trees")
        command = self.build(hosts, "--format", "dir", name="trees/first")
        inventory(self.work / f"{hosts}.yaml", 1)
        run(command, self.env)
        first = self.work / "trees/first/vast-00000"
        for n in range(hosts):
            tree = self.work / f"trees/vast-{n:05}"
            run_copy(first, tree)
            for own in OWN:
                content = (first / own).read_text().replace("vast-00000", f"vast-{n:05}")
                (tree / own).unlink()
                (tree / own).write_text(content)
        shutil.rmtree(self.work / "trees/first")
        inventory(self.work / f"{hosts}.yaml", hosts)

    def peers(self, hosts):
        cidata = ["-volid", "CIDATA", "-joliet", "-rock", "-quiet"]

        def each(command):
            out = fresh(self.work / "p")
            with ThreadPoolExecutor(CORES) as pool:
                list(pool.map(lambda n: run(command(self.work / f"trees/vast-{n:05}", str(out / f"{n}.iso"))), range(hosts)))

        return {
            "genisoimage": lambda: each(lambda tree, iso: ["genisoimage", "-output", iso, *cidata, str(tree)]),
            "xorriso": lambda: each(lambda tree, iso: ["xorriso", "-as", "mkisofs", "-output", iso, *cidata, str(tree)]),
            "cloud-localds *": lambda: each(
                lambda tree, iso: [
                    "cloud-localds", "-f", "iso", "-N", f"{tree}/network-config", iso, f"{tree}/user-data", f"{tree}/meta-data",
                ]
            ),
        }

    def floor(self, hosts, size):
        out = fresh(self.work / "f")
        image = os.urandom(size)

        def write(numbers):
            for n in numbers:
                handle = os.open(out / f"{n}.iso", os.O_WRONLY | os.O_CREAT, 0o644)
                os.write(handle, image)
                os.close(handle)

        workers = [Process(target=write, args=(range(first, hosts, CORES),)) for first in range(CORES)]

        def go():
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join()

        return timed(go)

    def vastimg(self, hosts):
        fresh(self.work / "v")
        argv = self.build(hosts) if hosts > 1 else self.single()
        return timed(lambda: run(argv, self.env))

    def memory(self, argv):
        """Peak resident set in MiB, from GNU time: a child of this interpreter would begin with the interpreter's own."""
        done = subprocess.run(["/usr/bin/time", "-f", "%M", *argv], capture_output=True, text=True, env=self.env, check=True)
        return int(done.stderr.strip().splitlines()[-1]) / 1024


def run_copy(source, target):
    """Hard links, so that a thousand trees fit; the peers read them like any file."""
    run(["cp", "-al", str(source), str(target)])


def against(bench, hosts, rounds):
    bench.trees(hosts)
    peers = bench.peers(hosts)
    bench.vastimg(hosts)
    size = (bench.work / "v/vast-00000.iso").stat().st_size
    times = {name: [] for name in ("vastimg", *peers, "floor")}
    for _ in range(rounds):
        times["vastimg"].append(bench.vastimg(hosts))
        times["floor"].append(bench.floor(hosts, size))
        # The peers' differences are so great that one round of many seeds says enough.
        for name, go in peers.items():
            if hosts < 100 or not times[name]:
                times[name].append(timed(go))
        times["vastimg"].append(bench.vastimg(hosts))
        times["floor"].append(bench.floor(hosts, size))
    mine = statistics.median(times["vastimg"])
    print(f"\n{hosts} host{'s' if hosts > 1 else ''}, {size / 1e6:.1f} MB each, {CORES} cores")
    print(f"{'':<17}{'ms a seed':>10}{'vastimg is':>14}")
    for name, all_times in times.items():
        median = statistics.median(all_times)
        ratio = "" if name == "vastimg" else f"{median / mine:.2f}" if name == "floor" else f"{median / mine:.1f}"
        words = f"{ratio} of it" if name == "floor" else f"{ratio} x faster" if ratio else ""
        print(f"{name:<17}{median / hosts * 1000:>10.2f}{words:>18}")


def growth(bench, sizes):
    print(f"\n{'hosts':>7}{'s':>8}{'ms a seed':>11}{'of the floor':>14}{'MiB at most':>13}{'again, s':>10}")
    for hosts in sizes:
        took = bench.vastimg(hosts)
        size = (bench.work / "v/vast-00000.iso").stat().st_size
        again = timed(lambda: run(bench.build(hosts), bench.env))
        shutil.rmtree(bench.work / "v")
        peak = bench.memory(bench.build(hosts))
        shutil.rmtree(bench.work / "v")
        floor = bench.floor(hosts, size)
        shutil.rmtree(bench.work / "f")
        print(f"{hosts:>7}{took:>8.2f}{took / hosts * 1000:>11.2f}{floor / took:>14.2f}{peak:>13.0f}{again:>10.2f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hosts", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--grow", default="100,1000,10000")
    parser.add_argument("--dir")
    parser.add_argument("--program", default=str(ROOT / "target" / "release" / "vastimg"))
    args = parser.parse_args()
    if args.program == parser.get_default("program"):
        subprocess.run(["cargo", "build", "--release", "--quiet", "--locked"], cwd=ROOT, check=True)
    for tool in ("genisoimage", "xorriso", "cloud-localds", "/usr/bin/time"):
        if not shutil.which(tool):
            sys.exit(f"{tool} is not installed; see the usage at the top of this file")
    with tempfile.TemporaryDirectory(dir=args.dir) as scratch:
        bench = Bench(args.program, Path(scratch))
        for hosts in sorted({1, args.hosts}):
            against(bench, hosts, args.rounds)
        print("* without the payload, which it cannot carry")
        verifier(bench.work / "trees/vast-00000", 30)
        sizes = [int(size) for size in args.grow.split(",") if size]
        for unused in ("trees", "p", "f", "v"):
            shutil.rmtree(bench.work / unused, ignore_errors=True)
        if sizes:
            growth(bench, sizes)


if __name__ == "__main__":
    main()
