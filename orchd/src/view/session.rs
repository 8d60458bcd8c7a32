//! Sessions: in a list, live on the overview, and whole with lanes and spans.

use serde::{Deserialize, Serialize};
use shared::event::Micros;
use utoipa::ToSchema;

/// What a session is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SessionState {
    /// A prompt was submitted, or a tool or foreground agent is open.
    Working,
    /// The user is asked for permission or input.
    Waiting,
    /// The turn is over; the client is there.
    Idle,
    /// The client said SessionEnd.
    Ended,
    /// The client is gone without SessionEnd, or silent for 24 hours.
    Lost,
}

/// One session.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SessionRow {
    /// Claude Code's id.
    pub session_id: String,
    /// The user's name for it.
    pub label: Option<String>,
    /// Kept on top.
    pub pinned: bool,
    /// The client's title, else the start of the first prompt.
    pub title: Option<String>,
    /// Last part of the project directory.
    pub project: String,
    /// The project directory.
    pub project_dir: String,
    /// What it is doing.
    pub state: SessionState,
    /// Since when.
    pub state_since_at: Micros,
    /// What is asked, when waiting.
    pub waiting_for: Option<String>,
    /// The last model the client named; null until it does.
    pub model: Option<String>,
    /// `default`, `plan`, `auto` and others.
    pub permission_mode: Option<String>,
    /// `cli`, `sdk-cli` and others.
    pub entrypoint: Option<String>,
    /// `delegation:<uuid>` where Claude Code does a delegation in the local model's place: the session is part of that task.
    pub parent_task: Option<String>,
    /// First event.
    pub started_at: Micros,
    /// Last event.
    pub last_event_at: Micros,
    /// SessionEnd.
    pub ended_at: Option<Micros>,
    /// SessionEnd's reason.
    pub end_reason: Option<String>,
    /// Prompts typed by the user.
    pub prompts: i64,
    /// Tool calls, all lanes.
    pub tool_calls: i64,
    /// Of these, failed.
    pub tool_failures: i64,
    /// Subagent runs.
    pub agents: i64,
    /// Compactions.
    pub compactions: i64,
    /// Events.
    pub events: i64,
}

/// A page of sessions.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SessionList {
    /// [`super::SCHEMA`].
    pub schema: u32,
    /// At most `limit`.
    pub items: Vec<SessionRow>,
    /// Pass as `cursor` for the next page; null at the end.
    pub next_cursor: Option<String>,
    /// Sessions that match, all pages.
    pub total: i64,
}

/// What `PATCH /api/v1/sessions/{id}` changes; absent fields stay.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SessionPatch {
    /// A new label of at most 120 characters; null or empty removes it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    pub label: Option<Option<String>>,
    /// Pin or unpin.
    #[serde(default)]
    pub pinned: Option<bool>,
}

#[expect(clippy::option_option, reason = "absent, null and a value are three different wishes")]
fn present<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Option<String>>, D::Error> {
    Option::<String>::deserialize(from).map(Some)
}

/// A tool call that runs now.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OpenCall {
    /// The tool.
    pub tool_name: String,
    /// One line for people.
    pub summary: Option<String>,
    /// Since when.
    pub started_at: Micros,
    /// The subagent that called it; null for the main thread.
    pub agent_id: Option<String>,
}

/// A session on the overview, with what runs in it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LiveSession {
    /// The session.
    #[serde(flatten)]
    pub session: SessionRow,
    /// Calls that run now, oldest first; at most 20.
    pub open_calls: Vec<OpenCall>,
    /// Agents that run now or ended since the last prompt, parents before children; at most 50.
    pub agent_runs: Vec<AgentRun>,
}

/// One run of a subagent. The tree is given by `parent_agent_id`.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AgentRun {
    /// Claude Code's id.
    pub agent_id: String,
    /// `Explore`, `general-purpose` or the user's own.
    pub agent_type: String,
    /// The Agent call's description.
    pub description: Option<String>,
    /// `foreground`, `background` or `unknown`.
    pub mode: String,
    /// `running`, `completed`, `failed`, `interrupted` or `lost`.
    pub status: String,
    /// The agent that started it; null for the main thread.
    pub parent_agent_id: Option<String>,
    /// The Agent call that started it.
    pub tool_use_id: Option<String>,
    /// As the caller asked.
    pub requested_model: Option<String>,
    /// As the client resolved it.
    pub resolved_model: Option<String>,
    /// Start.
    pub started_at: Micros,
    /// End; null while it runs.
    pub ended_at: Option<Micros>,
    /// Tool calls.
    pub tool_calls: i64,
    /// Of these, failed.
    pub tool_failures: i64,
}

/// How a tool call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SpanStatus {
    /// Still running.
    Open,
    /// PostToolUse came.
    Ok,
    /// PostToolUseFailure came.
    Failed,
    /// Refused by a permission, a rule or a hook.
    Denied,
    /// The user or a signal cut it.
    Interrupted,
    /// The client was gone.
    Lost,
}

/// One tool call on the timeline.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Span {
    /// Joins its events.
    pub tool_use_id: String,
    /// The tool.
    pub tool_name: String,
    /// The lane: a subagent, or null for the main thread.
    pub agent_id: Option<String>,
    /// The prompt it belongs to.
    pub prompt_id: Option<String>,
    /// One line for people.
    pub summary: Option<String>,
    /// PreToolUse.
    pub started_at: Micros,
    /// Post event or what closed it; null while open.
    pub ended_at: Option<Micros>,
    /// The client's measure.
    pub duration_ms: Option<i64>,
    /// When the user was asked; the wait lasts until the call went on.
    pub permission_asked_at: Option<Micros>,
    /// How it ended.
    pub status: SpanStatus,
    /// The PreToolUse event; its body is at `/api/v1/events/{id}`.
    pub start_event_id: Option<String>,
    /// The Post event.
    pub end_event_id: Option<String>,
}

/// What a mark on the timeline stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MarkKind {
    /// Typed by the user.
    Prompt,
    /// A background agent reported back.
    TaskNotification,
    /// The turn ended.
    Stop,
    /// The turn ended with an API error.
    StopFailure,
    /// SessionStart.
    SessionStart,
    /// SessionEnd.
    SessionEnd,
    /// The conversation was compacted.
    Compact,
    /// The model was switched.
    ModelSwitch,
    /// The client asked for attention.
    Notification,
}

/// A moment on the timeline.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Mark {
    /// What happened.
    pub kind: MarkKind,
    /// When.
    pub at: Micros,
    /// One line for people.
    pub text: Option<String>,
    /// The prompt it belongs to.
    pub prompt_id: Option<String>,
    /// Its event.
    pub event_id: String,
}

/// A whole session.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SessionDetail {
    /// [`super::SCHEMA`].
    pub schema: u32,
    /// When this answer was made.
    pub now_at: Micros,
    /// The session.
    pub session: SessionRow,
    /// US dollars that the client itself counted for the session, at its own prices, when it last ended: a check of the ledger, and of
    /// a fork with its parents' included. Null when it did not say.
    pub client_cost_usd: Option<f64>,
    /// Its subagents: one lane each, by start.
    pub agent_runs: Vec<AgentRun>,
    /// Tool calls by start; the newest 5,000.
    pub spans: Vec<Span>,
    /// Prompts, stops and other moments by time; the newest 2,000.
    pub marks: Vec<Mark>,
    /// Calls older than the ones in `spans`.
    pub spans_left_out: i64,
}
