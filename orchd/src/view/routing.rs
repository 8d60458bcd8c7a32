//! The router: what it recommended, how that came out, and what another threshold would have done.

use serde::{Deserialize, Serialize};
use shared::event::Micros;
use utoipa::ToSchema;

use crate::routing::bootstrap::Estimate;
use crate::routing::guard::Guard;

/// What the router recommended and how that came out. Every share has its 95 % interval; what is not known is null. Judged tasks are those
/// that somebody noticed or whose end told, not a random part of all.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Routing {
    /// [`super::SCHEMA`].
    pub schema: u32,
    /// First day; null without a bound.
    pub since: Option<String>,
    /// Last day; null without a bound.
    pub until: Option<String>,
    /// The local model that judged tasks are about; null where none was ever seen.
    pub local_model: Option<String>,
    /// The weights, with the fit in force: `1a2b3c4d+7`.
    pub router_version: String,
    /// learned or keyword.
    pub algorithm: &'static str,
    /// observe, advise or downshift, where a project has none of its own.
    pub policy: &'static str,
    /// Probability below which nothing goes to the local model.
    pub min_confidence: f64,
    /// The probability from which on the quality floor is expected to hold.
    pub threshold: f64,
    /// `usual` (the rows that the heads were fitted to) or `own log`.
    pub threshold_source: &'static str,
    /// What was fitted to the user's outcomes with that local model; null while nothing is, or for other weights than this build's.
    pub fit: Option<FitView>,
    /// Decisions about tasks.
    pub decisions: usize,
    /// Of them, those that recommended the local model.
    pub recommended_local: usize,
    /// Those that recommended Claude.
    pub recommended_claude: usize,
    /// Those whose task ran on the local model.
    pub ran_local: usize,
    /// Those whose task ran on Claude.
    pub ran_claude: usize,
    /// Those about that local model that were judged: as good or not.
    pub judged: usize,
    /// Why there are no figures yet, or no fit: `too few outcomes yet: 12 of 30`; null where there is enough.
    pub message: Option<String>,
    /// Decisions by what was said then, ten bins.
    pub histogram: Vec<HistogramBin>,
    /// What was said of judged tasks against what came out, ten bins.
    pub reliability: Vec<ReliabilityBin>,
    /// Of judged tasks that were recommended local, those that were as good; null with too few.
    pub precision: Option<Estimate>,
    /// Decisions that recommended the local model, as a part of all.
    pub coverage: Option<Estimate>,
    /// What is left of Claude-only quality if all recommendations were followed: 1 less coverage times what is not as good.
    pub quality: Option<Estimate>,
    /// Mean distance of the bins from what came out; null with too few.
    pub ece: Option<f64>,
    /// What other thresholds would have done on this log, by the fit in force.
    pub thresholds: Vec<ThresholdRow>,
    /// Decisions whose task ran elsewhere than recommended.
    pub disagreements: usize,
    /// How many decisions were looked at, the newest, where older ones are left out; null where none is.
    pub newest_decisions: Option<usize>,
}

/// A fit to the user's outcomes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FitView {
    /// Its number.
    pub fit_id: i64,
    /// The local model.
    pub model: String,
    /// The log odds times this,
    pub slope: f64,
    /// plus this.
    pub intercept: f64,
    /// How many outcomes it rests on.
    pub outcomes: u64,
    /// When it was made.
    pub fitted_at: Micros,
    /// How it did on outcomes that were held back, beside what was in force; null where that is not told.
    pub guard: Option<Guard>,
}

/// Decisions of which about the same was said.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct HistogramBin {
    /// Probability from,
    pub from: f64,
    /// to, which only the last bin holds.
    pub to: f64,
    /// Those that recommended the local model.
    pub local: usize,
    /// Those that recommended Claude.
    pub claude: usize,
}

/// Judged tasks of which about the same was said.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct ReliabilityBin {
    /// Probability from,
    pub from: f64,
    /// to, which only the last bin holds.
    pub to: f64,
    /// Judged tasks.
    pub n: usize,
    /// Mean of what was said; null without any.
    pub predicted: Option<f64>,
    /// Part that was as good.
    pub observed: Option<f64>,
    /// Lower end of its interval.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
}

/// What a threshold would have done.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ThresholdRow {
    /// The probability from which on tasks would have gone to the local model, had it been there.
    pub threshold: f64,
    /// Tasks at or above it.
    pub local_tasks: usize,
    /// The same as a part of all; null without any.
    pub local_share: Option<f64>,
    /// Of them, those that were judged.
    pub judged: usize,
    /// Of these, those that were as good; null with too few.
    pub precision: Option<Estimate>,
    /// What would be left of Claude-only quality; null with too few.
    pub quality: Option<Estimate>,
    /// What its tasks that ran on Claude would have saved, less what doing some again would cost: an estimate, US dollars. Null where it is
    /// known of none.
    pub could_save_usd: Option<f64>,
}

/// What came of asking for a fit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RefitAnswer {
    /// [`super::SCHEMA`].
    pub schema: u32,
    /// The local model; null where nobody knows any.
    pub model: Option<String>,
    /// fitted, passes (a dry run), refused, `too_few`, `rolled_back`, `nothing_to_roll_back` or `no_model`.
    pub result: String,
    /// The number of the fit in force then, where it changed; null for none.
    pub fit_id: Option<i64>,
    /// The log odds times this, of the fit that was made; null where none was.
    pub slope: Option<f64>,
    /// Plus this.
    pub intercept: Option<f64>,
    /// Plus this in some projects: folder and offset.
    pub projects: Vec<(String, f64)>,
    /// How it did on held-back outcomes, beside what was in force.
    pub guard: Option<Guard>,
    /// The same in words.
    pub message: String,
}
