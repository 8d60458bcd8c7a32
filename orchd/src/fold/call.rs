//! One tool call: what its events said, and what follows from it.

use std::hash::{DefaultHasher, Hasher};

use shared::event::Micros;

use super::register::{lower, raise};
use super::{AgentCall, AgentResult, CallEnd, Decoded, Fact};

/// How a tool call stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CallStatus {
    /// Still running.
    #[default]
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

impl CallStatus {
    /// Returns the word in `tool_calls.status`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Ok => "ok",
            Self::Failed => "failed",
            Self::Denied => "denied",
            Self::Interrupted => "interrupted",
            Self::Lost => "lost",
        }
    }

    /// Returns the status of a word in `tool_calls.status`; an unknown one is open.
    #[must_use]
    pub fn parse(word: &str) -> Self {
        let all = [Self::Ok, Self::Failed, Self::Denied, Self::Interrupted, Self::Lost];
        all.into_iter().find(|status| status.as_str() == word).unwrap_or(Self::Open)
    }
}

fn hash_of(id: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(id.as_bytes());
    hasher.finish()
}

/// One tool call of a session.
#[derive(Debug, Clone, Default)]
pub struct Call {
    /// `tool_calls.call_id`: the seq of the first event of it that came.
    pub call_id: i64,
    /// Joins its events.
    pub tool_use_id: String,
    /// The tool.
    pub tool_name: String,
    /// The subagent that called it; None for the main thread.
    pub lane: Option<String>,
    /// The prompt it belongs to.
    pub prompt_id: Option<String>,
    /// One line for people, of PreToolUse if that came.
    pub summary: Option<String>,
    /// The client's measure, milliseconds.
    pub duration_ms: Option<i64>,
    /// `events.seq` of PreToolUse.
    pub start_seq: Option<i64>,
    /// `events.seq` of the Post event.
    pub end_seq: Option<i64>,
    /// Of `tool_use_id`: the calls of a session are searched at each event, and texts lie all over the memory.
    id_hash: u64,
    /// PreToolUse.
    pub(super) pre_at: Option<Micros>,
    /// The Post event.
    pub(super) post: Option<(Micros, CallEnd)>,
    /// PermissionDenied.
    pub(super) denied_at: Option<Micros>,
    /// PostToolBatch that lists it.
    pub(super) batch_at: Option<Micros>,
    /// Of its input; matches PermissionRequest.
    pub(super) input_hash: u64,
    /// For the Agent tool.
    pub(super) agent: Option<Box<AgentCall>>,
    /// What the Agent tool answered.
    pub(super) result: Option<Box<AgentResult>>,
    /// So many others are open that this one is not waited for any more.
    pub(super) given_up: bool,
    /// A question that the database knew of.
    pub(super) known_asked_at: Option<Micros>,
    /// When the user was asked, as matched now.
    pub(super) asked_at: Option<Micros>,
    /// How it was closed by what the database does not keep: that holds until an event of its own says otherwise.
    pub(super) known_closed: Option<(Micros, CallStatus)>,
    /// How it stands, and since when if closed.
    pub(super) closed: Option<(Micros, CallStatus)>,
    /// Its row in the database differs.
    pub(super) changed: bool,
    /// When it started, as the database has it; None when it has no row yet.
    pub(super) written_start: Option<Micros>,
}

/// A row of `tool_calls`, to start from.
#[derive(Debug, Clone)]
pub struct KnownCall {
    /// The plain columns.
    pub call: Call,
    /// `started_at`.
    pub started_at: Micros,
    /// `permission_asked_at`.
    pub asked_at: Option<Micros>,
    /// `ended_at` and `status`.
    pub ended_at: Option<Micros>,
    /// `status`.
    pub status: CallStatus,
}

impl Call {
    /// Returns a call as the database knows it.
    #[must_use]
    pub fn known(known: KnownCall) -> Self {
        let KnownCall { mut call, started_at, asked_at, ended_at, status } = known;
        call.id_hash = hash_of(&call.tool_use_id);
        call.pre_at = call.start_seq.map(|_| started_at);
        call.known_asked_at = asked_at;
        call.asked_at = asked_at;
        let closed_at = ended_at.unwrap_or(started_at);
        let post = match status {
            CallStatus::Ok => Some(CallEnd::Ok),
            CallStatus::Failed => Some(CallEnd::Failed),
            CallStatus::Interrupted => Some(CallEnd::Interrupted),
            _ => None,
        };
        match (post, call.end_seq) {
            (Some(end), Some(_)) => call.post = Some((closed_at, end)),
            _ if status == CallStatus::Denied => call.batch_at = Some(closed_at),
            _ => {}
        }
        call.written_start = Some(started_at);
        call.closed = (status != CallStatus::Open).then_some((closed_at, status));
        call.known_closed = call.closed;
        call
    }

    pub(super) fn new(tool_use_id: &str, call_id: i64) -> Self {
        let id_hash = hash_of(tool_use_id);
        Self { call_id, tool_use_id: tool_use_id.to_owned(), id_hash, changed: true, ..Self::default() }
    }

    /// Returns the place of the newest call with this id.
    pub(super) fn find(calls: &[Self], tool_use_id: &str) -> Option<usize> {
        let hash = hash_of(tool_use_id);
        calls.iter().rposition(|call| call.id_hash == hash && call.tool_use_id == tool_use_id)
    }

    /// Merges one event of this call.
    pub(super) fn merge(&mut self, event: &Decoded, seq: i64) {
        self.changed = true;
        let at = event.occurred_at;
        let is_start = matches!(event.fact, Fact::ToolStart { .. });
        if let Some(tool) =
            event.tool_name.as_deref().filter(|tool| self.tool_name.is_empty() || is_start && self.tool_name != *tool)
        {
            tool.clone_into(&mut self.tool_name);
        }
        if self.lane.is_none() {
            self.lane.clone_from(&event.agent_id);
        }
        if self.prompt_id.is_none() || is_start {
            self.prompt_id.clone_from(&event.prompt_id);
        }
        match &event.fact {
            Fact::ToolStart { input_hash, agent } => {
                lower(&mut self.pre_at, at);
                self.start_seq = Some(seq);
                self.input_hash = *input_hash;
                self.summary.clone_from(&event.summary);
                self.agent.clone_from(agent);
            }
            Fact::ToolEnd { end, agent, result } => {
                self.post = self.post.max(Some((at, *end)));
                self.end_seq = self.end_seq.max(Some(seq));
                self.duration_ms = event.duration_ms.or(self.duration_ms);
                if self.agent.is_none() {
                    self.agent.clone_from(agent);
                }
                if result.is_some() {
                    self.result.clone_from(result);
                }
            }
            Fact::ToolDenied => raise(&mut self.denied_at, at),
            _ => {}
        }
    }

    /// When it started: PreToolUse, else reckoned back from its end.
    #[must_use]
    pub fn started_at(&self) -> Micros {
        let reckoned = || self.post.map(|(at, _)| at - self.duration_ms.unwrap_or(0).saturating_mul(1_000));
        self.pre_at.or_else(reckoned).or(self.denied_at).or(self.batch_at).unwrap_or(0)
    }

    /// When it started, as its row in the database says; None when it has no row yet.
    #[must_use]
    pub fn written_start(&self) -> Option<Micros> {
        self.written_start
    }

    /// When it ended.
    #[must_use]
    pub fn ended_at(&self) -> Option<Micros> {
        self.closed.map(|(at, _)| at)
    }

    /// When the user was asked.
    #[must_use]
    pub fn asked_at(&self) -> Option<Micros> {
        self.asked_at
    }

    /// How it stands.
    #[must_use]
    pub fn status(&self) -> CallStatus {
        self.closed.map_or(CallStatus::Open, |(_, status)| status)
    }

    /// Both of its events came: nothing can change it any more.
    pub(super) fn is_settled(&self) -> bool {
        self.pre_at.is_some() && self.post.is_some()
    }

    pub(super) fn is_open(&self) -> bool {
        self.closed.is_none()
    }
}
