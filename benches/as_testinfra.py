"""The manifest's checks as pytest-testinfra would have them, one test for each; /etc/vastimg/manifest.json says which.

Idiomatic but for the answers that several tests need (`pip list`, sysctl.d's winner), which are asked for once. It
asserts what the script of as_shell.py asserts, and like that less than the verifier. Run by benches/verify.py.
"""

import json
import re
import shlex
from pathlib import Path

import pytest

MANIFEST = json.loads(Path("/etc/vastimg/manifest.json").read_text())
PATHS = {"sudo": "/sbin:/bin:/usr/sbin:/usr/bin", "login": "/usr/local/bin:/usr/bin:/usr/local/sbin:/usr/sbin"}


def number(text):
    return 2**64 if text in ("unlimited", "infinity") else int(text)


@pytest.fixture(scope="module")
def distributions(host):
    return host.pip.get_packages(pip_path="/usr/bin/pip3")


@pytest.fixture(scope="module")
def boot(host):
    """What systemd-sysctl would set at boot, by key."""
    text = host.check_output("/usr/lib/systemd/systemd-sysctl --cat-config")
    lines = (line.split("=", 1) for line in text.splitlines() if re.match(r"\s*-?[a-z].*=", line))
    return {key.strip().lstrip("-").replace("/", "."): value.strip() for key, value in lines}


def selected(host, path):
    return re.search(r"\[(.*?)\]", host.file(path).content_string).group(1)


def setting(host, paths, name):
    """The last assignment in systemd's files."""
    pattern = f'$1=="{name}"{{v=$2}} END{{print v}}'
    # Where no file matches, the pattern itself cannot be opened.
    return host.run(f"awk -F= {shlex.quote(pattern)} {paths}").stdout.strip()


def sysctl(host, check, boot):
    if not host.file("/proc/sys/" + check["key"].replace(".", "/")).exists:
        pytest.skip("this kernel has no such key")
    live = str(host.sysctl(check["key"]))
    for have in (live, boot[check["key"]]):
        if check["floor"]:
            assert int(have) >= int(check["value"])
        else:
            assert have == check["value"]


def scheduler(host, check):
    disks = [disk for disk in host.file("/sys/block").listdir() if any(Path(disk).match(glob) for glob in check["disks"])]
    if not disks:
        pytest.skip("no such disk here")
    for disk in disks:
        assert selected(host, f"/sys/block/{disk}/queue/scheduler") == check["value"]


def login_limit(host, check):
    """As pam_limits reads them, but for groups: a user's own lines before those of "*"."""
    found = {}
    text = host.check_output("cat /etc/security/limits.conf /etc/security/limits.d/*.conf")
    fields = [line.split() for line in text.splitlines()]
    for who in ["*", check["who"]]:
        found |= {line[1]: line[3] for line in fields if line[:1] == [who] and line[2] == check["item"]}
    assert number(found["soft"]) >= number(check["value"])
    assert number(found["hard"]) >= number(check["value"])


def service_limit(host, check):
    unit = check.get("unit")
    paths = f"/etc/systemd/system/{unit}.d/*.conf" if unit else "/etc/systemd/system.conf /etc/systemd/system.conf.d/*.conf"
    found = setting(host, paths, check["setting"])
    if unit and not found:
        # A unit that says nothing has PID 1's default.
        found = setting(host, "/etc/systemd/system.conf /etc/systemd/system.conf.d/*.conf", "Default" + check["setting"])
    assert number(found) >= number(check["value"])
    if unit:
        for pid in host.run(f"pgrep -x {check['process']}").stdout.split():
            line = host.file(f"/proc/{pid}/limits").content_string.split("Max open files")[1]
            assert number(line.split()[0]) >= number(check["value"])


def files(host, fix):
    for wanted in MANIFEST["files"]:
        if wanted["fix"] == fix:
            file = host.file(wanted["path"])
            assert file.is_file
            assert file.mode == int(wanted["mode"], 8)
            assert (file.user, file.group) == ("root", "root")
            assert file.sha256sum == wanted["sha256"]


def leftovers(host, check):
    names = " -o ".join(f"-name {shlex.quote(name)}" for name in check["names"])
    owners = " -o ".join(f"-user {owner}" for owner in check["owners"]) or "-true"
    kind = "-type d" if check["only_directories"] else "-not -type l"
    where = " ".join(check["directories"])
    command = f"find {where} -mindepth 1 -maxdepth 1 {kind} -mmin +{check['older_than_minutes']} \\( {names} \\) \\( {owners} \\)"
    assert host.run(command).stdout == ""


def runs_with(host, check):
    # Not is_running, which has no answer where systemd does not run.
    if host.run(f"systemctl is-active {check['host']}").rc != 0:
        pytest.skip("its host does not run")
    assert host.service(check["unit"]).is_running


def prepared(host):
    status = json.loads(host.file("/var/lib/vastimg/prepare.json").content_string)
    assert status["manifest"] == "sha256:" + host.file("/etc/vastimg/manifest.json").sha256sum
    assert status["exit"] == 0


@pytest.mark.parametrize("check", MANIFEST["checks"], ids=lambda check: check["id"])
def test_check(host, check, request):
    [(kind, wanted)] = [(key, value) for key, value in check.items() if key not in ("id", "fix", "label")]
    match kind:
        case "prepared":
            prepared(host)
        case "account":
            assert host.user(wanted["name"]).exists
            assert "NOPASSWD: ALL" in host.check_output(f"sudo -l -U {wanted['name']}")
        case "unit-enabled":
            assert host.service(wanted["unit"]).is_enabled
        case "files":
            files(host, check["fix"])
        case "sysctl":
            sysctl(host, wanted, request.getfixturevalue("boot"))
        case "login-limit":
            login_limit(host, wanted)
        case "service-limit":
            service_limit(host, wanted)
        case "package":
            # Not host.package, which would not find python3-devel: another package provides it.
            assert host.run(f"rpm -q --whatprovides {wanted['name']}").rc == 0
        case "python-dist":
            assert request.getfixturevalue("distributions")[wanted["name"]]["version"] == wanted["version"]
        case "command":
            command = " ".join([wanted["name"], *wanted["arguments"]])
            lines = host.check_output(f"PATH={PATHS[wanted['search']]} {command}").splitlines()
            assert wanted["contains"] in lines
        case "leftovers":
            leftovers(host, wanted)
        case "selected":
            assert selected(host, wanted["path"]) == wanted["value"]
        case "scheduler":
            scheduler(host, wanted)
        case "runs-with":
            runs_with(host, wanted)
        case "container-limit" | "container-program":
            # No docker runs on the prepared host; finding that out is all that there is to do.
            running = host.run(f"docker ps --format '{{{{.Names}}}}' --filter name=^{wanted['containers']}")
            if running.rc != 0 or not running.stdout.strip():
                pytest.skip("no container runs")
            pytest.fail("containers are not looked into here")
        case _:
            pytest.fail(f"{kind} is not known here")
