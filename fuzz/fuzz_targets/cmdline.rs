//! Boot Loader Specification entries, grub's environment and /proc/cmdline.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use vastimg::verify::facts::cmdline;
use vastimg_fuzz::Host;

static HOST: LazyLock<Host> =
    LazyLock::new(|| Host::new(&[("/boot/loader/entries/b.conf", "options quiet\n")]));

fuzz_target!(|data: &[u8]| {
    HOST.place(&["/boot/loader/entries/a.conf", "/boot/grub2/grubenv", "/proc/cmdline"], data);
    let root = HOST.root();
    let next = cmdline::at_boot(&root).ok().flatten().map(|(arguments, _)| arguments);
    for arguments in next.into_iter().chain(cmdline::live(&root)) {
        assert!(arguments.chars().count() < 2048);
        let value = cmdline::value(&arguments, "transparent_hugepage");
        assert!(value.is_none_or(|value| !value.contains(char::is_whitespace)));
    }
});
