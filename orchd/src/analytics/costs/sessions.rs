//! What each session spent: from its rollup, and from the ledger where only a part of it lies in the range.

use jiff::tz::TimeZone;
use rusqlite::{Connection, params};

use super::{CostQuery, facts};
use crate::analytics::Scope;
use crate::ledger::Sums;

/// Returns the sums of each session.
pub(super) fn of_sessions(
    conn: &Connection,
    query: &CostQuery,
    timezone: &TimeZone,
) -> rusqlite::Result<Vec<(String, Sums)>> {
    let scope = Scope::of(conn, query.project_dir.as_deref())?;
    let (from_at, before_at) = query.range(timezone);
    let mut ask = conn.prepare_cached(include_str!("../../../queries/cost_session.sql"))?;
    let mut rows = ask.query(params![from_at, before_at, scope.0, query.model, query.agent_type()])?;
    let mut sessions: Vec<(String, Sums)> = Vec::new();
    // Places of the few that reach over an end of the range.
    let mut over = Vec::new();
    while let Some(row) = rows.next()? {
        let id = row.get_ref(0)?.as_str()?;
        if sessions.last().is_none_or(|(last, _)| last != id) {
            sessions.push((id.to_owned(), Sums::default()));
        }
        let place = sessions.len() - 1;
        sessions[place].1 += facts::sums(row, 2)?;
        if !row.get(1)? && over.last() != Some(&place) {
            over.push(place);
        }
    }
    for place in over {
        let (session, sums) = &mut sessions[place];
        *sums = Sums::default();
        let of = CostQuery { session_id: Some(session.clone()), ..query.clone() };
        facts::of_requests(conn, &of, timezone, |_, of_request| *sums += of_request)?;
    }
    Ok(sessions)
}
