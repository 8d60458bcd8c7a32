//! What was handed to the local model, and what that saved.

use serde::Serialize;
use shared::event::Micros;
use utoipa::ToSchema;

/// One task that was handed to the local model.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct DelegationRow {
    /// Its number.
    pub handoff_seq: i64,
    /// `delegation:<uuid>`.
    pub task_id: String,
    /// The task on behalf of which it was done.
    pub parent_task: Option<String>,
    /// The session that asked.
    pub session_id: Option<String>,
    /// Its tool call.
    pub tool_use_id: Option<String>,
    /// The project's directory; null where nobody told one.
    pub project_dir: Option<String>,
    /// When it was decided, microseconds.
    pub decided_at: Micros,
    /// When it ended.
    pub ended_at: Micros,
    /// How long it took, milliseconds, whoever did it.
    pub duration_ms: i64,
    /// How it came to be handed over: command or mcp.
    pub policy: String,
    /// What the router recommended, local or claude; null where none was asked.
    pub recommended_route: Option<String>,
    /// How sure it was.
    pub confidence: Option<f64>,
    /// Which router.
    pub router_version: Option<String>,
    /// Why.
    pub reasons: Vec<String>,
    /// How the local model was at that moment; null where nobody looked.
    pub local_model_state: Option<String>,
    /// Where it ran, local or claude; null where nobody finished it.
    pub ran: Option<String>,
    /// completed, `fell_back`, failed or cancelled.
    pub outcome: String,
    /// Why it was not completed; `length` where it was, and the answer ends at its token limit.
    pub reason: Option<String>,
    /// Why Claude did it; null where it did not.
    pub fallback_reason: Option<String>,
    /// The server's address.
    pub endpoint: Option<String>,
    /// The local model.
    pub model: Option<String>,
    /// How often the server was asked.
    pub tries: i64,
    /// Milliseconds that went into the local model; overhead where it did not do the work.
    pub local_ms: i64,
    /// Milliseconds to the first token.
    pub first_token_ms: Option<f64>,
    /// Tokens a second.
    pub tokens_per_second: Option<f64>,
    /// Tokens of the prompt; null where nobody counted.
    pub input_tokens: Option<i64>,
    /// Tokens of reasoning and answer.
    pub output_tokens: Option<i64>,
    /// Of those, the reasoning.
    pub reasoning_tokens: Option<i64>,
    /// Who counted: server, counted (by us) or estimated.
    pub tokens_source: Option<String>,
    /// Its row of the ledger.
    pub request_seq: Option<i64>,
    /// What it cost itself, US dollars.
    pub cost_usd: Option<f64>,
    /// By which price.
    pub cost_price: Option<String>,
    /// The model that would have done it; null where nothing was displaced, or nobody knows what.
    pub displaced_model: Option<String>,
    /// Why that one: setting or `most_used`.
    pub displaced_by: Option<String>,
    /// By which price.
    pub displaced_price: Option<String>,
    /// What it would have cost there.
    pub displaced_cost_usd: Option<f64>,
    /// What was saved; null where that is not known, or nothing was.
    pub saving_usd: Option<f64>,
    /// The assumption behind the saving, in words; null where it did not run here.
    pub assumption: Option<String>,
    /// How the task begins.
    pub task_preview: Option<String>,
    /// How the answer begins.
    pub answer_preview: Option<String>,
}

/// Sums over delegations.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, ToSchema)]
pub struct DelegationSums {
    /// Delegations.
    pub tasks: i64,
    /// Of them, those that ran here.
    pub local: i64,
    /// Of them, those that Claude did.
    pub claude: i64,
    /// Of them, those that nobody finished.
    pub nobody: i64,
    /// Tokens of prompts, of whatever was counted.
    pub input_tokens: i64,
    /// Tokens of reasoning and answers.
    pub output_tokens: i64,
    /// Of those, the reasoning.
    pub reasoning_tokens: i64,
    /// What they cost themselves, US dollars.
    pub cost_usd: f64,
    /// What was saved; null where that is known of none that ran here.
    pub saving_usd: Option<f64>,
    /// Those that ran here and whose saving is not known: `saving_usd` leaves them out.
    pub unknown_saving_tasks: i64,
    /// Milliseconds that went into the local model.
    pub local_ms: i64,
    /// Of them, those of tasks that did not run here.
    pub overhead_ms: i64,
}

/// A page of delegations, the newest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DelegationList {
    /// [`super::SCHEMA`].
    pub schema: u32,
    /// The rows.
    pub items: Vec<DelegationRow>,
    /// Pass it as `cursor` for the next page; null at the end.
    pub next_cursor: Option<String>,
    /// Sums over all that match, on the first page.
    pub total: Option<DelegationSums>,
}

/// What was saved: four figures that are never added to each other.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Savings {
    /// [`super::SCHEMA`].
    pub schema: u32,
    /// The zone that days are cut in.
    pub timezone: String,
    /// First day; null without a bound.
    pub since: Option<String>,
    /// Last day; null without a bound.
    pub until: Option<String>,
    /// Work that ran here: its tokens at the displaced model's price, less its own cost.
    pub realised: SavingFigure,
    /// A cheaper model instead of the requested one, on the real tokens.
    pub downshift: SavingFigure,
    /// What could have run here and did not: an estimate.
    pub could_have_saved: SavingFigure,
    /// 0.015 US dollars for each thousand tokens that Claude did not have to process: an estimate.
    pub seed_estimate: SavingFigure,
    /// What the realised saving rests on, the most frequent first.
    pub assumptions: Vec<SavingAssumption>,
    /// What running the local model cost, by price and by what it led to.
    pub own_costs: Vec<OwnCost>,
    /// Where tasks ran, and what they used.
    pub total: DelegationSums,
    /// How they ended.
    pub outcomes: OutcomeCounts,
    /// Tokens that Claude did not have to process: prompts and answers, without reasoning, of those that ran here and did not
    /// end at their token limit.
    pub displaced_tokens: i64,
    /// Where prompts, subagents' calls and delegations ran; without those that are part of a delegation.
    pub tasks_ran: TasksRan,
    /// Percent of the tasks that ran which ran here; null without any.
    pub optimization_rate: Option<f64>,
    /// Why it was not the local model, the most frequent first.
    pub fallback_reasons: Vec<FallbackReason>,
}

/// One of the four figures.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct SavingFigure {
    /// US dollars; null where it is not known.
    pub usd: Option<f64>,
    /// Where the estimate's 95 % interval begins; null where there is none.
    pub low_usd: Option<f64>,
    /// Where it ends.
    pub high_usd: Option<f64>,
    /// Why it is not known: `nothing_downshifted`, `too_few_outcomes`, `unknown_model`, `unknown_price` or `length`; null where it is.
    pub reason: Option<&'static str>,
    /// What it is, in words.
    pub text: String,
}

impl SavingFigure {
    /// Returns a figure that is known, without an interval.
    #[must_use]
    pub fn known(usd: f64, text: String) -> Self {
        Self { usd: Some(usd), low_usd: None, high_usd: None, reason: None, text }
    }
}

/// Where tasks of all kinds ran.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct TasksRan {
    /// On the local model.
    pub local: i64,
    /// On Claude.
    pub claude: i64,
}

/// What a part of the realised saving rests on.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct SavingAssumption {
    /// The model that would have done the work; null where that is not known.
    pub model: Option<String>,
    /// Why that one: setting or `most_used`.
    pub by: Option<String>,
    /// Its price; null where there is none.
    pub price: Option<String>,
    /// Whether these are the tasks whose answers end at their token limit, so that no saving is counted.
    pub is_partial: bool,
    /// Tasks.
    pub tasks: i64,
    /// What they would have cost there, US dollars.
    pub displaced_cost_usd: Option<f64>,
    /// What they cost here.
    pub own_cost_usd: Option<f64>,
    /// What was saved: the one less the other.
    pub saving_usd: Option<f64>,
    /// The same in words.
    pub text: String,
}

/// What running the local model cost, by one price and by what it led to.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct OwnCost {
    /// The price.
    pub price: String,
    /// saving (it is taken off that), unknown (an answer whose saving is not known) or nothing (taken off nothing).
    pub led_to: String,
    /// Tasks.
    pub tasks: i64,
    /// US dollars.
    pub cost_usd: f64,
}

/// How tasks ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct OutcomeCounts {
    /// The local model did them.
    pub completed: i64,
    /// Claude did them in its place.
    pub fell_back: i64,
    /// Nobody could.
    pub failed: i64,
    /// Somebody ended them.
    pub cancelled: i64,
}

/// Why it was not the local model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FallbackReason {
    /// `fell_back` or failed.
    pub outcome: String,
    /// A word, as of the delegations.
    pub reason: Option<String>,
    /// Tasks.
    pub tasks: i64,
}

/// How fast the local model was over time.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct LocalModelSpeed {
    /// [`super::SCHEMA`].
    pub schema: u32,
    /// The zone that time is cut in.
    pub timezone: String,
    /// First day; null without a bound.
    pub since: Option<String>,
    /// Last day; null without a bound.
    pub until: Option<String>,
    /// What `over_time` is by: hour, day, week or month.
    pub bucket: &'static str,
    /// How many tasks were looked at, the newest, where older ones are left out; null where none is.
    pub newest_tasks: Option<usize>,
    /// Models that are left out: those with the fewest tasks.
    pub models_left_out: usize,
    /// All of it by model, the most tasks first.
    pub models: Vec<SpeedRow>,
    /// By stretch of time and model, the oldest first; stretches without a task are left out.
    pub over_time: Vec<SpeedRow>,
}

/// How fast one model was in one stretch of time. Percentiles are exact, by nearest rank: each is the value of a task.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct SpeedRow {
    /// When the stretch begins, microseconds; of all of it the first task.
    pub from_at: Micros,
    /// The local model; empty where its server named none.
    pub model: String,
    /// Tasks that ran here.
    pub tasks: usize,
    /// Tokens a second; null where nobody measured.
    pub tokens_per_second: Option<Percentiles>,
    /// Milliseconds to the first token; null where nobody measured.
    pub first_token_ms: Option<Percentiles>,
}

/// Where values lie.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct Percentiles {
    /// Values.
    pub count: usize,
    /// One in ten is this or less.
    pub p10: f64,
    /// One in two is.
    pub p50: f64,
    /// Nine in ten are.
    pub p90: f64,
}
