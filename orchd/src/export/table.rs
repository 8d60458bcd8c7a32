//! Which tables can be exported, and their columns: one list for every format.

/// A table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Table {
    /// The ledger, one row per request to the API.
    Requests,
    /// Sessions with what they used and cost.
    Sessions,
    /// What the hook saw.
    Events,
    /// What was used and spent, by day.
    Costs,
}

impl Table {
    /// Every one by its name.
    pub const NAMES: [(&'static str, Self); 4] =
        [("requests", Self::Requests), ("sessions", Self::Sessions), ("events", Self::Events), ("costs", Self::Costs)];

    /// Returns the name.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES[self as usize].0
    }

    pub(super) fn columns(self, bodies: bool) -> &'static [Column] {
        match self {
            Self::Requests => &REQUESTS,
            Self::Sessions => &SESSIONS,
            Self::Events if bodies => &EVENTS,
            Self::Events => &EVENTS[..EVENTS.len() - 1],
            Self::Costs => &COSTS,
        }
    }
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// A whole number.
    Whole,
    /// Microseconds since the epoch, UTC.
    Time,
    /// Money: nano-dollars, written as US dollars.
    Dollars,
    /// Yes or no.
    Flag,
    /// Bits of [`crate::ledger::flags`], written as their names.
    Marks,
    /// A value in JSON, on one line.
    Json,
}

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its name in every format.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Every row has a value.
    pub required: bool,
}

const fn always(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, required: true }
}

const fn maybe(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, required: false }
}

/// The fields of [`crate::view::RequestRow`], in its order and in that of `requests.sql`.
const REQUESTS: [Column; 20] = [
    always("request_seq", Kind::Whole),
    always("requested_at", Kind::Time),
    maybe("message_id", Kind::Text),
    maybe("request_id", Kind::Text),
    always("session_id", Kind::Text),
    maybe("agent_id", Kind::Text),
    maybe("agent_type", Kind::Text),
    maybe("prompt_id", Kind::Text),
    always("project_dir", Kind::Text),
    always("model", Kind::Text),
    always("input_tokens", Kind::Whole),
    always("output_tokens", Kind::Whole),
    always("cache_creation_input_tokens", Kind::Whole),
    always("cache_creation_1h_input_tokens", Kind::Whole),
    always("cache_read_input_tokens", Kind::Whole),
    always("web_searches", Kind::Whole),
    always("marks", Kind::Marks),
    always("source", Kind::Text),
    maybe("price", Kind::Text),
    maybe("cost_usd", Kind::Dollars),
];

/// In the order of `export_sessions.sql`.
const SESSIONS: [Column; 24] = [
    always("session_id", Kind::Text),
    always("project_dir", Kind::Text),
    maybe("label", Kind::Text),
    maybe("title", Kind::Text),
    maybe("model", Kind::Text),
    maybe("entrypoint", Kind::Text),
    maybe("state", Kind::Text),
    always("started_at", Kind::Time),
    always("last_event_at", Kind::Time),
    maybe("ended_at", Kind::Time),
    maybe("end_reason", Kind::Text),
    maybe("prompts", Kind::Whole),
    maybe("tool_calls", Kind::Whole),
    maybe("tool_failures", Kind::Whole),
    maybe("agents", Kind::Whole),
    maybe("compactions", Kind::Whole),
    maybe("events", Kind::Whole),
    always("requests", Kind::Whole),
    always("input_tokens", Kind::Whole),
    always("output_tokens", Kind::Whole),
    always("cache_creation_input_tokens", Kind::Whole),
    always("cache_read_input_tokens", Kind::Whole),
    maybe("cost_usd", Kind::Dollars),
    always("unknown_cost_requests", Kind::Whole),
];

/// In the order of `export_events.sql`.
const EVENTS: [Column; 17] = [
    always("seq", Kind::Whole),
    always("event_id", Kind::Text),
    always("hook_event_name", Kind::Text),
    always("session_id", Kind::Text),
    always("project_dir", Kind::Text),
    maybe("prompt_id", Kind::Text),
    maybe("tool_use_id", Kind::Text),
    maybe("tool_name", Kind::Text),
    maybe("agent_id", Kind::Text),
    maybe("agent_type", Kind::Text),
    always("occurred_at", Kind::Time),
    always("received_at", Kind::Time),
    maybe("duration_ms", Kind::Whole),
    always("failed", Kind::Flag),
    maybe("summary", Kind::Text),
    always("body_bytes", Kind::Whole),
    maybe("body", Kind::Json),
];

/// The fields of [`crate::view::CostRow`], whose key is a day.
const COSTS: [Column; 8] = [
    always("day", Kind::Text),
    always("requests", Kind::Whole),
    always("input_tokens", Kind::Whole),
    always("output_tokens", Kind::Whole),
    always("cache_creation_input_tokens", Kind::Whole),
    always("cache_read_input_tokens", Kind::Whole),
    maybe("cost_usd", Kind::Dollars),
    always("unknown_cost_requests", Kind::Whole),
];
