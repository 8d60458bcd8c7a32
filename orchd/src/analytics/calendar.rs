//! Days and hours of the configured zone as instants. Pure.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, Zoned};
use shared::event::Micros;

use super::{Clock, HOUR};

/// Returns the instant in the clock's zone; instants beyond what a calendar holds are moved to its nearest end.
fn zoned(at: Micros, timezone: &TimeZone) -> Zoned {
    let bounded = at.clamp(Timestamp::MIN.as_microsecond(), Timestamp::MAX.as_microsecond());
    Timestamp::from_microsecond(bounded).unwrap_or(Timestamp::UNIX_EPOCH).to_zoned(timezone.clone())
}

/// Returns the day of an instant.
#[must_use]
pub fn day_of(at: Micros, timezone: &TimeZone) -> Date {
    zoned(at, timezone).date()
}

/// Returns the first instant of a day; days that begin with a gap begin after it.
#[must_use]
pub fn start_of(day: Date, timezone: &TimeZone) -> Micros {
    day.to_zoned(timezone.clone()).map_or(0, |start| start.timestamp().as_microsecond())
}

/// Returns the day after.
#[must_use]
pub fn next(day: Date) -> Date {
    day.tomorrow().unwrap_or(Date::MAX)
}

/// Returns the start of the local hour that holds the instant, which is not the start of a UTC hour in every zone.
#[must_use]
pub fn start_of_hour(at: Micros, timezone: &TimeZone) -> Micros {
    let offset = Micros::from(zoned(at, timezone).offset().seconds()) * super::SECOND;
    (at + offset).div_euclid(HOUR) * HOUR - offset
}

/// From the start of a day to the same time of day as now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DaySoFar {
    /// Start of the day.
    pub from_at: Micros,
    /// The same time of day as now.
    pub to_at: Micros,
}

/// Returns today so far, then the same weekday up to the same time of day in each of `weeks` earlier weeks.
#[must_use]
pub fn same_weekday(clock: &Clock, weeks: u32) -> Vec<DaySoFar> {
    let now = zoned(clock.now_at, &clock.timezone);
    let ago = |week: u32| now.checked_sub(Span::new().weeks(i64::from(week))).ok();
    let so_far = |then: Zoned| DaySoFar {
        from_at: start_of(then.date(), &clock.timezone),
        to_at: then.timestamp().as_microsecond(),
    };
    (0..=weeks).filter_map(ago).map(so_far).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Micros {
        text.parse::<Timestamp>().expect("a valid instant").as_microsecond()
    }

    fn berlin() -> TimeZone {
        TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").expect("a valid rule")
    }

    #[test]
    fn weeks_keep_the_time_of_day_over_a_clock_change() {
        // Clocks went back on 25 October 2026 in Berlin.
        let clock = Clock { now_at: at("2026-10-28T09:30:00Z"), timezone: berlin() };
        let days = same_weekday(&clock, 1);
        assert_eq!(days[0], DaySoFar { from_at: at("2026-10-27T23:00:00Z"), to_at: at("2026-10-28T09:30:00Z") });
        assert_eq!(days[1], DaySoFar { from_at: at("2026-10-20T22:00:00Z"), to_at: at("2026-10-21T08:30:00Z") });
    }

    #[test]
    fn hours_follow_the_zone() {
        let india = TimeZone::posix("IST-5:30").expect("a valid rule");
        for (zone, start) in [(TimeZone::UTC, "2026-11-22T09:00:00Z"), (india, "2026-11-22T08:30:00Z")] {
            assert_eq!(start_of_hour(at("2026-11-22T09:10:00Z"), &zone), at(start));
        }
    }

    #[test]
    fn far_instants_do_not_panic() {
        for far in [Micros::MIN, Micros::MAX] {
            let _ = same_weekday(&Clock { now_at: far, timezone: TimeZone::UTC }, 8);
        }
    }
}
