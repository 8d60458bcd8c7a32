//! What finished days brought, kept so that a question over weeks reads only today's rows.
//!
//! A day is kept with the number of its events and asked for again when that number has changed, as it does when a spool or
//! an import brings late events. So what is kept is never wrong; forgetting it only costs time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::civil::Date;
use rusqlite::{Connection, params};
use shared::event::Micros;

use super::activity::Fold;
use super::{Clock, Scope, calendar, rows};
use crate::histogram::BINS;

/// Days that are kept, of all projects together; beyond, all are forgotten. With 100 tools a day of durations takes 200 KB.
const MOST: usize = 96;

/// Samples by bin of each tool.
pub(super) type Durations = HashMap<String, Vec<u64>>;

/// Finished days, shared by all questions.
#[derive(Debug, Default)]
pub struct Memory {
    durations: Days<Durations>,
    activity: Days<Fold>,
}

#[derive(Debug)]
struct Days<T>(Mutex<HashMap<(Scope, Date), Kept<T>>>);

/// The number of a day's events, and what was made of them.
type Kept<T> = (i64, Arc<T>);

impl<T> Default for Days<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> Days<T> {
    /// Returns what is kept of a day, made by `read` when nothing is kept or the day has changed.
    fn get(
        &self,
        conn: &Connection,
        scope: Scope,
        day: Date,
        read: impl FnOnce() -> rusqlite::Result<T>,
    ) -> rusqlite::Result<Arc<T>> {
        let mut ask = conn.prepare_cached(include_str!("../../queries/day_total.sql"))?;
        let total: i64 = ask.query_row(params![day.to_string(), scope.0], |row| row.get(0))?;
        let days = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((kept, answer)) = days().get(&(scope, day))
            && *kept == total
        {
            return Ok(Arc::clone(answer));
        }
        let answer = Arc::new(read()?);
        let mut days = days();
        if days.len() >= MOST {
            days.clear();
        }
        days.insert((scope, day), (total, Arc::clone(&answer)));
        Ok(answer)
    }
}

impl Memory {
    /// Returns how long tools took in a range, each day that is over from what is kept of it.
    pub(super) fn durations(
        &self,
        conn: &Connection,
        clock: &Clock,
        scope: Scope,
        from_at: Micros,
        to_at: Micros,
    ) -> rusqlite::Result<Durations> {
        let mut sums = Durations::new();
        let mut day = calendar::day_of(from_at, &clock.timezone);
        loop {
            let start = calendar::start_of(day, &clock.timezone);
            let end = calendar::start_of(calendar::next(day), &clock.timezone);
            if start >= to_at || end <= start {
                return Ok(sums);
            }
            if start >= from_at && end <= to_at && end <= clock.now_at {
                let kept = self.durations.get(conn, scope, day, || read_durations(conn, scope, start, end))?;
                for (tool, bins) in kept.iter() {
                    add(&mut sums, tool, bins);
                }
            } else {
                let part = read_durations(conn, scope, start.max(from_at), end.min(to_at))?;
                for (tool, bins) in &part {
                    add(&mut sums, tool, bins);
                }
            }
            day = calendar::next(day);
        }
    }

    /// Returns what happened on the day that begins at `start`; kept when the day is over.
    pub(super) fn day(
        &self,
        conn: &Connection,
        clock: &Clock,
        scope: Scope,
        start: Micros,
    ) -> rusqlite::Result<Arc<Fold>> {
        let day = calendar::day_of(start, &clock.timezone);
        let end = calendar::start_of(calendar::next(day), &clock.timezone);
        let read = || Fold::read(conn, scope, start, end);
        if end <= clock.now_at { self.activity.get(conn, scope, day, read) } else { read().map(Arc::new) }
    }

    /// Returns what happened in a range, in parts that follow each other; each day that is over from what is kept of it.
    pub(super) fn range(
        &self,
        conn: &Connection,
        clock: &Clock,
        scope: Scope,
        (from_at, to_at): (Micros, Micros),
    ) -> rusqlite::Result<Vec<Arc<Fold>>> {
        let mut parts = Vec::new();
        let mut day = calendar::day_of(from_at, &clock.timezone);
        loop {
            let start = calendar::start_of(day, &clock.timezone);
            day = calendar::next(day);
            let end = calendar::start_of(day, &clock.timezone);
            if start >= to_at || end <= start {
                return Ok(parts);
            }
            parts.push(if start >= from_at && end <= to_at && end <= clock.now_at {
                self.day(conn, clock, scope, start)?
            } else {
                Arc::new(Fold::read(conn, scope, start.max(from_at), end.min(to_at))?)
            });
        }
    }
}

fn add(sums: &mut Durations, tool: &str, bins: &[u64]) {
    if !sums.contains_key(tool) {
        sums.insert(tool.to_owned(), vec![0; BINS]);
    }
    let sum = sums.get_mut(tool).into_iter().flatten();
    sum.zip(bins).for_each(|(sum, calls)| *sum += calls);
}

fn read_durations(conn: &Connection, scope: Scope, from_at: Micros, to_at: Micros) -> rusqlite::Result<Durations> {
    let mut sums = Durations::new();
    let mut ask = conn.prepare_cached(include_str!("../../queries/tool_durations.sql"))?;
    let mut found = ask.query(params![from_at, to_at, scope.0])?;
    while let Some(row) = found.next()? {
        let tool = row.get_ref(0)?.as_str()?;
        let (bin, calls) = rows::bin(row, 1)?;
        if !sums.contains_key(tool) {
            sums.insert(tool.to_owned(), vec![0; BINS]);
        }
        if let Some(sum) = sums.get_mut(tool).and_then(|bins| bins.get_mut(bin)) {
            *sum += calls;
        }
    }
    Ok(sums)
}

#[cfg(test)]
mod tests {
    use super::super::{DAY, QUARTER, seed};
    use super::*;

    #[test]
    fn a_day_that_changed_is_read_again() {
        let (conn, clock, memory) = (seed::database(), seed::clock(), Memory::default());
        let yesterday = calendar::start_of(calendar::day_of(clock.now_at - DAY, &clock.timezone), &clock.timezone);
        let calls = || {
            let found = memory.durations(&conn, &clock, Scope::ALL, yesterday, clock.now_at).expect("answers");
            let day = memory.day(&conn, &clock, Scope::ALL, yesterday).expect("answers");
            (found.values().flatten().sum::<u64>(), day.quarters.iter().map(|bucket| bucket.events).sum::<i64>())
        };
        assert_eq!(calls(), (100, 0));
        conn.execute("INSERT INTO tool_duration_15m VALUES (?1, 1, 'Bash', 7, 5)", [yesterday + QUARTER])
            .expect("stores");
        conn.execute("INSERT INTO activity_15m VALUES (?1, 1, 'PostToolUse', 'Bash', 5, 0, 1)", [yesterday + QUARTER])
            .expect("stores");
        assert_eq!(calls(), (100, 0), "kept while the day's total is the same");
        conn.execute("INSERT INTO activity_day VALUES ('2026-11-21', 1, 'PostToolUse', 'Bash', 5, 0)", [])
            .expect("stores");
        assert_eq!(calls(), (105, 5));
    }

    #[test]
    fn what_is_kept_equals_what_is_read() {
        let (conn, clock, memory) = (seed::database(), seed::clock(), Memory::default());
        for days in [0, 1, 3, 30] {
            let from = clock.now_at - days * DAY - 7 * QUARTER;
            let read = read_durations(&conn, Scope::ALL, from, clock.now_at).expect("answers");
            for _ in 0..2 {
                assert_eq!(memory.durations(&conn, &clock, Scope::ALL, from, clock.now_at).expect("answers"), read);
                let parts = memory.range(&conn, &clock, Scope::ALL, (from, clock.now_at)).expect("answers");
                let events = |fold: &Fold| fold.quarters.iter().map(|quarter| quarter.events).sum::<i64>();
                let whole = Fold::read(&conn, Scope::ALL, from, clock.now_at).expect("answers");
                assert_eq!(parts.iter().map(|part| events(part)).sum::<i64>(), events(&whole));
            }
        }
    }
}
