//! FAT volumes, with and without a partition table before them. The input goes on in zeros.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    vastimg_fuzz::examine(&[data, &[0; 64 * 1024]].concat());
});
