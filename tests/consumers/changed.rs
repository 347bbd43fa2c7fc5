//! What somebody changed on a host that was prepared: the seed's own files, units and what prepare said.

use std::fs;
use std::os::unix::fs::chown;

use serde_json::json;

use crate::culprits::Host;
use crate::host;

const UNIT: &str = "etc/systemd/system/disable-thp.service";
/// A tree is looked at from elsewhere.
const THERE: &str = "on that system: ";
const PREPARE: &str = "sudo /usr/libexec/vastimg/prepare";

/// The unit is enabled, and what it will do is not known.
#[test]
fn a_unit_that_is_another_one_is_not_known_to_set_anything() {
    let host = Host::new();
    for id in ["thp-off.enabled", "thp-off.defrag"] {
        assert_eq!(host.look(id).brief(), ("pass", "never", "disable-thp.service"), "{id}");
    }
    let text = fs::read_to_string(host.root().join(UNIT)).unwrap();
    for changed in [text.replace("never", "always"), format!("{text}# mine\n")] {
        assert_ne!(changed, text);
        host.place(UNIT, &changed);
        for id in ["thp-off.enabled", "thp-off.defrag"] {
            let found = host.look(id);
            let unit = "/etc/systemd/system/disable-thp.service";
            assert_eq!(found.brief(), ("warn", "not what the unit was built for", unit), "{id}: {changed}");
        }
    }
    host.place(UNIT, &text);
    assert_eq!(host.look("thp-off.enabled").result, "pass");
}

/// The links that enable it are still there.
#[test]
fn a_masked_unit_is_not_enabled() {
    let host = Host::new();
    let id = "thp-off.disable-thp.service";
    let found = host.look(id);
    assert_eq!((found.result.as_str(), found.persisted.as_str()), ("pass", "enabled"), "{found:?}");
    fs::remove_file(host.root().join(UNIT)).unwrap();
    host.link(UNIT, "/dev/null");
    let found = host.look(id);
    assert_eq!((found.result.as_str(), found.persisted.as_str()), ("warn", "masked"), "{found:?}");
    assert_eq!(found.remedy, format!("{THERE}sudo systemctl unmask disable-thp.service && {PREPARE}"));
}

#[test]
fn what_prepare_said_of_another_seed_does_not_count() {
    let host = Host::new();
    let manifest = fs::read(host.root().join("etc/vastimg/manifest.json")).unwrap();
    let look = |digest: &str| {
        let step = json!({"step": "files", "result": "ok"});
        let status = json!({"manifest": format!("sha256:{digest}"), "exit": 0, "steps": [step]});
        host.place("var/lib/vastimg/prepare.json", &status.to_string());
        host.look("base.prepared")
    };
    let status = "/var/lib/vastimg/prepare.json";
    assert_eq!(look(&vastimg::digest::sha256(&manifest)).brief(), ("pass", "all done", status));
    let changed = [manifest.as_slice(), b"\n"].concat();
    let found = look(&vastimg::digest::sha256(&changed));
    assert_eq!(found.brief(), ("fail", "prepare ran for another seed", status));
    assert_eq!(found.remedy, format!("{THERE}{PREPARE}"));
}

/// Whoever owns a file that root runs can change it.
#[test]
fn a_file_of_somebody_else_is_not_as_built() {
    let Some(host) = host::Host::new() else { return };
    let unit = host.root().join(UNIT);
    let look = |user: u32, group: u32| {
        chown(&unit, Some(user), Some(group)).unwrap();
        host.check("thp-off.files")
    };
    let found = look(0, 0);
    assert_eq!((found.result.as_str(), found.live.as_str()), ("pass", "all"), "{found:?}");
    for (user, group) in [(1000, 0), (0, 1000)] {
        let found = look(user, group);
        assert_eq!((found.result.as_str(), found.live.as_str()), ("fail", "not owned by root"), "{found:?}");
        assert_eq!((found.source, found.remedy), (format!("/{UNIT}"), PREPARE.to_owned()));
    }
}
