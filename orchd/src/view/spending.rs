//! How much was spent lately, where it is going, and what was meant to be spent.

use serde::Serialize;
use shared::event::Micros;
use utoipa::ToSchema;

use super::cost::CostSums;
use super::import::ImportStatus;
use super::plan_limits::PlanLimitsView;

/// What this day, week and month cost so far. API-equivalent costs; a plan's limits stand beside them.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Spending {
    /// [`super::SCHEMA`].
    pub schema: u32,
    /// When this was so.
    pub now_at: Micros,
    /// The zone that days are cut in.
    pub timezone: String,
    /// First day with a request; null while there is none.
    pub first_day: Option<String>,
    /// Today, this week and this month so far.
    pub periods: Vec<PeriodSpending>,
    /// What this month will have cost.
    pub forecast: Forecast,
    /// How much of the user's plan is used, where a client told.
    pub plan_limits: PlanLimitsView,
    /// How far the transcripts are read that all this rests on.
    pub import: ImportStatus,
}

/// One stretch of time that is not over.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PeriodSpending {
    /// day, week or month.
    pub period: String,
    /// Its first day.
    pub since: String,
    /// Its last day so far: today.
    pub until: String,
    /// What was spent.
    pub sums: CostSums,
    /// Its budget, where there is one.
    pub budget: Option<BudgetUse>,
}

/// How much of a budget is used. A budget warns; it never stops anything.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct BudgetUse {
    /// US dollars.
    pub limit_usd: f64,
    /// Spent of it: 1 is all. Requests without a known cost are not in it.
    pub ratio: f64,
    /// What to make of it.
    pub state: BudgetState,
}

/// What to make of a budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BudgetState {
    /// Below the share from which it warns.
    Ok,
    /// At or above that share.
    Warning,
    /// All of it is spent.
    Exceeded,
}

/// What the month will have cost when it is over, if days go on as the last ones did.
#[derive(Debug, Clone, Default, PartialEq, Serialize, ToSchema)]
pub struct Forecast {
    /// US dollars, the middle of what is likely; null when there are too few days to tell.
    pub usd: Option<f64>,
    /// US dollars, the tenth percentile: nine of ten drawn months cost more.
    pub low_usd: Option<f64>,
    /// US dollars, the ninetieth percentile: four of five drawn months lie between both.
    pub high_usd: Option<f64>,
    /// Requests of this month and of the days it is drawn from whose cost is not known: they are not in it.
    pub unknown_cost_requests: i64,
    /// Whole days it is drawn from.
    pub days: u32,
    /// Whole days it needs.
    pub needed_days: u32,
    /// How it is made, a sentence.
    pub method: String,
}
