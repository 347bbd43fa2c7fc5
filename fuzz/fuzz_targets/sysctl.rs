//! sysctl.d for each of its three readers.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use vastimg::verify::facts::sysctl::{Configured, lines};
use vastimg::verify::facts::tuned::Profile;
use vastimg_fuzz::Host;

/// With a systemd that knows globs, and tuned.
static HOST: LazyLock<Host> = LazyLock::new(|| {
    Host::new(&[
        ("/usr/lib/systemd/libsystemd-shared-252.so", ""),
        ("/etc/tuned/active_profile", "a"),
        ("/etc/tuned/a/tuned.conf", "[sysctl]\nvm.swappiness = >30\n"),
    ])
    .with_tuned()
});

fuzz_target!(|data: &[u8]| {
    let paths = [
        "/etc/sysctl.d/50-a.conf",
        "/etc/sysctl.d/99-b.conf",
        "/usr/lib/sysctl.d/60-c.conf",
        "/etc/sysctl.conf",
    ];
    HOST.place(&paths, data);
    let root = HOST.root();
    let profile = Profile::active(&root).expect("it is a good one");
    let Ok(all) = Configured::read(&root, profile.as_ref()) else { return };
    for key in ["vm.swappiness", "net.ipv4.conf.eth0.rp_filter", "net.ipv4.conf.eth0/100.rp_filter", ""] {
        let said = all.at_boot(key);
        assert!(said.iter().chain(all.by_procps(key)).all(|said| said.value == lines::words(&said.value)));
        let _ = all.suspect(key, "1");
    }
    for (key, _) in lines::assignments(&String::from_utf8_lossy(data)) {
        assert_eq!(lines::swapped(&lines::swapped(&key)), key);
        let _ = all.at_boot(&key);
    }
});
