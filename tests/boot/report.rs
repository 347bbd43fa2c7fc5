//! What a probe sent over the second serial port, as values.
//!
//! A line `key=value` is a value, `key:=BASE64` is one of several lines or with any bytes (shell functions `report` and
//! `report_file` of `probe-lib.sh` write them), `PROBE-END rc=N` is the end. What the probe printed otherwise is the value
//! `probe.output`.

use std::collections::BTreeMap;

/// A probe's values by key.
#[derive(Debug)]
pub(crate) struct Report {
    /// All values. A key that was reported twice has the later one.
    pub(crate) values: BTreeMap<String, String>,
    status: Option<i32>,
}

impl Report {
    /// Reads what came over the serial port.
    pub(crate) fn parse(text: &str) -> Self {
        let mut report = Self { values: BTreeMap::new(), status: None };
        for line in text.lines() {
            let is_key = |key: &str| {
                !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-/@".contains(&b))
            };
            if let Some(status) = line.strip_prefix("PROBE-END rc=") {
                report.status = status.trim().parse().ok();
            } else if let Some((key, value)) = line.split_once(":=").filter(|(key, _)| is_key(key)) {
                report.values.insert(key.to_owned(), String::from_utf8_lossy(&base64(value)).into_owned());
            } else if let Some((key, value)) = line.split_once('=').filter(|(key, _)| is_key(key)) {
                report.values.insert(key.to_owned(), value.to_owned());
            }
        }
        report
    }

    /// The value of `key`.
    ///
    /// # Panics
    /// If the probe did not report it; the message names the keys that it did report.
    pub(crate) fn get(&self, key: &str) -> &str {
        let keys = || self.values.keys().map(String::as_str).collect::<Vec<_>>().join(" ");
        self.values.get(key).unwrap_or_else(|| panic!("the probe reported no {key:?}, only: {}", keys()))
    }

    /// The exit status of the probe, if it came to its end.
    pub(crate) fn status(&self) -> Option<i32> {
        self.status
    }
}

/// Decodes base64 (RFC 4648, section 4); padding and anything else outside the alphabet is passed over.
fn base64(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let (mut bits, mut held) = (0u32, 0);
    for digit in text.bytes() {
        let value = match digit {
            b'A'..=b'Z' => digit - b'A',
            b'a'..=b'z' => digit - b'a' + 26,
            b'0'..=b'9' => digit - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => continue,
        };
        bits = bits << 6 | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    bytes
}

#[test]
fn values_of_all_kinds_are_read() {
    let text = "noise\na.b=1=2\nsome words=x\nlog:=b25lCnR3bw==\nodd:=YQ==\nempty:=\nPROBE-END rc=3\n";
    let report = Report::parse(text);
    assert_eq!(report.get("a.b"), "1=2");
    assert_eq!(report.get("log"), "one\ntwo");
    assert_eq!(report.get("odd"), "a");
    assert_eq!(report.get("empty"), "");
    assert_eq!(report.values.len(), 4);
    assert_eq!(report.status(), Some(3));
}
