//! Counts per quarter of an hour and per day, added up in memory for one transaction and written once.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rusqlite::params;
use shared::event::Micros;

use super::hash::FastMap;
use super::statements::Statements;
use crate::fold::Decoded;
use crate::histogram::bin_of;

/// Width of a bucket: a quarter of an hour, microseconds.
pub(super) const BUCKET: Micros = 15 * 60 * 1_000_000;
/// Names and days kept in memory; more start anew.
const KEPT: usize = 4096;

/// Returns the start of the bucket that holds `at`.
pub(super) fn bucket_of(at: Micros) -> Micros {
    at - at.rem_euclid(BUCKET)
}

/// Returns the day of `at` in a zone, as YYYY-MM-DD.
pub(super) fn day_of(at: Micros, timezone: &TimeZone) -> String {
    let time = Timestamp::from_microsecond(at).unwrap_or(Timestamp::UNIX_EPOCH);
    time.to_zoned(timezone.clone()).date().to_string()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    bucket_at: Micros,
    project_id: i64,
    event: u32,
    tool: u32,
}

/// What one transaction adds to one row.
#[derive(Debug, Default)]
struct Added {
    events: i64,
    failures: i64,
    last_seq: i64,
}

/// What one transaction adds to the rollups.
#[derive(Debug)]
pub(super) struct Rollups {
    timezone: TimeZone,
    names: Vec<String>,
    numbers: FastMap<String, u32>,
    days: FastMap<Micros, String>,
    activity: FastMap<Key, Added>,
    durations: FastMap<(Key, usize), i64>,
}

impl Rollups {
    pub(super) fn new(timezone: TimeZone) -> Self {
        let (names, numbers, days) = (Vec::new(), FastMap::default(), FastMap::default());
        Self { timezone, names, numbers, days, activity: FastMap::default(), durations: FastMap::default() }
    }

    pub(super) fn add(&mut self, event: &Decoded, project_id: i64, seq: i64) {
        let bucket_at = bucket_of(event.occurred_at);
        let key = Key {
            bucket_at,
            project_id,
            event: self.number(&event.hook_event_name),
            tool: self.number(event.tool_name.as_deref().unwrap_or_default()),
        };
        let added = self.activity.entry(key).or_default();
        added.events += 1;
        added.failures += i64::from(event.failed);
        added.last_seq = added.last_seq.max(seq);
        if let (Some(ms), Some(_)) = (event.duration_ms, &event.tool_name) {
            let key = Key { event: 0, ..key };
            *self.durations.entry((key, bin_of(ms.unsigned_abs()))).or_default() += 1;
        }
    }

    fn number(&mut self, name: &str) -> u32 {
        if let Some(&number) = self.numbers.get(name) {
            return number;
        }
        let number = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.names.push(name.to_owned());
        self.numbers.insert(name.to_owned(), number);
        number
    }

    /// Writes what was added and starts again at zero.
    pub(super) fn flush(&mut self, statements: &mut Statements<'_>) -> Result<(), rusqlite::Error> {
        for (key, Added { events, failures, last_seq }) in self.activity.drain() {
            let (event, tool) = (&self.names[key.event as usize], &self.names[key.tool as usize]);
            let timezone = &self.timezone;
            let day = self.days.entry(key.bucket_at).or_insert_with(|| day_of(key.bucket_at, timezone));
            let Key { bucket_at, project_id, .. } = key;
            statements.activity_15m.execute(params![bucket_at, project_id, event, tool, events, failures, last_seq])?;
            statements.activity_day.execute(params![*day, project_id, event, tool, events, failures])?;
        }
        for ((key, bin), calls) in self.durations.drain() {
            let tool = &self.names[key.tool as usize];
            statements.tool_duration_15m.execute(params![
                key.bucket_at,
                key.project_id,
                tool,
                i64::try_from(bin).unwrap_or(0),
                calls
            ])?;
        }
        self.trim();
        Ok(())
    }

    fn trim(&mut self) {
        if self.names.len() > KEPT {
            self.names.clear();
            self.numbers.clear();
        }
        if self.days.len() > KEPT {
            self.days.clear();
        }
    }
}
