//! Subagents: how often each ran, how that came out and what it took; which follow each other.

use serde::Serialize;
use shared::event::Micros;
use utoipa::ToSchema;

/// All about subagents in some days.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Subagents {
    /// [`super::SCHEMA`].
    pub schema: u32,
    /// By type, the most runs first; those that are defined and never ran come last.
    pub agents: Vec<SubagentType>,
    /// Which ran one after the other, or at once, for one prompt; the most frequent first.
    pub chains: Vec<SubagentChain>,
    /// The newest runs.
    pub runs: Vec<SubagentRun>,
    /// How many runs were looked at, the newest, where older ones are left out; null where none is.
    pub newest_runs: Option<usize>,
}

/// One type of subagent.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct SubagentType {
    /// Its name.
    pub agent_type: String,
    /// Runs.
    pub runs: i64,
    /// Of them, those that run now.
    pub running: i64,
    /// Of those that ended, the ones that something says went well.
    pub success: i64,
    /// The ones that something says did not.
    pub failure: i64,
    /// The others.
    pub unknown: i64,
    /// What their requests cost whose price is known, US dollars; null where none is.
    pub cost_usd: Option<f64>,
    /// Runs whose cost is known: those that `cost_usd` sums.
    pub costed_runs: i64,
    /// Requests whose price is not known.
    pub unknown_cost_requests: i64,
    /// Tokens read anew; null where the ledger tells of none.
    pub input_tokens: Option<i64>,
    /// Tokens written.
    pub output_tokens: Option<i64>,
    /// One in two took this many milliseconds or less; null where none ended.
    pub duration_ms_p50: Option<i64>,
    /// Nineteen in twenty did.
    pub duration_ms_p95: Option<i64>,
    /// Tool calls.
    pub tool_calls: i64,
    /// Of them, failed.
    pub tool_failures: i64,
    /// Models that did the work.
    pub models: Vec<String>,
    /// Calls whose words are for this subagent.
    pub suggested: i64,
    /// Of them, those that called it.
    pub suggested_and_used: i64,
    /// Mean of the scores that are known, 0 to 1.
    pub quality_score: Option<f64>,
    /// What it is for, by its file.
    pub description: Option<String>,
    /// Where it is defined: built-in, user, project or seed; null where that is not known.
    pub source: Option<&'static str>,
}

/// Subagents of one caller that belong together.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct SubagentChain {
    /// Their types in the order of their starts.
    pub agents: Vec<String>,
    /// Whether some of them ran at once.
    pub parallel: bool,
    /// Whether the first called the second; else one caller called all of them.
    pub nested: bool,
    /// How often.
    pub runs: i64,
    /// How often all of them went well.
    pub success: i64,
    /// What they cost, US dollars; null where no cost is known.
    pub cost_usd: Option<f64>,
}

/// One run.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct SubagentRun {
    /// Its task; null where no decision was made about it.
    pub task_id: Option<String>,
    /// Claude Code's id.
    pub agent_id: String,
    /// Its session.
    pub session_id: String,
    /// The subagent that called it; null for the main thread.
    pub parent_agent_id: Option<String>,
    /// Its type.
    pub agent_type: String,
    /// The caller's few words.
    pub description: Option<String>,
    /// foreground, background or unknown.
    pub mode: String,
    /// The model that did it.
    pub model: Option<String>,
    /// Start, microseconds.
    pub started_at: Micros,
    /// End; null while it runs.
    pub ended_at: Option<Micros>,
    /// running, completed, failed, interrupted or lost.
    pub status: String,
    /// success, failure or unknown.
    pub label: String,
    /// What it cost, US dollars; null where that is not known.
    pub cost_usd: Option<f64>,
    /// Tokens read anew.
    pub input_tokens: Option<i64>,
    /// Tokens written.
    pub output_tokens: Option<i64>,
    /// Tool calls.
    pub tool_calls: i64,
    /// Of them, failed.
    pub tool_failures: i64,
    /// The subagent that its words are for.
    pub suggested_agent: Option<String>,
    /// How likely that is.
    pub suggested_agent_confidence: Option<f64>,
}
