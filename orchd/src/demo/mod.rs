//! Sessions for a look around: recorded payloads of Claude Code, varied by a number and moved in time.
//!
//! Everything here is pure; `cli::demo` sends what is planned. The payloads in `orchd/demo/turns.jsonl` are recordings
//! with general names and texts in place of the recorded ones.

mod decision;
mod delegation;
mod plan;
mod project;
mod random;
mod turn;
mod usage;
mod word;

pub(crate) use decision::Decider;
pub(crate) use delegation::delegations;
pub(crate) use plan::{Live, past};
pub(crate) use usage::Usage;
pub(crate) use word::{Word, words};

use serde_json::Value;
use shared::event::Micros;

/// One event of the demo.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Moment {
    /// When it happened, or will.
    pub(crate) occurred_at: Micros,
    /// What the client's hook would have got on stdin.
    pub(crate) payload: Value,
}

/// The local models: on the way the first was changed for a better one.
const MODELS: [&str; 2] = ["deepseek-r1-distill-qwen-7b", "deepseek-r1-0528-qwen3-8b"];
/// For how long there is the better one.
const NEWER_FOR: Micros = 14 * 24 * 3600 * SECOND;

/// Microseconds of a second.
const SECOND: Micros = 1_000_000;
