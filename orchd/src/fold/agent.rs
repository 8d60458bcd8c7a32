//! One run of a subagent: what its events said, and what follows from it.

use shared::event::Micros;

use super::register::{Earliest, Latest, lower, raise};
use super::{AgentEnd, Decoded, Fact};

/// Who waits for an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AgentMode {
    /// Its caller does.
    Foreground,
    /// Nobody does.
    Background,
    /// The Agent call that started it is not known.
    #[default]
    Unknown,
}

impl AgentMode {
    /// Returns the word in `subagent_invocations.mode`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Foreground => "foreground",
            Self::Background => "background",
            Self::Unknown => "unknown",
        }
    }

    /// Returns the mode of a word in `subagent_invocations.mode`.
    #[must_use]
    pub fn parse(word: &str) -> Self {
        let all = [Self::Foreground, Self::Background];
        all.into_iter().find(|mode| mode.as_str() == word).unwrap_or_default()
    }
}

/// How an agent run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AgentStatus {
    /// It works.
    #[default]
    Running,
    /// It came to its end.
    Completed,
    /// The client reported a failure.
    Failed,
    /// The user or a signal cut it.
    Interrupted,
    /// The client was gone.
    Lost,
}

impl AgentStatus {
    /// Returns the word in `subagent_invocations.status`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Interrupted => "interrupted",
            Self::Lost => "lost",
        }
    }

    /// Returns the status of a word in `subagent_invocations.status`; an unknown one is running.
    #[must_use]
    pub fn parse(word: &str) -> Self {
        let all = [Self::Completed, Self::Failed, Self::Interrupted, Self::Lost];
        all.into_iter().find(|status| status.as_str() == word).unwrap_or_default()
    }
}

/// What the Agent call that started an agent says about it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claim {
    /// The call.
    pub tool_use_id: String,
    /// The client named the pair; else it was matched by type and time.
    pub certain: bool,
    /// The agent that made the call.
    pub parent: Option<String>,
    /// Who waits for it.
    pub mode: AgentMode,
    /// A few words by the caller.
    pub description: Option<String>,
    /// As asked for.
    pub requested_model: Option<String>,
    /// As the client resolved it.
    pub resolved_model: Option<String>,
    /// How the call ended, when it waited for the agent.
    pub end: Option<(Micros, AgentEnd)>,
}

/// One run of a subagent.
#[derive(Debug, Clone, Default)]
pub struct Agent {
    /// Claude Code's id.
    pub agent_id: String,
    /// Its type; empty until an event names it.
    pub agent_type: String,
    /// The prompt it belongs to.
    pub prompt_id: Earliest<String>,
    /// Tool calls.
    pub tool_calls: i64,
    /// Of these, failed.
    pub tool_failures: i64,
    /// The call that started it, as matched now.
    pub claim: Option<Claim>,
    /// The call that a task notification names.
    pub(super) notified_call: Option<String>,
    pub(super) notified: Latest<AgentEnd>,
    /// First sign of it.
    pub(super) seen_at: Option<Micros>,
    /// Last SubagentStart or PreToolUse.
    pub(super) active_at: Option<Micros>,
    /// Last SubagentStop.
    pub(super) stopped_at: Option<Micros>,
    pub(super) closed: Option<(Micros, AgentStatus)>,
    pub(super) changed: bool,
}

impl Agent {
    pub(super) fn new(agent_id: &str) -> Self {
        Self { agent_id: agent_id.to_owned(), changed: true, ..Self::default() }
    }

    /// Returns an agent as the database knows it; `plain` carries the columns that need no thought.
    #[must_use]
    pub fn known(plain: Self, started_at: Micros, ended_at: Option<Micros>, status: AgentStatus) -> Self {
        let mut agent = plain;
        agent.seen_at = Some(started_at);
        agent.active_at = Some(started_at);
        agent.closed = ended_at.filter(|_| status != AgentStatus::Running).map(|at| (at, status));
        match (agent.closed, status) {
            (Some((at, _)), AgentStatus::Completed) => agent.stopped_at = Some(at),
            (Some((at, _)), AgentStatus::Failed) => agent.notified.set(at, AgentEnd::Failed),
            (Some((at, _)), AgentStatus::Interrupted) => agent.notified.set(at, AgentEnd::Interrupted),
            _ => {}
        }
        agent
    }

    /// Merges one event that carries this agent's id.
    pub(super) fn merge(&mut self, event: &Decoded) {
        let at = event.occurred_at;
        let before = (self.seen_at, self.active_at, self.stopped_at);
        lower(&mut self.seen_at, at);
        match event.fact {
            Fact::AgentStart | Fact::ToolStart { .. } => raise(&mut self.active_at, at),
            Fact::AgentStop => raise(&mut self.stopped_at, at),
            _ => {}
        }
        let mut changed = before != (self.seen_at, self.active_at, self.stopped_at);
        if let (true, Some(agent_type)) = (self.agent_type.is_empty(), &event.agent_type) {
            self.agent_type.clone_from(agent_type);
            changed = true;
        }
        if let Some(prompt_id) = &event.prompt_id {
            changed |= self.prompt_id.set_text(at, prompt_id);
        }
        self.changed |= changed;
    }

    /// First sign of it.
    #[must_use]
    pub fn started_at(&self) -> Micros {
        self.seen_at.unwrap_or(0)
    }

    /// Its end.
    #[must_use]
    pub fn ended_at(&self) -> Option<Micros> {
        self.closed.map(|(at, _)| at)
    }

    /// How it stands.
    #[must_use]
    pub fn status(&self) -> AgentStatus {
        self.closed.map_or(AgentStatus::Running, |(_, status)| status)
    }

    /// Who waits for it.
    #[must_use]
    pub fn mode(&self) -> AgentMode {
        self.claim.as_ref().map_or(AgentMode::Unknown, |claim| claim.mode)
    }

    pub(super) fn is_running(&self) -> bool {
        self.closed.is_none()
    }
}
