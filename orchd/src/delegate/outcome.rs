//! What became of one delegation: all that a record of it needs.

use std::time::Duration;

use shared::decision::Decision;
use shared::event::{DelegationId, Micros};

use crate::command::Failure;
use crate::local_model::State;
use crate::local_model::chat::{ChatError, ChatRequest, Reply};

/// One task that was handed to the local model.
#[derive(Debug)]
pub(crate) struct Delegation {
    pub(crate) id: DelegationId,
    pub(crate) started_at: Micros,
    pub(crate) ended_at: Micros,
    /// The server's address, without its token; empty where no server is in the settings.
    pub(crate) endpoint: String,
    /// How the local model was when it was decided; None where nobody looked.
    pub(crate) state: Option<State>,
    /// What the router said of it.
    pub(crate) decision: Box<Decision>,
    pub(crate) request: ChatRequest,
    /// What the model takes as it is loaded.
    pub(crate) context_tokens: Option<u64>,
    /// How often the server was asked.
    pub(crate) tries: u32,
    /// Time that the local model had it, whatever became of it: without finding the place, pauses, and what reached no model. Overhead,
    /// when another did the work.
    pub(crate) local_time: Duration,
    pub(crate) local: Local,
    /// What the fallback made of it; None when it was not called.
    pub(crate) claude: Option<Claude>,
}

/// What the local model made of it.
#[derive(Debug)]
pub(crate) enum Local {
    Answered(Box<Reply>),
    Failed(ChatError),
    /// The user ended it, by the signal of this exit code.
    Cancelled(u8),
    /// The answer could not be written; the reader went away as a rule.
    Unwritten(Failure),
}

/// What `claude -p` made of it.
#[derive(Debug)]
pub(crate) enum Claude {
    /// Its answer, where we read it and not the user's terminal.
    Answered(Option<String>),
    Cancelled(u8),
    Failed(Failure),
}
