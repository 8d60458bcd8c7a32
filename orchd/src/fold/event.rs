//! One event as the store writes it, and what the fold makes of it.

use std::borrow::Cow;

use shared::event::{DelegationId, EventId, Micros};
use shared::protocol::Decided;

use super::Body;

/// One event, decoded: the columns of its row and the fact it states.
#[derive(Debug, Clone)]
pub struct Decoded {
    /// Made by the hook.
    pub event_id: EventId,
    /// Claude Code's name of the event.
    pub hook_event_name: Cow<'static, str>,
    /// Claude Code's session.
    pub session_id: String,
    /// `CLAUDE_PROJECT_DIR`, else the payload's `cwd`, else empty.
    pub project_dir: String,
    /// The prompt it belongs to.
    pub prompt_id: Option<String>,
    /// Joins Pre and Post events.
    pub tool_use_id: Option<String>,
    /// The tool.
    pub tool_name: Option<String>,
    /// Set on events of a subagent.
    pub agent_id: Option<String>,
    /// The subagent's type; None also for the empty one that `/compact` sends.
    pub agent_type: Option<String>,
    /// The hook's clock.
    pub occurred_at: Micros,
    /// The daemon's clock.
    pub received_at: Micros,
    /// The client's measure of the tool, milliseconds.
    pub duration_ms: Option<i64>,
    /// The event reports a failure; an interruption by the user is none.
    pub failed: bool,
    /// One line of at most 200 characters.
    pub summary: Option<String>,
    /// Bits of [`shared::payload::Flags`].
    pub flags: u32,
    /// Size of the payload as the client sent it.
    pub body_bytes: i64,
    /// The payload, unless bodies are not kept.
    pub body: Option<Body>,
    /// `CLAUDE_PID`.
    pub client_pid: Option<u32>,
    /// `CLAUDE_CODE_ENTRYPOINT`.
    pub entrypoint: Option<String>,
    /// The delegation that the session does on behalf of.
    pub parent_task: Option<DelegationId>,
    /// `default`, `plan` and others.
    pub permission_mode: Option<String>,
    /// The session's transcript file.
    pub transcript_path: Option<String>,
    /// The client's title of the session.
    pub session_title: Option<String>,
    /// What the event states.
    pub fact: Fact,
    /// What the hook decided about the task that the event begins.
    pub decided: Option<Box<Decided>>,
    /// How that task begins, at most 500 characters.
    pub task_preview: Option<String>,
}

impl Decoded {
    /// Returns the task that the event begins: a prompt that was typed, or a subagent's call.
    #[must_use]
    pub fn begins_task(&self) -> Option<String> {
        match &self.fact {
            Fact::Prompt { .. } => Some(match &self.prompt_id {
                Some(id) => format!("prompt:{id}"),
                None => format!("prompt:{}", self.event_id),
            }),
            Fact::ToolStart { agent: Some(_), .. } => Some(format!("agent:{}", self.tool_use_id.as_deref()?)),
            _ => None,
        }
    }
}

/// What an event states about its session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// SessionStart.
    SessionStart {
        /// After a compaction: the conversation and its turn go on.
        compact: bool,
        /// Only interactive clients name it.
        model: Option<String>,
    },
    /// The user typed a prompt.
    Prompt {
        /// Its first 120 characters.
        start: Option<String>,
    },
    /// A background agent reported back: a turn begins, though nobody typed.
    TaskNotification {
        /// The agent, where the prompt names one.
        agent_id: Option<String>,
        /// The Agent call that started it.
        tool_use_id: Option<String>,
        /// How it ended.
        end: AgentEnd,
    },
    /// PreToolUse.
    ToolStart {
        /// Of the tool's input; matches PermissionRequest.
        input_hash: u64,
        /// For the Agent tool.
        agent: Option<Box<AgentCall>>,
    },
    /// PostToolUse or PostToolUseFailure.
    ToolEnd {
        /// How it ended.
        end: CallEnd,
        /// For the Agent tool.
        agent: Option<Box<AgentCall>>,
        /// What the Agent tool answered.
        result: Option<Box<AgentResult>>,
    },
    /// PermissionDenied.
    ToolDenied,
    /// PostToolBatch: these calls are settled.
    ToolBatch(Vec<String>),
    /// PermissionRequest; it names no call.
    Permission {
        /// Of the tool's input.
        input_hash: u64,
    },
    /// SubagentStart.
    AgentStart,
    /// SubagentStop.
    AgentStop,
    /// Stop or StopFailure.
    Stop,
    /// The client said it waits for a prompt.
    Idle,
    /// The client said that it waits for a permission.
    PermissionNote {
        /// Its words.
        message: Option<String>,
    },
    /// An MCP server asks the user.
    Elicitation {
        /// Its words.
        message: Option<String>,
    },
    /// The user answered an MCP server.
    ElicitationResult,
    /// PostCompact.
    Compacted {
        /// By `/compact`, which only an idle client takes.
        manual: bool,
    },
    /// The model was switched.
    Model(String),
    /// SessionEnd.
    SessionEnd {
        /// `clear`, `other` and others.
        reason: Option<String>,
    },
    /// Nothing that the fold models.
    Other,
}

impl Fact {
    /// Whether it is one of the moments of a tool call, each of which happens once.
    #[must_use]
    pub fn is_of_call(&self) -> bool {
        matches!(self, Self::ToolStart { .. } | Self::ToolEnd { .. } | Self::ToolDenied)
    }
}

/// The input of the Agent tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentCall {
    /// `general-purpose` when the caller named none.
    pub agent_type: String,
    /// A few words by the caller.
    pub description: Option<String>,
    /// As asked for.
    pub requested_model: Option<String>,
    /// `run_in_background`; the client's default is true.
    pub background: Option<bool>,
}

/// The answer of the Agent tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentResult {
    /// Names the agent that this call started.
    pub agent_id: Option<String>,
    /// As the client resolved it.
    pub resolved_model: Option<String>,
    /// Launched in the background: the agent goes on.
    pub launched: bool,
}

/// How a tool call ended, as its Post event says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CallEnd {
    /// PostToolUse.
    Ok,
    /// PostToolUseFailure.
    Failed,
    /// PostToolUseFailure with `is_interrupt`.
    Interrupted,
}

/// How a background agent ended, as its notification says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AgentEnd {
    /// `completed`.
    Completed,
    /// `failed` or `error`.
    Failed,
    /// `killed`, `stopped` or `cancelled`.
    Interrupted,
}
