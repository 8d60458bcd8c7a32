//! What became of one delegation: all that a record of it needs, and its JSON.

use std::time::Duration;

use serde_json::{Value, json};
use shared::event::{DelegationId, Micros};

use super::Failure;
use crate::local_model::State;
use crate::local_model::chat::{ChatError, ChatRequest, Reply};

/// Number in `schema` of the JSON.
const SCHEMA: u32 = 1;

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
    pub(crate) request: ChatRequest,
    /// What the model takes as it is loaded.
    pub(crate) context_tokens: Option<u64>,
    /// How often the server was asked.
    pub(crate) tries: u32,
    /// Time that went into the local model, whatever became of it. Overhead, when another did the work.
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

/// Where a task ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ran {
    Local,
    Claude,
    /// Nobody finished it.
    Nowhere,
}

impl Ran {
    /// Returns the word of the JSON, which is that of routes.
    pub(crate) fn as_str(self) -> Option<&'static str> {
        match self {
            Self::Local => Some("local"),
            Self::Claude => Some("claude"),
            Self::Nowhere => None,
        }
    }
}

impl Delegation {
    pub(crate) fn ran(&self) -> Ran {
        match (&self.local, &self.claude) {
            (Local::Answered(_), _) => Ran::Local,
            (_, Some(Claude::Answered(_))) => Ran::Claude,
            _ => Ran::Nowhere,
        }
    }

    /// Returns the object of `--json`.
    pub(crate) fn as_json(&self) -> Value {
        let mut json = json!({
            "schema": SCHEMA,
            "task_id": self.id.to_string(),
            "ran": self.ran().as_str(),
            "endpoint": Some(&self.endpoint).filter(|url| !url.is_empty()),
            "tries": self.tries,
            "started_at": self.started_at,
            "local_ms": milliseconds(self.local_time),
            "estimated_input_tokens": self.request.estimated_tokens(),
            "context_tokens": self.context_tokens,
            "answer": null, "reasoning": null, "reasoning_shape": null, "model": null, "finish_reason": null,
            "tokens": null, "timings": null, "fallback": null,
        });
        match (&self.local, &self.claude) {
            (Local::Answered(reply), _) => {
                json["answer"] = json!(reply.answer);
                json["reasoning"] = json!(Some(&reply.reasoning).filter(|text| !text.is_empty()));
                json["reasoning_shape"] = json!(reply.reasoning_shape);
                json["model"] = json!(reply.model);
                json["finish_reason"] = json!(reply.finish_reason);
                json["tokens"] = json!(reply.tokens);
                json["timings"] = json!(reply.timings);
            }
            (Local::Failed(error), Some(Claude::Answered(answer))) => {
                json["answer"] = json!(answer);
                json["fallback"] = json!({"to": "claude", "reason": error.reason(), "message": error.to_string()});
            }
            _ => {}
        }
        json
    }
}

fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}
