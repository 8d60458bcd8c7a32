//! What the database says about the tool itself.

use rusqlite::Connection;
use shared::event::Micros;

use super::overview::newest_and_oldest;
use super::{Clock, DAY, calendar, latency};
use crate::metrics::Metric;
use crate::view::LatencyView;

/// Days over which growth is measured.
const GROWTH_DAYS: i64 = 7;

/// The part of the System page that the database answers.
#[derive(Debug, Clone)]
pub struct Stored {
    /// Sessions.
    pub sessions: i64,
    /// The oldest event.
    pub oldest_at: Option<Micros>,
    /// Events of the last week or since the oldest, and the days they took; None on the first day.
    pub recent: Option<(i64, i64)>,
    /// The version of the schema.
    pub schema_version: u32,
    /// Histograms of the last 24 hours.
    pub latencies: Vec<LatencyView>,
}

/// Answers what the database says about the tool itself.
pub fn stored(conn: &Connection, clock: &Clock) -> rusqlite::Result<Stored> {
    let (_, oldest_at) = newest_and_oldest(conn)?;
    let age_days = oldest_at.map_or(0, |oldest| (clock.now_at - oldest) / DAY);
    let days = age_days.min(GROWTH_DAYS);
    let since = calendar::day_of(clock.now_at - (days - 1).max(0) * DAY, &clock.timezone).to_string();
    let (sessions, recent) = conn
        .prepare_cached(include_str!("../../queries/sizes.sql"))?
        .query_row([since], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?)))?;
    Ok(Stored {
        sessions,
        oldest_at,
        recent: (days > 0).then_some((recent, days)),
        schema_version: schema_version(conn)?,
        latencies: Metric::ALL.iter().map(|&metric| latency::latency(conn, metric, clock)).collect::<Result<_, _>>()?,
    })
}

/// Returns the number of the newest migration; 0 before the first.
fn schema_version(conn: &Connection) -> rusqlite::Result<u32> {
    let known: bool = conn
        .prepare_cached("SELECT count(*) > 0 FROM sqlite_schema WHERE name = 'refinery_schema_history'")?
        .query_row([], |row| row.get(0))?;
    if !known {
        return Ok(0);
    }
    conn.prepare_cached(include_str!("../../queries/schema_version.sql"))?.query_row([], |row| row.get(0))
}

/// Returns how fast a database of `size_bytes` and `events` grows, in bytes per day: the recent events at their mean size.
#[must_use]
pub fn growth_bytes_per_day(size_bytes: u64, events: u64, recent: Option<(i64, i64)>) -> Option<u64> {
    let (recent, days) = recent?;
    let (recent, days) = (u128::try_from(recent).ok()?, u128::try_from(days).ok()?);
    let grown = u128::from(size_bytes) * recent.min(u128::from(events));
    u64::try_from(grown.checked_div(u128::from(events))?.checked_div(days)?).ok()
}

#[cfg(test)]
mod tests {
    use super::super::seed;
    use super::*;

    #[test]
    fn growth_is_a_share_of_the_size() {
        for (size, events, recent, growth) in [
            (1_000, 100, Some((50, 5)), Some(100)),
            (1_000, 100, None, None),
            (1_000, 0, Some((0, 7)), None),
            (u64::MAX, 1, Some((1, 1)), Some(u64::MAX)),
            (1_000, 10, Some((20, 1)), Some(1_000)),
        ] {
            assert_eq!(growth_bytes_per_day(size, events, recent), growth);
        }
    }

    #[test]
    fn every_metric_is_shown() {
        let stored = stored(&seed::database(), &seed::clock()).expect("answers");
        assert_eq!((stored.sessions, stored.latencies.len()), (5, Metric::ALL.len()));
    }
}
