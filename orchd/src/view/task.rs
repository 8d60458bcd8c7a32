//! Tasks: what was decided about each, where it ran, what it took, how it came out.

use std::collections::BTreeMap;

use serde::Serialize;
use shared::event::Micros;
use utoipa::ToSchema;

/// One task: a prompt, a subagent's call or a delegation.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct TaskRow {
    /// `prompt:<prompt_id>`, `agent:<tool_use_id>` or `delegation:<uuid>`.
    pub task_id: String,
    /// prompt, agent or delegation.
    pub kind: String,
    /// The task on behalf of which it was done.
    pub parent_task: Option<String>,
    /// The session that asked.
    pub session_id: Option<String>,
    /// The prompt that it is, or belongs to.
    pub prompt_id: Option<String>,
    /// The subagent that ran it.
    pub agent_id: Option<String>,
    /// Its tool call.
    pub tool_use_id: Option<String>,
    /// The project's directory; null where nobody told one.
    pub project_dir: Option<String>,
    /// When it was decided, microseconds.
    pub decided_at: Micros,
    /// What was done with the decision: observe, advise, downshift; of a delegation how it came to be one: command, mcp.
    pub policy: String,
    /// What the router recommended, local or claude; null where none was asked.
    pub recommended_route: Option<String>,
    /// How likely that is the right one, as it was reckoned then.
    pub confidence: Option<f64>,
    /// How likely the local model's answer is as good, as it was reckoned then.
    pub as_good: Option<f64>,
    /// Whether `as_good` was fitted to outcomes of this local model.
    pub is_calibrated: Option<bool>,
    /// Which router.
    pub router_version: Option<String>,
    /// Why.
    pub reasons: Vec<String>,
    /// small, medium or large, by its words.
    pub change_size: Option<String>,
    /// The kind of work, by its words.
    pub task_type: Option<String>,
    /// How likely that is it.
    pub task_type_confidence: Option<f64>,
    /// The subagent that it is for, by its words.
    pub suggested_agent: Option<String>,
    /// How likely that is it.
    pub suggested_agent_confidence: Option<f64>,
    /// The subagent that was called.
    pub used_agent: Option<String>,
    /// Tokens that it was reckoned to take.
    pub estimated_tokens: Option<i64>,
    /// What the local model was reckoned to save, US dollars.
    pub expected_saving_usd: Option<f64>,
    /// What it was reckoned to lose.
    pub expected_loss_usd: Option<f64>,
    /// Whether Claude was told of the local model.
    pub advised: Option<bool>,
    /// The cheaper model that the subagent's call was given.
    pub downshifted_to: Option<String>,
    /// How the local model was at that moment.
    pub local_model_state: Option<String>,
    /// Which it was.
    pub local_model: Option<String>,
    /// When it was over; null while it runs.
    pub settled_at: Option<Micros>,
    /// Where it ran, local or claude; null where nothing shows that it ran.
    pub ran: Option<String>,
    /// The model that did it; of several the one that wrote most.
    pub model: Option<String>,
    /// Its requests: of a prompt those of the main thread, of a subagent its own; null where none is known.
    pub requests: Option<i64>,
    /// Tokens read anew.
    pub input_tokens: Option<i64>,
    /// Tokens written.
    pub output_tokens: Option<i64>,
    /// Tokens read from the cache.
    pub cache_read_input_tokens: Option<i64>,
    /// Tokens written to the cache.
    pub cache_creation_input_tokens: Option<i64>,
    /// What those requests cost whose price is known, US dollars; null where none is.
    pub cost_usd: Option<f64>,
    /// Requests whose price is not known: `cost_usd` leaves them out.
    pub unknown_cost_requests: Option<i64>,
    /// What was saved; null where that is not known, or nothing was.
    pub saving_usd: Option<f64>,
    /// The model that would have done it.
    pub displaced_model: Option<String>,
    /// completed, failed, cancelled, `fell_back`, or running where the user judged it before its end; null while it runs.
    pub outcome: Option<String>,
    /// Why, where it was not completed.
    pub reason: Option<String>,
    /// success, failure or unknown.
    pub label: String,
    /// What the label rests on: `code: a few words`.
    pub evidence: Vec<String>,
    /// 0 to 1; null where nothing speaks for or against it.
    pub quality_score: Option<f64>,
    /// What the score is the weighted mean of.
    pub quality_parts: BTreeMap<String, QualityPart>,
    /// The user's word: good or bad.
    pub feedback: Option<String>,
    /// Whether the local model's answer was, or would have been, as good; null as long as nobody knows.
    pub judged_as_good: Option<bool>,
    /// By whose word: user or outcome.
    pub judged_by: Option<String>,
    /// When it ended; null while it runs.
    pub ended_at: Option<Micros>,
    /// How long it took, milliseconds; null while it runs.
    pub duration_ms: Option<i64>,
    /// How the task begins.
    pub task_preview: Option<String>,
}

/// One part of a score.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, serde::Deserialize, ToSchema)]
pub struct QualityPart {
    /// 0 to 1.
    pub value: f64,
    /// What it counts.
    pub weight: f64,
}

/// A page of tasks, the newest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TaskList {
    /// [`super::SCHEMA`].
    pub schema: u32,
    /// The rows.
    pub rows: Vec<TaskRow>,
    /// Pass it as `cursor` for the next page; null at the end.
    pub next_cursor: Option<String>,
}
