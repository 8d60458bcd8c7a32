//! What is known of a session that tasks belong to: its rows, as the settling reads them.

use shared::event::Micros;

use super::settle::Settlement;
use super::{Answer, Verdict};
use crate::fold::AgentStatus;
pub use crate::fold::CallStatus;
use crate::pricing::Usage;

/// What the tables tell of one session.
#[derive(Debug, Clone, Default)]
pub struct SessionFacts {
    /// What begins and ends turns, by time.
    pub turns: Vec<Turn>,
    /// When the session was last found at rest other than by an event of `turns`: the client idle, gone, or started anew.
    pub rest_at: Option<Micros>,
    /// The client was found gone.
    pub lost_at: Option<Micros>,
    /// Tool calls of all lanes, by start.
    pub calls: Vec<Call>,
    /// Runs of subagents, by start.
    pub agents: Vec<Agent>,
    /// Rows of the ledger, by time; those of the local model are left out.
    pub requests: Vec<Request>,
    /// The tasks to settle.
    pub tasks: Vec<Task>,
}

impl SessionFacts {
    /// Whether settling asks for prices: some call was given a cheaper model.
    #[must_use]
    pub fn needs_prices(&self) -> bool {
        self.tasks.iter().any(|task| task.downshifted_to.is_some())
    }
}

/// What kind of task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// What the user typed.
    Prompt,
    /// A subagent's call.
    Agent,
    /// Handed to the local model.
    Delegation,
}

impl Kind {
    /// Returns the kind of a word in `handoff_events.kind`.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [("prompt", Self::Prompt), ("agent", Self::Agent), ("delegation", Self::Delegation)]
            .into_iter()
            .find_map(|(name, kind)| (name == word).then_some(kind))
    }
}

/// A task and what is written of it so far.
#[derive(Debug, Clone)]
pub struct Task {
    /// What kind.
    pub kind: Kind,
    /// `handoff_events.decided_at`.
    pub decided_at: Micros,
    /// The call of a subagent's task.
    pub tool_use_id: Option<String>,
    /// The cheaper model that a subagent's call was given.
    pub downshifted_to: Option<String>,
    /// The user's word.
    pub feedback: Option<Verdict>,
    /// Of a delegation, how it ended.
    pub delegated: Option<Delegated>,
    /// What is written of it.
    pub written: Settlement,
}

/// How a delegation ended: that was recorded with it and stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delegated {
    /// completed, fell_back, failed, cancelled.
    pub outcome: String,
    /// Why.
    pub reason: Option<String>,
    /// When.
    pub ended_at: Micros,
    /// How long it took, milliseconds.
    pub duration_ms: i64,
    /// It ran on the local model.
    pub ran_local: bool,
}

/// What an event says about turns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TurnKind {
    /// The user typed.
    Prompt,
    /// A background agent reported back: a turn begins that nobody typed.
    Notification,
    /// Stop.
    Stop,
    /// StopFailure.
    Failure,
    /// SessionEnd.
    End,
}

/// One event that begins or ends a turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// When.
    pub at: Micros,
    /// What.
    pub kind: TurnKind,
    /// The task that a prompt is.
    pub task_id: Option<String>,
    /// The client's id of the prompt.
    pub prompt_id: Option<String>,
    /// What a prompt says of the task before; None where its words were not kept or say nothing.
    pub answer: Option<Answer>,
}

/// One tool call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Its id.
    pub tool_use_id: String,
    /// The tool.
    pub tool_name: String,
    /// The subagent that called; None for the main thread.
    pub agent_id: Option<String>,
    /// Its start.
    pub started_at: Micros,
    /// Its end.
    pub ended_at: Option<Micros>,
    /// How it stands.
    pub status: CallStatus,
    /// Of the Bash tool: the command's first line, at most 200 characters; of one that checks the whole command where its payload is
    /// kept. None where words were not kept, or where what decides about a check may have been cut off.
    pub command: Option<String>,
    /// How a failure begins, in the tool's words.
    pub error: Option<String>,
    /// It was started in the background: that the call ended says nothing of how the command did.
    pub background: bool,
}

/// One run of a subagent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    /// Its id.
    pub agent_id: String,
    /// The call that started it.
    pub tool_use_id: Option<String>,
    /// The client named that call; else it was matched.
    pub certain: bool,
    /// The subagent that called it.
    pub parent_agent_id: Option<String>,
    /// As the client resolved it.
    pub resolved_model: Option<String>,
    /// First sign of it.
    pub started_at: Micros,
    /// Its end.
    pub ended_at: Option<Micros>,
    /// How it stands.
    pub status: AgentStatus,
}

/// One row of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The subagent; None for the main thread.
    pub agent_id: Option<String>,
    /// The prompt, where the source names it.
    pub prompt_id: Option<String>,
    /// When the answer was written down.
    pub requested_at: Micros,
    /// The model.
    pub model: String,
    /// What was used.
    pub usage: Usage,
    /// What it cost; None where no price is known.
    pub cost_nano_usd: Option<i64>,
}
