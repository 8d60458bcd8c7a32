//! The first page: is anything waiting or broken, what runs, and how today compares.

use serde::Serialize;
use shared::event::Micros;
use utoipa::ToSchema;

use super::{Activity, LiveSession};

/// The first page.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Overview {
    /// [`super::SCHEMA`].
    pub schema: u32,
    /// When this answer was made.
    pub now_at: Micros,
    /// The zone that "today" is taken in.
    pub timezone: String,
    /// What needs the user, most urgent first; at most 20.
    pub attention: Vec<Attention>,
    /// Today's figures.
    pub tiles: Vec<Tile>,
    /// The last 24 hours in 96 quarter hours.
    pub activity: Activity,
    /// Sessions that are working, waiting or idle, most urgent first; at most 50.
    pub live_sessions: Vec<LiveSession>,
    /// All of them.
    pub live_total: i64,
    /// Whether events arrive at all.
    pub capture: CaptureState,
}

/// Why something needs the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AttentionKind {
    /// A session waits for permission or input.
    Waiting,
    /// A session's calls keep failing: 3 or more of its last 5.
    Failing,
    /// A session was lost in the last 24 hours.
    Lost,
    /// Recording is paused.
    Paused,
    /// The spool holds events that were not taken yet.
    Spool,
    /// Events were dropped in the last 24 hours.
    Dropped,
    /// A budget warns or is spent.
    Budget,
    /// A plan's limit is nearly used.
    PlanLimit,
}

/// One thing that needs the user.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Attention {
    /// Why.
    pub kind: AttentionKind,
    /// A sentence.
    pub text: String,
    /// What to do, a sentence or a command.
    pub action: Option<String>,
    /// Since when.
    pub since_at: Option<Micros>,
    /// Where it is shown: a path of the page.
    pub href: Option<String>,
    /// The session, where there is one.
    pub session_id: Option<String>,
}

/// The unit of a tile's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// A plain number.
    Count,
    /// 0 to 1.
    Ratio,
    /// Milliseconds.
    Ms,
    /// US dollars.
    Usd,
}

/// One figure with its comparison.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Tile {
    /// `live_sessions`, `cost_today`, `prompts`, `tool_calls`, `failure_rate`, `agents`, `hook_latency_p95`.
    pub key: &'static str,
    /// A few words.
    pub label: &'static str,
    /// Null when there is nothing to measure yet.
    pub value: Option<f64>,
    /// Requests whose cost is not known and not in `value`; 0 for what is no cost.
    pub unknown_cost_requests: i64,
    /// Of `value` and `usual`.
    pub unit: Unit,
    /// Today up to now on the same weekday of earlier weeks; null until there are 2 such weeks.
    pub usual: Option<Usual>,
    /// The last 24 hours by hour, oldest first; empty where it makes no sense.
    pub spark: Vec<f64>,
    /// The rows behind it: a path of the page.
    pub href: String,
}

/// What is usual at this time of this weekday.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct Usual {
    /// Median over the weeks.
    pub median: f64,
    /// Lowest.
    pub low: f64,
    /// Highest.
    pub high: f64,
    /// Weeks compared, at most 8.
    pub weeks: u32,
}

/// Whether events arrive.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CaptureState {
    /// Recording is paused.
    pub paused: bool,
    /// The newest event of all time; null on an empty database.
    pub last_event_at: Option<Micros>,
    /// Events waiting in the spool.
    pub spool_pending: u64,
    /// Events stored, all time.
    pub events: i64,
}
