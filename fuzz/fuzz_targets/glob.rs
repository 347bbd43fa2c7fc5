//! Patterns over names: the pattern, a NUL, and the name.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vastimg::verify::facts::glob::matches;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let (pattern, name) = text.split_once('\0').unwrap_or((&text, "sda"));
    let answer = matches(pattern, name);
    if !pattern.contains(['*', '?', '[']) && name.len() <= 255 {
        assert_eq!(answer, pattern == name);
    }
    // In brackets a second star may begin a range.
    if !pattern.contains('[') {
        assert_eq!(answer, matches(&pattern.replace('*', "**"), name));
    }
});
