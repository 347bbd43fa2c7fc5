//! tar, gzip and zip, told apart by how they begin.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    vastimg_fuzz::examine(data);
});
