//! Where time went in one session: lanes, spans and moments.

use rusqlite::{Connection, OptionalExtension, params};

use super::{Clock, client_costs, rows};
use crate::fold::TASK_NOTIFICATION_FLAG;
use crate::view::{Mark, MarkKind, SCHEMA, SessionDetail, SessionRow};

/// Tool calls in one answer.
const MOST_SPANS: i64 = 5_000;
/// Moments in one answer.
const MOST_MARKS: i64 = 2_000;

/// Answers what is known of one session without its timeline; None when there is no such session.
pub fn session(conn: &Connection, session_id: &str) -> rusqlite::Result<Option<SessionRow>> {
    conn.prepare_cached(include_str!("../../queries/session.sql"))?.query_row([session_id], rows::session).optional()
}

/// Answers one session with its timeline; None when there is no such session.
pub fn session_detail(conn: &Connection, session_id: &str, clock: &Clock) -> rusqlite::Result<Option<SessionDetail>> {
    let Some(session) = session(conn, session_id)? else { return Ok(None) };
    let mut ask = conn.prepare_cached(include_str!("../../queries/agents.sql"))?;
    let agent_runs = ask.query_map([session_id], rows::agent)?.collect::<rusqlite::Result<_>>()?;
    let mut ask = conn.prepare_cached(include_str!("../../queries/session_spans.sql"))?;
    let mut spans =
        ask.query_map(params![session_id, MOST_SPANS], rows::span)?.collect::<rusqlite::Result<Vec<_>>>()?;
    spans.reverse();
    let shown = i64::try_from(spans.len()).unwrap_or(MOST_SPANS);
    let spans_left_out = if shown < MOST_SPANS { 0 } else { (session.tool_calls - shown).max(0) };
    let mut ask = conn.prepare_cached(include_str!("../../queries/session_marks.sql"))?;
    let marks = ask.query_map(params![session_id, MOST_MARKS], mark)?;
    let mut marks = marks.collect::<rusqlite::Result<Vec<_>>>()?;
    marks.sort_by_key(|mark| mark.at);
    let client_cost_usd = client_costs::of_session(conn, session_id)?;
    let now_at = clock.now_at;
    Ok(Some(SessionDetail {
        schema: SCHEMA,
        now_at,
        session,
        client_cost_usd,
        agent_runs,
        spans,
        marks,
        spans_left_out,
    }))
}

fn mark(row: &rusqlite::Row<'_>) -> rusqlite::Result<Mark> {
    let text: Option<String> = row.get(2)?;
    let kind = match row.get_ref(0)?.as_str()? {
        "UserPromptSubmit" if row.get::<_, u32>(5)? & TASK_NOTIFICATION_FLAG != 0 => MarkKind::TaskNotification,
        "UserPromptSubmit" => MarkKind::Prompt,
        "Stop" => MarkKind::Stop,
        "StopFailure" => MarkKind::StopFailure,
        "SessionStart" => MarkKind::SessionStart,
        "SessionEnd" => MarkKind::SessionEnd,
        "PostCompact" => MarkKind::Compact,
        "PostModelSwitch" => MarkKind::ModelSwitch,
        _ => MarkKind::Notification,
    };
    Ok(Mark { kind, at: row.get(1)?, text, prompt_id: row.get(3)?, event_id: row.get(4)? })
}

#[cfg(test)]
mod tests {
    use super::super::seed;
    use super::*;

    #[test]
    fn a_session_has_lanes_spans_and_marks_in_order_of_time() {
        let conn = seed::database();
        let detail = session_detail(&conn, seed::WORKING, &seed::clock()).expect("answers").expect("is there");
        assert_eq!(detail.agent_runs.len(), 2);
        assert_eq!(detail.agent_runs[1].parent_agent_id.as_deref(), Some("agent-a"));
        assert!(detail.spans.is_sorted_by_key(|span| span.started_at) && detail.spans.len() == 6);
        assert!(detail.marks.is_sorted_by_key(|mark| mark.at));
        let kinds: Vec<_> = detail.marks.iter().map(|mark| mark.kind).collect();
        assert_eq!(kinds, [MarkKind::SessionStart, MarkKind::Prompt, MarkKind::TaskNotification]);
        assert_eq!(detail.spans_left_out, 0);
        assert!(detail.spans[0].start_event_id.is_some());
    }

    #[test]
    fn an_unknown_session_is_none() {
        for id in ["", "nobody", "' OR '1'='1", "%"] {
            assert!(session_detail(&seed::database(), id, &seed::clock()).expect("answers").is_none(), "{id}");
        }
    }
}
