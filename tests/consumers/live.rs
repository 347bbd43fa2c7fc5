//! The verifier on a system that runs: daemons, containers and logins, with live and persisted limits that differ.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use crate::host::{Host, Process};

/// Ids as docker makes them.
const A: &str = "5f0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8";
const B: &str = "b10a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8";

const DROP_IN: &str = "/etc/systemd/system/docker.service.d/50-vast-limits.conf";

/// A daemon that was started before its drop-in is one thing, a drop-in that loses is another.
#[test]
fn daemons_are_judged_by_what_they_have_and_by_what_they_will_have() {
    let Some(host) = Host::new() else { return };
    let nowhere = host.root();
    let (low, high) = (Process::start("dockerd", &nowhere, 1024), Process::start("dockerd", &nowhere, 4000));
    let other = Process::start("docker-init", &nowhere, 4000);
    // Version 1's named hierarchy, both, and version 2; and where it does not run.
    for hierarchy in ["systemd/", "unified/", ""] {
        let found = host.check("fd-limits.docker");
        assert_eq!((found.result.as_str(), found.live.as_str()), ("pass", "not running"), "{found:?}");
        host.service(hierarchy, "docker.service", &[other.pid(), low.pid()]);
        let found = host.check("fd-limits.docker");
        assert_eq!((found.result.as_str(), found.live.as_str()), ("fail", "1024"), "{found:?}");
        assert_eq!((found.persisted.as_str(), found.source.as_str()), ("1048576", DROP_IN), "{found:?}");
        assert_eq!(found.remedy, "sudo systemctl daemon-reload && sudo systemctl restart docker.service");
        host.service(hierarchy, "docker.service", &[other.pid(), high.pid()]);
        let found = host.check("fd-limits.docker");
        assert_eq!((found.result.as_str(), found.live.as_str()), ("pass", "4000"), "{found:?}");
        host.service(hierarchy, "docker.service", &[]);
    }

    host.service("systemd/", "docker.service", &[high.pid()]);
    let later = "etc/systemd/system/docker.service.d/99-site.conf";
    host.write(later, "[Service]\nLimitNOFILE=1024:4096\n");
    let found = host.check("fd-limits.docker");
    assert_eq!((found.result.as_str(), found.live.as_str()), ("fail", "4000"), "{found:?}");
    assert_eq!((found.persisted.as_str(), found.source), ("1024:4096", format!("/{later}")));
    assert!(found.remedy.contains("99-site.conf"), "{}", found.remedy);
    // One in a section that is none of a service's, and one that is no number, change nothing.
    host.write(later, "[Install]\nLimitNOFILE=1024\n[Service]\nLimitNOFILE=\nLimitNOFILE=64K\n");
    assert_eq!(host.check("fd-limits.docker").result, "pass");

    // An alias has the processes of the unit that it leads to, whose default is PID 1's.
    host.write("usr/lib/systemd/system/ssh.service", "[Service]\nExecStart=/usr/sbin/sshd -D\n");
    symlink("/usr/lib/systemd/system/ssh.service", host.root().join("etc/systemd/system/sshd.service"))
        .unwrap();
    let sshd = Process::start("sshd", &nowhere, 1024);
    host.service("systemd/", "ssh.service", &[sshd.pid()]);
    let found = host.check("fd-limits.sshd");
    assert_eq!((found.result.as_str(), found.live.as_str()), ("fail", "1024"), "{found:?}");
    assert_eq!(found.persisted, "1048576");
    assert!(found.source.starts_with("/etc/systemd/system.conf.d/"), "{found:?}");
    let found = host.check("fd-limits.services");
    assert!(found.result == "pass" && found.live.starts_with("PID 1 itself up to "), "{found:?}");

    host.service("systemd/", "docker.service", &[]);
    symlink("/dev/null", host.root().join("etc/systemd/system/docker.service")).unwrap();
    assert_eq!(host.check("fd-limits.docker").result, "skip");
}

#[test]
fn containers_are_looked_into() {
    const LIMIT: &str = "fd-limits.vast-containers";
    const RSYNC: &str = "container-rsync.inside";
    let Some(mut host) = Host::new() else { return };
    let results = |host: &Host| [LIMIT, RSYNC].map(|id| host.check(id).result);
    assert_eq!(results(&host), ["skip", "skip"], "docker is not there");

    let (root_a, root_b) = (host.root().join("opt/a"), host.root().join("opt/b"));
    let a = Process::start("vast", &root_a, 4000);
    let b = Process::start("vast", &root_b, 1024);
    host.container(A, "vast_platform_a", false, 0);
    assert_eq!(results(&host), ["skip", "skip"], "none runs");
    host.container(A, "vast_platform_a", true, a.pid());
    assert_eq!(results(&host), ["skip", "skip"], "the process is another's by now");
    host.contain(A, &a);
    host.contain(B, &b);
    host.container(B, "registry", true, b.pid());
    assert_eq!(results(&host), ["pass", "fail"], "a container of somebody else does not count");

    // Links lead from the container's root, and not from the host's, which has an rsync too.
    host.write("usr/bin/rsync", "");
    fs::set_permissions(host.root().join("usr/bin/rsync"), fs::Permissions::from_mode(0o755)).unwrap();
    fs::create_dir_all(root_a.join("usr/bin")).unwrap();
    symlink("/usr/libexec/rsync-3", root_a.join("usr/bin/rsync")).unwrap();
    let found = host.check(RSYNC);
    assert_eq!(
        (found.result.as_str(), found.live.as_str()),
        ("fail", "vast_platform_a missing"),
        "{found:?}"
    );
    assert!(found.remedy.contains("vastimg-containers.service"), "{}", found.remedy);
    host.write("opt/a/usr/libexec/rsync-3", "");
    assert_eq!(host.check(RSYNC).live, "vast_platform_a not executable");
    fs::set_permissions(root_a.join("usr/libexec/rsync-3"), fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(results(&host), ["pass", "pass"]);

    host.container(B, "vast_platform_b", true, b.pid());
    let found = host.check(LIMIT);
    assert_eq!(
        (found.result.as_str(), found.live.as_str()),
        ("fail", "vast_platform_a 4000, vast_platform_b 1024")
    );
    assert!(found.remedy.contains("restart"), "{}", found.remedy);
    assert_eq!(host.check(RSYNC).live, "vast_platform_a yes, vast_platform_b missing");

    // Docker's own setting for one container, or for all, is what made the difference.
    let own = format!("var/lib/docker/containers/{B}/hostconfig.json");
    host.write(&own, "{\"Ulimits\":[{\"Name\":\"nofile\",\"Hard\":1024,\"Soft\":1024}]}");
    assert_eq!(host.check(LIMIT).source, format!("/{own}"));
    host.write(&own, "{}");
    host.write(
        "etc/docker/daemon.json",
        "{\"default-ulimits\":{\"nofile\":{\"Name\":\"nofile\",\"Soft\":1024}}}",
    );
    assert_eq!(host.check(LIMIT).source, "/etc/docker/daemon.json");
    host.write("etc/docker/daemon.json", "{\"data-root\":\"/srv/docker\"}");
    assert_eq!(results(&host), ["skip", "skip"], "docker keeps its containers elsewhere");
    fs::remove_file(host.root().join("etc/docker/daemon.json")).unwrap();

    // What cannot be read is an error, and neither a skip nor a pass.
    let docker = host.root().join("var/lib/docker");
    fs::set_permissions(&docker, fs::Permissions::from_mode(0o710)).unwrap();
    for id in [LIMIT, RSYNC] {
        let found = host.check_as("65534:65534", id);
        assert_eq!(
            (found.result.as_str(), found.remedy.as_str()),
            ("error", "run as root: sudo vastimg-verify")
        );
    }
    host.write(&format!("var/lib/docker/containers/{A}/config.v2.json"), "{\"Name\":");
    let found = host.check(LIMIT);
    assert!(found.result == "error" && found.source.contains(A), "{found:?}");
}

/// The file that wins, and the one that keeps everybody out.
#[test]
fn limits_of_logins_name_the_file_that_makes_the_difference() {
    const NOFILE: &str = "fd-limits.login.user.nofile";
    let Some(host) = Host::new() else { return };
    let own = "etc/security/limits.d/99-vast.conf";
    let placed = host.root().join("usr/share/vastimg/floors").join(own);
    let found = host.check(NOFILE);
    assert_eq!((found.result.as_str(), found.persisted.as_str()), ("fail", "inherited, no line sets it"));
    host.write(own, &fs::read_to_string(placed).unwrap());
    let nr_open: u64 = fs::read_to_string("/proc/sys/fs/nr_open").unwrap().trim().parse().unwrap();
    assert!(nr_open >= 1_048_576, "{nr_open}");
    for id in [NOFILE, "fd-limits.login.root.nofile", "fd-limits.login.user.nproc"] {
        let found = host.check(id);
        assert_eq!((found.result.as_str(), found.source), ("pass", format!("/{own}")), "{id}");
    }
    let later = "etc/security/limits.d/site.conf";
    for (text, shown) in [
        ("centos soft nofile 1000\n", "soft 1000, hard 1048576"),
        ("@centos - nofile 1000\n", "1000"),
        ("1000:1000 hard nofile 1000\n", "1000"),
        ("centos -\n", "excluded from all limits"),
    ] {
        host.write(later, text);
        let found = host.check(NOFILE);
        assert_eq!((found.result.as_str(), found.persisted.as_str()), ("fail", shown), "{text}");
        assert_eq!(found.source, format!("/{later}"), "{text}");
        assert!(found.remedy.contains(later), "{text}: {}", found.remedy);
        assert_eq!(host.check("fd-limits.login.root.nofile").result, "pass", "{text}");
    }
    // PAM refuses a session whose limit the kernel refuses.
    host.write(later, &format!("* - nofile {}\ncentos - nofile {}\n", nr_open, nr_open + 1));
    let found = host.check(NOFILE);
    assert!(found.result == "fail" && found.persisted.ends_with("every login is refused"), "{found:?}");
    // That of root is the one of its own line.
    assert_eq!(host.check("fd-limits.login.root.nofile").persisted, "1048576");
    host.write(later, "centos - nofile unlimited\n");
    assert_eq!(host.check(NOFILE).result, "pass");
}
