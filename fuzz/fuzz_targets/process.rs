//! /proc/PID/limits.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use vastimg::verify::facts::process;
use vastimg_fuzz::Host;

static HOST: LazyLock<Host> = LazyLock::new(|| Host::new(&[("/proc/1/comm", "systemd\n")]));

fuzz_target!(|data: &[u8]| {
    HOST.write("/proc/1/limits", data);
    if let Ok((soft, hard)) = process::open_files(&HOST.root(), 1) {
        assert!(!soft.is_empty() && !hard.is_empty());
    }
});
