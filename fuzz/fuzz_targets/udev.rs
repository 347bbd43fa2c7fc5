//! udev rules and their evaluation for two disks.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use vastimg::verify::facts::udev::{Device, rule, written};
use vastimg_fuzz::Host;

static HOST: LazyLock<Host> = LazyLock::new(|| {
    Host::new(&[
        ("/sys/class/block/sda/queue/rotational", "1\n"),
        ("/sys/class/block/sda/removable", "0\n"),
        ("/sys/class/block/sda/device/model", "QEMU HARDDISK   \n"),
    ])
});

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let (first, second) = text.split_once('\0').unwrap_or((&text, ""));
    let mut rules = rule::parse(first, "/usr/lib/udev/rules.d/60-a.rules");
    rules.extend(rule::parse(second, "/etc/udev/rules.d/70-b.rules"));
    for name in ["sda", "nvme0n1"] {
        let device = Device { name, arguments: "quiet elevator=none a=" };
        let given = written(&HOST.root(), &rules, device, "queue/scheduler");
        assert!(given.value.is_none_or(|(value, path)| value.len() <= 512 && path.ends_with(".rules")));
    }
});
