//! What the router recommended, how that came out, and what another threshold would have done.
//!
//! Judged tasks are those about one local model: how good another one is says nothing. They are not a random part of all tasks, for
//! people judge what they notice; the intervals hold for tasks like those that were judged.

mod bins;
mod decision;
mod thresholds;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use rusqlite::Connection;
use shared::decision::{Settings, router_version};

use self::bins::{ece_of, histogram, reliability};
use self::decision::{Decision, newest};
use self::thresholds::thresholds;
use super::Scope;
use super::costs::CostQuery;
use crate::calibration::{KeptFit, Knowledge, fit_in_force, newest_model};
use crate::routing::bootstrap::Estimate;
use crate::routing::interval::{quality, share};
use crate::routing::refit::LEAST_OUTCOMES;
use crate::view::{FitView, Routing, SCHEMA};

/// With fewer judged tasks a share of them is not told.
const LEAST_JUDGED: usize = 10;

/// Which decisions are meant; None for all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RoutingQuery {
    /// First day.
    pub since: Option<Date>,
    /// Last day.
    pub until: Option<Date>,
    /// Project directory.
    pub project_dir: Option<String>,
    /// The local model; None for the one that was judged last.
    pub model: Option<String>,
}

/// Answers about the decisions that match. `users` is what the user laid down.
pub fn routing(
    conn: &Connection,
    query: &RoutingQuery,
    (users, quality_floor): (&Settings, f64),
    timezone: &TimeZone,
) -> rusqlite::Result<Routing> {
    let model = match &query.model {
        Some(model) => Some(model.clone()),
        None => newest_model(conn)?,
    };
    let range = CostQuery { since: query.since, until: query.until, ..CostQuery::default() }.range(timezone);
    let scope = Scope::of(conn, query.project_dir.as_deref())?;
    let (decisions, newest_decisions) = newest(conn, range, scope)?;
    let known = Knowledge::of(conn, model.as_deref(), quality_floor)?;
    let kept = model.as_deref().map(|model| fit_in_force(conn, model)).transpose()?.flatten();
    let settings = known.settings(users);
    let judged: Vec<&Decision> =
        decisions.iter().filter(|decision| decision.judged.is_some() && decision.model == model).collect();
    let counted = |is: fn(&Decision) -> bool| decisions.iter().filter(|decision| is(decision)).count();
    let (precision, coverage) = (precision(&judged), share(counted(Decision::is_local), decisions.len()));
    let name = |day: Option<Date>| day.map(|day| day.to_string());
    let weights = router_version();
    Ok(Routing {
        schema: SCHEMA,
        since: name(query.since),
        until: name(query.until),
        router_version: settings.fit.as_ref().map_or_else(|| weights.clone(), |fit| format!("{weights}+{}", fit.id)),
        algorithm: settings.algorithm.as_str(),
        policy: settings.policy.as_str(),
        min_confidence: settings.min_confidence,
        threshold: settings.threshold,
        threshold_source: known.threshold_source.as_str(),
        fit: kept.filter(|kept| kept.fit.weights == weights).map(fit_view),
        decisions: decisions.len(),
        recommended_local: counted(Decision::is_local),
        recommended_claude: counted(|decision| !decision.is_local()),
        ran_local: counted(|decision| decision.ran.as_deref() == Some("local")),
        ran_claude: counted(|decision| decision.ran.as_deref() == Some("claude")),
        judged: judged.len(),
        message: message(judged.len()),
        histogram: histogram(&decisions),
        reliability: reliability(&judged),
        precision,
        coverage,
        quality: coverage.zip(precision).map(|(coverage, precision)| quality(coverage, precision)),
        ece: (judged.len() >= LEAST_JUDGED).then(|| ece_of(&judged)).flatten(),
        thresholds: thresholds(&decisions, &judged, settings.fit.as_ref()),
        disagreements: counted(Decision::is_disagreement),
        newest_decisions,
        local_model: model,
    })
}

/// Returns which part of the judged tasks that were recommended local was as good; None with too few.
fn precision(judged: &[&Decision]) -> Option<Estimate> {
    let local: Vec<bool> =
        judged.iter().filter(|decision| decision.is_local()).filter_map(|decision| decision.judged).collect();
    if local.len() < LEAST_JUDGED {
        return None;
    }
    share(local.iter().filter(|as_good| **as_good).count(), local.len())
}

/// Returns why there is too little to tell; None where there is enough.
fn message(judged: usize) -> Option<String> {
    (judged < LEAST_OUTCOMES).then(|| format!("too few outcomes yet: {judged} of {LEAST_OUTCOMES}"))
}

fn fit_view(kept: KeptFit) -> FitView {
    FitView {
        fit_id: kept.fit.id,
        model: kept.model,
        slope: kept.fit.slope,
        intercept: kept.fit.intercept,
        outcomes: kept.fit.outcomes,
        fitted_at: kept.fitted_at,
        guard: kept.guard,
    }
}

#[cfg(test)]
pub(crate) mod tests;
