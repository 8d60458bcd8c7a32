//! What a month will have cost: its days to come are drawn, many times, from the last whole days.
//!
//! A mean and a spread would promise too much: costs of days are skewed, some are zero, and few are known. So each of many runs
//! first draws which of the known days it believes in, then a day for each day to come. Days of a weekend are drawn from
//! weekends once two weeks are known.

use jiff::civil::{Date, Weekday};

use crate::view::Forecast;

/// Whole days before today that are drawn from.
pub(super) const HISTORY_DAYS: i64 = 28;
/// Fewest days that a forecast is made from.
const NEEDED_DAYS: u32 = 7;
/// Days from which weekends are told apart.
const TELLS_WEEKENDS: usize = 14;
const RUNS: usize = 2_000;
const METHOD: &str = "Each day to come is drawn from the last whole days (28 at most; weekends from weekends once two weeks are \
    known), 2,000 times; shown are the middle and the range that holds four of five.";

/// A whole day and what it cost, US dollars.
#[derive(Debug, Clone, Copy)]
pub(super) struct WholeDay {
    pub(super) day: Date,
    pub(super) usd: f64,
}

/// What is left of the month.
#[derive(Debug, Clone)]
pub(super) struct Ahead {
    /// Share of today that is to come.
    pub(super) rest_of_today: f64,
    /// Today.
    pub(super) today: Date,
}

/// Forecasts a month of which `spent_usd` is spent; None when none of that is known.
pub(super) fn forecast(spent_usd: Option<f64>, history: &[WholeDay], ahead: &Ahead) -> Forecast {
    let days = u32::try_from(history.len()).unwrap_or(u32::MAX);
    let blank = Forecast { days, needed_days: NEEDED_DAYS, method: METHOD.to_owned(), ..Forecast::default() };
    let Some(spent_usd) = spent_usd.filter(|_| days >= NEEDED_DAYS) else { return blank };
    let mut random = fastrand::Rng::with_seed(1);
    let mut ends: Vec<f64> = (0..RUNS).map(|_| spent_usd + rest(history, ahead, &mut random)).collect();
    ends.sort_by(f64::total_cmp);
    let at = |percent: usize| ends.get(RUNS * percent / 100).copied();
    Forecast { usd: at(50), low_usd: at(10), high_usd: at(90), ..blank }
}

/// Draws what the rest of the month costs.
fn rest(history: &[WholeDay], ahead: &Ahead, random: &mut fastrand::Rng) -> f64 {
    let tells = history.len() >= TELLS_WEEKENDS;
    let (mut weekends, mut workdays) = (Vec::new(), Vec::new());
    for _ in 0..history.len() {
        let drawn = history[random.usize(..history.len())];
        if tells && is_weekend(drawn.day) { weekends.push(drawn.usd) } else { workdays.push(drawn.usd) }
    }
    let mut draw = |day: Date| {
        let like = if tells && is_weekend(day) { &weekends } else { &workdays };
        // A run that believes in no such day draws from all of them.
        if like.is_empty() { history[random.usize(..history.len())].usd } else { like[random.usize(..like.len())] }
    };
    let mut sum = draw(ahead.today) * ahead.rest_of_today;
    let mut day = ahead.today;
    while day < ahead.today.last_of_month() {
        day = crate::analytics::calendar::next(day);
        sum += draw(day);
    }
    sum
}

fn is_weekend(day: Date) -> bool {
    matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}

#[cfg(test)]
mod tests {
    use jiff::Span;
    use jiff::civil::date;

    use super::*;

    fn history(count: i64, today: Date, usd: impl Fn(Date) -> f64) -> Vec<WholeDay> {
        let days = (1..=count).map(|ago| today.saturating_sub(Span::new().days(ago)));
        days.map(|day| WholeDay { day, usd: usd(day) }).collect()
    }

    #[test]
    fn too_few_days_tell_nothing() {
        let today = date(2026, 11, 10);
        let made = forecast(Some(5.0), &history(6, today, |_| 1.0), &Ahead { rest_of_today: 0.5, today });
        assert_eq!((made.usd, made.low_usd, made.high_usd, made.days, made.needed_days), (None, None, None, 6, 7));
    }

    #[test]
    fn a_month_of_unknown_cost_has_no_forecast() {
        let today = date(2026, 11, 10);
        let made = forecast(None, &history(28, today, |_| 0.0), &Ahead { rest_of_today: 0.5, today });
        assert_eq!((made.usd, made.high_usd, made.days), (None, None, 28));
    }

    #[test]
    fn even_days_go_on_evenly() {
        let today = date(2026, 11, 10);
        let made = forecast(Some(5.0), &history(28, today, |_| 1.0), &Ahead { rest_of_today: 0.5, today });
        assert_eq!((made.usd, made.low_usd, made.high_usd), (Some(25.5), Some(25.5), Some(25.5)));
    }

    #[test]
    fn weekends_are_drawn_from_weekends() {
        // 2026-11-27 is a Friday: a Saturday, a Sunday and a Monday are left.
        let today = date(2026, 11, 27);
        let usd = |day| if is_weekend(day) { 0.0 } else { 10.0 };
        let made = forecast(Some(100.0), &history(28, today, usd), &Ahead { rest_of_today: 0.0, today });
        assert_eq!((made.usd, made.low_usd, made.high_usd), (Some(110.0), Some(110.0), Some(110.0)));
    }

    #[test]
    fn the_last_day_leaves_only_its_rest() {
        let today = date(2026, 11, 30);
        let made = forecast(Some(100.0), &history(28, today, |_| 8.0), &Ahead { rest_of_today: 0.25, today });
        assert_eq!(made.usd, Some(102.0));
    }

    /// Skewed days, a fifth of them without any cost: the range must hold about four of five ends, in the middle of a month.
    #[test]
    fn the_range_holds_what_it_says() {
        let today = date(2026, 10, 15);
        let mut random = fastrand::Rng::with_seed(7);
        let mut day_usd = || if random.f64() < 0.2 { 0.0 } else { (random.f64() * 3.0).exp() };
        let rounds = 300;
        let mut held = 0;
        for _ in 0..rounds {
            let past: Vec<f64> = (0..28).map(|_| day_usd()).collect();
            let known = history(28, today, |_| 0.0);
            let known: Vec<_> =
                known.iter().zip(&past).map(|(whole, usd)| WholeDay { day: whole.day, usd: *usd }).collect();
            let made = forecast(Some(0.0), &known, &Ahead { rest_of_today: 0.0, today });
            let truth: f64 = (0..16).map(|_| day_usd()).sum();
            held += i32::from(
                made.low_usd.is_some_and(|low| low <= truth) && made.high_usd.is_some_and(|high| truth <= high),
            );
        }
        let share = f64::from(held) / f64::from(rounds);
        assert!((0.72..=0.88).contains(&share), "{share}");
    }
}
