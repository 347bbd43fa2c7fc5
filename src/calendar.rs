//! UTC dates out of seconds since 1970, in the proleptic Gregorian calendar, without leap seconds (POSIX time).

/// A date and time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Utc {
    /// Year, for example 2026.
    pub year: u64,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
    /// 0 to 59.
    pub second: u8,
}

impl Utc {
    /// The date `seconds` after 1970-01-01T00:00:00Z.
    pub fn from_epoch(seconds: u64) -> Self {
        // Years are counted from March, so that the leap day is the last of its year, in eras of 400 years.
        let days = seconds / 86_400 + 719_468;
        let era = days / 146_097;
        let day_of_era = days % 146_097;
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        let small = |n: u64| u8::try_from(n).unwrap_or(u8::MAX);
        Utc {
            year: era * 400 + year_of_era + u64::from(month <= 2),
            month: small(month),
            day: small(day_of_year - (153 * month_from_march + 2) / 5 + 1),
            hour: small(seconds / 3600 % 24),
            minute: small(seconds / 60 % 60),
            second: small(seconds % 60),
        }
    }

    /// What [`Utc`]'s `Display` writes; nothing for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.strip_suffix('Z')?.split(['-', 'T', ':']);
        let year = numbers.next()?.parse().ok()?;
        let mut next = || numbers.next()?.parse().ok();
        let utc = Utc { year, month: next()?, day: next()?, hour: next()?, minute: next()?, second: next()? };
        // Whatever is out of range, or written otherwise, does not come back as it was.
        let same = Utc::from_epoch(utc.epoch()).to_string() == text;
        same.then_some(utc)
    }

    /// Seconds since 1970, for dates from then to 9999; those before are 1970 itself.
    pub fn epoch(&self) -> u64 {
        let Utc { year, month, day, hour, minute, second } = *self;
        let year = year.min(9999).saturating_sub(u64::from(month <= 2));
        let day_of_year = (153 * ((u64::from(month) + 9) % 12) + 2) / 5 + u64::from(day.saturating_sub(1));
        let days = (year * 365 + year / 4 - year / 100 + year / 400 + day_of_year).saturating_sub(719_468);
        days * 86_400 + u64::from(hour) * 3600 + u64::from(minute) * 60 + u64::from(second)
    }
}

impl std::fmt::Display for Utc {
    /// RFC 3339, to the second.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Utc { year, month, day, hour, minute, second } = self;
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

#[cfg(test)]
mod tests {
    use super::Utc;

    #[test]
    fn agrees_with_date_1() {
        // Each from `date -u -d @SECONDS +%FT%TZ`.
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (951_868_800, "2000-03-01T00:00:00Z"),
            (1_767_225_600, "2026-01-01T00:00:00Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (5_869_583_999, "2155-12-31T23:59:59Z"),
        ] {
            assert_eq!(Utc::from_epoch(seconds).to_string(), text);
            assert_eq!(Utc::parse(text).map(|utc| utc.epoch()), Some(seconds));
        }
    }

    #[test]
    fn what_is_no_date_is_not_taken_for_one() {
        for text in [
            "",
            "Z",
            "2026-01-01T00:00:00",
            "2026-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-00-01T00:00:00Z",
            "2026-01-00T00:00:00Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01T00:00:60Z",
            "2026-1-1T00:00:00Z",
            "2026-01-01 00:00:00Z",
            "2026-01-01T00:00:00:00Z",
            "1969-12-31T23:59:59Z",
            "99999-01-01T00:00:00Z",
            "18446744073709551615-01-01T00:00:00Z",
        ] {
            assert_eq!(Utc::parse(text), None, "{text}");
        }
    }
}
