#!/bin/bash
# wheels.sh DIR: downloads the three wheels that VAST's document pins (the last ones for Python 3.6) into DIR, with the host's
# own pip and its configured package index. pip refuses a file whose sha256 is not the one recorded below, which is the one
# PyPI publishes for it. Quick if DIR already holds them; with no pip at hand a throw-away venv is used.
set -euo pipefail

pins='pip==21.3.1 --hash=sha256:deaf32dcd9ab821e359cd8330786bcd077604b5c5730c0b096eda46f95c24a2d
setuptools==59.6.0 --hash=sha256:4ce92f1e1f8f01233ee9952c04f6b81d1e02939d6e1b488428154974a4d0783e
wheel==0.37.1 --hash=sha256:4bdcd7d840138086126cd09254dc6195fb4fc6f01c050a1d7236f2630db1d22a'
files='deaf32dcd9ab821e359cd8330786bcd077604b5c5730c0b096eda46f95c24a2d  pip-21.3.1-py3-none-any.whl
4ce92f1e1f8f01233ee9952c04f6b81d1e02939d6e1b488428154974a4d0783e  setuptools-59.6.0-py3-none-any.whl
4bdcd7d840138086126cd09254dc6195fb4fc6f01c050a1d7236f2630db1d22a  wheel-0.37.1-py2.py3-none-any.whl'

if [ $# -ne 1 ]; then
    echo "usage: wheels.sh DIR" >&2
    exit 2
fi
mkdir -p "$1"
cd "$1"
if sha256sum --check --status <<<"$files" 2>/dev/null; then
    exit 0
fi

python=(python3)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
if ! python3 -m pip --version >/dev/null 2>&1; then
    python3 -m venv "$scratch/venv"
    python=("$scratch/venv/bin/python")
fi
printf '%s\n' "$pins" >"$scratch/pins.txt"
"${python[@]}" -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes --dest . \
    --requirement "$scratch/pins.txt" >&2
sha256sum --check --quiet <<<"$files"
