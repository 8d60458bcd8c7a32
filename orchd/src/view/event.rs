//! One hook event, in a list and whole.

use serde::Serialize;
use shared::event::Micros;
use utoipa::ToSchema;

/// One line of the activity stream.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EventRow {
    /// Order of storing; also the id on the SSE stream.
    pub seq: i64,
    /// UUID v7 made by the hook.
    pub event_id: String,
    /// When the hook started, by its clock.
    pub occurred_at: Micros,
    /// Claude Code's name of the event.
    pub hook_event_name: String,
    /// Claude Code's session.
    pub session_id: String,
    /// Label, title or start of the session's first prompt, for people.
    pub session_name: Option<String>,
    /// Last part of the project directory.
    pub project: String,
    /// Tool, where the event has one.
    pub tool_name: Option<String>,
    /// Joins Pre and Post events.
    pub tool_use_id: Option<String>,
    /// Set on events of a subagent.
    pub agent_id: Option<String>,
    /// The subagent's type.
    pub agent_type: Option<String>,
    /// The prompt this belongs to.
    pub prompt_id: Option<String>,
    /// The client's measure of the tool, milliseconds.
    pub duration_ms: Option<i64>,
    /// The event reports a failure.
    pub failed: bool,
    /// One line for people: command, file, prompt start.
    pub summary: Option<String>,
    /// `truncated`, `lossy`, `redacted`, `irregular`, `spooled`.
    pub flags: Vec<&'static str>,
    /// Size of the payload as the client sent it.
    pub body_bytes: i64,
}

/// A page of events, newest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EventList {
    /// [`super::SCHEMA`].
    pub schema: u32,
    /// Newest first; at most `limit`.
    pub items: Vec<EventRow>,
    /// Pass as `before` for the next page; null at the end.
    pub next_before: Option<i64>,
    /// Set when a search stopped early: everything newer than this was looked at. `next_before` goes on from there.
    pub searched_to_at: Option<Micros>,
}

/// One event with its payload.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EventDetail {
    /// [`super::SCHEMA`].
    pub schema: u32,
    /// The line of the list.
    pub event: EventRow,
    /// When the daemon got it.
    pub received_at: Micros,
    /// Null for projects recorded as metadata only.
    pub body: Option<EventBody>,
}

/// The redacted payload.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(tag = "form", content = "value", rename_all = "snake_case")]
pub enum EventBody {
    /// The payload was whole and valid.
    Json(serde_json::Value),
    /// The payload was cut or is not valid JSON: its text.
    Text(String),
}
