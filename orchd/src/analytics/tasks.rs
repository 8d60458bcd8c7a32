//! Tasks of all kinds, a page at a time, and one by its id.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use rusqlite::{Connection, OptionalExtension, Row, params};
use shared::event::Micros;

use super::Scope;
use super::costs::{CostQuery, usd};
use super::delegations::Cursor;
use crate::task_outcome::RUNNING;
use crate::view::{SCHEMA, TaskList, TaskRow};

/// Every kind of task.
pub const KINDS: [&str; 3] = ["prompt", "agent", "delegation"];

/// Which tasks are meant; None for all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TaskQuery {
    /// First day.
    pub since: Option<Date>,
    /// Last day.
    pub until: Option<Date>,
    /// Project directory.
    pub project_dir: Option<String>,
    /// One of [`KINDS`].
    pub kind: Option<String>,
    /// Recommended: local or claude.
    pub route: Option<String>,
    /// Where it ran: local, claude or nobody.
    pub ran: Option<String>,
    /// success, failure or unknown.
    pub label: Option<String>,
    /// It ran elsewhere than was recommended.
    pub disagree: Option<bool>,
}

impl TaskQuery {
    fn range(&self, timezone: &TimeZone) -> (Micros, Micros) {
        CostQuery { since: self.since, until: self.until, ..CostQuery::default() }.range(timezone)
    }
}

/// Answers one page, the newest first.
pub fn tasks(
    conn: &Connection,
    query: &TaskQuery,
    (cursor, limit): (Option<Cursor>, usize),
    timezone: &TimeZone,
) -> rusqlite::Result<TaskList> {
    let (from_at, before_at) = query.range(timezone);
    let scope = Scope::of(conn, query.project_dir.as_deref())?;
    let start = cursor.unwrap_or(Cursor::NEWEST);
    // The index is entered at one bound alone: without this a page would walk through all pages before it.
    let before_at = before_at.min(start.decided_at.saturating_add(1));
    // One more than is shown: whether there is a next page has to be known.
    let most = i64::try_from(limit + 1).unwrap_or(i64::MAX);
    let TaskQuery { route, ran, label, disagree, .. } = query;
    let mut ask = conn.prepare_cached(include_str!("../../queries/tasks.sql"))?;
    let mut found: Vec<(Cursor, TaskRow)> = Vec::new();
    // Each kind lies in the index by time; the newest of all are among the newest of each.
    for kind in KINDS.into_iter().filter(|kind| query.kind.as_deref().is_none_or(|wanted| wanted == *kind)) {
        let values = params![
            kind,
            from_at,
            before_at,
            scope.0,
            route,
            ran,
            label,
            disagree,
            start.decided_at,
            start.handoff_seq,
            most
        ];
        for pair in ask.query_map(values, |row| Ok((place(row)?, task_row(row)?)))? {
            found.push(pair?);
        }
    }
    found.sort_by_key(|(place, _)| std::cmp::Reverse((place.decided_at, place.handoff_seq)));
    let more = found.len() > limit;
    found.truncate(limit);
    let next_cursor = found.last().filter(|_| more).map(|(place, _)| place.to_string());
    Ok(TaskList { schema: SCHEMA, rows: found.into_iter().map(|(_, row)| row).collect(), next_cursor })
}

/// Answers what is known of one task.
pub fn task(conn: &Connection, task_id: &str) -> rusqlite::Result<Option<TaskRow>> {
    let mut ask = conn.prepare_cached(include_str!("../../queries/task.sql"))?;
    ask.query_row([task_id], task_row).optional()
}

fn place(row: &Row<'_>) -> rusqlite::Result<Cursor> {
    Ok(Cursor { decided_at: row.get("decided_at")?, handoff_seq: row.get("handoff_seq")? })
}

fn task_row(row: &Row<'_>) -> rusqlite::Result<TaskRow> {
    let money = |name: &str| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(name)?.map(usd));
    let json = |name: &str| row.get::<_, Option<String>>(name).map(Option::unwrap_or_default);
    let outcome: Option<String> = row.get("outcome")?;
    let is_over = outcome.as_deref().is_some_and(|outcome| outcome != RUNNING);
    Ok(TaskRow {
        task_id: row.get("task_id")?,
        kind: row.get("kind")?,
        parent_task: row.get("parent_task")?,
        session_id: row.get("session_id")?,
        prompt_id: row.get("prompt_id")?,
        agent_id: row.get("agent_id")?,
        tool_use_id: row.get("tool_use_id")?,
        project_dir: Some(row.get("dir")?).filter(|dir: &String| !dir.is_empty()),
        decided_at: row.get("decided_at")?,
        policy: row.get("policy")?,
        recommended_route: row.get("recommended_route")?,
        confidence: row.get("confidence")?,
        as_good: row.get("as_good")?,
        is_calibrated: row.get("is_calibrated")?,
        router_version: row.get("router_version")?,
        reasons: serde_json::from_str(&json("reasons")?).unwrap_or_default(),
        change_size: row.get("change_size")?,
        task_type: row.get("task_type")?,
        task_type_confidence: row.get("task_type_confidence")?,
        suggested_agent: row.get("suggested_agent")?,
        suggested_agent_confidence: row.get("suggested_agent_confidence")?,
        used_agent: row.get("used_agent")?,
        estimated_tokens: row.get("estimated_tokens")?,
        expected_saving_usd: money("expected_saving_nano_usd")?,
        expected_loss_usd: money("expected_loss_nano_usd")?,
        advised: row.get("advised")?,
        downshifted_to: row.get("downshifted_to")?,
        local_model_state: row.get("local_model_state")?,
        local_model: row.get("local_model")?,
        settled_at: row.get("settled_at")?,
        ran: row.get("ran")?,
        model: row.get("model")?,
        requests: row.get("requests")?,
        input_tokens: row.get("input_tokens")?,
        output_tokens: row.get("output_tokens")?,
        cache_read_input_tokens: row.get("cache_read_input_tokens")?,
        cache_creation_input_tokens: row.get("cache_creation_input_tokens")?,
        cost_usd: money("cost_nano_usd")?,
        unknown_cost_requests: row.get("unknown_cost_requests")?,
        saving_usd: money("saving_nano_usd")?,
        displaced_model: row.get("displaced_model")?,
        outcome,
        reason: row.get("reason")?,
        label: row.get::<_, Option<String>>("label")?.unwrap_or_else(|| "unknown".to_owned()),
        evidence: serde_json::from_str(&json("evidence")?).unwrap_or_default(),
        quality_score: row.get("quality_score")?,
        quality_parts: serde_json::from_str(&json("quality_parts")?).unwrap_or_default(),
        feedback: row.get("feedback")?,
        judged_as_good: row.get("judged_as_good")?,
        judged_by: row.get("judged_by")?,
        ended_at: row.get::<_, Option<Micros>>("ended_at")?.filter(|_| is_over),
        duration_ms: row.get::<_, Option<i64>>("duration_ms")?.filter(|_| is_over),
        task_preview: row.get("task_preview")?,
    })
}
