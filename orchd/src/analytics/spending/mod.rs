//! What this day, week and month cost so far, where the month is going, and the budgets.

mod budget;
mod forecast;

use forecast::{Ahead, HISTORY_DAYS, WholeDay, forecast};
use jiff::Span;
use jiff::civil::Date;
use rusqlite::{Connection, OptionalExtension};
use shared::event::Micros;

use super::calendar::{day_of, next, start_of};
use super::costs::{self, CostQuery, Group};
use super::plan_limits::plan_limits;
use super::{Clock, Scope};
use crate::config::Budget;
use crate::ledger::Sums;
use crate::view::{Forecast, ImportStatus, PeriodSpending, SCHEMA, Spending};

/// Answers what is spent as of now, of one project or all; budgets are those of all projects.
pub fn spending(
    conn: &Connection,
    clock: &Clock,
    project_dir: Option<&str>,
    budget: &Budget,
    import: ImportStatus,
) -> rusqlite::Result<Spending> {
    let today = day_of(clock.now_at, &clock.timezone);
    let first_day = first_day(conn, clock, project_dir)?;
    let earliest = today.saturating_sub(Span::new().days(HISTORY_DAYS)).min(today.first_of_month());
    let by_day = by_day(conn, clock, project_dir, earliest)?;
    let month = since(&by_day, today.first_of_month());
    let ahead = Ahead { rest_of_today: rest_of(today, clock), today };
    Ok(Spending {
        schema: SCHEMA,
        now_at: clock.now_at,
        timezone: costs::name_of(&clock.timezone),
        first_day: first_day.map(|day| day.to_string()),
        periods: periods(&by_day, today, &budget_of(project_dir, budget)),
        forecast: Forecast {
            unknown_cost_requests: by_day.iter().map(|(_, sums)| sums.unknown).sum(),
            ..forecast(costs::view(&month).cost_usd, &whole_days(&by_day, first_day, today), &ahead)
        },
        plan_limits: plan_limits(conn, clock.now_at)?,
        import,
    })
}

/// Answers the warning that stands in the status line and on the page: of the budget that is used most, when it warns.
pub fn warning(conn: &Connection, clock: &Clock, budget: &Budget) -> rusqlite::Result<Option<String>> {
    if [budget.day_nano_usd, budget.week_nano_usd, budget.month_nano_usd] == [0; 3] {
        return Ok(None);
    }
    let today = day_of(clock.now_at, &clock.timezone);
    let earliest = monday_of(today).min(today.first_of_month());
    let periods = periods(&by_day(conn, clock, None, earliest)?, today, budget);
    let used = periods.iter().filter_map(|of| Some((&*of.period, of.budget.as_ref()?)));
    Ok(budget::warning(used))
}

/// Budgets are meant for all projects together: one project's costs stand beside none.
fn budget_of(project_dir: Option<&str>, budget: &Budget) -> Budget {
    if project_dir.is_some() { Budget::default() } else { *budget }
}

/// Answers what each day since `earliest` cost.
fn by_day(
    conn: &Connection,
    clock: &Clock,
    project_dir: Option<&str>,
    earliest: Date,
) -> rusqlite::Result<Vec<(Date, Sums)>> {
    let query = CostQuery {
        since: Some(earliest),
        until: Some(day_of(clock.now_at, &clock.timezone)),
        project_dir: project_dir.map(str::to_owned),
        ..CostQuery::default()
    };
    let days = costs::rows(conn, &query, Group::Day, &clock.timezone)?;
    Ok(days.into_iter().filter_map(|(day, sums)| Some((day.parse().ok()?, sums))).collect())
}

fn monday_of(day: Date) -> Date {
    day.saturating_sub(Span::new().days(i64::from(day.weekday().to_monday_zero_offset())))
}

fn periods(by_day: &[(Date, Sums)], today: Date, budget: &Budget) -> Vec<PeriodSpending> {
    [(Group::Day, today), (Group::Week, monday_of(today)), (Group::Month, today.first_of_month())]
        .into_iter()
        .map(|(period, first)| {
            let sums = since(by_day, first);
            PeriodSpending {
                period: period.name().to_owned(),
                since: first.to_string(),
                until: today.to_string(),
                sums: costs::view(&sums),
                budget: budget::used(budget, period, &sums),
            }
        })
        .collect()
}

fn since(by_day: &[(Date, Sums)], first: Date) -> Sums {
    by_day.iter().filter(|(day, _)| *day >= first).fold(Sums::default(), |mut sum, (_, sums)| {
        sum += *sums;
        sum
    })
}

/// Returns the whole days before today since there are requests at all: a day without any cost is a fact, too, and one of which no
/// cost is known is none.
fn whole_days(by_day: &[(Date, Sums)], first_day: Option<Date>, today: Date) -> Vec<WholeDay> {
    let earliest = today.saturating_sub(Span::new().days(HISTORY_DAYS));
    // The first day with requests is no whole day: they began at some hour of it.
    let Some(mut day) = first_day.map(|first| next(first).max(earliest)) else { return Vec::new() };
    let mut days = Vec::new();
    while day < today {
        let sums = by_day.iter().find(|(of, _)| *of == day).map(|(_, sums)| *sums).unwrap_or_default();
        days.extend(costs::view(&sums).cost_usd.map(|usd| WholeDay { day, usd }));
        day = next(day);
    }
    days
}

fn first_day(conn: &Connection, clock: &Clock, project_dir: Option<&str>) -> rusqlite::Result<Option<Date>> {
    let scope = Scope::of(conn, project_dir)?;
    let mut ask = conn.prepare_cached(include_str!("../../../queries/first_cost.sql"))?;
    let first: Option<Micros> = ask.query_row([scope.0], |row| row.get(0)).optional()?;
    Ok(first.map(|at| day_of(at, &clock.timezone)))
}

/// Returns the share of a day that is to come.
#[expect(clippy::cast_precision_loss, reason = "microseconds of a day")]
fn rest_of(today: Date, clock: &Clock) -> f64 {
    let (from, to) = (start_of(today, &clock.timezone), start_of(next(today), &clock.timezone));
    let all = (to - from).max(1);
    (to - clock.now_at).clamp(0, all) as f64 / all as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analytics::seed;
    use crate::view::BudgetState;

    #[test]
    fn periods_are_the_sums_of_their_days() {
        let conn = seed::database();
        let clock = seed::clock();
        let budget = Budget { month_nano_usd: 1, ..Budget::default() };
        let answer = spending(&conn, &clock, None, &budget, ImportStatus::default()).expect("answers");
        for period in &answer.periods {
            let query = CostQuery {
                since: period.since.parse().ok(),
                until: period.until.parse().ok(),
                ..CostQuery::default()
            };
            let rows = costs::rows(&conn, &query, Group::Model, &clock.timezone).expect("answers");
            assert_eq!(period.sums, costs::view(&costs::total(&rows)), "{}", period.period);
        }
        let states: Vec<_> = answer.periods.iter().map(|of| of.budget.as_ref().map(|used| used.state)).collect();
        assert_eq!(states, [None, None, Some(BudgetState::Exceeded)]);
        assert!(answer.first_day.is_some());
    }

    #[test]
    fn an_empty_ledger_forecasts_nothing() {
        let conn = Connection::open_in_memory().expect("opens");
        conn.execute_batch(include_str!("../../../schema.sql")).expect("valid");
        let answer =
            spending(&conn, &seed::clock(), None, &Budget::default(), ImportStatus::default()).expect("answers");
        assert_eq!((answer.first_day, answer.forecast.usd, answer.forecast.days), (None, None, 0));
        assert!(answer.periods.iter().all(|of| of.sums.requests == 0));
    }

    #[test]
    fn days_without_requests_count_from_the_first_on() {
        let (first, today) = (jiff::civil::date(2026, 11, 1), jiff::civil::date(2026, 11, 5));
        let spent = |usd: i64| Sums { cost_nano_usd: usd * 1_000_000_000, ..Sums::default() };
        let by_day = [(first, spent(9)), (jiff::civil::date(2026, 11, 3), spent(2)), (today, spent(4))];
        let unknown = (jiff::civil::date(2026, 11, 4), Sums { requests: 2, unknown: 2, ..Sums::default() });
        let known: Vec<_> = by_day.iter().copied().chain([unknown]).collect();
        assert_eq!(whole_days(&known, Some(first), today).len(), 2, "a day of unknown cost is none of 0");
        let days: Vec<_> = whole_days(&by_day, Some(first), today).iter().map(|whole| whole.usd).collect();
        assert_eq!(days, [0.0, 2.0, 0.0]);
    }
}
