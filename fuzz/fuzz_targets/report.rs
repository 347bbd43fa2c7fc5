//! Kept reports, as history and drift read them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vastimg::verify::history::{number, past};

fuzz_target!(|data: &[u8]| {
    if let Ok(past) = past::parse(data) {
        let _ = past.manifest();
    }
    let _ = number(&String::from_utf8_lossy(data));
});
