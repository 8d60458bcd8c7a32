//! The rows that costs are summed from: of a rollup, or of the ledger.

use jiff::tz::TimeZone;
use rusqlite::{Connection, OptionalExtension, Row, params};
use shared::event::Micros;

use super::CostQuery;
use crate::analytics::{Scope, calendar};
use crate::ledger::Sums;

/// What one row is about. What its source does not tell is empty.
#[derive(Debug, Default)]
pub(super) struct Facts<'r> {
    pub(super) day: &'r str,
    pub(super) project_id: i64,
    pub(super) model: &'r str,
    pub(super) agent_type: &'r str,
    pub(super) session_id: &'r str,
    pub(super) prompt_id: &'r str,
}

/// Hands out the rollups' rows: those of days where they are cut in this zone, else of quarters of an hour. Rows without
/// `details` may have nothing but their day.
pub(super) fn of_rollups(
    conn: &Connection,
    (query, details): (&CostQuery, bool),
    timezone: &TimeZone,
    mut each: impl FnMut(&Facts<'_>, Sums),
) -> rusqlite::Result<()> {
    let scope = Scope::of(conn, query.project_dir.as_deref())?;
    let (model, agent) = (query.model.as_deref(), query.agent_type());
    if !is_cut_in(conn, timezone)? {
        let mut ask = conn.prepare_cached(include_str!("../../../queries/cost_15m.sql"))?;
        let (from_at, before_at) = query.range(timezone);
        let mut rows = ask.query(params![from_at, before_at, scope.0, model, agent])?;
        let mut day = Day::default();
        while let Some(row) = rows.next()? {
            facts(row, day.of(row.get(0)?, timezone), "", "", &mut each)?;
        }
        return Ok(());
    }
    let first = query.since.map_or_else(String::new, |day| day.to_string());
    let last = query.until.map_or_else(|| "~".to_owned(), |day| day.to_string());
    // Where nothing but the days is told apart, and all is meant, a row a day has it.
    let whole = !details && scope.0.is_none() && model.is_none() && agent.is_none();
    let mut ask = conn.prepare_cached(if whole {
        include_str!("../../../queries/cost_day_total.sql")
    } else {
        include_str!("../../../queries/cost_day.sql")
    })?;
    let mut rows =
        if whole { ask.query(params![first, last])? } else { ask.query(params![first, last, scope.0, model, agent])? };
    while let Some(row) = rows.next()? {
        facts(row, row.get_ref(0)?.as_str()?, "", "", &mut each)?;
    }
    Ok(())
}

/// Hands out the ledger's rows.
pub(super) fn of_requests(
    conn: &Connection,
    query: &CostQuery,
    timezone: &TimeZone,
    mut each: impl FnMut(&Facts<'_>, Sums),
) -> rusqlite::Result<()> {
    let scope = Scope::of(conn, query.project_dir.as_deref())?;
    let (model, agent) = (query.model.as_deref(), query.agent_type());
    let (from_at, before_at) = query.range(timezone);
    let mut ask = conn.prepare_cached(if query.session_id.is_some() {
        include_str!("../../../queries/cost_session_requests.sql")
    } else {
        include_str!("../../../queries/cost_requests.sql")
    })?;
    let mut rows = match &query.session_id {
        Some(session) => ask.query(params![from_at, before_at, scope.0, model, agent, session])?,
        None => ask.query(params![from_at, before_at, scope.0, model, agent])?,
    };
    let mut day = Day::default();
    while let Some(row) = rows.next()? {
        let (session, prompt) = (row.get_ref(11)?.as_str()?, row.get_ref(12)?.as_str()?);
        facts(row, day.of(row.get(0)?, timezone), session, prompt, &mut each)?;
    }
    Ok(())
}

fn facts(
    row: &Row<'_>,
    day: &str,
    session_id: &str,
    prompt_id: &str,
    each: &mut impl FnMut(&Facts<'_>, Sums),
) -> rusqlite::Result<()> {
    let (model, agent_type) = (row.get_ref(2)?.as_str()?, row.get_ref(3)?.as_str()?);
    each(&Facts { day, project_id: row.get(1)?, model, agent_type, session_id, prompt_id }, sums(row, 4)?);
    Ok(())
}

/// Reads sums from seven columns.
pub(super) fn sums(row: &Row<'_>, first: usize) -> rusqlite::Result<Sums> {
    Ok(Sums {
        requests: row.get(first)?,
        input: row.get(first + 1)?,
        output: row.get(first + 2)?,
        cache_read: row.get(first + 3)?,
        cache_creation: row.get(first + 4)?,
        cost_nano_usd: row.get(first + 5)?,
        unknown: row.get(first + 6)?,
    })
}

/// Whether the days of the rollups are those of this zone.
fn is_cut_in(conn: &Connection, timezone: &TimeZone) -> rusqlite::Result<bool> {
    let mut ask = conn.prepare_cached(include_str!("../../../queries/setting.sql"))?;
    let stored: Option<String> = ask.query_row(["timezone"], |row| row.get(0)).optional()?;
    Ok(timezone.iana_name().is_some_and(|name| stored.as_deref() == Some(name)))
}

/// The day of the last instant that was asked for: rows come in the order of their time, or nearly so.
#[derive(Default)]
struct Day {
    from_at: Micros,
    before_at: Micros,
    name: String,
}

impl Day {
    fn of(&mut self, at: Micros, timezone: &TimeZone) -> &str {
        if at < self.from_at || at >= self.before_at {
            let day = calendar::day_of(at, timezone);
            self.from_at = calendar::start_of(day, timezone);
            self.before_at = calendar::start_of(calendar::next(day), timezone);
            self.name = day.to_string();
        }
        &self.name
    }
}
