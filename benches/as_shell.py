"""The manifest's checks as a shell script that a careful administrator would write: same ids, same assertions.

One program for one question, as such scripts are; but `pip3 list`, systemd-sysctl's files and each fix's sha256sum are asked
once, and /proc and /sys are read by bash itself where no tool is the usual way. It asserts less than the verifier: udev's
rules, tuned's profiles, the boot loader's arguments and limits of groups are not followed, and no culprit is named.
"""

from shlex import quote

HEAD = r"""#!/bin/bash
# Generated from manifest.json by benches/as_shell.py.
export LC_ALL=C
failed=0
verdict() { # STATUS ID
    if [ "$1" = 0 ]; then echo "pass $2"; else echo "FAIL $2"; failed=1; fi
}
skip() { echo "skip $1: $2"; }
at_least() { [ "$1" = unlimited ] || [ "$1" = infinity ] || [ "${1:-0}" -ge "$2" ]; }
chosen() { local text; text=$(<"$1") && text=${text#*[} && echo "${text%%]*}"; }
# As pam_limits reads them, but for groups: a user's own lines before those of "*", which is not root.
login_limit() { # USER ITEM VALUE
    local soft hard
    read -r soft hard < <(awk -v who="$1" -v item="$2" '
        $1 == who && $3 == item { own[$2] = $4 }
        $1 == "*" && $3 == item { all[$2] = $4 }
        END {
            print ("soft" in own ? own["soft"] : all["soft"]), ("hard" in own ? own["hard"] : all["hard"])
        }' /etc/security/limits.conf /etc/security/limits.d/*.conf)
    at_least "$soft" "$3" && at_least "$hard" "$3"
}
running() { # PROCESS VALUE
    local pid
    for pid in $(pgrep -x "$1"); do
        at_least "$(awk '/^Max open files/ { print $4 }' "/proc/$pid/limits")" "$2" || return
    done
}
distributions=$(pip3 list --disable-pip-version-check --format=freeze 2>/dev/null)
declare -A boot
while IFS='=' read -r key value; do
    boot[$key]=$value
done < <(/usr/lib/systemd/systemd-sysctl --cat-config |
    awk -F= '/^ *-?[a-z]/ { gsub(/^[ -]+| +$/, "", $1); gsub("/", ".", $1); gsub(/^ +| +$/, "", $2); print $1 "=" $2 }')
"""
PATHS = {"sudo": "/sbin:/bin:/usr/sbin:/usr/bin", "login": "/usr/local/bin:/usr/bin:/usr/local/sbin:/usr/sbin"}


def sysctl(check):
    key, value = check["key"], check["value"]
    file = "/proc/sys/" + key.replace(".", "/")
    if check["floor"]:
        test = f'at_least "$(sysctl -n {key})" {value} && at_least "${{boot[{key}]}}" {value}'
    else:
        test = f'[ "$(sysctl -n {key})" = {quote(value)} ] && [ "${{boot[{key}]}}" = {quote(value)} ]'
    return test, f"[ -e {file} ]", "this kernel has no such key"


def scheduler(check):
    globs = " ".join(f"/sys/block/{glob}/queue/scheduler" for glob in check["disks"])
    test = f'(shopt -s nullglob; for f in {globs}; do [ "$(chosen "$f")" = {check["value"]} ] || exit 1; done)'
    applies = " || ".join(f"compgen -G '/sys/block/{glob}' >/dev/null" for glob in check["disks"])
    return test, applies, "no such disk here"


def login_limit(check):
    return f'login_limit {check["who"]} {check["item"]} {check["value"]}'


def service_limit(check):
    unit, value = check.get("unit"), check["value"]
    paths = f"/etc/systemd/system/{unit}.d/*.conf" if unit else "/etc/systemd/system.conf /etc/systemd/system.conf.d/*.conf"
    test = f"at_least \"$(awk -F= '$1==\"{check['setting']}\"{{v=$2}} END{{print v}}' {paths})\" {value}"
    if unit:
        # A unit that says nothing has PID 1's default.
        default = f"awk -F= '$1==\"Default{check['setting']}\"{{v=$2}} END{{print v}}' /etc/systemd/system.conf /etc/systemd/system.conf.d/*.conf"
        own = f"awk -F= '$1==\"{check['setting']}\"{{v=$2}} END{{print v}}' {paths} 2>/dev/null"
        test = f'own=$({own}); at_least "${{own:-$({default})}}" {value}'
        test += f" && running {check['process']} {value}"
    return test


def files(manifest, fix):
    wanted = [file for file in manifest["files"] if file["fix"] == fix]
    sums = "\n".join(f"{file['sha256']}  {file['path']}" for file in wanted)
    stats = "\n".join(f"regular file {int(file['mode'], 8):o} 0:0 {file['path']}" for file in wanted)
    paths = " ".join(file["path"] for file in wanted)
    return f"sha256sum --check --status <<<{quote(sums)} && [ \"$(stat -c '%F %a %u:%g %n' {paths})\" = {quote(stats)} ]"


def leftovers(check):
    names = " -o ".join(f"-name {quote(name)}" for name in check["names"])
    owners = " -o ".join(f"-user {owner}" for owner in check["owners"]) or "-true"
    kind = "-type d" if check["only_directories"] else "-not -type l"
    where = " ".join(check["directories"])
    return (
        f'[ -z "$(find {where} -mindepth 1 -maxdepth 1 {kind} -mmin +{check["older_than_minutes"]}'
        f' \\( {names} \\) \\( {owners} \\) 2>/dev/null)" ]'
    )


def prepared():
    return (
        'jq -e --arg m "sha256:$(sha256sum /etc/vastimg/manifest.json | cut -c-64)"'
        " '.manifest == $m and .exit == 0' /var/lib/vastimg/prepare.json >/dev/null"
    )


def one(manifest, check):
    """The test; and where it may not apply, when it does and why not."""
    [(kind, wanted)] = [(key, value) for key, value in check.items() if key not in ("id", "fix", "label")]
    match kind:
        case "prepared":
            return prepared()
        case "account":
            return f"id {wanted['name']} >/dev/null && sudo -l -U {wanted['name']} | grep -q 'NOPASSWD: ALL'"
        case "unit-enabled":
            return f"systemctl --quiet is-enabled {wanted['unit']}"
        case "files":
            return files(manifest, check["fix"])
        case "sysctl":
            return sysctl(wanted)
        case "login-limit":
            return login_limit(wanted)
        case "service-limit":
            return service_limit(wanted)
        case "package":
            return f"rpm -q --whatprovides {wanted['name']} >/dev/null"
        case "python-dist":
            return f'[[ $\'\\n\'$distributions$\'\\n\' == *$\'\\n\'{wanted["name"]}=={wanted["version"]}$\'\\n\'* ]]'
        case "command":
            command = " ".join([wanted["name"], *wanted["arguments"]])
            return f"(PATH={PATHS[wanted['search']]} {command}) | grep -Fxq {quote(wanted['contains'])}"
        case "leftovers":
            return leftovers(wanted)
        case "selected":
            return f'[ "$(chosen {wanted["path"]})" = {wanted["value"]} ]'
        case "scheduler":
            return scheduler(wanted)
        case "runs-with":
            host = wanted["host"]
            return f"systemctl --quiet is-active {wanted['unit']}", f"systemctl --quiet is-active {host} 2>/dev/null", f"{host} does not run"
        case "container-limit" | "container-program":
            # No docker runs on the prepared host; finding that out is all that there is to do.
            names = f"docker ps --format '{{{{.Names}}}}' --filter name=^{wanted['containers']}"
            return "false", f'[ -n "$({names} 2>/dev/null)" ]', "no container runs"
    raise SystemExit(f"as_shell.py: {kind} is not known here")


def script(manifest):
    """The whole of it."""
    text = HEAD
    for check in manifest["checks"]:
        made = one(manifest, check)
        if isinstance(made, tuple):
            test, applies, why = made
            text += f"if {applies}; then {test}; verdict $? {check['id']}; else skip {check['id']} {quote(why)}; fi\n"
        else:
            text += f"{made}; verdict $? {check['id']}\n"
    return text + "exit $failed\n"
