//! tuned's configuration and profiles that include one another.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use vastimg::verify::facts::tuned::Profile;
use vastimg_fuzz::Host;

static HOST: LazyLock<Host> = LazyLock::new(|| {
    Host::new(&[
        ("/usr/lib/tuned/b/tuned.conf", "[main]\ninclude=a\n[vm]\ntransparent_hugepages=always\n"),
    ])
    .with_tuned()
});

fuzz_target!(|data: &[u8]| {
    let paths = [
        "/etc/tuned/active_profile",
        "/etc/tuned/a/tuned.conf",
        "/usr/lib/tuned/a/tuned.conf",
        "/etc/tuned/tuned-main.conf",
    ];
    HOST.place(&paths, data);
    let Ok(Some(profile)) = Profile::active(&HOST.root()) else { return };
    for plugin in ["sysctl", "vm", "disk", ""] {
        assert!(profile.of(plugin).next().is_none() || profile.runs(plugin));
        for setting in profile.of(plugin) {
            assert!(setting.path.ends_with("/tuned.conf"));
            assert!(profile.setting(plugin, &setting.option).is_some());
        }
    }
});
