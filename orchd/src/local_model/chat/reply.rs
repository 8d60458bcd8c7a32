//! One whole reply: the answer, the reasoning apart, and what was counted and measured on the way.

use serde::Serialize;

/// The `finish_reason` of an answer that ends at its limit of tokens.
pub const LENGTH: &str = "length";

/// How a server gave its reasoning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ReasoningShape {
    /// `<think>…</think>` inside of the text, with or without its opening tag.
    Inline,
    /// The field `reasoning_content`.
    ReasoningContent,
    /// The field `reasoning`.
    Reasoning,
    /// An item or event of LM Studio's own API.
    Native,
}

/// Who counted the tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenSource {
    /// The server said so.
    Server,
    /// We counted the pieces that came; servers send a token each.
    Counted,
    /// Neither: by the length of the text.
    #[default]
    Estimated,
}

/// The tokens of one reply.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Tokens {
    /// Of the prompt, by the server's count.
    pub input: Option<u64>,
    /// Of those, taken from the server's cache.
    pub cached_input: Option<u64>,
    /// Of reasoning and answer, by `source`.
    pub output: u64,
    /// Of the reasoning alone, by the server's count.
    pub reasoning: Option<u64>,
    /// Who counted `output`.
    pub source: TokenSource,
    /// Pieces of reasoning and answer that came; None when the reply came in one.
    pub counted_output: Option<u64>,
    /// Of those, pieces of reasoning.
    pub counted_reasoning: Option<u64>,
}

/// How long it took and how fast it was.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Timings {
    /// From the request to the end of the reply, in milliseconds.
    pub total_ms: f64,
    /// From the request to the first token, of reasoning or answer. None when the reply came in one.
    pub first_token_ms: Option<f64>,
    /// From the request to the first token of the answer.
    pub first_answer_ms: Option<f64>,
    /// Output tokens per second: the server's figure, else ours.
    pub tokens_per_second: Option<f64>,
    /// Ours: tokens after the first, over the time from the first piece to the last.
    pub measured_tokens_per_second: Option<f64>,
    /// The server's: llama.cpp's `timings.predicted_per_second`, LM Studio's `stats.tokens_per_second`.
    pub server_tokens_per_second: Option<f64>,
    /// The server's time to the first token, in milliseconds; llama.cpp's `timings.prompt_ms`.
    pub server_first_token_ms: Option<f64>,
    /// What the server took to load the model, in milliseconds.
    pub model_load_ms: Option<f64>,
}

/// One whole reply.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reply {
    /// The model, as the server names it.
    pub model: Option<String>,
    /// The answer, byte by byte.
    pub answer: String,
    /// What the model thought before.
    pub reasoning: String,
    /// How the reasoning came; None without any.
    pub reasoning_shape: Option<ReasoningShape>,
    /// Why the server ended: `stop`, `length` when there was no room left.
    pub finish_reason: Option<String>,
    /// Tokens.
    pub tokens: Tokens,
    /// Times.
    pub timings: Timings,
}

impl Reply {
    /// Whether the answer ends where there was no more room for it, and not where the model would have ended it.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.finish_reason.as_deref() == Some(LENGTH)
    }
}
