//! How fast the local model was, over time and by model.

use std::collections::BTreeMap;

use jiff::Span;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rusqlite::{Connection, params};
use shared::event::Micros;

use super::costs::name_of;
use super::delegations::DelegationQuery;
use super::{DAY, Scope, calendar};
use crate::view::{LocalModelSpeed, Percentiles, SCHEMA, SpeedRow};

/// What time is cut into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bucket {
    Hour,
    Day,
    Week,
    Month,
}

impl Bucket {
    /// Returns the width that shows this much time in a readable number of buckets.
    fn of(time: Micros) -> Self {
        match time.div_euclid(DAY) {
            ..=2 => Self::Hour,
            3..=100 => Self::Day,
            101..=770 => Self::Week,
            _ => Self::Month,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    /// Returns where the bucket begins that holds the moment.
    fn start(self, at: Micros, timezone: &TimeZone) -> Micros {
        let day = calendar::day_of(at, timezone);
        let first = match self {
            Self::Hour => return calendar::start_of_hour(at, timezone),
            Self::Day => day,
            Self::Week => monday(day),
            Self::Month => day.first_of_month(),
        };
        calendar::start_of(first, timezone)
    }
}

fn monday(day: Date) -> Date {
    day.saturating_sub(Span::new().days(i64::from(day.weekday().to_monday_zero_offset())))
}

/// What was measured of tasks.
#[derive(Debug, Default)]
struct Measures {
    from_at: Micros,
    tasks: usize,
    tokens_per_second: Vec<f64>,
    first_token_ms: Vec<f64>,
}

impl Measures {
    fn add(&mut self, (tokens_per_second, first_token_ms): (Option<f64>, Option<f64>)) {
        self.tasks += 1;
        self.tokens_per_second.extend(tokens_per_second);
        self.first_token_ms.extend(first_token_ms);
    }

    fn row(self, model: String) -> SpeedRow {
        let Self { from_at, tasks, tokens_per_second, first_token_ms } = self;
        let (tokens_per_second, first_token_ms) = (percentiles(tokens_per_second), percentiles(first_token_ms));
        SpeedRow { from_at, model, tasks, tokens_per_second, first_token_ms }
    }
}

/// Most tasks that are looked at: the newest.
const MOST_TASKS: usize = 20_000;
/// Most models that are told of: those with the most tasks. Names are the servers', and there may be any number.
const MOST_MODELS: usize = 20;

/// When a task was, by which model, and what was measured of it.
type Task = (Micros, String, (Option<f64>, Option<f64>));

/// Answers how fast it was in days of a project; of the query nothing else counts.
pub fn speed(conn: &Connection, query: &DelegationQuery, timezone: &TimeZone) -> rusqlite::Result<LocalModelSpeed> {
    let (from_at, before_at) = query.range(timezone);
    let scope = Scope::of(conn, query.project_dir.as_deref())?;
    let mut ask = conn.prepare_cached(include_str!("../../queries/local_model_speeds.sql"))?;
    // One more than is looked at: whether something is left out has to be known.
    let most = i64::try_from(MOST_TASKS + 1).unwrap_or(i64::MAX);
    let rows = ask.query_map(params![from_at, before_at, scope.0, most], |row| {
        Ok((row.get::<_, Micros>(0)?, row.get::<_, String>(1)?, (row.get(2)?, row.get(3)?)))
    })?;
    let tasks = rows.collect::<rusqlite::Result<Vec<Task>>>()?;
    Ok(of_tasks(tasks, (from_at, before_at), query, timezone))
}

/// Returns the answer about tasks, which come the newest first.
fn of_tasks(
    mut tasks: Vec<Task>,
    (from_at, before_at): (Micros, Micros),
    query: &DelegationQuery,
    timezone: &TimeZone,
) -> LocalModelSpeed {
    let is_newest_only = tasks.len() > MOST_TASKS;
    tasks.truncate(MOST_TASKS);
    tasks.reverse();
    let is_open = from_at == Micros::MIN || is_newest_only;
    let first_at = if is_open { tasks.first().map_or(0, |task| task.0) } else { from_at };
    let last_at = if before_at == Micros::MAX { tasks.last().map_or(first_at, |task| task.0) } else { before_at };
    let bucket = Bucket::of(last_at.saturating_sub(first_at));
    let mut models: BTreeMap<String, Measures> = BTreeMap::new();
    for (at, model, measured) in &tasks {
        let first = || Measures { from_at: *at, ..Measures::default() };
        models.entry(model.clone()).or_insert_with(first).add(*measured);
    }
    let mut models: Vec<_> = models.into_iter().map(|(model, measures)| measures.row(model)).collect();
    models.sort_by_key(|row| std::cmp::Reverse(row.tasks));
    let models_left_out = models.len().saturating_sub(MOST_MODELS);
    models.truncate(MOST_MODELS);
    let mut times: BTreeMap<(Micros, String), Measures> = BTreeMap::new();
    for (at, model, measured) in tasks {
        if models.iter().any(|row| row.model == model) {
            let from_at = bucket.start(at, timezone);
            times.entry((from_at, model)).or_insert_with(|| Measures { from_at, ..Measures::default() }).add(measured);
        }
    }
    let name = |day: Option<Date>| day.map(|day| day.to_string());
    LocalModelSpeed {
        schema: SCHEMA,
        timezone: name_of(timezone),
        since: name(query.since),
        until: name(query.until),
        bucket: bucket.name(),
        newest_tasks: is_newest_only.then_some(MOST_TASKS),
        models_left_out,
        models,
        over_time: times.into_iter().map(|((_, model), measures)| measures.row(model)).collect(),
    }
}

/// Returns where the values lie, by nearest rank; None without any.
fn percentiles(mut values: Vec<f64>) -> Option<Percentiles> {
    values.sort_by(f64::total_cmp);
    let count = values.len();
    let at = |percent: usize| values.get((percent * count).div_ceil(100).checked_sub(1)?).copied();
    Some(Percentiles { count, p10: at(10)?, p50: at(50)?, p90: at(90)? })
}

#[cfg(test)]
mod tests {
    use super::super::seed;
    use super::*;

    #[test]
    fn percentiles_are_values_that_were_measured() {
        let of = |values: &[f64]| percentiles(values.to_vec()).map(|found| (found.p10, found.p50, found.p90));
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[7.0]), Some((7.0, 7.0, 7.0)));
        assert_eq!(of(&[3.0, 1.0]), Some((1.0, 1.0, 3.0)));
        let ten: Vec<f64> = (1..=10).rev().map(f64::from).collect();
        assert_eq!(of(&ten), Some((1.0, 5.0, 9.0)));
        let eleven: Vec<f64> = (1..=11).map(f64::from).collect();
        assert_eq!(of(&eleven), Some((2.0, 6.0, 10.0)));
    }

    #[test]
    fn what_is_left_out_is_said() {
        let answer = |tasks| of_tasks(tasks, (Micros::MIN, Micros::MAX), &DelegationQuery::default(), &TimeZone::UTC);
        let task = |number: i64, model: String| (seed::NOW - number, model, (Some(1.0), None));
        let few = answer((0..3).map(|number| task(number, format!("m{number}"))).collect());
        assert_eq!((few.newest_tasks, few.models_left_out, few.models.len()), (None, 0, 3));
        let newest = i64::try_from(MOST_TASKS).expect("few");
        let many = answer((0..=newest).map(|number| task(number, "one".to_owned())).collect());
        assert_eq!((many.newest_tasks, many.models[0].tasks), (Some(MOST_TASKS), MOST_TASKS));
        assert_eq!(many.models[0].from_at, seed::NOW - newest + 1, "the oldest is left out");
        // Number 24 has a second task, and is told of before the others.
        let names = (0..25).chain([24]).map(|number| task(number, format!("m{number:02}"))).collect();
        let wide = answer(names);
        assert_eq!((wide.models.len(), wide.models_left_out, &*wide.models[0].model), (MOST_MODELS, 5, "m24"));
        assert_eq!(wide.over_time.len(), MOST_MODELS);
    }

    #[test]
    fn time_is_cut_by_its_length() {
        for (days, name) in [(0, "hour"), (2, "hour"), (3, "day"), (100, "day"), (101, "week"), (2000, "month")] {
            assert_eq!(Bucket::of(days * DAY).name(), name, "{days}");
        }
        // 2026-11-22T09:10:00Z is a Sunday.
        let starts = [Bucket::Hour, Bucket::Day, Bucket::Week, Bucket::Month].map(|bucket| {
            let at = bucket.start(seed::NOW, &TimeZone::UTC);
            jiff::Timestamp::from_microsecond(at).expect("a moment").to_string()
        });
        let expected = ["2026-11-22T09:00:00Z", "2026-11-22T00:00:00Z", "2026-11-16T00:00:00Z", "2026-11-01T00:00:00Z"];
        assert_eq!(starts, expected);
    }
}
