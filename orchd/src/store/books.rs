//! The counters, and what the store remembers about itself.

use jiff::tz::TimeZone;
use rusqlite::types::ToSqlOutput;
use rusqlite::{Connection, OptionalExtension, params};
use shared::event::Micros;
use shared::protocol::Outcome;

use super::rollups::day_of;
use super::statements::Statements;
use crate::view::Counters;

const TIMEZONE: &str = "timezone";
const PAUSED: &str = "paused";
/// Folders of imports that somebody asked for and that did not end.
const OPEN_IMPORTS: &str = "open_imports";
/// The name `analytics::attention` looks for.
const DROPPED_AT: &str = "dropped_at";

/// Returns the counters of the database. What was stored counts itself: `seq` has no gaps and no row is deleted.
pub(super) fn read_counters(connection: &Connection) -> Result<Counters, rusqlite::Error> {
    let mut counters = Counters { stored: last_seq(connection)?.unsigned_abs(), ..Counters::default() };
    let mut rows = connection.prepare("SELECT name, value FROM counters")?;
    let mut rows = rows.query([])?;
    while let Some(row) = rows.next()? {
        let value = row.get::<_, i64>(1)?.unsigned_abs();
        match row.get_ref(0)?.as_str()? {
            "duplicate" => counters.duplicate = value,
            "rejected" => counters.rejected = value,
            "dropped" => counters.dropped = value,
            _ => {}
        }
    }
    let Counters { stored, duplicate, rejected, dropped, .. } = counters;
    Ok(Counters { received: stored + duplicate + rejected + dropped, ..counters })
}

/// Returns the `seq` of the newest event, 0 without any.
pub(super) fn last_seq(connection: &Connection) -> Result<i64, rusqlite::Error> {
    connection.query_row("SELECT coalesce(max(seq), 0) FROM events", [], |row| row.get(0))
}

/// Counts one outcome.
pub(super) fn count(counters: &mut Counters, outcome: Outcome) {
    counters.received += 1;
    match outcome {
        Outcome::Stored => counters.stored += 1,
        Outcome::Duplicate => counters.duplicate += 1,
        Outcome::Rejected => counters.rejected += 1,
        Outcome::Dropped => counters.dropped += 1,
    }
}

/// Writes the counters that differ from `before`; nothing when all that came was stored.
pub(super) fn write_counters(
    statements: &mut Statements<'_>,
    before: &Counters,
    after: &Counters,
) -> Result<(), rusqlite::Error> {
    let all = [
        ("duplicate", before.duplicate, after.duplicate),
        ("rejected", before.rejected, after.rejected),
        ("dropped", before.dropped, after.dropped),
    ];
    for (name, before, after) in all {
        if before != after {
            statements.counter.execute(params![name, i64::try_from(after).unwrap_or(i64::MAX)])?;
        }
    }
    Ok(())
}

fn setting(connection: &Connection, name: &str) -> Result<Option<String>, rusqlite::Error> {
    connection.query_row("SELECT value FROM settings WHERE name = ?1", [name], |row| row.get(0)).optional()
}

fn set(connection: &Connection, name: &str, value: &str) -> Result<(), rusqlite::Error> {
    connection.prepare_cached(include_str!("sql/set_setting.sql"))?.execute([name, value])?;
    Ok(())
}

/// Returns the folders of imports that somebody asked for and that did not end.
pub fn open_imports(connection: &Connection) -> Result<Vec<String>, rusqlite::Error> {
    let told = setting(connection, OPEN_IMPORTS)?;
    Ok(told.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
}

/// Remembers the folders of imports that somebody asked for and that did not end.
pub(super) fn set_open_imports(connection: &Connection, folders: &[String]) -> Result<(), rusqlite::Error> {
    set(connection, OPEN_IMPORTS, &serde_json::json!(folders).to_string())
}

/// Whether recording is paused.
pub(super) fn is_paused(connection: &Connection) -> Result<bool, rusqlite::Error> {
    Ok(setting(connection, PAUSED)?.as_deref() == Some("1"))
}

/// Remembers when events were last dropped for a full spool; `analytics::attention` tells of it for a day.
pub(super) fn set_dropped_at(connection: &Connection, at: Micros) -> Result<(), rusqlite::Error> {
    set(connection, DROPPED_AT, &at.to_string())
}

/// Remembers whether recording is paused.
pub(super) fn set_paused(connection: &Connection, paused: bool) -> Result<(), rusqlite::Error> {
    set(connection, PAUSED, if paused { "1" } else { "0" })
}

/// Cuts `activity_day` anew when the zone differs from the one it was cut in; a zone without a name always does.
pub(super) fn cut_days(connection: &Connection, timezone: &TimeZone) -> Result<(), rusqlite::Error> {
    let name = timezone.iana_name().unwrap_or_default();
    if !name.is_empty() && setting(connection, TIMEZONE)?.as_deref() == Some(name) {
        return Ok(());
    }
    let transaction = connection.unchecked_transaction()?;
    transaction.execute("DELETE FROM activity_day", [])?;
    {
        let mut add = transaction.prepare(include_str!("sql/add_activity_day.sql"))?;
        let ask = "SELECT bucket_at, project_id, hook_event_name, tool_name, events, failures FROM activity_15m ORDER BY bucket_at";
        let mut buckets = transaction.prepare(ask)?;
        let mut buckets = buckets.query([])?;
        let mut day = (i64::MIN, String::new());
        while let Some(row) = buckets.next()? {
            let bucket_at: i64 = row.get(0)?;
            if day.0 != bucket_at {
                day = (bucket_at, day_of(bucket_at, timezone));
            }
            let (event, tool) = (row.get_ref(2)?.as_str()?, row.get_ref(3)?.as_str()?);
            add.execute(params![
                day.1,
                row.get::<_, i64>(1)?,
                event,
                tool,
                row.get::<_, i64>(4)?,
                row.get::<_, i64>(5)?
            ])?;
        }
    }
    cut_cost_days(&transaction, timezone)?;
    set(&transaction, TIMEZONE, name)?;
    transaction.commit()
}

fn cut_cost_days(connection: &Connection, timezone: &TimeZone) -> Result<(), rusqlite::Error> {
    connection.execute("DELETE FROM cost_day", [])?;
    let mut add = connection.prepare(include_str!("sql/add_cost_day.sql"))?;
    let mut buckets = connection.prepare("SELECT * FROM cost_metrics")?;
    let mut buckets = buckets.query([])?;
    while let Some(row) = buckets.next()? {
        add.raw_bind_parameter(1, day_of(row.get(0)?, timezone))?;
        for column in 1..row.as_ref().column_count() {
            add.raw_bind_parameter(column + 1, ToSqlOutput::Borrowed(row.get_ref(column)?))?;
        }
        add.raw_execute()?;
    }
    connection.execute("DELETE FROM cost_day_total", [])?;
    connection.execute(include_str!("sql/sum_cost_days.sql"), [])?;
    Ok(())
}
