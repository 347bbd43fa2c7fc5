//! Packages, as the real rpm answers for a database of the test's own, which covers the machine's: it holds empty
//! packages that rpmbuild makes. Debian's rpm is a later one than Rocky 8's, and keeps its database in another format.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use crate::culprits::Host;
use crate::persisted::in_namespaces;
use crate::tools;

/// `python3-devel` is a name that another package provides, as on Rocky 8.
const SPEC: &str = "Name: vastimg-test
Version: 1
Release: 1
Summary: Names for a test
License: none
BuildArch: noarch
%description
Nothing.
%package -n rpm
Summary: A name
%description -n rpm
Nothing.
%files -n rpm
%package -n tmux
Summary: A name
%description -n tmux
Nothing.
%files -n tmux
%package -n python36-devel
Summary: A name
Provides: python3-devel = 3.6
%description -n python36-devel
Nothing.
%files -n python36-devel
";

/// Result, what was found, source and remedy of each check, by its id.
type Results = BTreeMap<String, [String; 4]>;

/// Runs the verifier where `prepare` has made the database in `$db`; none where no such thing can be had.
fn verify(host: &Host, prepare: &str) -> Option<Results> {
    for tool in ["rpm", "rpmbuild"] {
        tools::find(tool)?;
    }
    host.place("test.spec", SPEC);
    // Below /root on Debian, and as rpm sees it in the verifier's environment.
    let script = format!(
        "cd \"$1\"; mkdir -p /etc/vastimg; mount --bind etc/vastimg /etc/vastimg
        db=$(env -i PATH=/sbin:/bin:/usr/sbin:/usr/bin rpm --eval %_dbpath); rm -rf db; mkdir -p db \"$db\"
        mount --bind db \"$db\"
        install_packages() {{
            rpmbuild -bb --quiet --define \"_topdir $PWD/rpmbuild\" test.spec >&2
            env -i PATH=/usr/sbin:/usr/bin rpm --install --nodeps --force-debian rpmbuild/RPMS/noarch/$1.rpm >&2
        }}
        {prepare}
        exec env -i usr/bin/vastimg-verify --format json --only packages"
    );
    let ran = in_namespaces(Path::new(&host.root()), &script, &[])?;
    let report: Value =
        serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stderr));
    let results = report["results"].as_array().unwrap().iter().map(|result| {
        let text = |name: &str| result[name].as_str().unwrap_or_default().to_owned();
        assert_eq!(text("persisted"), text("live"), "{result}");
        (text("id"), ["result", "live", "source", "remedy"].map(text))
    });
    let results: Results = results.collect();
    assert_eq!(results.len(), 10, "{results:?}");
    Some(results)
}

#[test]
fn names_are_there_provided_by_another_package_or_missing() {
    let host = Host::new();
    let Some(results) = verify(&host, "install_packages '*'") else { return };
    for name in ["tmux", "python3-devel"] {
        let found = &results[&format!("packages.{name}")];
        assert_eq!(found, &["pass", "installed", "rpm", ""], "{name}");
    }
    // One is REQUIRED, the other OPTIONAL.
    for (name, result) in [("gcc", "fail"), ("htop", "warn")] {
        let remedy = format!("sudo dnf install -y {name}");
        let found = &results[&format!("packages.{name}")];
        assert_eq!(found, &[result, "not installed", "rpm", remedy.as_str()], "{name}");
    }
    assert_eq!(results.values().filter(|found| found[0] == "pass").count(), 2, "{results:?}");
}

/// rpm says of each name that no package provides it: that is no answer.
#[test]
fn a_database_that_cannot_be_read_is_an_error() {
    let host = Host::new();
    for (what, prepare) in [
        (
            "garbage",
            "install_packages '*'; for f in db/*; do s=$(stat -c %s $f); yes garbage | head -c $s >$f; done",
        ),
        (
            "pages of it",
            "install_packages '*'; rm -f db/*-wal db/*-shm
            yes garbage | head -c 80k | dd of=db/rpmdb.sqlite bs=4k seek=2 conv=notrunc status=none",
        ),
        ("half of it", "install_packages '*'; rm -f db/*-wal db/*-shm; truncate -s 20000 db/rpmdb.sqlite"),
        ("none", ""),
        ("one that has lost rpm", "install_packages 'tmux*'"),
    ] {
        let Some(results) = verify(&host, prepare) else { return };
        for (id, [result, live, source, remedy]) in &results {
            assert_eq!((result.as_str(), live.as_str()), ("error", ""), "{what}: {id}: {source}");
            assert!(source.contains("rpm's database does not know rpm itself"), "{what}: {id}: {source}");
            assert_eq!(remedy, "see: sudo rpm --verifydb", "{what}: {id}");
        }
    }
}

/// Where there is no rpm, nothing is known of packages.
#[test]
fn no_rpm_is_an_error() {
    let host = Host::new();
    let Some(results) = verify(&host, "mount --bind /dev/null /usr/bin/rpm") else { return };
    for (id, [result, _, source, _]) in &results {
        assert_eq!((result.as_str(), source.as_str()), ("error", "there is no rpm on this system"), "{id}");
    }
}
