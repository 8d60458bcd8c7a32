//! Rows of the database as rows of the view, shared by the questions that select the same columns.

use rusqlite::Row;

use crate::view::{AgentRun, EventRow, SessionRow, SessionState, SpanStatus};

/// Returns what a session is doing, by the name the store gave it.
fn state(name: &str) -> SessionState {
    match name {
        "working" => SessionState::Working,
        "waiting" => SessionState::Waiting,
        "ended" => SessionState::Ended,
        "lost" => SessionState::Lost,
        _ => SessionState::Idle,
    }
}

/// Returns how a call ended, by the name the store gave it.
fn status(name: &str) -> SpanStatus {
    match name {
        "open" => SpanStatus::Open,
        "failed" => SpanStatus::Failed,
        "denied" => SpanStatus::Denied,
        "interrupted" => SpanStatus::Interrupted,
        "lost" => SpanStatus::Lost,
        _ => SpanStatus::Ok,
    }
}

/// Reads a bin of a histogram and its count; what is no bin counts nothing.
pub(super) fn bin(row: &Row<'_>, at: usize) -> rusqlite::Result<(usize, u64)> {
    let (bin, count): (i64, i64) = (row.get(at)?, row.get(at + 1)?);
    Ok((usize::try_from(bin).unwrap_or(usize::MAX), u64::try_from(count).unwrap_or(0)))
}

/// Reads a session.
pub(super) fn session(row: &Row<'_>) -> rusqlite::Result<SessionRow> {
    Ok(SessionRow {
        session_id: row.get("session_id")?,
        label: row.get("label")?,
        pinned: row.get("pinned")?,
        title: row.get("title")?,
        project: row.get("project")?,
        project_dir: row.get("project_dir")?,
        state: state(row.get_ref("state")?.as_str()?),
        state_since_at: row.get("state_since_at")?,
        waiting_for: row.get("waiting_for")?,
        model: row.get("model")?,
        permission_mode: row.get("permission_mode")?,
        entrypoint: row.get("entrypoint")?,
        parent_task: row.get("parent_task")?,
        started_at: row.get("started_at")?,
        last_event_at: row.get("last_event_at")?,
        ended_at: row.get("ended_at")?,
        end_reason: row.get("end_reason")?,
        prompts: row.get("prompts")?,
        tool_calls: row.get("tool_calls")?,
        tool_failures: row.get("tool_failures")?,
        agents: row.get("agents")?,
        compactions: row.get("compactions")?,
        events: row.get("events")?,
    })
}

/// Reads a run of a subagent.
pub(super) fn agent(row: &Row<'_>) -> rusqlite::Result<AgentRun> {
    Ok(AgentRun {
        agent_id: row.get("agent_id")?,
        agent_type: row.get("agent_type")?,
        description: row.get("description")?,
        mode: row.get("mode")?,
        status: row.get("status")?,
        parent_agent_id: row.get("parent_agent_id")?,
        tool_use_id: row.get("tool_use_id")?,
        requested_model: row.get("requested_model")?,
        resolved_model: row.get("resolved_model")?,
        started_at: row.get("started_at")?,
        ended_at: row.get("ended_at")?,
        tool_calls: row.get("tool_calls")?,
        tool_failures: row.get("tool_failures")?,
    })
}

/// Reads a tool call.
pub(super) fn span(row: &Row<'_>) -> rusqlite::Result<crate::view::Span> {
    Ok(crate::view::Span {
        tool_use_id: row.get(0)?,
        tool_name: row.get(1)?,
        agent_id: row.get(2)?,
        prompt_id: row.get(3)?,
        summary: row.get(4)?,
        started_at: row.get(5)?,
        ended_at: row.get(6)?,
        duration_ms: row.get(7)?,
        permission_asked_at: row.get(8)?,
        status: status(row.get_ref(9)?.as_str()?),
        start_event_id: row.get(10)?,
        end_event_id: row.get(11)?,
    })
}

/// Reads an event.
pub(super) fn event(row: &Row<'_>) -> rusqlite::Result<EventRow> {
    Ok(EventRow {
        seq: row.get("seq")?,
        event_id: row.get("event_id")?,
        occurred_at: row.get("occurred_at")?,
        hook_event_name: row.get("hook_event_name")?,
        session_id: row.get("session_id")?,
        session_name: row.get("session_name")?,
        project: row.get("project")?,
        tool_name: row.get("tool_name")?,
        tool_use_id: row.get("tool_use_id")?,
        agent_id: row.get("agent_id")?,
        agent_type: row.get("agent_type")?,
        prompt_id: row.get("prompt_id")?,
        duration_ms: row.get("duration_ms")?,
        failed: row.get("failed")?,
        summary: row.get("summary")?,
        flags: flags(row.get("flags")?),
        body_bytes: row.get("body_bytes")?,
    })
}

/// Returns the names of the bits of `shared::payload::Flags`.
fn flags(bits: i64) -> Vec<&'static str> {
    const NAMES: [(i64, &str); 5] =
        [(1, "truncated"), (2, "lossy"), (4, "redacted"), (8, "irregular"), (16, "spooled")];
    NAMES.iter().filter(|(bit, _)| bits & bit != 0).map(|&(_, name)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_named() {
        assert_eq!(flags(0), [""; 0]);
        assert_eq!(flags(1 | 4 | 16), ["truncated", "redacted", "spooled"]);
    }
}
