//! Dates as FAT has them: years from 1980 to 2107, two seconds a step, without a zone. They are written as UTC.

use anyhow::{Context, Result};

use crate::calendar::Utc;

/// The last year that seven bits count.
const LAST: u64 = 1980 + 0x7f;

/// The fields of a directory entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Date {
    /// DIR_WrtDate, and those of creation and access.
    pub(super) day: u16,
    /// DIR_WrtTime, and that of creation.
    pub(super) time: u16,
    /// DIR_CrtTimeTenth: hundredths of a second beyond `time`, 0 or 100.
    pub(super) hundredths: u8,
}

impl Date {
    /// The date `seconds` after 1970, or the first moment of 1980 where it is earlier, as SOURCE_DATE_EPOCH=0 is.
    ///
    /// # Errors
    /// After the year 2107.
    pub(super) fn from_epoch(seconds: u64) -> Result<Date> {
        let utc = Utc::from_epoch(seconds);
        let Some(since_1980) = utc.year.checked_sub(1980) else {
            return Ok(Date { day: 1 << 5 | 1, time: 0, hundredths: 0 });
        };
        let year = u16::try_from(since_1980).ok().filter(|year| *year <= 0x7f).with_context(|| {
            format!(
                "{seconds} seconds since the epoch is after the year {LAST}, where FAT dates end; is SOURCE_DATE_EPOCH in \
                 milliseconds?"
            )
        })?;
        let [month, day, hour, minute, second] =
            [utc.month, utc.day, utc.hour, utc.minute, utc.second].map(u16::from);
        Ok(Date {
            day: year << 9 | month << 5 | day,
            time: hour << 11 | minute << 5 | (second / 2),
            hundredths: utc.second % 2 * 100,
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn known_instants() {
        // date -u -d @1709210097: Thu Feb 29 12:34:57 UTC 2024
        let date = Date::from_epoch(1_709_210_097).unwrap();
        assert_eq!(date, Date { day: 44 << 9 | 2 << 5 | 29, time: 12 << 11 | 34 << 5 | 28, hundredths: 100 });
        // date -u -d 1980-01-01 +%s
        let first = Date::from_epoch(315_532_800).unwrap();
        assert_eq!(first, Date { day: 33, time: 0, hundredths: 0 });
        assert_eq!([0, 315_532_799].map(|early| Date::from_epoch(early).unwrap()), [first; 2]);
    }

    #[test]
    fn the_calendar_ends_with_2107() {
        // date -u -d 2108-01-01 +%s
        let end = 4_354_819_200;
        assert_eq!(Date::from_epoch(end - 1).unwrap().day, 127 << 9 | 12 << 5 | 31);
        let error = Date::from_epoch(end).unwrap_err().to_string();
        assert!(error.contains("2107") && error.contains("SOURCE_DATE_EPOCH"), "{error}");
    }
}
