//! ISO 9660 images. The input begins where the volume descriptors do, and goes on in zeros.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    vastimg_fuzz::examine(&[&[0; 16 * 2048], data, &[0; 32 * 1024]].concat());
});
