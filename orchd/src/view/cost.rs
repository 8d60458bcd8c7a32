//! What requests used and cost. "Cost" is API-equivalent: what the requests would cost at the API's prices; a subscription is no invoice.

use serde::Serialize;
use utoipa::ToSchema;

/// Sums over requests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, ToSchema)]
pub struct CostSums {
    /// Requests to the API.
    pub requests: i64,
    /// Tokens read anew.
    pub input_tokens: i64,
    /// Tokens written.
    pub output_tokens: i64,
    /// Tokens written into the cache, for five minutes and for an hour.
    pub cache_creation_input_tokens: i64,
    /// Tokens read from the cache.
    pub cache_read_input_tokens: i64,
    /// US dollars of the requests whose cost is known; null when that is none of them.
    pub cost_usd: Option<f64>,
    /// Requests whose cost is not known: `cost_usd` leaves them out.
    pub unknown_cost_requests: i64,
}

/// Sums of one day, project, model and so on.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CostRow {
    /// A day `2026-11-22`, a week by its Monday, a month `2026-11`, a session's id, a project's directory, a model, an agent's type (`main`
    /// for the main thread) or a prompt's id.
    pub key: String,
    /// Its sums.
    #[serde(flatten)]
    pub sums: CostSums,
}

/// What was spent, on what, and when.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Costs {
    /// [`super::SCHEMA`].
    pub schema: u32,
    /// The zone that days are cut in.
    pub timezone: String,
    /// First day; null without a bound.
    pub since: Option<String>,
    /// Last day; null without a bound.
    pub until: Option<String>,
    /// What `rows` are by.
    pub group: String,
    /// By cost, the largest first; by day, week and month the oldest first.
    pub rows: Vec<CostRow>,
    /// What the rows beyond the limit sum to; null when all are there.
    pub other: Option<CostSums>,
    /// All of it.
    pub total: CostSums,
    /// What `over_time` is by: day, week or month.
    pub bucket: String,
    /// The oldest first; buckets without requests are left out.
    pub over_time: Vec<CostBucket>,
}

/// One stretch of time.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CostBucket {
    /// A day, a week by its Monday, or a month.
    pub key: String,
    /// Its sums.
    #[serde(flatten)]
    pub sums: CostSums,
    /// Its cost in the order of `rows`, eight parts at most. Where there are more rows, or `other` is not null, the last part is of all
    /// that have none of their own. Empty by time, session and prompt.
    pub parts_usd: Vec<f64>,
}

/// One request to the API, a row of the ledger.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct RequestRow {
    /// Its number in the ledger.
    pub request_seq: i64,
    /// When the response was written down, microseconds.
    pub requested_at: i64,
    /// Id of the response; null where only telemetry told of it.
    pub message_id: Option<String>,
    /// The provider's id of the request.
    pub request_id: Option<String>,
    /// The session that asked.
    pub session_id: String,
    /// The subagent that asked; null for the main thread.
    pub agent_id: Option<String>,
    /// Its type.
    pub agent_type: Option<String>,
    /// The prompt that it served.
    pub prompt_id: Option<String>,
    /// The project's directory.
    pub project_dir: String,
    /// The model, as the source names it.
    pub model: String,
    /// Tokens read anew.
    pub input_tokens: i64,
    /// Tokens written.
    pub output_tokens: i64,
    /// Tokens written into the cache.
    pub cache_creation_input_tokens: i64,
    /// Of them for an hour.
    pub cache_creation_1h_input_tokens: i64,
    /// Tokens read from the cache.
    pub cache_read_input_tokens: i64,
    /// Searches of the web.
    pub web_searches: i64,
    /// What is special: `fast` mode, `batch` prices, served in the `us` on demand, `cut` (tokens and cost are a lower bound),
    /// `uncounted` (of the local model: its tokens are not known, its cost is by its time).
    pub marks: Vec<String>,
    /// Who told of it: transcript, telemetry, or local where a local model served it.
    pub source: String,
    /// The price row it was priced by; null when none fits.
    pub price: Option<String>,
    /// US dollars; null when not known.
    pub cost_usd: Option<f64>,
}

/// A page of the ledger, the newest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RequestList {
    /// [`super::SCHEMA`].
    pub schema: u32,
    /// The rows.
    pub items: Vec<RequestRow>,
    /// Pass it as `cursor` for the next page; null at the end.
    pub next_cursor: Option<String>,
    /// Sums over all that match, on the first page.
    pub total: Option<CostSums>,
}
