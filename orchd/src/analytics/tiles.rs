//! Today's figures, each beside what is usual at this time of this weekday.

use rusqlite::Connection;
use shared::event::Micros;

use super::calendar::{DaySoFar, same_weekday};
use super::cost_tile::cost_today;
use super::memory::Memory;
use super::{Clock, QUARTER, Scope, latency};
use crate::histogram::quantile;
use crate::metrics::Metric;
use crate::view::{Activity, ActivityBucket, Tile, Unit, Usual};

/// Earlier weeks that "usual" looks at.
pub(super) const WEEKS: u32 = 8;
/// Fewest weeks that make something usual.
const FEWEST_WEEKS: usize = 2;

/// What one day brought up to the time of day it is now.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Sums {
    prompts: f64,
    tool_calls: f64,
    tool_failures: f64,
    agents: f64,
}

impl Sums {
    fn plus(self, other: Self) -> Self {
        Self {
            prompts: self.prompts + other.prompts,
            tool_calls: self.tool_calls + other.tool_calls,
            tool_failures: self.tool_failures + other.tool_failures,
            agents: self.agents + other.agents,
        }
    }
}

/// Answers today's figures; `activity` is the last 24 hours in quarters of an hour.
pub fn tiles(
    conn: &Connection,
    clock: &Clock,
    scope: Scope,
    activity: &Activity,
    live_total: i64,
    memory: &Memory,
) -> rusqlite::Result<Vec<Tile>> {
    let days = same_weekday(clock, WEEKS);
    let first: Option<Micros> =
        conn.prepare_cached(include_str!("../../queries/first_activity.sql"))?.query_row([], |row| row.get(0))?;
    // A week counts when recording had begun before that day: a quiet day is a fact, a day before the start is not.
    let known = |day: &&DaySoFar| first.is_some_and(|first| first <= day.from_at);
    let earlier: Vec<_> = days.iter().skip(1).filter(known).copied().collect();
    let today = days.first().copied().unwrap_or(DaySoFar { from_at: clock.now_at, to_at: clock.now_at });

    let of_day = |day: DaySoFar, share| -> rusqlite::Result<Sums> {
        Ok(sums_of(&memory.day(conn, clock, scope, day.from_at)?.quarters, day, share))
    };
    let sums = of_day(today, Some(1.0))?;
    let weeks = earlier.iter().map(|&day| of_day(day, None)).collect::<rusqlite::Result<Vec<_>>>()?;
    let p95 = |day: DaySoFar| -> rusqlite::Result<Option<f64>> {
        let samples = latency::samples(conn, Metric::HookLatency, day.from_at, day.to_at)?;
        Ok(quantile(&samples, 0.95).map(|micros| micros / 1_000.0))
    };
    let hook_weeks = earlier.iter().map(|&day| p95(day)).collect::<rusqlite::Result<Vec<_>>>()?;
    let hook_spark = latency::latency(conn, Metric::HookLatency, clock)?.p95_us_by_hour;

    let hours = hours(activity);
    let spark = |of: fn(&Sums) -> f64| hours.iter().map(of).collect::<Vec<_>>();
    let over_weeks = |of: fn(&Sums) -> f64| usual(weeks.iter().map(of));
    let since = |query: &str| format!("/activity?{query}&from={}", today.from_at);
    Ok(vec![
        Tile {
            key: "live_sessions",
            label: "Live sessions",
            value: Some(exact(live_total)),
            unknown_cost_requests: 0,
            unit: Unit::Count,
            usual: None,
            spark: Vec::new(),
            href: "/sessions?state=working,waiting,idle".to_owned(),
        },
        cost_today(conn, clock, scope)?,
        Tile {
            key: "prompts",
            label: "Prompts today",
            value: Some(sums.prompts),
            unknown_cost_requests: 0,
            unit: Unit::Count,
            usual: over_weeks(|day| day.prompts),
            spark: spark(|hour| hour.prompts),
            href: since("event=UserPromptSubmit"),
        },
        Tile {
            key: "tool_calls",
            label: "Tool calls today",
            value: Some(sums.tool_calls),
            unknown_cost_requests: 0,
            unit: Unit::Count,
            usual: over_weeks(|day| day.tool_calls),
            spark: spark(|hour| hour.tool_calls),
            href: since("event=PostToolUse,PostToolUseFailure"),
        },
        Tile {
            key: "failure_rate",
            label: "Failed tool calls today",
            value: failure_rate(&sums),
            unknown_cost_requests: 0,
            unit: Unit::Ratio,
            usual: usual(weeks.iter().filter_map(failure_rate)),
            spark: spark(|hour| failure_rate(hour).unwrap_or(0.0)),
            href: since("event=PostToolUseFailure"),
        },
        Tile {
            key: "agents",
            label: "Subagents today",
            value: Some(sums.agents),
            unknown_cost_requests: 0,
            unit: Unit::Count,
            usual: over_weeks(|day| day.agents),
            spark: spark(|hour| hour.agents),
            href: since("event=SubagentStart"),
        },
        Tile {
            key: "hook_latency_p95",
            label: "Hook p95 today",
            value: p95(today)?,
            unknown_cost_requests: 0,
            unit: Unit::Ms,
            usual: usual(hook_weeks.into_iter().flatten()),
            spark: hook_spark.into_iter().map(|hour| hour.unwrap_or(0.0) / 1_000.0).collect(),
            href: "/system".to_owned(),
        },
    ])
}

/// Returns the sums of a day so far. Of an earlier day's quarter of an hour that is cut, the same share counts as has passed today.
fn sums_of(quarters: &[ActivityBucket], day: DaySoFar, share: Option<f64>) -> Sums {
    let cut = day.to_at.div_euclid(QUARTER) * QUARTER;
    let share = share.unwrap_or_else(|| exact(day.to_at - cut) / exact(QUARTER));
    let none = ActivityBucket::default();
    let counted = quarters.iter().take_while(|quarter| quarter.at <= cut);
    let each = counted.map(|quarter| if quarter.at < cut { (quarter, &none) } else { (&none, quarter) });
    each.fold(Sums::default(), |sum, (whole, part)| sum.plus(sums(whole, part, share)))
}

/// Returns `whole` and a share of `part`.
fn sums(whole: &ActivityBucket, part: &ActivityBucket, share: f64) -> Sums {
    let sum = |of: fn(&ActivityBucket) -> i64| exact(of(whole)) + exact(of(part)) * share;
    Sums {
        prompts: sum(|bucket| bucket.prompts),
        tool_calls: sum(|bucket| bucket.tool_calls),
        tool_failures: sum(|bucket| bucket.tool_failures),
        agents: sum(|bucket| bucket.agents),
    }
}

/// Returns the 24 hours of 96 quarters, oldest first.
fn hours(activity: &Activity) -> Vec<Sums> {
    let none = ActivityBucket::default();
    let hour = |quarters: &[ActivityBucket]| {
        quarters.iter().map(|quarter| sums(quarter, &none, 1.0)).fold(Sums::default(), Sums::plus)
    };
    activity.buckets.chunks(4).map(hour).collect()
}

fn failure_rate(sums: &Sums) -> Option<f64> {
    (sums.tool_calls > 0.0).then(|| sums.tool_failures / sums.tool_calls)
}

/// Returns what is usual; None below two weeks.
pub(super) fn usual(weeks: impl Iterator<Item = f64>) -> Option<Usual> {
    let mut weeks: Vec<_> = weeks.collect();
    weeks.sort_by(f64::total_cmp);
    let (low, high) = (*weeks.first()?, *weeks.last()?);
    if weeks.len() < FEWEST_WEEKS {
        return None;
    }
    let median = f64::midpoint(weeks[(weeks.len() - 1) / 2], weeks[weeks.len() / 2]);
    Some(Usual { median, low, high, weeks: u32::try_from(weeks.len()).unwrap_or(WEEKS) })
}

/// Counts of events stay far below 2^53.
#[expect(clippy::cast_precision_loss, reason = "see above")]
fn exact(count: i64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::super::seed;
    use super::*;

    fn today(conn: &Connection) -> Vec<Tile> {
        let clock = seed::clock();
        let range = super::super::activity::Range::last_day(&clock);
        let activity =
            super::super::activity::activity(conn, &range, &clock, Scope::ALL, &Memory::default()).expect("answers");
        tiles(conn, &clock, Scope::ALL, &activity, 2, &Memory::default()).expect("answers")
    }

    #[test]
    fn usual_is_a_median_of_at_least_two_weeks() {
        assert!(usual([].into_iter()).is_none());
        assert!(usual([3.0].into_iter()).is_none());
        let three = usual([3.0, 1.0, 8.0].into_iter()).expect("three weeks");
        assert_eq!((three.low, three.median, three.high, three.weeks), (1.0, 3.0, 8.0, 3));
        assert_eq!(usual([1.0, 2.0].into_iter()).map(|two| two.median), Some(1.5));
    }

    #[test]
    fn an_empty_database_has_tiles_without_comparison() {
        let tiles = today(&seed::empty());
        assert_eq!(tiles.len(), 7);
        assert!(tiles.iter().all(|tile| tile.usual.is_none()));
        assert_eq!(
            tiles.iter().map(|tile| tile.value).collect::<Vec<_>>()[1..],
            [Some(0.0), Some(0.0), Some(0.0), None, Some(0.0), None]
        );
    }

    #[test]
    fn earlier_weeks_are_cut_at_the_same_time_of_day() {
        let tiles = today(&seed::database());
        let prompts = &tiles[2];
        // The seed has a bucket of 30 prompts at 09:00 on each earlier Sunday, and now is 09:10: two thirds of it.
        assert_eq!(prompts.usual.map(|usual| (usual.median, usual.weeks)), Some((20.0, 3)));
        assert_eq!(prompts.value, Some(6.0));
        assert_eq!(prompts.spark.len(), 24);
    }
}
