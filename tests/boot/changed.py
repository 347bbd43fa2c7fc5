"""Prints what changed on this system since a time: one line KIND MODE OWNER DIGEST PATH for each file and link.

Usage: changed.py SECONDS-SINCE-1970. Limits: the root file system alone; directories are seen through what is in them.
"""

import hashlib
import os
import stat
import sys


def digest(path):
    found = hashlib.sha256()
    with open(path, "rb") as file:
        if path == "/etc/shadow":
            # Its third field is a day: that of the boot on which a user was made.
            rows = [line.split(b":") for line in file]
            return hashlib.sha256(b"".join(b":".join(row[:2] + row[3:]) for row in rows)).hexdigest()
        for block in iter(lambda: file.read(1 << 20), b""):
            found.update(block)
    return found.hexdigest()


since = int(sys.argv[1])
device = os.stat("/").st_dev
for directory, names, files in os.walk("/"):
    names[:] = [name for name in names if os.lstat(os.path.join(directory, name)).st_dev == device]
    for name in sorted(files + names):
        path = os.path.join(directory, name)
        try:
            status = os.lstat(path)
            if status.st_ctime <= since:
                continue
            if stat.S_ISREG(status.st_mode):
                kind, content = "file", digest(path)
            elif stat.S_ISLNK(status.st_mode):
                kind, content = "link", os.readlink(path)
            else:
                continue
        except FileNotFoundError:
            continue
        owner = f"{status.st_uid}:{status.st_gid}"
        print(f"{kind} {status.st_mode & 0o7777:04o} {owner} {content} {path}")
