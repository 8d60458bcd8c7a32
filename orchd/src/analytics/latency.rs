//! The tool's own speed, from the histograms of `performance_metrics`.

use rusqlite::{Connection, params};
use shared::event::Micros;

use super::{Clock, DAY, HOUR, QUARTER, rows};
use crate::histogram::{BINS, quantile};
use crate::metrics::Metric;
use crate::view::LatencyView;

/// Returns the samples by bin of each hour of the 24 that end with the quarter of an hour in progress, oldest first.
fn by_hour(conn: &Connection, metric: Metric, clock: &Clock) -> rusqlite::Result<Vec<Vec<(usize, u64)>>> {
    let end = clock.now_at.div_euclid(QUARTER) * QUARTER + QUARTER;
    let mut hours = vec![Vec::new(); 24];
    let mut ask = conn.prepare_cached(include_str!("../../queries/latencies.sql"))?;
    let mut found = ask.query(params![metric.name(), end - DAY, end])?;
    while let Some(row) = found.next()? {
        let hour = usize::try_from((row.get::<_, Micros>(0)? - (end - DAY)) / HOUR).unwrap_or(0);
        if let Some(hour) = hours.get_mut(hour) {
            hour.push(rows::bin(row, 1)?);
        }
    }
    Ok(hours.into_iter().map(merged).collect())
}

/// Returns the samples with one entry per bin, ascending.
fn merged(samples: Vec<(usize, u64)>) -> Vec<(usize, u64)> {
    let mut bins = [0; BINS];
    for (bin, count) in samples {
        if let Some(sum) = bins.get_mut(bin) {
            *sum += count;
        }
    }
    bins.into_iter().enumerate().filter(|&(_, count)| count > 0).collect()
}

/// Returns the samples by bin of a range.
pub fn samples(
    conn: &Connection,
    metric: Metric,
    from_at: Micros,
    to_at: Micros,
) -> rusqlite::Result<Vec<(usize, u64)>> {
    let mut ask = conn.prepare_cached(include_str!("../../queries/latencies.sql"))?;
    let found = ask.query_map(params![metric.name(), from_at, to_at], |row| rows::bin(row, 1))?;
    Ok(merged(found.collect::<rusqlite::Result<_>>()?))
}

/// Answers how fast one part of the tool was in the last 24 hours.
pub fn latency(conn: &Connection, metric: Metric, clock: &Clock) -> rusqlite::Result<LatencyView> {
    let hours = by_hour(conn, metric, clock)?;
    let p95_us_by_hour = hours.iter().map(|hour| quantile(hour, 0.95)).collect();
    let all = merged(hours.into_iter().flatten().collect());
    Ok(LatencyView {
        metric: metric.name().to_owned(),
        meaning: metric.meaning(),
        samples: all.iter().map(|&(_, count)| count).sum(),
        p50_us: quantile(&all, 0.5),
        p95_us: quantile(&all, 0.95),
        p99_us: quantile(&all, 0.99),
        p95_us_by_hour,
    })
}

#[cfg(test)]
mod tests {
    use super::super::seed;
    use super::*;

    #[test]
    fn hours_without_samples_are_null() {
        let view = latency(&seed::database(), Metric::HookLatency, &seed::clock()).expect("answers");
        assert_eq!(view.p95_us_by_hour.len(), 24);
        assert!(view.p95_us_by_hour[23].is_some() && view.p95_us_by_hour[3].is_none());
        assert!(view.p50_us <= view.p95_us && view.p95_us <= view.p99_us);
        let none = latency(&seed::database(), Metric::Commit, &seed::clock()).expect("answers");
        assert_eq!((none.samples, none.p50_us), (0, None));
    }
}
