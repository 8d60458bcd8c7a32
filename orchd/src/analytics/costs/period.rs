//! Ranges of days that have a name.

use jiff::Span;
use jiff::civil::Date;

/// A range of days that ends today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// As many days.
    Days(i64),
    /// From the first of this month.
    Month,
    /// From the first of January.
    Year,
    /// From the first request.
    All,
}

impl Period {
    /// Every one by its name.
    pub const NAMES: [(&'static str, Self); 7] = [
        ("today", Self::Days(1)),
        ("7d", Self::Days(7)),
        ("30d", Self::Days(30)),
        ("90d", Self::Days(90)),
        ("month", Self::Month),
        ("year", Self::Year),
        ("all", Self::All),
    ];

    /// Returns its first day; None where it has none.
    #[must_use]
    pub fn first_day(self, today: Date) -> Option<Date> {
        match self {
            Self::Days(days) => Some(today.saturating_sub(Span::new().days(days - 1))),
            Self::Month => Some(today.first_of_month()),
            Self::Year => Some(today.first_of_year()),
            Self::All => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_period_ends_today() {
        let today = date(2026, 3, 2);
        for (period, first) in [
            (Period::Days(1), Some(today)),
            (Period::Days(7), Some(date(2026, 2, 24))),
            (Period::Month, Some(date(2026, 3, 1))),
            (Period::Year, Some(date(2026, 1, 1))),
            (Period::All, None),
        ] {
            assert_eq!(period.first_day(today), first, "{period:?}");
        }
    }
}
