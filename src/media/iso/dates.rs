//! Dates as ECMA-119 records them: seven bytes in directory records (9.1.5), seventeen in descriptors (8.4.26.1).
//!
//! The seven-byte form counts years from 1900 in one byte and so ends with 2155. All dates are in UTC.

use anyhow::{Result, ensure};

use crate::calendar::Utc;

/// A date in the calendar of ISO 9660, 1970 to 2155, UTC.
#[derive(Clone, Copy, Debug)]
pub(super) struct Date {
    utc: Utc,
    since_1900: u8,
}

impl Date {
    /// The date `seconds` after the epoch.
    ///
    /// # Errors
    /// After the year 2155.
    pub(super) fn from_epoch(seconds: u64) -> Result<Date> {
        let utc = Utc::from_epoch(seconds);
        let since_1900 = u8::try_from(utc.year - 1900);
        ensure!(
            since_1900.is_ok(),
            "dating the ISO image: {seconds} seconds since the epoch is after the year 2155, where ISO 9660 dates end; \
             is SOURCE_DATE_EPOCH in milliseconds?"
        );
        Ok(Date { utc, since_1900: since_1900? })
    }

    /// The form of directory records and of Rock Ridge.
    pub(super) fn short(self) -> [u8; 7] {
        let Utc { month, day, hour, minute, second, .. } = self.utc;
        [self.since_1900, month, day, hour, minute, second, 0]
    }

    /// The form of volume descriptors: digits down to hundredths of a second, then the offset from UTC.
    pub(super) fn long(self) -> [u8; 17] {
        let Utc { year, month, day, hour, minute, second } = self.utc;
        let digits = format!("{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}00");
        let mut field = [0; 17];
        field[..16].copy_from_slice(digits.as_bytes());
        field
    }
}

/// The long form of "not specified" (8.4.26.1).
pub(super) const NEVER: [u8; 17] = *b"0000000000000000\0";

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn known_instants() {
        assert_eq!(Date::from_epoch(0).unwrap().short(), [70, 1, 1, 0, 0, 0, 0]);
        // date -u -d @1709210096: Thu Feb 29 12:34:56 UTC 2024
        assert_eq!(Date::from_epoch(1_709_210_096).unwrap().short(), [124, 2, 29, 12, 34, 56, 0]);
        assert_eq!(&Date::from_epoch(1_709_210_096).unwrap().long(), b"2024022912345600\0");
        // date -u -d @4107542400: Mon Mar  1 00:00:00 UTC 2100, a year that is no leap year
        assert_eq!(&Date::from_epoch(4_107_542_400).unwrap().long(), b"2100030100000000\0");
    }

    #[test]
    fn the_calendar_ends_with_2155() {
        // date -u -d '2156-01-01' +%s
        let end = 5_869_584_000;
        assert_eq!(Date::from_epoch(end - 1).unwrap().short(), [255, 12, 31, 23, 59, 59, 0]);
        let error = Date::from_epoch(end).unwrap_err().to_string();
        assert!(error.contains("2155"), "{error}");
    }
}
