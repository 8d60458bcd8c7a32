//! What today cost beside what is usual at this time of this weekday.

use rusqlite::{Connection, OptionalExtension, params};
use shared::event::Micros;

use super::calendar::{DaySoFar, day_of, same_weekday};
use super::costs::usd;
use super::tiles::{WEEKS, usual};
use super::{Clock, DAY, HOUR, QUARTER, Scope};
use crate::view::{Tile, Unit};

/// A quarter of an hour.
struct Quarter {
    at: Micros,
    requests: i64,
    cost_nano_usd: i64,
    unknown: i64,
}

/// Answers the tile. Of an earlier day the quarter of an hour that is cut now counts by its share.
pub(super) fn cost_today(conn: &Connection, clock: &Clock, scope: Scope) -> rusqlite::Result<Tile> {
    let mut first = conn.prepare_cached(include_str!("../../queries/first_cost.sql"))?;
    let first: Option<Micros> = first.query_row([scope.0], |row| row.get(0)).optional()?;
    let days = same_weekday(clock, WEEKS);
    let known = |day: &&DaySoFar| first.is_some_and(|first| first <= day.from_at);
    let earlier = days.iter().skip(1).filter(known).map(|day| {
        let quarters = quarters(conn, day.from_at, day.to_at, scope)?;
        let cut = day.to_at.div_euclid(QUARTER) * QUARTER;
        let share = |quarter: &Quarter| if quarter.at < cut { 1.0 } else { exact(day.to_at - cut) / exact(QUARTER) };
        Ok(quarters.iter().map(|quarter| usd(quarter.cost_nano_usd) * share(quarter)).sum::<f64>())
    });
    let earlier = earlier.collect::<rusqlite::Result<Vec<_>>>()?;
    let today = days.first().map_or(clock.now_at, |today| today.from_at);
    let last_day = quarters(conn, (clock.now_at - DAY).min(today), clock.now_at + QUARTER, scope)?;
    let so_far = || last_day.iter().filter(|quarter| quarter.at >= today);
    let all_unknown = so_far().all(|quarter| quarter.unknown == quarter.requests) && so_far().next().is_some();
    let spent: i64 = so_far().map(|quarter| quarter.cost_nano_usd).sum();
    let day = day_of(clock.now_at, &clock.timezone);
    Ok(Tile {
        key: "cost_today",
        label: "API-equiv. cost today",
        value: (!all_unknown).then(|| usd(spent)),
        unknown_cost_requests: so_far().map(|quarter| quarter.unknown).sum(),
        unit: Unit::Usd,
        usual: usual(earlier.into_iter()),
        spark: hours(&last_day, clock.now_at),
        href: format!("/costs/requests?since={day}&until={day}"),
    })
}

fn quarters(conn: &Connection, from_at: Micros, before_at: Micros, scope: Scope) -> rusqlite::Result<Vec<Quarter>> {
    let mut ask = conn.prepare_cached(include_str!("../../queries/cost_between.sql"))?;
    let rows = ask.query_map(params![from_at, before_at, scope.0], |row| {
        Ok(Quarter { at: row.get(0)?, requests: row.get(1)?, cost_nano_usd: row.get(2)?, unknown: row.get(3)? })
    })?;
    rows.collect()
}

/// Returns the last 24 hours, oldest first; none when nothing was asked in them.
fn hours(quarters: &[Quarter], now_at: Micros) -> Vec<f64> {
    let start = now_at.div_euclid(QUARTER) * QUARTER + QUARTER - DAY;
    let mut hours = vec![0.0; 24];
    for quarter in quarters {
        let hour = usize::try_from((quarter.at - start).div_euclid(HOUR)).ok().and_then(|hour| hours.get_mut(hour));
        if let Some(hour) = hour {
            *hour += usd(quarter.cost_nano_usd);
        }
    }
    hours
}

/// Parts of a quarter of an hour stay far below 2^53.
#[expect(clippy::cast_precision_loss, reason = "see above")]
fn exact(micros: Micros) -> f64 {
    micros as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analytics::seed;

    fn database(rows: &[(Micros, i64, i64)]) -> Connection {
        let conn = Connection::open_in_memory().expect("opens");
        conn.execute_batch(include_str!("../../schema.sql")).expect("valid");
        for (at, nano, unknown) in rows {
            let bucket = at.div_euclid(QUARTER) * QUARTER;
            conn.execute(
                "INSERT INTO cost_metrics VALUES (?1, 1, 'm', '', 1, 0, 0, 0, 0, ?2, ?3)",
                [bucket, *nano, *unknown],
            )
            .expect("stored");
        }
        conn
    }

    #[test]
    fn today_stands_beside_the_same_weekday_at_the_same_time() {
        let dollar = 1_000_000_000;
        let week = 7 * DAY;
        // Now is 9:10 UTC: of a quarter from 9:00 two thirds count in earlier weeks.
        let conn = database(&[
            (seed::NOW, dollar, 0),
            (seed::NOW - HOUR, 2 * dollar, 0),
            (seed::NOW - DAY, 50 * dollar, 0),
            (seed::NOW - week, 3 * dollar, 0),
            (seed::NOW - 2 * week - HOUR, 6 * dollar, 0),
            (seed::NOW - 2 * week + HOUR, 9 * dollar, 0),
            (seed::NOW - 3 * week - DAY, dollar, 0),
        ]);
        let tile = cost_today(&conn, &seed::clock(), Scope::ALL).expect("answers");
        assert_eq!(tile.value, Some(3.0));
        let usual = tile.usual.expect("three weeks");
        assert_eq!((usual.low, usual.median, usual.high, usual.weeks), (0.0, 2.0, 6.0, 3));
        assert_eq!(tile.spark.len(), 24);
        assert!((tile.spark[23] + tile.spark[22] - 3.0).abs() < 1e-9);
        assert_eq!(tile.href, "/costs/requests?since=2026-11-22&until=2026-11-22");
    }

    #[test]
    fn nothing_is_zero_and_unknown_is_not() {
        for (rows, value) in
            [(&[][..], Some(0.0)), (&[(seed::NOW, 0, 1)], None), (&[(seed::NOW - DAY, 5, 0)], Some(0.0))]
        {
            let tile = cost_today(&database(rows), &seed::clock(), Scope::ALL).expect("answers");
            assert_eq!((tile.value, tile.unknown_cost_requests > 0), (value, value.is_none()));
        }
    }
}
