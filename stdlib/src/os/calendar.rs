//! The calendar: seconds since 1970 to dates and back, in the proleptic Gregorian calendar.
//!
//! Pure arithmetic over 64 bits; it knows neither Lua nor zones. Years are those of C's `struct tm`: a date whose
//! year does not fit an `int` after taking off 1900 cannot be represented.

/// A date and time, as C's `struct tm` has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Date {
    /// The year itself.
    pub year: i64,
    /// The month, 1 to 12.
    pub month: i64,
    /// The day of the month, from 1.
    pub day: i64,
    /// The hour.
    pub hour: i64,
    /// The minute.
    pub min: i64,
    /// The second.
    pub sec: i64,
    /// The day of the week, 0 is Sunday.
    pub weekday: i64,
    /// The day of the year, from 0.
    pub yearday: i64,
}

/// Seconds of a day.
pub const DAY: i64 = 86_400;

/// The date at `time` seconds since 1970, if its year can be represented.
pub fn date_at(time: i64) -> Option<Date> {
    let days = time.div_euclid(DAY);
    let rest = time.rem_euclid(DAY);
    let (year, month, day) = civil(days);
    i32::try_from(year - 1900).ok()?;
    Some(Date {
        year,
        month,
        day,
        hour: rest / 3600,
        min: rest / 60 % 60,
        sec: rest % 60,
        // 1 January 1970 was a Thursday.
        weekday: (days + 4).rem_euclid(7),
        yearday: days - days_before(year, 1, 1),
    })
}

/// Seconds since 1970 at a date whose fields may be out of range by any `int`.
pub fn time_of(year: i64, month: i64, day: i64, hour: i64, min: i64, sec: i64) -> i64 {
    let year = year + (month - 1).div_euclid(12);
    let month = (month - 1).rem_euclid(12) + 1;
    let days = days_before(year, month, 1) + day - 1;
    days * DAY + hour * 3600 + min * 60 + sec
}

/// Days from 1 January 1970 to a date. Years begin in March here, so that the leap day is the last one.
fn days_before(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month = (month + 9) % 12;
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Year, month and day that are `days` days after 1 January 1970.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

impl Date {
    /// Number of the week in the year, weeks beginning on Sunday; days before the first Sunday are in week 0.
    pub fn week_from_sunday(&self) -> i64 {
        (self.yearday + 7 - self.weekday) / 7
    }

    /// The same with weeks that begin on Monday.
    pub fn week_from_monday(&self) -> i64 {
        (self.yearday + 7 - (self.weekday + 6) % 7) / 7
    }

    /// Year and number of the week by ISO 8601: weeks begin on Monday, and the first one holds 4 January.
    pub fn iso_week(&self) -> (i64, i64) {
        let weekday = (self.weekday + 6) % 7;
        // The week belongs to the year that its Thursday is in.
        let thursday = self.yearday - weekday + 3;
        let days_of = |year: i64| days_before(year + 1, 1, 1) - days_before(year, 1, 1);
        let (year, thursday) = if thursday < 0 {
            (self.year - 1, thursday + days_of(self.year - 1))
        } else if thursday >= days_of(self.year) {
            (self.year + 1, thursday - days_of(self.year))
        } else {
            (self.year, thursday)
        };
        (year, thursday / 7 + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_times_are_inverse() {
        for time in [
            0,
            1,
            -1,
            951_782_400,
            1_000_000_000,
            -62_135_596_801,
            1 << 50,
            -(1 << 50),
        ] {
            let d = date_at(time).unwrap();
            assert_eq!(time_of(d.year, d.month, d.day, d.hour, d.min, d.sec), time);
        }
    }

    #[test]
    fn fields_out_of_range_carry() {
        assert_eq!(time_of(1970, 13, 1, 0, 0, 0), 365 * DAY);
        assert_eq!(time_of(1970, 1, 0, 24, 0, 0), 0);
        assert_eq!(time_of(1969, 0, 32, 0, 0, 0), time_of(1969, 1, 1, 0, 0, 0));
    }

    #[test]
    fn years_are_those_of_an_int() {
        let last = time_of((1 << 31) + 1899, 12, 31, 23, 59, 59);
        assert!(date_at(last).is_some());
        assert!(date_at(last + 1).is_none());
        assert!(date_at(i64::MAX).is_none() && date_at(i64::MIN).is_none());
    }

    #[test]
    fn iso_weeks() {
        let week = |y, m, d| date_at(time_of(y, m, d, 0, 0, 0)).unwrap().iso_week();
        assert_eq!(week(2021, 1, 3), (2020, 53));
        assert_eq!(week(2021, 1, 4), (2021, 1));
        assert_eq!(week(2018, 12, 31), (2019, 1));
        assert_eq!(week(2016, 1, 1), (2015, 53));
    }
}
